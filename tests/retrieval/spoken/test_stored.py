from pathlib import Path

import pytest
from sqlalchemy import select

from retrieval import fulltext
from retrieval.filters import Filters, parse_filters
from retrieval.library import Library
from retrieval.spoken import stored
from retrieval.spoken.lines import Line
from retrieval.tables import LABEL, SIDECAR, Clip

LINES = (Line("Ever tried.", 0.5, 1.5), Line("Ever failed."))


@pytest.fixture
def clips(library: Library) -> dict[str, int]:
    """The id of each clip by the stem of its file."""
    return {Path(path).stem: clip.clip_id for path, clip in library.catalog.known().items()}


def label(library: Library, tmp_path: Path, name: str, text: str) -> None:
    table = tmp_path / "labels.csv"
    table.write_text(f"path,transcript\n{name},{text}\n")
    library.label(table)


def transcript(library: Library, clip: int) -> str | None:
    with library.catalog.reading() as db:
        return db.scalar(select(Clip.transcript).where(Clip.id == clip))


def found(library: Library, word: str) -> list[int]:
    """The clips in whose transcript a word is found."""
    with library.catalog.reading() as db:
        return list(fulltext.shares(db, word, ["transcript"])[0])


def test_lines_come_back_and_are_found(library: Library, clips: dict[str, int]) -> None:
    assert stored.lines_of(library.catalog, clips.values()) == {}
    stored.put(library.catalog, {clips["low"]: LINES}, SIDECAR)
    assert stored.lines_of(library.catalog, clips.values()) == {clips["low"]: LINES}
    assert transcript(library, clips["low"]) == "Ever tried. Ever failed."
    assert found(library, "failed") == [clips["low"]]
    assert stored.origins(library.catalog) == {clips["low"]: SIDECAR}


def test_new_lines_replace_old_ones_and_none_take_them_away(
    library: Library, clips: dict[str, int]
) -> None:
    stored.put(library.catalog, dict.fromkeys(clips.values(), LINES), SIDECAR)
    stored.put(library.catalog, {clips["low"]: LINES[:1], clips["high"]: ()}, SIDECAR)
    kept = {clips["low"]: LINES[:1], clips["copy"]: LINES}
    assert stored.lines_of(library.catalog, clips.values()) == kept
    assert stored.lines_of(library.catalog, [clips["copy"]]) == {clips["copy"]: LINES}
    assert transcript(library, clips["high"]) is None
    assert set(stored.origins(library.catalog)) == set(kept)
    assert found(library, "failed") == [clips["copy"]]


def test_that_nothing_was_heard_is_remembered(library: Library, clips: dict[str, int]) -> None:
    stored.put(library.catalog, {clips["low"]: ()}, "an ear 1.0")
    assert stored.lines_of(library.catalog, [clips["low"]]) == {}
    assert transcript(library, clips["low"]) is None
    assert stored.origins(library.catalog) == {clips["low"]: "an ear 1.0"}


def test_what_a_table_tells_has_no_times(
    library: Library, clips: dict[str, int], tmp_path: Path
) -> None:
    label(library, tmp_path, "low.wav", "no matter")
    assert stored.lines_of(library.catalog, clips.values()) == {clips["low"]: (Line("no matter"),)}
    assert stored.origins(library.catalog) == {clips["low"]: LABEL}


@pytest.mark.parametrize("origin", [SIDECAR, "an ear 1.0"])
def test_a_table_wins_over_lines(
    library: Library, clips: dict[str, int], tmp_path: Path, origin: str
) -> None:
    stored.put(library.catalog, {clips["low"]: LINES}, origin)
    label(library, tmp_path, "low.wav", "no matter")
    assert stored.lines_of(library.catalog, [clips["low"]])[clips["low"]] == (Line("no matter"),)
    assert stored.origins(library.catalog) == {clips["low"]: LABEL}


def test_a_table_that_says_the_same_keeps_the_times(
    library: Library, clips: dict[str, int], tmp_path: Path
) -> None:
    stored.put(library.catalog, {clips["low"]: LINES}, SIDECAR)
    label(library, tmp_path, "low.wav", "Ever tried. Ever failed.")
    assert stored.lines_of(library.catalog, [clips["low"]]) == {clips["low"]: LINES}
    assert stored.origins(library.catalog) == {clips["low"]: LABEL}


def test_other_content_was_not_heard(
    library: Library, clips: dict[str, int], sounds: Path, space: object
) -> None:
    """What a recogniser wrote goes with the sound; what people wrote stays with the file."""
    stored.put(library.catalog, {clips["low"]: LINES}, "an ear 1.0")
    stored.put(library.catalog, {clips["copy"]: LINES[:1]}, LABEL)
    for name in ("low.wav", "copy.wav"):
        (sounds / name).write_bytes((sounds / "high.flac").read_bytes())
    library.ingest(sounds, space=space)  # type: ignore[arg-type]
    assert transcript(library, clips["low"]) is None
    assert stored.origins(library.catalog) == {clips["copy"]: LABEL}
    assert found(library, "tried") == [clips["copy"]]


def test_clips_that_pass(library: Library, clips: dict[str, int], sounds: Path) -> None:
    some = stored.passing(library.catalog, parse_filters(["format=WAV"]))
    assert some == {clips["low"], clips["copy"]}
    library.catalog.mark_missing([str(sounds / "low.wav")])
    gone_too = Filters(include_missing=True)
    assert stored.passing(library.catalog, gone_too) == {clips["high"], clips["copy"]}
