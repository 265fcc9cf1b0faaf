"""`affetto align` as a person or a program meets it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

# Two bands, two words.
SPACE = """
import numpy as np
from retrieval import Space, Heads

class Bands:
    name, rate, dim, fingerprint = "bands", 8000, 2, "bands-1"
    def encode(self, windows):
        power = [np.abs(np.fft.rfft(window, n=4096)) ** 2 for window in windows]
        return np.sqrt([[p[:1024].sum(), p[1024:].sum()] for p in power]).astype(np.float32)

class Words:
    name, dim, fingerprint = "words", 2, "words-1"
    def encode(self, texts):
        return np.array([(1, 0.1) if "calm" in t else (0.1, 1) for t in texts], dtype=np.float32)

def two(): return Space("two", "calm and angry", "CC0", 1.0, 0.5, Bands(), Words(), Heads())
"""

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(
    tmp_path: Path,
    install: Callable[..., Path],
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> Run:
    """Runs a command in the test space: exit code, stdout, stderr."""
    install("affetto_two", SPACE, two="two")
    monkeypatch.setenv("AFFETTO_LIBRARY", str(tmp_path / "library"))

    def command(*words: object) -> tuple[int, str, str]:
        return run(*words, "--space", "two")

    return command


@pytest.fixture
def labelled(run: Run, tmp_path: Path, write_tone: Callable[..., Path]) -> Run:
    lines = ["path,emotion,speaker"]
    for number, hz in enumerate((200, 300, 400, 500, 3000, 3100, 3200, 3300)):
        write_tone(tmp_path / "sounds" / f"{hz}.wav", hz=hz)
        lines.append(f"{hz}.wav,{'calm' if hz < 1000 else 'angry'},{number % 2}")
    table = tmp_path / "sounds" / "labels.csv"
    table.write_text("\n".join(lines), encoding="utf-8")
    assert run("ingest", tmp_path / "sounds", "--labels", table)[0] == 0
    return run


def test_it_prints_the_groups_the_measures_and_what_they_say(labelled: Run) -> None:
    code, out, err = labelled("align", "--permutations", 199)
    assert (code, err) == (0, "")
    assert "8 clips by emotion, in the space two" in out
    assert "RSA of groups and texts" in out
    assert "Grouped beyond chance: yes" in out
    assert "2 of 2 groups are" in " ".join(out.split())


def test_json_is_one_object_and_the_seed_decides_it(labelled: Run) -> None:
    _, out, err = labelled("align", "--json", "--permutations", 99, "--seed", 3)
    found = json.loads(out)
    assert err == ""
    assert (found["permutations"], found["seed"], found["clips"]) == (99, 3, 8)
    assert found["measures"]["uar"]["value"] == 1
    assert 0.01 <= found["measures"]["uar"]["p"] <= 0.1
    assert labelled("align", "--json", "--permutations", 99, "--seed", 3)[1] == out
    assert labelled("align", "--json", "--permutations", 99, "--seed", 4)[1] != out


def test_options_reach_the_question(labelled: Run) -> None:
    words = ("--by", "speaker", "--prompts", "0=a calm one", "--prompts", "rain")
    words += ("--within", "emotion", "--where", "path!~/200")
    code, out, err = labelled("align", "--json", "--permutations", 9, *words)
    found = json.loads(out)
    assert code == 0
    assert [text["text"] for text in found["texts"]] == ["a calm one", "1", "rain"]
    assert (found["by"], found["within"], found["clips"]) == ("speaker", "emotion", 7)
    assert "taken as a text all the same: 1 (--prompts '1=TEXT'" in err


def test_files_are_written_and_named_on_stderr(labelled: Run, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    code, out, err = labelled("align", "--permutations", 9, "--json", "--out", tmp_path / "out")
    assert code == 0
    assert json.loads((tmp_path / "out" / "align.json").read_text("utf-8")) == json.loads(out)
    assert (tmp_path / "out" / "align.html").read_text("utf-8").startswith("<!doctype html>")
    assert [line.split("/")[-1] for line in err.splitlines()] == [
        "align.json",
        "align.html",
        "align.png",
    ]


def test_without_labels_the_command_that_attaches_them_is_named(
    run: Run, tmp_path: Path, write_tone: Callable[..., Path]
) -> None:
    write_tone(tmp_path / "sounds" / "a.wav")
    run("ingest", tmp_path / "sounds")
    code, out, err = run("align")
    assert (code, out) == (2, "")
    assert err.startswith("affetto: no clip has a label 'emotion' to group by")
    assert "affetto label CSV" in err
    assert err.count("\n") == 1


def test_what_cannot_be_compared_is_one_line(labelled: Run, tmp_path: Path) -> None:
    for words, code, reason in (
        (("--where", "emotion=calm"), 2, "makes 1 group of two clips or more"),
        (("--prompts", "glad=merry"), 2, "neither a text nor GROUP=TEXT"),
        (("--permutations", 0), 2, "0 is not in the range"),
        (("--library", tmp_path / "nowhere"), 4, "there is no library here"),
    ):
        found, out, err = labelled("align", *words)
        assert (found, out) == (code, "")
        assert reason in err
        assert err.count("\n") == 1
