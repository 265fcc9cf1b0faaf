import os
import random
import shutil
import sys
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pytest
import soundfile
from sqlalchemy import Engine, text

from retrieval import audio, reading
from retrieval.catalog import Catalog, connect
from retrieval.errors import AudioError, Unsafe
from retrieval.ingest import Progress, Summary, ingest, prune
from retrieval.space import Space, Vectors
from retrieval.tables import Base

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX file system")


class WriteTone(Protocol):
    def __call__(
        self, path: Path, hz: float = 440.0, seconds: float = 1.5, rate: int = 8000
    ) -> Path: ...


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = connect(tmp_path / "catalog.db")
    Base.metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def catalog(engine: Engine) -> Catalog:
    return Catalog(engine)


@pytest.fixture
def folder(tmp_path: Path, write_tone: WriteTone) -> Path:
    """Three sounds of which none is like another."""
    for name, hz in (("a.wav", 300), ("b.flac", 900), ("deep/c.ogg", 2500)):
        write_tone(tmp_path / "sounds" / name, hz)
    return tmp_path / "sounds"


def content(engine: Engine) -> list[Any]:
    """Everything that a run must end with, however it got there: all but ids and times."""
    query = """
        select c.path, c.size, c.mtime_ns, c.rate, c.channels, c.format, c.subtype, c.tags,
               c.missing_since is null, s.hash, s.duration, s.loudness, s.peak,
               w.start, w.end, w.vector
        from clips c join sounds s on s.id = c.sound_id left join windows w on w.sound_id = s.id
        order by c.path, w.start
    """
    with engine.begin() as db:
        return [tuple(row) for row in db.execute(text(query))]


def paths(catalog: Catalog, folder: Path) -> list[str]:
    return sorted(os.path.relpath(path, folder) for path in catalog.known())


def counts(summary: Summary) -> dict[str, int]:
    """The counts of a summary that are not zero."""
    numbers = summary.record() | {"failed": len(summary.failed)}
    names = ("ok", "moved", "copied", "unchanged", "skipped", "failed", "missing", "found")
    return {name: numbers[name] for name in names if numbers[name]}


def encoded(space: Space) -> int:
    """Windows encoded so far."""
    count: int = space.audio.encoded  # type: ignore[attr-defined]
    return count


def reasons(summary: Summary, folder: Path) -> dict[str, str]:
    return {os.path.relpath(one.path, folder): one.reason for one in summary.failed}


# What is stored


def test_a_first_run_stores_clips_sounds_and_windows(
    catalog: Catalog, engine: Engine, space: Space, folder: Path
) -> None:
    summary = ingest(catalog, space, [folder])
    assert counts(summary) == {"ok": 3}
    assert summary.audio_seconds == pytest.approx(4.5, abs=1e-3)
    assert paths(catalog, folder) == ["a.wav", "b.flac", "deep/c.ogg"]
    assert [
        (row.path, row.start, row.end)
        for row in catalog.hits(catalog.window_ids(space.source))
        if row.path.endswith("a.wav")
    ] == [(str(folder / "a.wav"), 0.0, 1.0), (str(folder / "a.wav"), 0.5, 1.5)]
    assert catalog.integrity() == []
    wav = next(row for row in content(engine) if row[0].endswith("a.wav"))
    assert wav[3:7] == (8000, 1, "WAV", "PCM_16")
    assert wav[11] == pytest.approx(20 * np.log10(0.3 / np.sqrt(2)), abs=0.05)  # dBFS
    assert wav[12] == pytest.approx(20 * np.log10(0.3), abs=0.05)


def test_vectors_are_those_of_the_encoder_on_the_samples(
    catalog: Catalog, space: Space, folder: Path
) -> None:
    ingest(catalog, space, [folder / "a.wav"])
    samples, _ = soundfile.read(folder / "a.wav", dtype="float32")
    expected = space.audio.encode([samples[:8000], samples[4000:12000]])
    ((_, vectors),) = catalog.vectors(space.source)
    assert np.array_equal(vectors, expected)


