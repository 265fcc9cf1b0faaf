"""A model that cannot tell texts apart, or is not whole, is refused with what to do about it."""

import json

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from retrieval.encoders.clap.space import check, clap_space
from retrieval.encoders.clap.torch_towers import has_gpu
from retrieval.errors import MissingExtra, SpaceError


def rewrite(folder, edit):
    state = load_file(folder / "model.safetensors")
    edit(state)
    save_file(state, folder / "model.safetensors", metadata={"format": "pt"})


def same_for_all(state):
    state["text_projection.linear2.weight"].zero_()


def lost(state):
    del state["text_model.pooler.dense.weight"]


def not_a_number(state):
    state["text_projection.linear2.bias"].fill_(float("nan"))


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (same_for_all, r"mean cosine between unlike prompts is 1\.0"),
        (not_a_number, "mean cosine between unlike prompts is nan"),
        (lost, r"weights are absent: text_model\.pooler\.dense\.weight"),
    ],
)
def test_a_text_tower_that_cannot_be_believed(copied, edit, message):
    rewrite(copied, edit)
    with pytest.raises(SpaceError, match=message) as caught:
        clap_space(copied).text.encode(["rain"])
    assert caught.value.remedy
    with pytest.raises(SpaceError, match=message):
        check(copied)


def test_tables_that_transformers_computes_may_lack(copied, model):
    def drop(state):
        del state["text_model.embeddings.position_ids"]
        del state["text_model.embeddings.token_type_ids"]

    rewrite(copied, drop)
    texts = ["a crowd shouts in anger", "rain"]
    wanted = clap_space(model).text.encode(texts)
    np.testing.assert_array_equal(clap_space(copied).text.encode(texts), wanted)


def test_a_tiny_vocabulary(copied, tokenizer_maker):
    tokenizer_maker(copied, size=300)
    with pytest.raises(SpaceError, match="the tokenizer knows 300 pieces") as caught:
        clap_space(copied).text.encode(["rain"])
    assert "broke off" in caught.value.remedy


def test_more_pieces_than_the_weights_know(copied):
    config = json.loads((copied / "config.json").read_text())
    config["text_config"]["vocab_size"] = 1100
    (copied / "config.json").write_text(json.dumps(config))
    with pytest.raises(SpaceError, match="the weights know 1100"):
        clap_space(copied).text.encode(["rain"])


def test_weights_that_cannot_be_read(copied):
    (copied / "model.safetensors").write_bytes(b"no weights")
    with pytest.raises(SpaceError, match="the weights cannot be read"):
        clap_space(copied).audio.encode([np.ones(9, np.float32)])


def test_transformers_beside_a_torchvision_that_does_not_load(copied, monkeypatch):
    def broken(*_):
        raise RuntimeError("operator torchvision::nms does not exist\nmore")

    monkeypatch.setattr("retrieval.encoders.clap.torch_towers.quiet", broken)
    with pytest.raises(SpaceError, match="nms does not exist") as caught:
        clap_space(copied).text.encode(["rain"])
    assert "torchvision" in caught.value.remedy and "\n" not in str(caught.value)


def test_without_what_runs_it(copied, monkeypatch):
    monkeypatch.setattr("retrieval.encoders.clap.torch_towers.find_spec", lambda _: None)
    with pytest.raises(MissingExtra) as caught:
        clap_space(copied).text.encode(["rain"])
    assert caught.value.remedy == "pip install 'affetto[clap]'"


def test_a_gpu_is_asked_for_only_where_there_is_a_driver(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr("shutil.which", lambda _: None)
    assert not has_gpu()
    monkeypatch.setattr("shutil.which", lambda _: "/usr/bin/nvidia-smi")
    assert has_gpu()
