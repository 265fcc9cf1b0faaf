"""Transcribing a library, with a recogniser whose words are known."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from retrieval.audio import Samples
from retrieval.errors import MissingExtra
from retrieval.filters import parse_filters
from retrieval.library import Library
from retrieval.spoken import asr, stored
from retrieval.spoken.lines import Line
from retrieval.spoken.speech import RATE
from retrieval.summary import Progress

EAR = "an ear 1.0"


@pytest.fixture
def ear(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A recogniser that says how long a sound is; the seconds of all it has heard."""
    heard: list[float] = []

    def hear(stream: Iterator[Samples]) -> Iterator[Line]:
        seconds = sum(map(len, stream)) / RATE
        heard.append(seconds)
        yield Line(f"{len(heard)} times", 0.0, seconds)

    monkeypatch.setattr(asr, "hear", hear)
    monkeypatch.setattr(asr, "asr_name", lambda: EAR)
    return heard


def said(library: Library) -> dict[str, tuple[Line, ...]]:
    names = {clip.clip_id: Path(path).name for path, clip in library.catalog.known().items()}
    return {names[one]: lines for one, lines in stored.lines_of(library.catalog, names).items()}


def test_what_lacks_a_transcript_is_heard_once(library: Library, ear: list[float]) -> None:
    seen: list[Progress] = []
    summary = library.transcribe(jobs=1, progress=seen.append)
    assert (summary.ok, summary.sidecars, summary.unchanged) == (2, 0, 0)
    assert ear == pytest.approx([1.5, 1.5])
    assert summary.audio_seconds == pytest.approx(3.0)
    assert [one.done for one in seen] == [1, 2]
    assert said(library)["low.wav"] == said(library)["copy.wav"] != said(library)["high.flac"]
    assert set(stored.origins(library.catalog).values()) == {EAR}
    again = library.transcribe()
    assert (again.ok, again.unchanged) == (0, 3)
    assert len(ear) == 2


def test_people_come_first(
    library: Library, sounds: Path, tmp_path: Path, ear: list[float]
) -> None:
    (sounds / "low.txt").write_text("read")
    table = tmp_path / "labels.csv"
    table.write_text("path,transcript\ncopy.wav,told\n")
    library.label(table)
    summary = library.transcribe()
    assert (summary.ok, summary.sidecars, summary.unchanged) == (1, 1, 2)
    library.transcribe(again=True)
    assert len(ear) == 2  # the only one that nobody wrote, twice
    texts = {name: lines[0].text for name, lines in said(library).items()}
    assert texts == {"low.wav": "read", "copy.wav": "told", "high.flac": "2 times"}


def test_only_some(library: Library, ear: list[float]) -> None:
    library.transcribe(parse_filters(["format=FLAC"]))
    assert set(said(library)) == {"high.flac"}
    assert len(ear) == 1


def test_silence_is_not_heard_again(
    library: Library, ear: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asr, "hear", lambda stream: (ear.append(sum(map(len, stream))), [])[1])
    assert library.transcribe().ok == 2
    assert library.transcribe().unchanged == 3
    assert len(ear) == 2
    assert said(library) == {}


@pytest.mark.usefixtures("ear")
def test_a_file_that_changed_or_went_is_no_trouble(library: Library, sounds: Path) -> None:
    os.utime(sounds / "high.flac", ns=(0, 0))
    for name in ("low.wav", "copy.wav"):
        (sounds / name).unlink()
    summary = library.transcribe()
    assert summary.ok == 0
    assert sorted(Path(one.path).name for one in summary.failed) == ["copy.wav", "high.flac"]
    assert said(library) == {}


@pytest.mark.usefixtures("ear")
def test_a_run_that_is_stopped_keeps_what_it_has(library: Library) -> None:
    def stop(_: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        library.transcribe(jobs=1, progress=stop)
    kept = said(library)
    assert len(kept) in (1, 2)  # the sound with two clips, or the other one
    library.transcribe(jobs=1)
    assert kept.items() <= said(library).items()
    assert len(said(library)) == 3
    assert not [one for one in threading.enumerate() if one.name.startswith("transcribe")]


def test_without_the_extra_sidecars_are_read(
    library: Library, sounds: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent() -> str:
        raise MissingExtra("absent")

    monkeypatch.setattr(asr, "asr_name", absent)
    (sounds / "low.txt").write_text("read")
    with pytest.raises(MissingExtra):
        library.transcribe()
    assert set(said(library)) == {"low.wav"}
    for name in ("copy.txt", "high.txt"):
        (sounds / name).write_text("read")
    assert library.transcribe().sidecars == 2
