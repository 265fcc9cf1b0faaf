"""Texts to numbers: the same from either form of a tokenizer, and as laion_clap numbers them."""

import json

import pytest

from retrieval.encoders.clap.words import LONGEST, Pieces
from retrieval.errors import SpaceError

TEXTS = [
    "rain",
    " rain",
    "A crowd's shouts, in anger!",
    "",
    "engine " * 90,
    "été 雨 🎻",
    "<s> </s>",
]


def test_numbers_are_those_of_laion_clap(model, laion):
    ours = Pieces(model).numbers(TEXTS)
    theirs = laion.module.tokenizer(TEXTS)
    for row, padded, mask in zip(ours, theirs["input_ids"], theirs["attention_mask"], strict=True):
        assert row == padded[: int(mask.sum())].tolist()
    assert max(map(len, ours)) == LONGEST


def test_a_tokenizer_in_two_files_gives_the_same_numbers(model, tmp_path):
    whole = json.loads((model / "tokenizer.json").read_text())["model"]
    (tmp_path / "vocab.json").write_text(json.dumps(whole["vocab"]))
    merges = [" ".join(pair) if isinstance(pair, list) else pair for pair in whole["merges"]]
    (tmp_path / "merges.txt").write_text("#version: 0.2\n" + "\n".join(merges) + "\n")
    pieces = Pieces(tmp_path)
    assert pieces.numbers(TEXTS) == Pieces(model).numbers(TEXTS)
    pieces.save(tmp_path)
    assert Pieces(tmp_path).numbers(TEXTS) == Pieces(model).numbers(TEXTS)


def test_what_only_looks_like_a_tokenizer(tmp_path):
    vocabulary = {f"piece {number}": number for number in range(1500)}
    (tmp_path / "tokenizer.json").write_text(json.dumps({"model": {"vocab": vocabulary}}))
    with pytest.raises(SpaceError, match="the tokenizer cannot be read"):
        Pieces(tmp_path)
