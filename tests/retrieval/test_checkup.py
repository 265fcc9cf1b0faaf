"""Faults made by hand: each is found and named, and mended where nothing can be lost."""

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from retrieval.checkup import Fault, index_state, mend, status_of, verify_library
from retrieval.library import Library
from retrieval.space import Head, Heads, Layer, Space

WriteTone = Callable[..., Path]


@dataclass
class Ward:
    library: Library
    space: Space
    sounds: Path

    @property
    def index(self) -> Path:
        return self.library.store.root / self.space.name

    def verify(self, hashes: bool = True) -> list[Fault]:
        return verify_library(self.library.catalog, self.library.store, [self.space], hashes=hashes)

    def mend(self) -> list[Fault]:
        return mend(self.verify(), self.library.catalog, self.library.store, [self.space])

    def state(self, space: Space | None = None) -> str:
        state = index_state(self.library.catalog, self.library.store, space or self.space)
        return state.state

    def sql(self, *statements: str) -> None:
        db = sqlite3.connect(self.library.folder / "catalog.db")
        with db:
            for statement in statements:
                db.execute(statement)
        db.close()

    def republish(
        self, change: Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]
    ) -> None:
        """Publish another index under the generation of the present one."""
        from indexes.index import Index

        index, manifest = self.library.store.open(self.space.name)
        ids, vectors = change(index.ids(), index.vectors(index.ids()))
        self.library.store.publish(
            self.space.name, Index.build(ids, vectors), self.space.fingerprint, manifest.generation
        )


@pytest.fixture
def ward(tmp_path: Path, space: Space, write_tone: WriteTone) -> Iterator[Ward]:
    for hz in (200, 700, 1500, 3000):
        write_tone(tmp_path / "sounds" / f"{hz}.wav", hz=hz)
    with Library(tmp_path / "library", create=True) as library:
        library.ingest(tmp_path / "sounds", space=space)
        yield Ward(library, space, tmp_path / "sounds")


def damage(ward: Ward) -> None:
    file = max(ward.index.glob("v*/index.faiss"))
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)


def test_a_sound_library_has_no_faults(ward: Ward) -> None:
    assert ward.verify() == []
    assert ward.library.verify() == []
    assert ward.library.verify(fix=True) == []


# Indexes


def test_a_flipped_bit_of_the_index_is_found_and_mended(ward: Ward) -> None:
    damage(ward)
    (fault,) = ward.verify()
    assert (fault.where, fault.path, fault.mended) == ("index", str(ward.index), False)
    assert "the index is damaged: its checksum" in fault.what
    assert fault.remedy == "affetto rebuild --space tiny"
    assert ward.mend() == [replace(fault, mended=True)]
    assert ward.verify() == []


def test_an_index_that_is_gone_is_found_and_mended(ward: Ward) -> None:
    shutil.rmtree(ward.index)
    (fault,) = ward.mend()
    assert fault.what.startswith("the index is missing")
    assert fault.mended
    assert ward.verify() == []


def test_an_index_of_another_version_is_found_and_mended(ward: Ward) -> None:
    layer = Layer(2 * np.eye(8, dtype=np.float32), np.ones(8, dtype=np.float32))
    ward.space = replace(ward.space, heads=Heads(audio=Head((layer,))))
    (fault,) = ward.mend()
    assert fault.what.startswith("the index is foreign")
    assert fault.mended
    assert ward.verify() == []


def test_a_window_that_the_index_lost_is_found_and_mended(ward: Ward) -> None:
    ward.republish(lambda ids, vectors: (ids[1:], vectors[1:]))
    (fault,) = ward.mend()
    assert fault.what == "the index does not hold the windows of the catalog"
    assert fault.mended
    assert ward.verify() == []


def test_vectors_of_other_windows_are_found_and_mended(ward: Ward) -> None:
    ward.republish(lambda ids, vectors: (ids, np.roll(vectors, 2, axis=0)))
    (fault,) = ward.mend()
    assert fault.what == "vectors of the index differ from stored ones"
    assert fault.mended
    assert ward.verify() == []


def test_an_index_that_is_merely_behind_is_no_fault(ward: Ward, write_tone: WriteTone) -> None:
    from retrieval import ingest

    write_tone(ward.sounds / "new.wav", hz=900)
    ingest.ingest(ward.library.catalog, ward.space, [ward.sounds])
    assert ward.state() == "behind"
    assert ward.verify() == []
    ward.library.search("hum", space=ward.space)
    assert ward.state() == "current"


def test_sounds_that_only_an_older_version_embedded_are_told_and_left(
    ward: Ward, make_space: Callable[..., Space]
) -> None:
    ward.space = make_space(window=2.0)
    (fault,) = ward.mend()
    assert fault.where == "index"
    assert "vectors of another version" in fault.what
    assert fault.remedy == "affetto rebuild --re-embed --space tiny"
    assert not fault.mended


def test_an_index_whose_space_is_not_installed_is_still_held_against_its_checksum(
    ward: Ward,
) -> None:
    assert verify_library(ward.library.catalog, ward.library.store, [], hashes=False) == []
    damage(ward)
    (fault,) = ward.library.verify(fix=True)  # the space tiny is none that is installed
    assert "checksum" in fault.what
    assert "install the space tiny" in fault.remedy
    assert not fault.mended


