"""The library: one folder in which files, catalog and index come together."""

import os
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from retrieval import Library as PublicLibrary
from retrieval.errors import Busy, LibraryError, PromptError, SpaceError, Unsafe
from retrieval.filters import parse_filters
from retrieval.library import Library, default_folder, describe_file
from retrieval.lock import WriterLock
from retrieval.query import Wanted
from retrieval.space import Head, Heads, Layer, Space

WriteTone = Callable[..., Path]
ALL = Wanted(k=1000, collapse=False)
PITCHES = (200, 700, 1500, 3000)


@pytest.fixture
def sounds(tmp_path: Path, write_tone: WriteTone) -> Path:
    for hz in PITCHES:
        write_tone(tmp_path / "sounds" / f"{hz}.wav", hz=hz)
    return tmp_path / "sounds"


@pytest.fixture
def folder(tmp_path: Path, sounds: Path, space: Space) -> Path:
    with Library(tmp_path / "library", create=True) as library:
        library.ingest(sounds, space=space)
    return tmp_path / "library"


def found(library: Library, space: Space) -> set[str]:
    return {Path(hit.path).stem for hit in library.search("hum", ALL, space=space).hits}


def other_heads(space: Space) -> Space:
    layer = Layer(np.diag(np.arange(1, 9)).astype(np.float32), np.zeros(8, dtype=np.float32))
    return replace(space, heads=Heads(audio=Head((layer,))))


# Opening


def test_a_library_is_made_only_when_it_is_asked_for(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "library"
    with pytest.raises(LibraryError, match="there is no library here") as caught:
        Library(folder)
    assert caught.value.remedy == "affetto ingest FOLDER"
    assert not folder.exists()
    Library(folder, create=True).close()
    assert (folder / "catalog.db").exists()
    Library(folder).close()
    assert PublicLibrary is Library


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LibraryError, match="the library cannot be made") as caught:
        Library(tmp_path / "file" / "library", create=True)
    assert caught.value.path == str(tmp_path / "file" / "library")


def test_the_home_folder_may_be_written_short(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    with Library("~/mine", create=True) as library:
        assert library.folder == tmp_path / "mine"


def test_the_default_folder_is_that_of_the_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    for name in ("XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for platform, expected in {
        "linux": ".local/share/affetto",
        "darwin": "Library/Application Support/affetto",
        "win32": "AppData/Local/affetto",
    }.items():
        monkeypatch.setattr(sys, "platform", platform)
        assert default_folder() == tmp_path / expected
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "local"))
    assert default_folder() == tmp_path / "local" / "affetto"
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert default_folder() == tmp_path / "data" / "affetto"
    Library(create=True).close()
    assert (tmp_path / "data" / "affetto" / "catalog.db").exists()


def test_the_database_is_let_go_at_the_end_of_the_block(folder: Path) -> None:
    with Library(folder) as library:
        assert library.status().counts.clips == 4
    # The write-ahead log is merged and removed when the last connection is closed.
    assert {one.name for one in folder.iterdir()} == {"catalog.db", "indexes", "writer.lock"}


def test_an_empty_library_says_so(tmp_path: Path, space: Space) -> None:
    with (
        Library(tmp_path / "library", create=True) as library,
        pytest.raises(LibraryError, match="the library is empty"),
    ):
        library.search("hum", space=space)


# Writing and asking


def test_one_folder_or_several_are_taken_in(tmp_path: Path, sounds: Path, space: Space) -> None:
    with Library(tmp_path / "library", create=True) as library:
        assert library.ingest(str(sounds / "200.wav"), space=space).ok == 1
        several = [sounds / "700.wav", str(sounds / "1500.wav")]
        assert library.ingest(several, space=space).ok == 2
        assert found(library, space) == {"200", "700", "1500"}


def test_what_was_taken_in_is_found_by_the_next_process(folder: Path, space: Space) -> None:
    with Library(folder) as library:
        assert found(library, space) == {str(hz) for hz in PITCHES}


