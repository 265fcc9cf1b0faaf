"""`affetto models pull` with the real converter: a .pt and pickled weights become a space."""

import hashlib
import json
import os
import pickle
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from retrieval.encoders.models import checkpoints
from retrieval.encoders.models.checking import check
from retrieval.encoders.models.folder import models_folder
from retrieval.encoders.models.pulling import pull
from retrieval.encoders.registry import forget_spaces, load_space
from retrieval.errors import SpaceError

ROOT = Path(__file__).resolve().parents[2]
PROMPTS = ["rain", "a crowd shouts in anger"]


def window():
    return np.random.default_rng(3).standard_normal(3 * 48_000).astype(np.float32) * 0.1


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("AFFETTO_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    forget_spaces()
    return tmp_path / "models"


def publish(monkeypatch, name, file):
    """Pretend that this file is the published one."""
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    table = tuple(
        replace(one, sha256=digest) if one.name == name else one for one in checkpoints.CHECKPOINTS
    )
    monkeypatch.setattr(checkpoints, "CHECKPOINTS", table)


def test_a_pt_becomes_a_space_that_needs_no_network(tiny, monkeypatch):
    publish(monkeypatch, "clap-630k-audioset", tiny.path)
    made = pull("clap-630k-audioset", tiny.path, tokenizer=tiny.tokenizer, onnx=False)
    assert (made.verified, made.architecture, made.licence) == (True, "HTSAT-tiny", "CC0-1.0")
    assert {"config.json", "model.safetensors", "tokenizer.json"} == set(made.sha256)

    def refuse(*_):
        raise AssertionError("something wants the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    space = load_space("clap-630k-audioset")
    assert space.audio.encode([window()]).shape == (1, space.dim)
    sounds, words = space.audio.encode([window()]), space.place_text(PROMPTS)
    assert np.isfinite(sounds).all()
    assert abs(words[0] @ words[1]) < 0.9
    found = check("clap-630k-audioset")
    assert any("sha256" in line for line in found)
    assert any("transformers" in line for line in found)


def test_pickled_weights_of_the_hub_give_the_vectors_of_the_model(
    model_of_the_hub, model, monkeypatch, hub
):
    from retrieval.encoders.clap.space import clap_space

    publish(monkeypatch, "clap", model_of_the_hub)
    made = pull("clap", onnx=False)
    assert made.verified
    pulled, original = load_space("clap"), clap_space(model)
    np.testing.assert_array_equal(
        pulled.audio.encode([window()]), original.audio.encode([window()])
    )
    np.testing.assert_array_equal(pulled.text.encode(PROMPTS), original.text.encode(PROMPTS))
    assert all(agent == "affetto" for _, agent, _ in hub.asked)


@pytest.fixture
def model_of_the_hub(model, hub, tmp_path):
    """The model on the hub as old versions of transformers saved it, pickled and without tables."""
    import torch
    from safetensors.torch import load_file

    state = load_file(model / "model.safetensors")
    kept = {name: tensor for name, tensor in state.items() if not name.endswith("_ids")}
    file = tmp_path / "pytorch_model.bin"
    torch.save(kept, file)
    clap = checkpoints.known_checkpoint("clap")
    small = {
        name.replace(".", "__"): (model / name).read_bytes()
        for name in ("config.json", "tokenizer.json")
    }
    hub.add(clap.repository, clap.revision, pytorch_model__bin=file.read_bytes(), **small)
    return file


class Evil:
    """What a pickle could do when it is opened carelessly."""

    def __init__(self, file):
        self.file = file

    def __reduce__(self):
        return os.mkdir, (str(self.file),)


@pytest.mark.parametrize("layout", ["pt", "hf"])
def test_a_pickle_that_would_run_code_is_not_run_even_when_it_is_trusted(
    tiny, model, folder, tmp_path, layout
):
    ran = tmp_path / "ran"
    source = tmp_path / "evil.pt"
    if layout == "hf":
        source = tmp_path / "evil"
        source.mkdir()
        for name in ("config.json", "tokenizer.json"):
            (source / name).write_bytes((model / name).read_bytes())
    weights = source / "pytorch_model.bin" if layout == "hf" else source
    weights.write_bytes(pickle.dumps({"state_dict": Evil(ran)}))
    wanted = {"tokenizer": tiny.tokenizer, "like": "clap-630k"}
    for unknown in (False, True):
        with pytest.raises(SpaceError) as caught:
            pull("mine", source, unknown=unknown, **wanted)
        assert "\n" not in str(caught.value)
        assert not ran.exists()
        assert list(folder.iterdir()) == []
    pickle.loads(weights.read_bytes())
    assert ran.exists(), "it would have"


def test_graphs_belong_to_the_model_and_change_no_fingerprint(model):
    plain = pull("plain", model, onnx=False)
    graphs = pull("graphs", model, onnx=True)
    assert set(plain.sha256) < set(graphs.sha256)
    assert {"audio.onnx", "text.onnx"} <= set(graphs.sha256)
    assert load_space("plain").source == load_space("graphs").source
    assert any("onnxruntime: differs by at most" in line for line in check("graphs"))


def test_spaces_are_listed_without_torch(model):
    pull("mine", model, onnx=False)
    code = (
        "import sys; from retrieval.encoders.registry import list_spaces;"
        "print(*[one.name for one in list_spaces() if one.fault is None]);"
        "print(*sorted({name.split('.')[0] for name in sys.modules}))"
    )
    environment = os.environ | {"AFFETTO_MODELS": str(models_folder())}
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    names, loaded = run.stdout.splitlines()
    assert "mine" in names.split()
    assert not set(loaded.split()) & {"torch", "transformers", "laion_clap", "tokenizers"}


def test_the_files_of_a_model_can_be_carried_elsewhere(model):
    first = pull("first", model, onnx=False)
    second = pull("second", first.folder, onnx=False)
    assert second.sha256 == first.sha256
    about = json.loads((second.folder / "model.json").read_text(encoding="utf-8"))
    assert about["name"] == "second"
