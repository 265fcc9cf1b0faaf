"""Heads in a folder, on the encoders of a base: what is loaded, and what is refused."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from retrieval.encoders.adopted import adopted_name, base_of, load_adopted
from retrieval.errors import SpaceError
from retrieval.library import Library
from retrieval.space import Head, Heads, Layer, Space


def write_heads(folder: Path, base: Space, **facts: object) -> Heads:
    """Heads that turn the bands round, and a model.json for them."""
    layer = Layer(np.eye(8, dtype=np.float32)[::-1].copy(), np.zeros(8, dtype=np.float32))
    heads = Heads(audio=Head((layer,)), text=Head((layer,)))
    folder.mkdir(parents=True)
    heads.save(folder / "heads.npz")
    told = {
        "name": adopted_name(base.name), "kind": "heads", "base": base.name,
        "base_source": base.source, "base_text": base.text.fingerprint, "description": "turned",
        "licence": "CC0", "fitting": 0.25, "lead": None,
    }  # fmt: skip
    (folder / "model.json").write_text(json.dumps(told | facts))
    return heads


def test_the_encoders_are_those_of_the_base(space: Space, tmp_path: Path) -> None:
    heads = write_heads(tmp_path / "heads", space)
    found = load_adopted(tmp_path / "heads", space)
    assert (found.name, found.description, found.licence) == ("tiny+affetto", "turned", "CC0")
    assert found.audio is space.audio and found.text is space.text
    assert (found.window, found.hop, found.source) == (space.window, space.hop, space.source)
    assert (found.fitting, found.lead) == (0.25, None)
    assert found.heads.fingerprint == heads.fingerprint
    assert found.fingerprint != space.fingerprint


def test_what_was_embedded_once_is_searched_in_both(
    space: Space, tmp_path: Path, write_tone: Callable[..., Path]
) -> None:
    """A prompt and a tone turned round by the same heads keep their cosine."""
    tones = [write_tone(tmp_path / "tones" / f"{hz}.wav", hz=hz) for hz in (300, 900, 3000)]
    write_heads(tmp_path / "heads", space)
    turned = load_adopted(tmp_path / "heads", space)
    with Library(tmp_path / "library", create=True) as library:
        library.ingest(tmp_path / "tones", space=space)
        for tone in tones:
            tone.unlink()
        hits = [library.search("hum", space=one).hits for one in (space, turned)]
        assert [hit.path for hit in hits[0]] == [hit.path for hit in hits[1]]
        np.testing.assert_allclose(
            [hit.cosine for hit in hits[0]], [hit.cosine for hit in hits[1]], atol=2e-3
        )
        assert {one.space for one in library.status().counts.sources} == {"tiny"}


def test_other_vectors_than_the_heads_learned_from_are_refused(
    space: Space, tmp_path: Path
) -> None:
    write_heads(tmp_path / "heads", space)
    reread = replace(space, text=_Other())
    for other in (replace(space, hop=0.25), replace(space, name="small"), reread):
        with pytest.raises(SpaceError, match="trained on another version") as caught:
            load_adopted(tmp_path / "heads", other)
        assert caught.value.remedy == f"affetto train --space {other.name}"
        assert caught.value.path == str(tmp_path / "heads")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"kind": "heads", "base": "tiny"}'])
def test_a_broken_model_json_says_what_to_do(space: Space, tmp_path: Path, text: str) -> None:
    write_heads(tmp_path / "heads", space)
    (tmp_path / "heads" / "model.json").write_text(text)
    with pytest.raises(SpaceError, match="cannot be read") as caught:
        load_adopted(tmp_path / "heads", space)
    assert caught.value.remedy == "affetto train --space tiny"


def test_only_heads_have_a_base(space: Space, tmp_path: Path) -> None:
    write_heads(tmp_path / "heads", space)
    write_heads(tmp_path / "towers", space, kind="clap")
    assert base_of(tmp_path / "heads") == "tiny"
    assert base_of(tmp_path / "towers") is None and base_of(tmp_path / "nowhere") is None


class _Other:
    name, dim, fingerprint = "other words", 8, "other"

    def encode(self, texts: object) -> np.ndarray:
        raise AssertionError(f"nothing is to be read, not even {texts}")
