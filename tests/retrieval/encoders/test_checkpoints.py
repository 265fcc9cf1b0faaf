"""The table of published checkpoints, held against itself and against the hub's own conventions."""

import re

import pytest

from retrieval.encoders.models.checkpoints import (
    CHECKPOINTS,
    DEFAULT,
    TOKENIZER,
    checkpoint_with,
    find_checkpoint,
    known_checkpoint,
)
from retrieval.encoders.models.folder import check_name
from retrieval.errors import SpaceError


def test_every_name_and_every_sha256_means_one_checkpoint() -> None:
    names = [name for one in CHECKPOINTS for name in (one.name, one.checkpoint)]
    assert len(set(names)) == len(names) == 24
    known = [one.sha256 for one in CHECKPOINTS if one.sha256]
    assert len(set(known)) == len(known)
    for one in CHECKPOINTS:
        assert find_checkpoint(one.name) is find_checkpoint(one.checkpoint) is one
        if one.sha256:
            assert checkpoint_with(one.sha256) is one


@pytest.mark.parametrize("one", CHECKPOINTS, ids=lambda one: one.name)
def test_a_row_can_be_fetched_and_becomes_a_space(one: object) -> None:
    checkpoint = next(row for row in CHECKPOINTS if row is one)
    check_name(checkpoint.name)
    assert re.fullmatch(r"[\w.-]+/[\w.-]+", checkpoint.repository)
    assert re.fullmatch(r"[0-9a-f]{40}", checkpoint.revision), "a branch may change under us"
    assert checkpoint.sha256 is None or re.fullmatch(r"[0-9a-f]{64}", checkpoint.sha256)
    assert checkpoint.weights.endswith({"hf": ".bin", "pt": ".pt"}[checkpoint.layout])
    assert checkpoint.fusion == ("fus" in checkpoint.checkpoint.replace("unfused", ""))
    larger = checkpoint.checkpoint.startswith(("larger", "music"))
    assert checkpoint.architecture == ("HTSAT-base" if larger else "HTSAT-tiny")
    assert checkpoint.licence == {"hf": "Apache-2.0", "pt": "CC0-1.0"}[checkpoint.layout]


def test_the_default_is_verified_and_lends_its_tokenizer() -> None:
    default = known_checkpoint(DEFAULT)
    assert (default.checkpoint, default.fusion) == ("clap-htsat-unfused", False)
    assert default.sha256 is not None
    assert "tokenizer.json" in TOKENIZER
    assert all(re.fullmatch(r"[0-9a-f]{64}", sha256) for sha256 in TOKENIZER.values())


def test_the_collapsed_text_tower_is_warned_of() -> None:
    (warned,) = [one for one in CHECKPOINTS if one.warning]
    assert warned.checkpoint == "larger_clap_music"
    assert known_checkpoint("clap-music-audioset").name in str(warned.warning)


def test_a_checkpoint_may_be_named_as_its_file() -> None:
    assert known_checkpoint("630k-audioset-best.pt").name == "clap-630k-audioset"


def test_an_unknown_name_is_refused_with_those_there_are() -> None:
    assert find_checkpoint("clip") is None
    assert checkpoint_with("0" * 64) is None
    with pytest.raises(SpaceError, match="no checkpoint 'clip'") as caught:
        known_checkpoint("clip")
    assert "clap, clap-fused" in str(caught.value.remedy)