def test_labels_come_later_and_nothing_is_embedded_again(
    folder: Path, sounds: Path, space: Space
) -> None:
    table = sounds / "table.csv"
    table.write_text("path,mood,said\n200.wav,warm,good night\nabsent.wav,cold,\n")
    with Library(folder) as library:
        before = library.catalog.generation(space.source)
        read = library.label(table, transcript="said")
        assert read.unmatched == ("absent.wav",)
        warm = Wanted(filters=parse_filters(["mood=warm"]))
        (hit,) = library.search("hum", warm, space=space).hits
        assert (Path(hit.path).name, hit.labels) == ("200.wav", {"mood": "warm"})
        assert library.catalog.generation(space.source) == before
        with pytest.raises(PromptError, match="no clip has a label 'tempo'"):
            library.search("hum", Wanted(filters=parse_filters(["tempo=fast"])), space=space)


def test_clips_are_forgotten_only_by_prune_and_never_most_of_them(
    folder: Path, sounds: Path, space: Space
) -> None:
    for hz in PITCHES[:3]:
        (sounds / f"{hz}.wav").unlink()
    with Library(folder) as library:
        assert library.ingest(sounds, space=space).missing == 3
        assert library.status().counts.clips == 4
        with pytest.raises(Unsafe, match="3 of 4 clips are missing"):
            library.prune()
        assert library.status().counts.clips == 4
        assert library.prune(anyway=True) == 3
        assert found(library, space) == {"3000"}
        assert library.catalog.window_count(space.source) == 2


def test_texts_are_added_replaced_and_chosen_from(
    tmp_path: Path, folder: Path, sounds: Path, space: Space
) -> None:
    lines = tmp_path / "lines.txt"
    lines.write_text("leave me alone\n\nwelcome home\n")
    with Library(folder) as library:
        assert library.add_texts("lines", lines) == 2
        description = library.describe(sounds / "200.wav", space=space, k=1)
        assert [len(found) for found in description.texts.values()] == [1]
        lines.write_text("once more\n")
        library.add_texts("lines", lines)
        assert library.collections() == {"lines": 1}
        description = library.describe(sounds / "200.wav", space=space)
        assert [one.term for one in description.texts["lines"]] == ["once more"]
        with pytest.raises(PromptError, match="no text collection 'songs'") as caught:
            library.describe(sounds / "200.wav", space=space, collections=["songs"])
        assert caught.value.remedy == "choose one of: lines"