def test_a_space_that_shares_vectors_needs_no_index_before_it_is_asked(ward: Ward) -> None:
    relative = replace(ward.space, name="relative")
    catalog, store = ward.library.catalog, ward.library.store
    assert relative.source == ward.space.source
    assert index_state(catalog, store, relative).state == "missing"
    assert verify_library(catalog, store, [ward.space, relative], hashes=False) == []
    assert len(ward.library.search("hum", space=relative).hits) > 0
    assert index_state(catalog, store, relative).state == "current"


# Files


def test_a_changed_file_is_found_and_left_to_an_ingestion(
    ward: Ward, write_tone: WriteTone
) -> None:
    file = write_tone(ward.sounds / "200.wav", hz=210, seconds=2)
    (fault,) = ward.mend()
    assert (fault.where, fault.what, fault.path) == ("file", "the file has changed", str(file))
    assert not fault.mended
    ward.library.ingest(ward.sounds, space=ward.space)
    assert ward.verify() == []


def test_a_change_that_kept_size_and_time_is_found_by_content_only(ward: Ward) -> None:
    import os

    file = ward.sounds / "200.wav"
    before = file.stat()
    content = bytearray(file.read_bytes())
    content[-3] ^= 1
    file.write_bytes(content)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert ward.verify(hashes=False) == []
    (fault,) = ward.verify()
    assert fault.what == "the file has changed"


def test_a_file_that_is_gone_is_found_and_marked_missing(ward: Ward) -> None:
    (ward.sounds / "200.wav").unlink()
    (fault,) = ward.mend()
    assert (fault.what, fault.mended) == ("the file is gone", True)
    assert ward.library.status().counts.missing == 1
    assert ward.library.status().counts.clips == 4
    assert ward.verify() == []


# The database


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("DELETE FROM clips WHERE path LIKE '%200.wav'", "has no clip"),
        ("DELETE FROM sources", "that is gone"),
        ("UPDATE windows SET vector = x'00' WHERE id = 1", "window 1 has 1 bytes, not 32"),
    ],
)
def test_rows_that_do_not_fit_together_are_found(ward: Ward, statement: str, words: str) -> None:
    ward.sql("PRAGMA foreign_keys = OFF", statement)
    faults = verify_library(ward.library.catalog, ward.library.store, [], hashes=False)
    assert any(fault.where == "database" and words in fault.what for fault in faults)
    assert all(fault.path is None and not fault.mended for fault in faults)


# Status


def test_passages_without_their_whole_are_found_and_dropped(ward: Ward) -> None:
    values = "'x', 0.0, 1.0, 'voice', 'sad', 0.5, 0.0, 0.0"
    columns = 'recogniser, start, "end", fusion, recognised, confidence, valence, arousal'
    ward.sql(f"INSERT INTO recognised(clip_id, {columns}) SELECT min(id), {values} FROM clips")
    (fault,) = ward.verify()
    assert (fault.where, fault.what) == (
        "database",
        "passages of clip 1 were recognised, and not the whole of it",
    )
    assert [one.mended for one in ward.mend()] == [True]
    assert ward.verify() == []


def test_status_counts_what_there_is(ward: Ward) -> None:
    (ward.sounds / "bad.wav").write_text("no sound, and yet named like it")
    shutil.copy(ward.sounds / "200.wav", ward.sounds / "copy.wav")
    ward.library.ingest(ward.sounds, space=ward.space)
    status = status_of(ward.library.folder, ward.library.catalog, ward.library.store, [ward.space])
    assert (status.counts.clips, status.counts.sounds, status.counts.failures) == (5, 4, 1)
    assert status.counts.seconds == pytest.approx(4 * 1.5)
    assert [Path(path).name for path in status.failures] == ["bad.wav"]
    held = sum(one.stat().st_size for one in ward.library.folder.rglob("*") if one.is_file())
    assert status.bytes == held
    (index,) = status.indexes
    assert (index.space, index.state, index.windows, index.indexed) == ("tiny", "current", 8, 8)
    record = json.loads(json.dumps(status.record()))
    assert record["counts"]["clips"] == 5
    assert record["indexes"][0]["state"] == "current"
    assert record["failures"][str(ward.sounds / "bad.wav")]["reason"]


def test_each_state_of_an_index(ward: Ward, make_space: Callable[..., Space]) -> None:
    layer = Layer(np.eye(8, dtype=np.float32), np.ones(8, dtype=np.float32))
    foreign = replace(ward.space, heads=Heads(audio=Head((layer,))))
    assert ward.state() == "current"
    assert ward.state(foreign) == "foreign"
    assert ward.state(make_space(window=2.0)) == "no vectors"
    damage(ward)
    before = sorted(ward.index.rglob("*"))
    assert ward.state() == "damaged"
    assert sorted(ward.index.rglob("*")) == before  # looking mends nothing
    shutil.rmtree(ward.index)
    assert ward.state() == "missing"


def test_vectors_of_a_space_that_is_not_installed_are_told(ward: Ward) -> None:
    (left,) = [one for one in ward.library.status().indexes if one.space == "tiny"]
    assert (left.state, left.windows, left.note) == ("unused", 8, "the space is not installed")


def test_a_sound_without_a_clip_is_dropped_and_the_index_follows(ward: Ward) -> None:
    ward.library.ground(ward.space)
    ward.sql("DELETE FROM clips WHERE id = (SELECT min(id) FROM clips)")
    assert {fault.where for fault in ward.verify()} == {"database"}
    assert [fault.mended for fault in ward.mend()] == [True]
    assert ward.verify() == []
    assert len(ward.library.search("anything", space=ward.space).hits) == 3
