"""The index as a cache: level with the catalog whenever it is asked, and never trusted."""

import errno
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from indexes.index import Index
from retrieval.errors import LibraryError, SpaceError
from retrieval.indexing import current_index, left_behind, rebuild_index
from retrieval.library import Library
from retrieval.space import Head, Heads, Layer, Space

WriteTone = Callable[..., Path]


@dataclass
class Desk:
    library: Library
    space: Space
    sounds: Path

    def index(self, space: Space | None = None) -> Index:
        return current_index(self.library.store, self.library.catalog, space or self.space)

    def versions(self) -> list[str]:
        return self.library.store.versions(self.space.name)

    def generations(self) -> tuple[int, int]:
        """Of the catalog and of the index."""
        _, manifest = self.library.store.open(self.space.name)
        return self.library.catalog.generation(self.space.source), manifest.generation

    def assert_level(self, index: Index) -> None:
        """Held against the catalog, vector by vector."""
        ids = self.library.catalog.window_ids(self.space.source)
        np.testing.assert_array_equal(index.ids(), ids)
        raw = np.concatenate([raw for _, raw in self.library.catalog.vectors(self.space.source)])
        np.testing.assert_allclose(index.vectors(ids), self.space.place_audio(raw), atol=2e-3)


@pytest.fixture
def desk(tmp_path: Path, space: Space, write_tone: WriteTone) -> Iterator[Desk]:
    for hz in (200, 500, 900, 1400, 2000, 2700, 3300, 3800):
        write_tone(tmp_path / "sounds" / f"{hz}.wav", hz=hz, seconds=2.5)
    with Library(tmp_path / "library", create=True) as library:
        library.ingest(tmp_path / "sounds", space=space)
        yield Desk(library, space, tmp_path / "sounds")


def take_in(desk: Desk) -> None:
    """An ingestion that is killed before it comes to the index."""
    from retrieval import ingest

    ingest.ingest(desk.library.catalog, desk.space, [desk.sounds])


def other_heads(space: Space) -> Space:
    turned = np.roll(np.eye(8, dtype=np.float32), 1, axis=1)
    layer = Layer(turned, np.zeros(8, dtype=np.float32))
    return replace(space, heads=Heads(audio=Head((layer,)), text=Head((layer,))))


def test_a_current_index_is_opened_and_nothing_is_published(desk: Desk) -> None:
    before = desk.versions()
    desk.assert_level(desk.index())
    assert desk.versions() == before


@pytest.mark.parametrize("fresh", [1, 8])
def test_added_clips_are_caught_up(desk: Desk, write_tone: WriteTone, fresh: int) -> None:
    # One clip of eight is patched in, eight more are cheaper to build anew.
    for n in range(fresh):
        write_tone(desk.sounds / f"new{n}.wav", hz=300 + 40 * n)
    take_in(desk)
    catalog, index = desk.generations()
    assert index < catalog
    desk.assert_level(desk.index())
    catalog, index = desk.generations()
    assert index == catalog


def test_removed_and_changed_clips_are_caught_up(desk: Desk, write_tone: WriteTone) -> None:
    before = set(desk.index().ids().tolist())
    (desk.sounds / "200.wav").unlink()
    write_tone(desk.sounds / "500.wav", hz=550, seconds=2.1)
    take_in(desk)
    desk.library.prune()
    index = desk.index()
    desk.assert_level(index)
    assert before - set(index.ids().tolist())
    assert set(index.ids().tolist()) - before


