"""A second space in a library: from the files it knows, beside the vectors it has."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from retrieval.errors import Busy, LibraryError, SpaceError
from retrieval.library import Library
from retrieval.lock import WriterLock
from retrieval.query import Wanted
from retrieval.space import Head, Heads, Layer, Space

ALL = Wanted(k=1000, collapse=False)
PITCHES = (200, 700, 1500)


@pytest.fixture
def sounds(tmp_path: Path, write_tone: Callable[..., Path]) -> Path:
    for hz in PITCHES:
        write_tone(tmp_path / "sounds" / f"{hz}.wav", hz=hz)
    return tmp_path / "sounds"


@pytest.fixture
def folder(tmp_path: Path, sounds: Path, space: Space) -> Path:
    with Library(tmp_path / "library", create=True) as library:
        library.ingest(sounds, space=space)
    return tmp_path / "library"


@pytest.fixture
def second(make_space: Callable[..., Space]) -> Space:
    """Another space: other windows, so other vectors."""
    return replace(make_space(window=0.5, hop=0.5), name="second")


def encoder(space: Space) -> Any:
    return space.audio


def found(library: Library, space: Space) -> set[str]:
    return {Path(hit.path).stem for hit in library.search("hum", ALL, space=space).hits}


def test_a_space_is_added_from_the_files_that_are_known(
    folder: Path, space: Space, second: Space
) -> None:
    with Library(folder) as library:
        with pytest.raises(SpaceError, match=r"no clip .* in the space 'second'") as caught:
            library.search("hum", space=second)
        assert caught.value.remedy == "affetto embed --space second"
        before = library.catalog.window_count(space.source)
        told: list[str] = []
        summary = library.embed(second, jobs=2, progress=lambda one: told.append(one.path))
        assert (summary.ok, summary.unchanged, summary.failed) == (3, 0, ())
        assert len(told) == 3
        assert library.catalog.window_count(second.source) == 9
        assert library.catalog.window_count(space.source) == before, "the first one is left alone"
        states = {one.space for one in library.status().indexes if one.windows}
        assert states == {"tiny", "second"}
        assert (folder / "indexes" / "second" / "CURRENT").exists(), "its index is there already"
        assert found(library, second) == found(library, space) == {str(hz) for hz in PITCHES}


def test_the_vectors_are_those_that_an_ingestion_makes(
    folder: Path, tmp_path: Path, sounds: Path, second: Space
) -> None:
    def vectors(library: Library) -> np.ndarray[Any, Any]:
        raw = [block for _, block in library.catalog.vectors(second.source)]
        return np.sort(np.concatenate(raw), axis=0)

    with Library(folder) as library, Library(tmp_path / "alone", create=True) as alone:
        library.embed(second)
        alone.ingest(sounds, space=second)
        np.testing.assert_array_equal(vectors(library), vectors(alone))


def test_what_is_embedded_is_not_embedded_again(
    folder: Path, sounds: Path, second: Space, write_tone: Callable[..., Path]
) -> None:
    with Library(folder) as library:
        library.embed(second)
        heard = encoder(second).encoded
        summary = library.embed(second)
        assert (summary.ok, summary.unchanged) == (0, 3)
        assert encoder(second).encoded == heard
        write_tone(sounds / "200.wav", hz=250, seconds=2.0)
        assert library.embed(second).ok == 1
        assert encoder(second).encoded == heard + 4


def test_files_that_are_gone_are_marked_and_bad_ones_listed(
    folder: Path, sounds: Path, second: Space
) -> None:
    (sounds / "200.wav").unlink()
    (sounds / "700.wav").write_bytes(b"no sound any more")
    with Library(folder) as library:
        summary = library.embed(second)
        assert (summary.ok, summary.missing) == (1, 1)
        assert [Path(one.path).name for one in summary.failed] == ["700.wav"]
        assert library.status().counts.missing == 2, "what is no sound any more is missing, too"
        assert library.status().counts.clips == 3, "nothing is forgotten"
        assert found(library, second) == {"1500"}


def test_files_that_were_never_taken_in_stay_outside(
    folder: Path, sounds: Path, second: Space, write_tone: Callable[..., Path]
) -> None:
    write_tone(sounds / "new.wav", hz=900)
    with Library(folder) as library:
        assert library.embed(second).ok == 3
        assert "new" not in found(library, second)


def test_an_ingestion_in_a_second_space_adds_it_as_well(
    folder: Path, sounds: Path, space: Space, second: Space
) -> None:
    with Library(folder) as library:
        assert library.ingest(sounds, space=second).ok == 3
        assert library.embed(second).unchanged == 3
        assert found(library, second) == found(library, space)


def test_heads_on_an_embedded_space_need_no_file(folder: Path, sounds: Path, space: Space) -> None:
    layer = Layer(np.eye(8, dtype=np.float32), np.zeros(8, dtype=np.float32))
    heads = replace(space, name="tiny+affetto", heads=Heads(audio=Head((layer,))))
    for hz in PITCHES:
        os.rename(sounds / f"{hz}.wav", sounds / f"{hz}.away")
    with Library(folder) as library:
        assert library.embed(heads).ok == 0
        assert library.catalog.window_count(heads.source) == 6


def test_an_empty_library_and_a_second_writer_are_refused(
    tmp_path: Path, folder: Path, second: Space
) -> None:
    with (
        Library(tmp_path / "empty", create=True) as empty,
        pytest.raises(LibraryError, match="the library is empty"),
    ):
        empty.embed(second)
    with Library(folder) as library, WriterLock(folder), pytest.raises(Busy):
        library.embed(second)


def test_models_beside_the_default_library_are_no_part_of_it(folder: Path) -> None:
    with Library(folder) as library:
        before = library.status().bytes
        (folder / "models" / "clap").mkdir(parents=True)
        (folder / "models" / "clap" / "model.safetensors").write_bytes(bytes(10**6))
        assert library.status().bytes - before < 10**5
