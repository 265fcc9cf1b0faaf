"""`affetto search` with several voices, as a person types it."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

# Two spaces that hear how high a tone is, in windows of different lengths.
SPACES = """
import numpy as np
from retrieval import Heads, Layer, Space

class Bands:
    name, rate, dim, fingerprint = "bands", 8000, 2, "bands-1"
    def encode(self, windows):
        power = [np.abs(np.fft.rfft(window, n=4096)) ** 2 for window in windows]
        return np.sqrt([[p[:700].sum(), p[700:].sum()] for p in power]).astype(np.float32)

class Words:
    name, dim, fingerprint = "words", 2, "words-1"
    def encode(self, texts):
        return np.array([(1, 0.1) if "low" in t else (0.1, 1) for t in texts], dtype=np.float32)

def make(name, window):
    affect = Layer(np.eye(2, dtype=np.float32), np.zeros(2, dtype=np.float32))
    heads = Heads(affect=affect)
    return Space(name, name, "CC0", window, window / 2, Bands(), Words(), heads)

def short(): return make("short", 1.0)
def long(): return make("long", 2.0)
"""


Shell = Callable[..., Any]


@pytest.fixture
def shell(
    tmp_path: Path,
    install: Callable[..., Path],
    write_tone: Callable[..., Path],
    run: Shell,
    monkeypatch: pytest.MonkeyPatch,
) -> Shell:
    install("affetto_pair", SPACES, short="short", long="long")
    for name, hz in (("low_hum", 150), ("DoorSlam03", 3000), ("whistle", 3500)):
        write_tone(tmp_path / "sounds" / f"{name}.wav", hz=hz, seconds=3.0)
    monkeypatch.setenv("AFFETTO_LIBRARY", str(tmp_path / "library"))
    assert run("ingest", tmp_path / "sounds", "--space", "short").code == 0
    assert run("embed", "--space", "long").code == 0
    return run


def test_a_name_finds_its_clip_among_spaces(shell: Shell) -> None:
    run = shell("search", "door", "slam", "--space", "short,words", "--no-collapse", "--json")
    assert (run.code, run.err) == (0, "")
    best, *_ = hits = json.loads(run.out)
    assert Path(best["path"]).name == "DoorSlam03.wav"
    assert (best["space"], best["said"]["words"]) == ("short,words", 1.0)
    assert list(hits[1]["said"]) == ["short"]


def test_routes_and_the_table_and_csv_of_what_each_voice_said(shell: Shell) -> None:
    words = ("search", "short:low", "-", "0.5:long:high", "--no-collapse")
    run = shell(*words, "--space", "short")
    assert run.code == 0
    head, first, *_ = run.out.splitlines()
    assert head.split() == [
        "score", "cosine", "seconds", "valence", "arousal", "short", "long", "clip",
    ]  # fmt: skip
    assert "low_hum.wav" in first
    one_string = shell(words[0], 'short:"low" - 0.5:long:high', words[-1], "--space", "short")
    assert one_string == run
    rows = list(csv.DictReader(io.StringIO(shell(*words, "--space", "short", "--csv").out)))
    assert float(rows[0]["said.short"]) > float(rows[-1]["said.short"])
    assert "said.long" in rows[0]


@pytest.mark.parametrize(
    ("words", "code", "complaint"),
    [
        (["search", "shrot:low"], 2, "shrot: is not a place to send words to; short: is"),
        (["search", "what:", "low"], 2, "there are no words after what:"),
        (["search", "low", "--space", ","], 2, "no space is named"),
        (["search", "low", "--space", "short,three"], 6, "there is no space 'three'"),
        (["search", "clap-music:rain"], 6, "the space 'clap-music' is not installed"),
        (["search", "said:hello"], 2, "no clip has a transcript"),
        (["similar", "a.wav", "--space", "short,words"], 2, "words cannot compare a recording"),
        (["describe", "a.wav", "--space", "short,long"], 2, "works in one space"),
        (["rebuild", "--space", "short,long"], 2, "works in one space"),
    ],
)
def test_what_cannot_be_asked_is_one_line(
    shell: Shell, words: list[str], code: int, complaint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("retrieval.encoders.sentences.transcript_encoder", lambda: None)
    run = shell(*words)
    assert (run.code, run.out) == (code, "")
    assert complaint in run.err
    assert run.err.count("\n") == 1


def test_what_nobody_can_answer_is_noted_on_stderr(shell: Shell) -> None:
    run = shell("search", "what:whistle", "--space", "short")
    assert "whistle.wav" in run.out.splitlines()[1]
    alone = shell("search", "words:whistle")
    assert (alone.code, alone.err) == (0, "")
