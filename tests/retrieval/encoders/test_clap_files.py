"""What can be said of a CLAP model, and refused, without any package of the extra."""

import json

import pytest

from retrieval.encoders.clap.files import read_card
from retrieval.encoders.clap.space import clap_space
from retrieval.encoders.clap.words import SMALLEST, Pieces, vocabulary_size
from retrieval.errors import MissingExtra, SpaceError

CARD = {
    "name": "clap-music",
    "kind": "clap",
    "checkpoint": "larger_clap_music",
    "architecture": "HTSAT-base",
    "fusion": False,
    "licence": "Apache-2.0",
    "origin": "here",
    "sha256": {"model.safetensors": "ab" * 32, "tokenizer.json": "cd" * 32},
    "verified": True,
}
CONFIG = {"model_type": "clap", "projection_dim": 512, "text_config": {"vocab_size": 50_265}}


def tokenizer(pieces):
    return {"model": {"type": "BPE", "vocab": {f"piece {n}": n for n in range(pieces)}}}


@pytest.fixture
def folder(tmp_path):
    write(tmp_path, "model.json", CARD)
    write(tmp_path, "config.json", CONFIG)
    write(tmp_path, "tokenizer.json", tokenizer(SMALLEST))
    return tmp_path


def write(folder, name, value):
    (folder / name).write_text(json.dumps(value))


def test_a_space_is_described_without_weights(folder):
    space = clap_space(folder)
    assert (space.name, space.licence, space.dim) == ("clap-music", "Apache-2.0", 512)
    assert (space.window, space.hop, space.audio.rate) == (10.0, 5.0, 48_000)
    assert "larger_clap_music" in space.description


def test_fingerprints_change_with_what_makes_the_vectors(folder):
    before = clap_space(folder)
    write(folder, "model.json", CARD | {"licence": "other", "verified": False})
    assert clap_space(folder).fingerprint == before.fingerprint
    for name, changed in (("model.safetensors", "source"), ("tokenizer.json", "fingerprint")):
        write(folder, "model.json", CARD | {"sha256": {**CARD["sha256"], name: "ef" * 32}})
        assert getattr(clap_space(folder), changed) != getattr(before, changed)
    assert clap_space(folder).source == before.source  # the tokenizer makes no sound
    write(folder, "model.json", CARD | {"fusion": True})
    write(folder, "config.json", CONFIG | {"audio_config": {"enable_fusion": True}})
    assert clap_space(folder).source != before.source


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("model.json", {**CARD, "kind": "heads"}, "this is no CLAP model"),
        ("model.json", {"name": "clap"}, "lacks or garbles 'checkpoint'"),
        ("model.json", {**CARD, "sha256": []}, "lacks or garbles"),
        ("model.json", {**CARD, "fusion": True}, "do not agree about fusion"),
        ("model.json", {**CARD, "sha256": {}}, "no sha256 of model.safetensors"),
        ("model.json", [], "holds no object"),
        ("config.json", {"model_type": "bert"}, "this is no CLAP model"),
    ],
)
def test_folders_that_are_no_model(folder, name, value, message):
    write(folder, name, value)
    with pytest.raises(SpaceError, match=message) as caught:
        read_card(folder)
    assert caught.value.path and caught.value.remedy


def test_files_that_are_absent(folder):
    (folder / "tokenizer.json").unlink()
    with pytest.raises(SpaceError, match=r"no tokenizer\.json, nor vocab\.json with merges"):
        read_card(folder)
    (folder / "config.json").unlink()
    with pytest.raises(SpaceError, match=r"config\.json cannot be read"):
        read_card(folder)


@pytest.mark.parametrize("broken", [5, 257, SMALLEST - 1])
def test_a_tiny_vocabulary_is_refused(folder, broken):
    assert vocabulary_size(folder) == SMALLEST
    write(folder, "tokenizer.json", tokenizer(broken))
    with pytest.raises(SpaceError, match=f"knows {broken} pieces, at least 1000"):
        vocabulary_size(folder)


def test_a_vocabulary_in_two_files(folder):
    (folder / "tokenizer.json").unlink()
    write(folder, "vocab.json", {f"piece {n}": n for n in range(1500)})
    (folder / "merges.txt").write_text("")
    assert vocabulary_size(folder) == 1500


@pytest.mark.parametrize("value", [{}, {"model": {}}, {"model": "BPE"}])
def test_a_tokenizer_without_pieces(folder, value):
    write(folder, "tokenizer.json", value)
    with pytest.raises(SpaceError, match="knows 0 pieces"):
        vocabulary_size(folder)


def test_without_the_tokenizers_package(folder, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "tokenizers", None)
    with pytest.raises(MissingExtra, match="CLAP needs tokenizers") as caught:
        Pieces(folder)
    assert caught.value.remedy == "pip install 'affetto[clap]'"