def test_the_number_of_jobs_does_not_change_a_bit(tmp_path: Path, space: Space) -> None:
    noise = np.random.default_rng(0)
    (tmp_path / "sounds").mkdir()
    for number in range(12):
        length = int(noise.integers(8000, 150_000))
        samples = noise.normal(0, 0.1, (length, 2))
        soundfile.write(tmp_path / "sounds" / f"{number}.wav", samples, 44_100)
    stored = []
    for jobs in (1, 4):
        engine = connect(tmp_path / f"{jobs}.db")
        Base.metadata.create_all(engine)
        ingest(Catalog(engine), space, [tmp_path / "sounds"], jobs=jobs)
        stored.append(content(engine))
        engine.dispose()
    assert stored[0] == stored[1]
    assert len(stored[0]) > 12


def test_a_second_space_is_added_beside_the_first(
    catalog: Catalog, folder: Path, space: Space, make_space: Callable[..., Space]
) -> None:
    other = make_space(window=0.5, hop=0.5)
    ingest(catalog, space, [folder])
    assert counts(ingest(catalog, other, [folder])) == {"ok": 3}
    assert catalog.window_count(space.source) == 6
    assert catalog.window_count(other.source) == 9
    assert counts(ingest(catalog, space, [folder])) == {"unchanged": 3}


# Only what is new