def test_a_patched_index_equals_a_rebuilt_one(desk: Desk, write_tone: WriteTone) -> None:
    (desk.sounds / "900.wav").unlink()
    write_tone(desk.sounds / "950.wav", hz=950)
    take_in(desk)
    desk.library.prune()
    patched = desk.index()
    rebuilt = rebuild_index(desk.library.store, desk.library.catalog, desk.space)
    np.testing.assert_array_equal(patched.ids(), rebuilt.ids())
    query = desk.space.place_text(["a low hum"])
    for one, other in zip(patched.search(query, 100), rebuilt.search(query, 100), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)
    for one, other in zip(patched.moments(), rebuilt.moments(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_a_missing_index_is_rebuilt(desk: Desk) -> None:
    shutil.rmtree(desk.library.store.root)
    desk.assert_level(desk.index())
    assert desk.versions() == ["v0001"]


@pytest.mark.parametrize("part", ["index.faiss", "moments.npz", "manifest.json"])
def test_a_damaged_index_is_rebuilt_and_not_trusted(desk: Desk, part: str) -> None:
    (version,) = desk.versions()
    file = desk.library.store.root / desk.space.name / version / part
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 0xFF
    file.write_bytes(content)
    desk.assert_level(desk.index())
    assert len(desk.versions()) == 2
    assert desk.library.store.verify(desk.space.name) == []


def test_an_index_of_other_heads_is_refused_with_the_command_that_mends(desk: Desk) -> None:
    changed = other_heads(desk.space)
    with pytest.raises(SpaceError) as caught:
        desk.index(changed)
    assert caught.value.remedy == "affetto rebuild --space tiny"
    assert len(desk.versions()) == 1
    rebuild_index(desk.library.store, desk.library.catalog, changed)
    assert desk.index(changed).count == desk.library.catalog.window_count(changed.source)


def test_where_vectors_lack_the_command_reads_the_files(
    desk: Desk, make_space: Callable[..., Space]
) -> None:
    longer = make_space(window=2.0)
    assert left_behind(desk.library.catalog, longer) == 8
    assert left_behind(desk.library.catalog, desk.space) == 0
    desk.library.ingest(desk.sounds / "200.wav", space=longer)
    assert left_behind(desk.library.catalog, longer) == 7
    with pytest.raises(SpaceError) as caught:
        desk.index(longer)
    assert caught.value.remedy == "affetto rebuild --re-embed --space tiny"


def test_a_version_that_is_open_outlives_a_rebuild(desk: Desk, write_tone: WriteTone) -> None:
    old = desk.index()
    expected = old.search(desk.space.place_text(["hum"]), 5)[0].tolist()
    write_tone(desk.sounds / "new.wav", hz=1000)
    take_in(desk)
    for _ in range(4):
        rebuild_index(desk.library.store, desk.library.catalog, desk.space)
    assert len(desk.versions()) == 2  # older ones are pruned
    assert old.search(desk.space.place_text(["hum"]), 5)[0].tolist() == expected


def test_searches_go_on_while_the_index_is_rebuilt(desk: Desk) -> None:
    expected = [hit.path for hit in desk.library.search("hum", space=desk.space).hits]
    stop, faults = threading.Event(), list[BaseException]()

    def rebuild_again_and_again() -> None:
        try:
            with Library(desk.library.folder) as other:
                while not stop.is_set():
                    other.rebuild(space=desk.space)
        except BaseException as fault:
            faults.append(fault)

    thread = threading.Thread(target=rebuild_again_and_again)
    thread.start()
    try:
        for _ in range(20):
            found = desk.library.search("hum", space=desk.space).hits
            assert [hit.path for hit in found] == expected
    finally:
        stop.set()
        thread.join()
    assert faults == []
    assert int(desk.versions()[-1][1:]) > 2


@pytest.mark.parametrize("code", [errno.EACCES, errno.EROFS, errno.ENOSPC])
def test_an_index_that_cannot_be_written(
    desk: Desk, write_tone: WriteTone, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    write_tone(desk.sounds / "new.wav", hz=1000)
    take_in(desk)

    def refuse(*_args: object, **_named: object) -> None:
        raise OSError(code, "no")

    monkeypatch.setattr(desk.library.store, "publish", refuse)
    if code == errno.ENOSPC:
        with pytest.raises(LibraryError, match="the index cannot be written: no"):
            desk.index()
    else:  # what may only be read is still searched
        desk.assert_level(desk.index())


def test_an_index_that_cannot_be_read_is_an_error_of_the_library(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object, **_named: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(desk.library.store, "open", refuse)
    with pytest.raises(LibraryError, match="the index cannot be read: Permission denied"):
        desk.index()
