"""What people see: words, times and the line of progress."""

import io
import math
import sys
from pathlib import Path

import click
import pytest

from retrieval.describe import Description, Fitting
from retrieval.query import Answer, Hit
from retrieval.screen import (
    ProgressLine,
    affect_text,
    answer_note,
    clock,
    description_table,
    folded_note,
    hits_table,
    progress_text,
    several,
    short_path,
    shorten,
    summary_text,
)
from retrieval.summary import Failure, Progress, Summary


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def progress(done: int = 20, total: int = 100, failed: int = 0) -> Progress:
    return Progress(
        done=done,
        total=total,
        ok=done - failed,
        reused=0,
        failed=failed,
        skipped=0,
        audio_seconds=200.0,
        elapsed=10.0,
        path="/s/a.wav",
    )


def summary(**facts: object) -> Summary:
    nothing = dict.fromkeys(
        ("ok", "moved", "copied", "unchanged", "skipped", "missing", "found"), 0
    )
    base = {**nothing, "failed": (), "seconds": 2.0, "audio_seconds": 0.0}
    return Summary(**{**base, **facts})  # type: ignore[arg-type]


def test_progress_tells_rate_speed_and_time_to_go() -> None:
    assert progress_text(progress()) == "20/100 files, 2.0 a second, 20 x real time, 0:40 to go"
    assert progress_text(progress(total=7500)).endswith(", 1:02:20 to go")
    assert progress_text(progress(failed=3)).endswith(", 3 failed")
    assert "to go" not in progress_text(progress(done=100))


def test_progress_is_drawn_on_a_terminal_and_taken_away(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("COLUMNS", "30")
    with ProgressLine() as line:
        line.show(progress())
        line.show(progress(21))  # too soon after the first to be drawn
        line.show(progress(100))
        line.tell("music")
    first, last, told, cleared = terminal.getvalue().split("\r\x1b[K")[1:]
    assert first == "20/100 files, 2.0 a second, …"
    assert last.startswith("100/100 files")
    assert told == "measuring music"
    assert cleared == ""


def test_progress_is_silent_off_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with ProgressLine() as line:
        line.show(progress(100))
        line.count(3, 3)
        line.tell("music")
    assert capsys.readouterr() == ("", "")


def test_a_summary_counts_what_happened() -> None:
    failed = (Failure("/s/a.wav", "empty"),)
    text = summary_text(summary(ok=3, failed=failed, moved=1, missing=2, audio_seconds=120.0), 4)
    assert text == (
        "3 ok, 0 skipped, 1 failed, 1 moved, 2 now missing, 4 pruned "
        "(2.0 s, 2.0 min of sound, 60 x real time)"
    )
    assert summary_text(summary()) == "0 ok, 0 skipped, 0 failed (2.0 s)"


def test_notes_of_an_answer() -> None:
    assert answer_note(Answer((), False, "no clip was left to rank")) == (
        "Nothing found; no clip was left to rank."
    )
    hit = Hit(1, "/s/a.wav", 0, 1, 0.5, 0.1, 0, 0, "two", {})
    assert answer_note(Answer((hit,), False, "as seen")) == (
        "Nothing here really fits, these are the closest; as seen."
    )
    assert answer_note(Answer((hit,), True, "as seen")) == ""
    assert answer_note(Answer((hit,), None, "as seen")) == ""
    assert folded_note(Answer((), None, "", folded=2)).startswith("2 near-duplicates folded")


def test_affect_comes_with_its_interval_where_that_is_known() -> None:
    known = Description((), {}, -0.45, 0.1, 0.3, 0.25, True)
    assert affect_text(known) == (
        "valence -0.45 ± 0.30, arousal +0.10 ± 0.25 (90 % of such labels lie inside)"
    )
    assert affect_text(Description((), {}, -0.45, 0.1)) == "valence -0.45, arousal +0.10"
    assert affect_text(Description((), {}, math.nan, math.nan)) == "valence -, arousal -"


def test_a_description_says_when_no_feeling_stands_out() -> None:
    terms = (Fitting("calm", 0.4, 0.1),)
    still = description_table(Description(terms, {}, 0.1, 0.0, feeling=False), timeline=False)
    assert still.split("\n")[-2:] == [
        "valence +0.10, arousal +0.00",
        "no feeling stands out from neutral",
    ]
    for feeling in (True, None):
        text = description_table(Description(terms, {}, 0.1, 0.0, feeling=feeling), timeline=False)
        assert text.endswith("arousal +0.00")


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "0.0"), (59.9, "59.9"), (60, "1:00.0"), (75.25, "1:15.2"), (3723.4, "1:02:03.4")],
)
def test_times(seconds: float, shown: str) -> None:
    assert clock(seconds) == shown


def test_paths_are_shown_from_here_or_from_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, home = tmp_path / "here", tmp_path / "home"
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    assert short_path(str(here / "a" / "b.wav")) == str(Path("a", "b.wav"))
    assert short_path(str(home / "b.wav")) == str(Path("~", "b.wav"))
    assert short_path(str(tmp_path / "b.wav")) == str(tmp_path / "b.wav")


def test_small_words() -> None:
    assert (several(1, "clip"), several(0, "clip"), several(2, "row")) == (
        "1 clip",
        "0 clips",
        "2 rows",
    )
    assert shorten("a long text", 6) == "a lon…"
    assert shorten("short", 5) == "short"


def test_several_voices_have_a_column_each_where_they_know_something() -> None:
    facts = (0.0, 3.0, 0.9, 0.2, -0.5, 0.1, "affetto,words", {"mood": "warm"})
    both = Hit(1, "/s/rain.wav", *facts, {"affetto": 0.914, "words": 1.0})
    one = Hit(2, "/s/sun.wav", *facts, {"affetto": 0.5})
    unheard = Hit(3, "/s/x.wav", 0, 1, 0.9, math.nan, math.nan, math.nan, "words", {}, {"words": 1})
    head, *lines = click.unstyle(hits_table([both, one, unheard])).splitlines()
    assert head.split()[-3:] == ["affetto", "words", "clip"]
    assert [line.split()[6:8] for line in lines[:2]] == [["0.91", "1.00"], ["0.50", "-"]]
    assert lines[2].split()[2] == "-"
    places = {line.index("/s/") for line in lines}
    assert places == {head.index("clip")}
