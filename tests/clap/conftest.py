"""A small checkpoint of the real architecture, made here by laion_clap's own code.

The audio tower is HTS-AT as it is; the text tower is RoBERTa with two layers and a small
vocabulary. Weights are random, and so large that unlike inputs get unlike vectors.
"""

import hashlib
import json
import os
import random
import shutil
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

os.environ["HF_HUB_OFFLINE"] = "1"

NEEDED = ("torch", "transformers", "laion_clap", "tokenizers", "safetensors", "onnx")
LACKING = ", ".join(package for package in NEEDED if find_spec(package) is None)

collect_ignore_glob = ["test_*.py"] if LACKING else []

RATE = 48_000
WORDS = 1200  # of the vocabulary, beside the bytes
TEXT = {
    "vocab_size": 2048,
    "hidden_size": 768,  # laion_clap's projection takes no other
    "num_hidden_layers": 2,
    "num_attention_heads": 12,
    "intermediate_size": 512,
    "max_position_embeddings": 514,
    "type_vocab_size": 1,
}


def pytest_terminal_summary(terminalreporter):
    if LACKING:
        terminalreporter.write_line(f"tests/clap was left out: not installed are {LACKING}")


@dataclass(frozen=True)
class Checkpoint:
    """A .pt, the folder with its tokenizer, and what it is."""

    path: Path
    tokenizer: Path
    architecture: str
    fusion: bool


def sounds():
    """Ten seconds, two that are repeated, one that fits twice and a bit, and one very quiet."""
    rng = np.random.default_rng(7)
    time = np.arange(10 * RATE) / RATE
    rising = 0.4 * np.sin(2 * np.pi * (80 + 200 * time) * time)
    noise = 0.2 * rng.standard_normal(3 * RATE)
    beats = 0.3 * np.sin(2 * np.pi * 1500 * time[:RATE]) * (np.sin(2 * np.pi * 6 * time[:RATE]) > 0)
    murmur = 0.002 * rng.standard_normal(4 * RATE + 777)
    return [sound.astype(np.float32) for sound in (rising, noise, beats, murmur)]


def make_tokenizer(folder, *, size=None):
    """RoBERTa's kind of tokenizer with a vocabulary of made-up words, as tokenizer.json."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors, trainers

    rng = random.Random(0)
    words = [
        "".join(rng.choices("etaoinshrdlucmfwypvbgk", k=rng.randint(3, 8))) for _ in range(900)
    ]
    words += ["rain", "violin", "laughter", "engine", "a", "crowd", "shouts", "in", "anger"] * 20
    trainer = trainers.BpeTrainer(
        vocab_size=size or WORDS + 256,
        special_tokens=["<s>", "<pad>", "</s>", "<unk>", "<mask>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet() if size is None else [],
        show_progress=False,
    )
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.train_from_iterator((" ".join(rng.sample(words, 9)) for _ in range(2500)), trainer)
    tokenizer.post_processor = processors.RobertaProcessing(
        ("</s>", 2), ("<s>", 0), add_prefix_space=False
    )
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))


def make_checkpoint(folder, architecture, *, fusion):
    """Random weights in the layout that LAION publishes, by laion_clap's own code."""
    import torch

    from retrieval.encoders.clap.laion import make_module

    seed = folder / "tokenizer"
    make_tokenizer(seed)
    (seed / "config.json").write_text(json.dumps({"text_config": TEXT}))
    torch.manual_seed(0)
    network = make_module(seed, architecture, fusion=fusion).model
    enliven(network)
    state = {f"module.{name}": tensor for name, tensor in network.state_dict().items()}
    path = folder / "checkpoint.pt"
    torch.save({"epoch": 3, "name": "random", "state_dict": state}, path)
    return Checkpoint(path, seed, architecture, fusion)


def enliven(network):
    """Weights of the size that training leaves, in place of those that training starts from."""
    import torch

    with torch.no_grad():
        for name, weight in network.named_parameters():
            if "extractor" in name:
                continue  # the spectrogram, which is not learned
            if weight.ndim == 2 and "embeddings" not in name and "relative" not in name:
                weight.normal_(std=2 / weight.shape[1] ** 0.5)
            elif "relative_position" in name or name.endswith("bias"):
                weight.normal_(std=0.1)
        network.text_branch.embeddings.word_embeddings.weight.normal_(std=1.0)
        norm = network.audio_branch.bn0
        norm.running_mean.fill_(-40.0)
        norm.running_var.fill_(400.0)


def install(checkpoint, folder, name="clap"):
    """What `affetto models pull` leaves: the converted checkpoint with its model.json."""
    from retrieval.encoders.clap.convert import convert

    what = {"architecture": checkpoint.architecture, "fusion": checkpoint.fusion}
    convert(checkpoint.path, checkpoint.tokenizer, folder, **what)
    files = {one.name: hashlib.sha256(one.read_bytes()).hexdigest() for one in folder.iterdir()}
    card = {"name": name, "kind": "clap", "checkpoint": "random", "licence": "CC0-1.0", **what}
    card |= {"origin": "made by the tests", "sha256": files, "verified": False}
    (folder / "model.json").write_text(json.dumps(card))
    return folder


@pytest.fixture(scope="session")
def tiny(tmp_path_factory):
    return make_checkpoint(tmp_path_factory.mktemp("tiny"), "HTSAT-tiny", fusion=False)


@pytest.fixture(scope="session")
def fused(tmp_path_factory):
    return make_checkpoint(tmp_path_factory.mktemp("fused"), "HTSAT-tiny", fusion=True)


@pytest.fixture(scope="session")
def base(tmp_path_factory):
    return make_checkpoint(tmp_path_factory.mktemp("base"), "HTSAT-base", fusion=False)


@pytest.fixture(scope="session")
def model(tiny, tmp_path_factory):
    """An installed model without graphs; nobody changes it."""
    return install(tiny, tmp_path_factory.mktemp("models") / "clap")


@pytest.fixture(scope="session")
def exported(model, tmp_path_factory):
    """The same model with graphs; nobody changes it."""
    from retrieval.encoders.clap.export import export

    folder = tmp_path_factory.mktemp("exported") / "clap"
    shutil.copytree(model, folder)
    export(folder)
    return folder


@pytest.fixture(scope="session")
def laion(tiny, model):
    """laion_clap with the checkpoint, loaded by its own code."""
    from retrieval.encoders.clap.laion import load_checkpoint

    return load_checkpoint(tiny.path, model, architecture="HTSAT-tiny", fusion=False)


@pytest.fixture(scope="session")
def windows():
    return sounds()


@pytest.fixture(scope="session")
def tokenizer_maker():
    return make_tokenizer


@pytest.fixture(scope="session")
def installer():
    return install


@pytest.fixture
def copied(model, tmp_path):
    """The installed model once more, for a test that breaks it."""
    return Path(shutil.copytree(model, tmp_path / "copied"))