def test_a_file_is_described_with_or_without_a_library(
    folder: Path, sounds: Path, space: Space, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("retrieval.library.default_folder", lambda: tmp_path / "nowhere")
    alone = describe_file(sounds / "200.wav", space=space, k=100)
    within = describe_file(sounds / "200.wav", folder, space=space, k=100)
    assert {one.term for one in alone.terms} == {one.term for one in within.terms}
    assert [one.score for one in alone.terms] != [one.score for one in within.terms]
    assert not (tmp_path / "nowhere").exists()


# Another version of the space


def test_other_heads_are_refused_until_the_index_is_rebuilt(
    folder: Path, sounds: Path, space: Space
) -> None:
    changed = other_heads(space)
    assert (changed.source, changed.name) == (space.source, space.name)
    with Library(folder) as library:
        for ask in (
            lambda: library.search("hum", space=changed),
            lambda: library.similar(sounds / "200.wav", space=changed),
            lambda: library.describe(sounds / "200.wav", space=changed),
        ):
            with pytest.raises(SpaceError, match="another version of the space 'tiny'") as caught:
                ask()
            assert caught.value.remedy == "affetto rebuild --space tiny"
            assert caught.value.code == 6
        encoder = changed.audio
        before = encoder.encoded
        assert library.rebuild(space=changed).windows == 8
        assert encoder.encoded == before  # from the stored vectors
        assert found(library, changed) == {str(hz) for hz in PITCHES}
        with pytest.raises(SpaceError):
            library.search("hum", space=space)


def test_an_ingestion_leaves_the_index_of_another_version_alone(
    folder: Path, sounds: Path, space: Space, write_tone: WriteTone
) -> None:
    write_tone(sounds / "900.wav", hz=900)
    with Library(folder) as library:
        assert library.ingest(sounds, space=other_heads(space)).ok == 1
        assert "900" in found(library, space)


def test_another_encoder_is_refused_until_the_files_are_read_again(
    folder: Path, space: Space, make_space: Callable[..., Space]
) -> None:
    longer = make_space(window=2.0)
    with Library(folder) as library:
        with pytest.raises(SpaceError, match="no clip of the library has been embedded") as caught:
            library.search("hum", space=longer)
        assert caught.value.remedy == "affetto rebuild --re-embed --space tiny"
        with pytest.raises(SpaceError):
            library.rebuild(space=longer)
        made = library.rebuild(space=longer, re_embed=True)
        assert made.summary is not None
        assert (made.windows, made.summary.ok) == (4, 4)
        assert found(library, longer) == {str(hz) for hz in PITCHES}
        assert library.catalog.window_count(space.source) == 0


def test_vectors_are_dropped_only_when_every_sound_has_new_ones(
    folder: Path, sounds: Path, space: Space, make_space: Callable[..., Space]
) -> None:
    for hz in PITCHES:
        os.rename(sounds / f"{hz}.wav", sounds / f"{hz}.away")  # as on a drive that is unmounted
    longer = make_space(window=2.0)
    with Library(folder) as library:
        with pytest.raises(SpaceError):
            library.rebuild(space=longer, re_embed=True)
        assert library.catalog.window_count(space.source) == 8
        assert library.status().counts.missing == 4
        os.rename(sounds / "200.away", sounds / "200.wav")
        made = library.rebuild(space=longer, re_embed=True)
        assert made.windows == 1
        assert library.catalog.window_count(space.source) == 8


def test_files_that_went_bad_are_told_by_a_rebuild_that_reads_them(
    folder: Path, sounds: Path, space: Space
) -> None:
    (sounds / "200.wav").write_text("not sound any more, but long enough to be looked at")
    (sounds / "700.wav").unlink()
    with Library(folder) as library:
        made = library.rebuild(space=space, re_embed=True)
    assert made.summary is not None
    assert [Path(failure.path).name for failure in made.summary.failed] == ["200.wav"]
    assert (made.summary.ok, made.summary.missing) == (2, 1)


# Several at once


def test_searches_go_on_while_another_ingests(
    folder: Path, sounds: Path, space: Space, write_tone: WriteTone
) -> None:
    for n in range(30):
        write_tone(sounds / f"more{n:02}.wav", hz=250 + 30 * n)
    faults: list[BaseException] = []
    begun, done = threading.Event(), threading.Event()

    def ingest() -> None:
        try:
            with Library(folder) as writer:
                writer.ingest(sounds, space=space, jobs=2, progress=lambda _: begun.set())
        except BaseException as fault:
            faults.append(fault)
        finally:
            begun.set()
            done.set()

    thread = threading.Thread(target=ingest)
    thread.start()
    counts = []
    with Library(folder) as reader:
        begun.wait()
        while not done.is_set():
            counts.append(len(found(reader, space)))
        thread.join()
        assert faults == []
        assert counts == sorted(counts)
        assert counts[0] >= 4
        assert len(found(reader, space)) == 34


def test_there_is_one_writer_and_the_refusal_names_it(
    folder: Path, sounds: Path, space: Space, tmp_path: Path, write_tone: WriteTone
) -> None:
    lines = tmp_path / "lines.txt"
    lines.write_text("welcome")
    table = sounds / "table.csv"
    table.write_text("path,mood\n200.wav,warm\n")
    write_tone(sounds / "new.wav", hz=900)
    with Library(folder) as library, WriterLock(folder):
        for write in (
            lambda: library.ingest(sounds, space=space),
            lambda: library.rebuild(space=space),
            lambda: library.prune(),
            lambda: library.label(table),
            lambda: library.add_texts("lines", lines),
            lambda: library.verify(fix=True),
        ):
            with pytest.raises(Busy, match=f"process {os.getpid()} ") as caught:
                write()
            assert caught.value.code == 5
        assert found(library, space) == {str(hz) for hz in PITCHES}
        assert library.verify() == []
    with Library(folder) as library:
        assert library.ingest(sounds, space=space).ok == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_indexes_that_may_only_be_read_are_searched(folder: Path, space: Space) -> None:
    places = [folder / "indexes", *(folder / "indexes").rglob("*")]
    for place in places:
        place.chmod(0o555 if place.is_dir() else 0o444)
    try:
        with Library(folder) as library:
            library.label(_table(folder), roots=[])
            assert found(library, space) == {str(hz) for hz in PITCHES}
            assert library.rebuild(space=space).windows == 8
    finally:
        for place in places:
            place.chmod(0o755 if place.is_dir() else 0o644)


def _table(folder: Path) -> Path:
    table = folder.parent / "sounds" / "table.csv"
    table.write_text("path,mood\n200.wav,warm\n")
    return table