def test_a_second_run_opens_no_file_and_encodes_nothing(
    catalog: Catalog, space: Space, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest(catalog, space, [folder])
    before, generation = encoded(space), catalog.generation(space.source)
    for name in ("probe", "content_hash", "blocks"):
        monkeypatch.delattr(reading, name)
    assert counts(ingest(catalog, space, [folder])) == {"unchanged": 3}
    assert encoded(space) == before
    assert catalog.generation(space.source) == generation


def test_a_file_that_was_touched_is_hashed_and_not_encoded(
    catalog: Catalog, space: Space, folder: Path
) -> None:
    ingest(catalog, space, [folder])
    before = encoded(space)
    os.utime(folder / "a.wav", (1, 1))
    assert counts(ingest(catalog, space, [folder])) == {"unchanged": 3}
    assert encoded(space) == before
    assert catalog.known()[str(folder / "a.wav")].mtime_ns == 1_000_000_000


def test_a_changed_file_is_encoded_again_and_keeps_its_labels(
    catalog: Catalog, space: Space, folder: Path, write_tone: WriteTone
) -> None:
    ingest(catalog, space, [folder])
    path = str(folder / "a.wav")
    catalog.set_labels({path: {"speaker": "07"}}, {path: "hello"})
    write_tone(folder / "a.wav", 1234.0, seconds=0.7)
    assert counts(ingest(catalog, space, [folder])) == {"ok": 1, "unchanged": 2}
    (row,) = [row for row in catalog.hits(catalog.window_ids(space.source)) if row.path == path]
    assert (row.end, row.labels, row.transcript) == (0.7, {"speaker": "07"}, "hello")
    assert catalog.status().sounds == 3
    assert catalog.integrity() == []


def test_a_moved_file_keeps_vectors_labels_and_transcript(
    catalog: Catalog, space: Space, folder: Path
) -> None:
    ingest(catalog, space, [folder])
    old, new = folder / "a.wav", folder / "other" / "z.wav"
    catalog.set_labels({str(old): {"speaker": "07"}}, {str(old): "hello"})
    windows, before = catalog.window_ids(space.source), encoded(space)
    new.parent.mkdir()
    old.rename(new)
    assert counts(ingest(catalog, space, [folder])) == {"moved": 1, "unchanged": 2}
    assert encoded(space) == before
    assert np.array_equal(catalog.window_ids(space.source), windows)
    row = next(row for row in catalog.hits(windows) if row.path == str(new))
    assert (row.labels, row.transcript, row.missing) == ({"speaker": "07"}, "hello", False)
    assert paths(catalog, folder) == ["b.flac", "deep/c.ogg", "other/z.wav"]


def test_a_file_moved_out_of_the_folders_that_are_scanned_is_followed(
    catalog: Catalog, space: Space, folder: Path, tmp_path: Path
) -> None:
    ingest(catalog, space, [folder])
    (tmp_path / "new").mkdir()
    (folder / "a.wav").rename(tmp_path / "new" / "a.wav")
    assert counts(ingest(catalog, space, [tmp_path / "new"])) == {"moved": 1}
    assert str(folder / "a.wav") not in catalog.known()


def test_a_renamed_folder_of_twins_keeps_each_label_with_its_name(
    catalog: Catalog, space: Space, folder: Path
) -> None:
    for name in ("x.wav", "y.wav", "z.wav"):
        shutil.copy(folder / "a.wav", folder / "deep" / name)
    ingest(catalog, space, [folder])
    old = [str(folder / "deep" / name) for name in ("x.wav", "y.wav", "z.wav")]
    catalog.set_labels({path: {"name": path[-5]} for path in old}, {})
    before = encoded(space)
    (folder / "deep").rename(folder / "deeper")
    assert counts(ingest(catalog, space, [folder], jobs=4)) == {"moved": 4, "unchanged": 2}
    assert encoded(space) == before
    rows = {row.path: row.labels for row in catalog.hits(catalog.window_ids(space.source))}
    for name in "xyz":
        assert rows[str(folder / "deeper" / f"{name}.wav")] == {"name": name}


@pytest.mark.parametrize("jobs", [1, 4])
def test_a_copy_shares_the_sound_and_has_no_labels(
    catalog: Catalog, engine: Engine, space: Space, folder: Path, jobs: int
) -> None:
    ingest(catalog, space, [folder])
    catalog.set_labels({str(folder / "a.wav"): {"speaker": "07"}}, {})
    before = content(engine)
    done = encoded(space)
    shutil.copy(folder / "a.wav", folder / "copy.wav")
    assert counts(ingest(catalog, space, [folder], jobs=jobs)) == {"copied": 1, "unchanged": 3}
    assert encoded(space) == done
    rows = {row.path: row for row in catalog.hits(catalog.window_ids(space.source))}
    original, copy = rows[str(folder / "a.wav")], rows[str(folder / "copy.wav")]
    assert copy.sound_id == original.sound_id
    assert (copy.labels, original.labels) == ({}, {"speaker": "07"})
    assert [row for row in content(engine) if not row[0].endswith("copy.wav")] == before


def test_equal_files_of_one_run_are_encoded_once(
    catalog: Catalog, space: Space, folder: Path
) -> None:
    for number in range(8):
        shutil.copy(folder / "a.wav", folder / f"copy{number}.wav")
    assert counts(ingest(catalog, space, [folder], jobs=4)) == {"ok": 3, "copied": 8}
    assert encoded(space) == 6


def test_content_that_was_overwritten_in_the_same_run_is_encoded_again(
    catalog: Catalog, space: Space, folder: Path, write_tone: WriteTone
) -> None:
    ingest(catalog, space, [folder])
    shutil.copy(folder / "a.wav", folder / "later.wav")
    write_tone(folder / "a.wav", 3500)
    write_tone(folder / "b.wav", 3000)
    summary = ingest(catalog, space, [folder], jobs=1)
    assert counts(summary) == {"ok": 3, "unchanged": 2}
    assert catalog.window_count(space.source) == 10
    for clip in catalog.known().values():
        assert catalog.has_vectors(clip.sound_id, space.source)


def test_force_encodes_again_each_content_once(
    catalog: Catalog, engine: Engine, space: Space, folder: Path
) -> None:
    shutil.copy(folder / "a.wav", folder / "twin.wav")
    ingest(catalog, space, [folder])
    before, done = content(engine), encoded(space)
    summary = ingest(catalog, space, [folder], force=True)
    assert summary.ok == 3
    assert encoded(space) == 2 * done
    assert content(engine) == before


# What is gone


def test_a_file_that_is_gone_is_missing_until_it_is_back(
    catalog: Catalog, space: Space, folder: Path, tmp_path: Path
) -> None:
    ingest(catalog, space, [folder])
    os.rename(folder / "a.wav", tmp_path / "kept")
    assert counts(ingest(catalog, space, [folder])) == {"unchanged": 2, "missing": 1}
    assert counts(ingest(catalog, space, [folder])) == {"unchanged": 2}
    assert catalog.known()[str(folder / "a.wav")].missing
    before = encoded(space)
    os.rename(tmp_path / "kept", folder / "a.wav")
    assert counts(ingest(catalog, space, [folder])) == {"unchanged": 3, "found": 1}
    assert not catalog.known()[str(folder / "a.wav")].missing
    assert encoded(space) == before


def test_files_outside_the_folders_are_left_alone(
    catalog: Catalog, space: Space, folder: Path
) -> None:
    ingest(catalog, space, [folder])
    (folder / "a.wav").unlink()
    assert counts(ingest(catalog, space, [folder / "deep"])) == {"unchanged": 1}
    assert not catalog.known()[str(folder / "a.wav")].missing


def test_files_in_a_folder_that_cannot_be_listed_are_not_called_gone(
    catalog: Catalog, space: Space, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest(catalog, space, [folder])
    real, isfile = os.scandir, os.path.isfile

    def scandir(path: str) -> Any:
        if path.endswith("deep"):
            raise PermissionError(13, "Permission denied", path)
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    monkeypatch.setattr(os.path, "isfile", lambda path: "deep" not in path and isfile(path))
    summary = ingest(catalog, space, [folder])
    assert counts(summary) == {"unchanged": 2, "failed": 1}
    assert not catalog.known()[str(folder / "deep" / "c.ogg")].missing


def test_a_file_given_by_name_earlier_is_not_gone_when_its_folder_is_scanned(
    catalog: Catalog, space: Space, folder: Path
) -> None:
    (folder / "a.wav").rename(folder / "a.dat")
    ingest(catalog, space, [folder / "a.dat"])
    assert counts(ingest(catalog, space, [folder])) == {"ok": 2}


def test_prune_forgets_clips_and_sounds(catalog: Catalog, space: Space, folder: Path) -> None:
    ingest(catalog, space, [folder])
    (folder / "a.wav").unlink()
    ingest(catalog, space, [folder])
    assert prune(catalog) == 1
    assert paths(catalog, folder) == ["b.flac", "deep/c.ogg"]
    assert catalog.window_count(space.source) == 4
    assert catalog.integrity() == []
    assert prune(catalog) == 0


def test_prune_refuses_to_drop_more_than_half(catalog: Catalog, space: Space, folder: Path) -> None:
    ingest(catalog, space, [folder])
    shutil.rmtree(folder)
    folder.mkdir()  # as a mount point without its drive
    assert counts(ingest(catalog, space, [folder])) == {"missing": 3}
    with pytest.raises(Unsafe, match="3 of 3 clips"):
        prune(catalog)
    assert len(catalog.known()) == 3
    assert prune(catalog, anyway=True) == 3
    assert catalog.known() == {}


def test_prune_allows_just_half(
    catalog: Catalog, space: Space, folder: Path, write_tone: WriteTone
) -> None:
    write_tone(folder / "d.wav", 1700)
    ingest(catalog, space, [folder])
    (folder / "a.wav").unlink()
    (folder / "d.wav").unlink()
    ingest(catalog, space, [folder])
    assert prune(catalog) == 2


# Bad files


def spoil(folder: Path) -> None:
    """Bad files of every kind beside the good ones."""
    whole = (folder / "b.flac").read_bytes()
    (folder / "truncated.flac").write_bytes(whole[: len(whole) // 2])
    (folder / "empty.wav").write_bytes(b"")
    soundfile.write(folder / "silent.wav", np.zeros(16_000), 8000)
    soundfile.write(folder / "short.wav", np.full(40, 0.5), 8000)
    (folder / "text.mp3").write_text("this is no sound at all, " * 40)
    (folder / "noise.wav").write_bytes(random.Random(0).randbytes(5000))


SPOILT = {
    "truncated.flac": "truncated",
    "empty.wav": "empty",
    "silent.wav": "silent",
    "short.wav": "too short",
    "text.mp3": "not sound",
    "noise.wav": "not sound",
}


def test_bad_files_are_told_with_their_reasons_and_stop_nothing(
    catalog: Catalog, space: Space, folder: Path
) -> None:
    spoil(folder)
    summary = ingest(catalog, space, [folder])
    assert counts(summary) == {"ok": 3, "failed": 6}
    told = reasons(summary, folder)
    assert told.keys() == SPOILT.keys()
    for name, words in SPOILT.items():
        assert words in told[name], (name, told[name])
        assert "\n" not in told[name]
    assert [one.path for one in summary.failed] == sorted(one.path for one in summary.failed)
    assert paths(catalog, folder) == ["a.wav", "b.flac", "deep/c.ogg"]
    assert not summary.nothing


@posix_only
def test_what_is_no_file_is_told_and_never_opened(
    catalog: Catalog, space: Space, folder: Path
) -> None:
    os.mkfifo(folder / "pipe.wav")
    (folder / "loop.wav").symlink_to(folder / "loop.wav")
    (folder / "deep" / "up").symlink_to(folder)
    expected = {
        "deep/up": "a symbolic link to a folder above it",
        "loop.wav": "a symbolic link that leads back to itself",
        "pipe.wav": "a fifo, not a file",
    }
    if sys.platform == "linux":
        Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.wav")).write_bytes(b"RIFF")
        expected["caf\\xe9.wav"] = "its name is not UTF-8"
    summary = ingest(catalog, space, [folder])
    assert reasons(summary, folder) == expected
    assert summary.ok == 3
    again = ingest(catalog, space, [folder])
    assert counts(again) == {"unchanged": 3, "skipped": len(expected)}


@posix_only
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may read it")
def test_a_file_that_may_not_be_read_is_told(catalog: Catalog, space: Space, folder: Path) -> None:
    (folder / "a.wav").chmod(0)
    assert reasons(ingest(catalog, space, [folder]), folder) == {"a.wav": "not allowed to read it"}


def test_failures_are_remembered_until_the_file_changes(
    catalog: Catalog, space: Space, folder: Path, write_tone: WriteTone
) -> None:
    spoil(folder)
    ingest(catalog, space, [folder])
    assert counts(ingest(catalog, space, [folder])) == {"unchanged": 3, "skipped": 6}
    write_tone(folder / "empty.wav", 700)
    (folder / "text.mp3").write_text("still no sound")
    assert counts(ingest(catalog, space, [folder])) == {
        "ok": 1,
        "unchanged": 3,
        "skipped": 4,
        "failed": 1,
    }
    assert str(folder / "empty.wav") not in catalog.failures()
    assert counts(ingest(catalog, space, [folder], retry_failed=True)) == {
        "unchanged": 4,
        "failed": 5,
    }


def test_a_failure_is_forgotten_with_its_file(catalog: Catalog, space: Space, folder: Path) -> None:
    spoil(folder)
    ingest(catalog, space, [folder])
    (folder / "empty.wav").unlink()
    ingest(catalog, space, [folder])
    assert len(catalog.failures()) == 5


def test_a_clip_that_goes_bad_is_missing_until_it_is_mended(
    catalog: Catalog, space: Space, folder: Path
) -> None:
    ingest(catalog, space, [folder])
    path = folder / "a.wav"
    good, state = path.read_bytes(), path.stat()
    path.write_bytes(good[:20])
    assert counts(ingest(catalog, space, [folder])) == {"unchanged": 2, "failed": 1}
    assert catalog.known()[str(path)].missing
    path.write_bytes(good)
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert counts(ingest(catalog, space, [folder])) == {"unchanged": 3, "found": 1}
    assert catalog.failures() == {}


def test_nothing_is_said_when_all_files_are_bad(
    catalog: Catalog, space: Space, tmp_path: Path
) -> None:
    (tmp_path / "bad").mkdir()
    assert not ingest(catalog, space, [tmp_path / "bad"]).nothing
    (tmp_path / "bad" / "a.wav").write_bytes(b"")
    assert ingest(catalog, space, [tmp_path / "bad"]).nothing
    assert ingest(catalog, space, [tmp_path / "bad"]).nothing


def test_a_folder_that_does_not_exist_stops_the_run_at_once(
    catalog: Catalog, space: Space, folder: Path
) -> None:
    with pytest.raises(AudioError, match="no such file or folder"):
        ingest(catalog, space, [folder, folder / "gone"])
    assert catalog.known() == {}


def test_a_file_that_changes_while_it_is_read_is_refused_and_tried_again(
    catalog: Catalog, space: Space, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = audio.blocks

    def blocks(path: str, rate: int) -> Iterator[Vectors]:
        yield from real(path, rate)
        if path.endswith("a.wav"):
            os.utime(path, (1, 1))

    monkeypatch.setattr(reading, "blocks", blocks)
    told = reasons(ingest(catalog, space, [folder]), folder)
    assert told == {"a.wav": "changed while being read"}
    monkeypatch.undo()
    assert counts(ingest(catalog, space, [folder])) == {"ok": 1, "unchanged": 2}


def test_a_file_that_goes_while_it_waits_is_told_and_not_remembered(
    catalog: Catalog, space: Space, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = audio.content_hash

    def content_hash(path: str) -> str:
        (folder / "deep" / "c.ogg").unlink(missing_ok=True)
        return real(path)

    monkeypatch.setattr(reading, "content_hash", content_hash)
    (only,) = ingest(catalog, space, [folder], jobs=1).failed
    assert only.path == str(folder / "deep" / "c.ogg")
    assert catalog.failures() == {}


def test_the_twin_of_a_file_that_failed_is_tried_for_itself(
    catalog: Catalog, space: Space, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(folder / "a.wav", folder / "twin.wav")
    real = audio.blocks

    def blocks(path: str, rate: int) -> Iterator[Vectors]:
        yield from real(path, rate)
        if path.endswith("a.wav"):
            raise AudioError("the drive went away", path=path)

    monkeypatch.setattr(reading, "blocks", blocks)
    summary = ingest(catalog, space, [folder], jobs=1)
    assert counts(summary) == {"ok": 3, "failed": 1}
    assert paths(catalog, folder) == ["b.flac", "deep/c.ogg", "twin.wav"]


def test_a_mistake_of_ours_is_not_hidden_and_names_the_file(
    catalog: Catalog, space: Space, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def encode(_: object) -> Vectors:
        raise TypeError("a mistake")

    monkeypatch.setattr(space.audio, "encode", encode)
    with pytest.raises(TypeError) as mistake:
        ingest(catalog, space, [folder / "a.wav"])
    assert mistake.value.__notes__ == [f"while {folder / 'a.wav'} was taken in"]
    assert catalog.failures() == {}


# Watching and stopping


def test_progress_counts_up_to_the_total(catalog: Catalog, space: Space, folder: Path) -> None:
    ingest(catalog, space, [folder / "a.wav"])
    spoil(folder)
    shutil.copy(folder / "b.flac", folder / "copy.flac")
    steps: list[Progress] = []
    ingest(catalog, space, [folder], progress=steps.append)
    assert [step.done for step in steps] == list(range(1, 10))
    assert {step.total for step in steps} == {9}
    last = steps[-1]
    assert (last.ok, last.reused, last.failed, last.eta) == (2, 1, 6, 0.0)
    assert last.audio_seconds == pytest.approx(3.0, abs=1e-3)
    assert {step.path for step in steps} == {
        str(path) for path in folder.rglob("*.*") if path.name != "a.wav"
    }


def test_rate_and_time_to_go() -> None:
    begun = Progress(5, 20, 5, 0, 0, 0, 10.0, elapsed=2.0, path="/a.wav")
    assert (begun.rate, begun.eta) == (2.5, 6.0)
    assert Progress(0, 20, 0, 0, 0, 0, 0.0, elapsed=0.0, path="").eta is None


def test_an_interruption_keeps_what_is_stored_and_stops_the_workers(
    catalog: Catalog, space: Space, tmp_path: Path, write_tone: WriteTone
) -> None:
    for number in range(40):
        write_tone(tmp_path / "many" / f"{number:02}.wav", 200 + 40 * number)

    def interrupt(step: Progress) -> None:
        if step.done == 7:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ingest(catalog, space, [tmp_path / "many"], jobs=4, progress=interrupt)
    assert not [one for one in threading.enumerate() if one.name.startswith("ingest")]
    assert len(catalog.known()) == 7
    assert catalog.integrity() == []
    assert encoded(space) < 40 * 2
    assert counts(ingest(catalog, space, [tmp_path / "many"])) == {"ok": 33, "unchanged": 7}


def test_a_long_file_does_not_hold_up_the_end(
    catalog: Catalog, space: Space, tmp_path: Path, write_tone: WriteTone
) -> None:
    write_tone(tmp_path / "a.wav", 400)
    write_tone(tmp_path / "b.wav", 500, seconds=600)

    def interrupt(_: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ingest(catalog, space, [tmp_path], jobs=2, progress=interrupt)
    assert encoded(space) < 600  # of 1199 windows


def test_half_an_hour_costs_little_memory(
    catalog: Catalog, make_space: Callable[..., Space], tmp_path: Path
) -> None:
    space = make_space(window=10.0, hop=10.0)
    minute = 0.3 * np.sin(np.arange(60 * 16_000) * 0.2)
    with soundfile.SoundFile(tmp_path / "long.wav", "w", 16_000, 1) as file:
        for _ in range(30):
            file.write(minute)
    tracemalloc.start()
    try:
        summary = ingest(catalog, space, [tmp_path / "long.wav"])
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert summary.audio_seconds == pytest.approx(1800, abs=0.01)
    assert catalog.window_count(space.source) == 180
    assert peak < 25e6  # bytes; the samples alone would be 115 MB
