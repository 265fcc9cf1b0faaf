"""`affetto transcribe` as a person or a program meets it."""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from retrieval.audio import Samples
from retrieval.spoken import asr
from retrieval.spoken.lines import Line
from retrieval.spoken.speech import RATE

# Every sound and every text is the same to it.
DEAF = """
import numpy as np
from retrieval import Space, Heads

class Deaf:
    name, rate, dim, fingerprint = "deaf", 8000, 2, "deaf-1"
    def encode(self, given):
        return np.ones((len(given), 2), dtype=np.float32)

def deaf(): return Space("deaf", "nothing", "CC0", 1.0, 0.5, Deaf(), Deaf(), Heads())
"""

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def ear(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A recogniser that says what it is told to; one text for each sound, the last again."""
    texts = ["Ever tried."]

    def hear(stream: Iterator[Samples]) -> Iterator[Line]:
        seconds = sum(map(len, stream)) / RATE
        text = texts.pop(0) if len(texts) > 1 else texts[0]
        if text:
            yield Line(text, 0.5, round(seconds, 2))

    monkeypatch.setattr(asr, "hear", hear)
    monkeypatch.setattr(asr, "asr_name", lambda: "an ear 1.0")
    return texts


@pytest.fixture
def tone(tmp_path: Path, write_tone: Callable[..., Path]) -> Path:
    return write_tone(tmp_path / "sounds" / "tone.wav", hz=200, seconds=3.0)


@pytest.fixture
def library(run: Run, tone: Path, install: Callable[..., Path], tmp_path: Path) -> Path:
    """A library of a tone, in a space that hears nothing."""
    install("affetto_deaf", DEAF, deaf="deaf")
    folder = tmp_path / "library"
    run("ingest", tone.parent, "--space", "deaf", "--library", folder)
    return folder


@pytest.mark.usefixtures("ear")
def test_a_file_in_every_form(run: Run, tone: Path) -> None:
    assert run("transcribe", tone) == (0, "    0.50-3.00      Ever tried.\n", "")
    srt = "1\n00:00:00,500 --> 00:00:03,000\nEver tried.\n"
    assert run("transcribe", tone, "--srt") == (0, srt, "")
    assert run("transcribe", tone, "--vtt")[1].startswith("WEBVTT\n\n00:00:00.500 --> ")
    record = json.loads(run("transcribe", tone, "--json")[1])
    assert record == {
        "path": str(tone),
        "origin": "an ear 1.0",
        "lines": [{"start": 0.5, "end": 3.0, "text": "Ever tried."}],
    }


@pytest.mark.usefixtures("ear")
def test_an_excerpt(run: Run, tone: Path) -> None:
    assert run("transcribe", f"{tone}@1-2.5")[1].split() == ["1.50-2.50", "Ever", "tried."]


def test_nothing_is_said(run: Run, tone: Path, ear: list[str]) -> None:
    ear[:] = [""]
    assert run("transcribe", tone) == (0, "", "No words were made out.\n")
    assert run("transcribe", tone, "--vtt")[1] == "WEBVTT\n"
    assert json.loads(run("transcribe", tone, "--json")[1])["lines"] == []


def test_a_library_is_filled_and_asked(run: Run, library: Path, tone: Path, ear: list[str]) -> None:
    code, out, err = run("transcribe", "--library", library)
    assert (code, err) == (0, "")
    assert out.startswith("1 ok, 0 skipped, 0 failed (")
    assert run("transcribe", library)[1].startswith("0 ok, 0 skipped, 0 failed, 1 unchanged")
    asked = ("--library", library, "--space", "words", "--json")
    assert json.loads(run("search", "tried", *asked)[1])[0]["path"] == str(tone)
    ear[:] = ["No matter."]
    run("transcribe", library, "--again", "-j", 1)
    assert json.loads(run("search", "matter", *asked)[1])[0]["path"] == str(tone)


def test_a_library_reads_its_sidecars_first(run: Run, library: Path, tone: Path) -> None:
    """Nobody has to hear anything, so nothing is asked of the extra."""
    tone.with_suffix(".srt").write_text("1\n00:00:01,000 --> 00:00:02,000\nFail better.\n")
    code, out, err = run("transcribe", library, "--json")
    assert (code, err) == (0, "")
    summary = json.loads(out)
    assert (summary["ok"], summary["sidecars"], summary["notes"]) == (0, 1, [])
    tone.with_suffix(".srt").write_text("no times")
    code, out, err = run("ingest", tone.parent, "--space", "deaf", "--library", library)
    assert code == 0
    assert err.startswith("note: ")
    assert "tone.srt: the transcript holds no subtitles" in err
    (note,) = json.loads(run("transcribe", library, "--json")[1])["notes"]
    assert note["path"].endswith("tone.srt")


@pytest.mark.usefixtures("ear")
def test_only_some_clips(run: Run, library: Path) -> None:
    assert run("transcribe", library, "--where", "duration>5")[1].startswith("0 ok")
    code, _, err = run("transcribe", library, "--where", "language=en")
    assert code == 2
    assert "no clip has a label 'language'" in err


@pytest.mark.usefixtures("ear")
def test_misunderstandings_are_answered(run: Run, library: Path, tone: Path) -> None:
    code, _, err = run("transcribe", tone, "--again")
    assert (code, err) == (
        2, "affetto: --where and --again are for a library (leave FILE out)\n"
    )  # fmt: skip
    code, _, err = run("transcribe", library, "--srt")
    assert (code, err) == (2, "affetto: --srt prints one FILE, and none was named (name one)\n")
    code, _, err = run("transcribe", tone.with_name("none.wav"))
    assert code == 3
    assert err.endswith("none.wav: no such file\n")
    assert run("transcribe", tone.parent)[0] == 4


@pytest.mark.parametrize("where", ["tone", "library"])
def test_an_absent_extra_is_one_line(
    run: Run, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, where: str
) -> None:
    given = request.getfixturevalue(where)
    asr.asr_name.cache_clear()
    monkeypatch.setitem(sys.modules, "moonshine_voice.utils", None)
    code, out, err = run("transcribe", given)
    assert (code, out) == (7, "")
    assert "pip install 'affetto[asr]'" in err
    assert err.count("\n") == 1
