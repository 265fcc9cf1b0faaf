"""Sidecars taken in by an ingestion: new, changed, gone, broken."""

from pathlib import Path

import pytest

from retrieval.library import Library
from retrieval.screen import note_line, summary_text
from retrieval.space import Space
from retrieval.spoken import stored
from retrieval.spoken.lines import Line, joined
from retrieval.spoken.taking import take_sidecars
from retrieval.summary import Summary


def srt(text: str, start: int = 1) -> str:
    return f"1\n00:00:0{start},000 --> 00:00:0{start + 1},000\n{text}\n"


def said(library: Library) -> dict[str, str]:
    """What is said in each clip, by the name of its file."""
    names = {clip.clip_id: Path(path).name for path, clip in library.catalog.known().items()}
    lines = stored.lines_of(library.catalog, names)
    return {names[clip]: joined(lines[clip]) for clip in lines}


@pytest.fixture
def ingest(library: Library, sounds: Path, space: Space) -> "Ingest":
    return Ingest(library, sounds, space)


class Ingest:
    """Ingests the folder once more."""

    def __init__(self, library: Library, folder: Path, space: Space) -> None:
        self._library, self._folder, self._space = library, folder, space

    def __call__(self) -> Summary:
        return self._library.ingest(self._folder, space=self._space)


def test_sidecars_of_unchanged_recordings(library: Library, sounds: Path, ingest: Ingest) -> None:
    (sounds / "low.srt").write_text(srt("Ever tried."))
    (sounds / "high.flac.txt").write_text("Ever\nfailed.\n")
    (sounds / "other.txt").write_text("nothing to do with it")
    summary = ingest()
    assert (summary.unchanged, summary.sidecars, summary.notes) == (3, 2, ())
    assert "2 transcripts from sidecar files" in summary_text(summary)
    assert said(library) == {"low.wav": "Ever tried.", "high.flac": "Ever failed."}
    clip = library.catalog.known()[str(sounds / "low.wav")].clip_id
    assert stored.lines_of(library.catalog, [clip])[clip] == (Line("Ever tried.", 1.0, 2.0),)
    assert ingest().sidecars == 0


def test_a_new_recording_with_its_sidecar(tmp_path: Path, sounds: Path, space: Space) -> None:
    (sounds / "low.txt").write_text("no matter")
    with Library(tmp_path / "fresh", create=True) as fresh:
        summary = fresh.ingest(sounds / "low.wav", space=space)
        assert (summary.ok, summary.sidecars) == (1, 1)
        assert said(fresh) == {"low.wav": "no matter"}


def test_changed_sidecars_are_read_again(library: Library, sounds: Path, ingest: Ingest) -> None:
    file = sounds / "low.srt"
    file.write_text(srt("Ever tried."))
    ingest()
    file.write_text(srt("Ever failed."))
    assert ingest().sidecars == 1
    file.write_text(srt("Ever failed.", start=4))  # only the times
    assert ingest().sidecars == 1
    file.rename(sounds / "low.wav.vtt")
    assert ingest().sidecars == 0  # the same lines in another file
    (sounds / "low.txt").write_text("worse than subtitles")
    assert ingest().sidecars == 0
    assert said(library) == {"low.wav": "Ever failed."}


@pytest.mark.parametrize("empty", [True, False])
def test_a_sidecar_takes_its_transcript_with_it(
    library: Library, sounds: Path, ingest: Ingest, empty: bool
) -> None:
    file = sounds / "low.txt"
    file.write_text("no matter")
    ingest()
    if empty:
        file.write_text("")
    else:
        file.unlink()
    ingest()
    assert said(library) == {}
    assert stored.origins(library.catalog) == {}


def test_a_broken_sidecar_is_a_note(library: Library, sounds: Path, ingest: Ingest) -> None:
    file = sounds / "low.srt"
    file.write_text(srt("Ever tried."))
    (sounds / "high.txt").write_text("no matter")
    ingest()
    file.write_text("no times at all")
    (note,) = ingest().notes
    assert note.path == str(file)
    assert note_line(note).startswith("note: ")
    assert "holds no subtitles (mend its times" in note_line(note)
    assert said(library)["low.wav"] == "Ever tried."  # until it can be read again


def test_a_table_wins_whoever_comes_first(
    library: Library, sounds: Path, ingest: Ingest, tmp_path: Path
) -> None:
    table = tmp_path / "labels.csv"
    table.write_text("path,transcript\nlow.wav,told\nhigh.flac,read\n")
    (sounds / "high.txt").write_text("read")  # the table says the same
    ingest()
    library.label(table)
    (sounds / "low.txt").write_text("read")
    assert ingest().sidecars == 0
    for name in ("low.txt", "high.txt"):
        (sounds / name).unlink()
    ingest()
    assert said(library) == {"low.wav": "told", "high.flac": "read"}


def test_a_sidecar_wins_over_a_recogniser(library: Library, sounds: Path, ingest: Ingest) -> None:
    clips = {Path(path).stem: one.clip_id for path, one in library.catalog.known().items()}
    heard = {clips["low"]: (Line("heard", 0, 1),), clips["high"]: ()}
    stored.put(library.catalog, heard, "an ear 1.0")
    for name in ("low.txt", "high.txt"):
        (sounds / name).write_text("read")
    (sounds / "copy.txt").write_text("")
    assert ingest().sidecars == 2
    assert said(library) == {"low.wav": "read", "high.flac": "read"}


def test_only_clips_that_were_asked_for(library: Library, sounds: Path) -> None:
    for name in ("low.txt", "high.txt"):
        (sounds / name).write_text("no matter")
    taken = take_sidecars(library.catalog, [str(sounds / "low.wav"), str(sounds / "none.wav")])
    assert (taken.read, taken.gone) == (1, 0)
    assert said(library) == {"low.wav": "no matter"}


def test_a_recording_that_is_away_keeps_its_transcript(
    library: Library, sounds: Path, ingest: Ingest
) -> None:
    (sounds / "high.txt").write_text("no matter")
    ingest()
    (sounds / "high.flac").unlink()
    (sounds / "high.txt").unlink()
    assert ingest().missing == 1
    assert said(library) == {"high.flac": "no matter"}
