"""`affetto features` as a person or a program meets it."""

import csv
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import soundfile

from retrieval.features.measures import UNITS

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
def tone(tmp_path: Path, write_tone: Callable[..., Path]) -> Path:
    pytest.importorskip("parselmouth", reason="the extra `features` is not installed")
    return write_tone(tmp_path / "tone.wav", hz=200, seconds=5.0, rate=16_000)


def test_a_file_for_people(run: Run, tone: Path) -> None:
    code, out, err = run("features", tone)
    assert (code, err) == (0, "")
    assert [line.split()[0] for line in out.splitlines()] == list(UNITS)
    assert out.splitlines()[0].split() == ["pitch_median", "200.0", "Hz"]


def test_windows_for_people(
    run: Run, tone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    head, *lines = run("features", tone, "--windows")[1].splitlines()
    assert "pitch_median" in head
    assert [line.split()[0] for line in lines] == ["0.0-3.0", "1.5-4.5", "2.0-5.0"]
    assert all(line.endswith(" tone.wav") for line in lines)


def test_a_file_for_programs(run: Run, tone: Path) -> None:
    (whole,) = json.loads(run("features", tone, "--json")[1])
    assert whole["path"] == str(tone)
    assert (whole["start"], whole["end"]) == (0, 5)
    assert whole["pitch_median"] == pytest.approx(200, rel=0.01)
    assert whole["pause_length"] is None
    windows = list(csv.DictReader(io.StringIO(run("features", tone, "--csv", "--windows")[1])))
    assert [float(one["end"]) for one in windows] == [3, 4.5, 5]
    assert list(windows[0]) == list(whole)


def test_an_excerpt(run: Run, tone: Path) -> None:
    (part,) = json.loads(run("features", f"{tone}@1-2.5", "--json")[1])
    assert (part["start"], part["end"]) == (1, 2.5)


def test_parquet(run: Run, tone: Path, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="the extra `parquet` is not installed")
    file = tmp_path / "tone.parquet"
    assert run("features", tone, "--parquet", file) == (0, "", "")
    (whole,) = parquet.read_table(file).to_pylist()
    assert whole == json.loads(run("features", tone, "--json")[1])[0]


def test_a_file_that_is_none(run: Run, tone: Path) -> None:
    code, out, err = run("features", tone.with_name("none.wav"))
    assert (code, out) == (3, "")
    assert err.endswith("none.wav: no such file\n")


@pytest.fixture
def library(run: Run, tone: Path, install: Callable[..., Path], tmp_path: Path) -> Path:
    """A library of a low tone and a high one, in a space that hears nothing."""
    install("affetto_deaf", DEAF, deaf="deaf")
    folder = tmp_path / "library"
    soundfile.write(tmp_path / "high.wav", soundfile.read(tone)[0][::2], 16_000)
    run("ingest", tmp_path, "--space", "deaf", "--library", folder)
    return folder


def test_a_library_is_measured_once_and_printed(run: Run, library: Path) -> None:
    code, out, err = run("features", "--library", library, "--csv")
    assert code == 0
    assert err.startswith("2 ok")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [Path(row["path"]).name for row in rows] == ["high.wav", "tone.wav"]
    assert [round(float(row["pitch_median"])) for row in rows] == [400, 200]
    assert run("features", library, "--csv") == (0, out, "")  # the folder will do, too
    _, *lines = run("features", library)[1].splitlines()
    assert len(lines) == 2
    windows = json.loads(run("features", library, "--windows", "--json")[1])
    assert len(windows) == 1 + 3
    assert "features    of 2 recordings" in run("status", "--library", library)[1]


def test_a_library_is_filtered_by_features(run: Run, library: Path) -> None:
    where = ("--library", library, "--where", "pitch_median>220")
    code, out, err = run("search", "calm", *where, "--space", "deaf")
    assert (code, out) == (2, "")
    assert "affetto features" in err
    (high,) = json.loads(run("features", *where, "--json")[1])
    assert high["path"].endswith("high.wav")
    (hit,) = json.loads(run("search", "calm", *where, "--space", "deaf", "--json")[1])
    assert hit["path"].endswith("high.wav")


def test_misunderstandings_are_answered(run: Run, tone: Path, tmp_path: Path) -> None:
    code, _, err = run("features", tone, "--where", "pitch_median>220")
    assert (code, err) == (2, "affetto: --where chooses clips of a library (leave FILE out)\n")
    code, _, err = run("features", tmp_path)
    assert code == 4
    assert "there is no library here" in err


@pytest.mark.parametrize(("extra", "words"), [("features", []), ("parquet", ["--parquet", "x"])])
def test_an_absent_extra_is_one_line(
    run: Run,
    tmp_path: Path,
    write_tone: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
    extra: str,
    words: list[str],
) -> None:
    file = write_tone(tmp_path / "tone.wav")
    for module in ("parselmouth", "pyarrow", "pyarrow.parquet"):
        monkeypatch.setitem(sys.modules, module, None)
    code, out, err = run("features", file, *words)
    assert (code, out) == (7, "")
    assert f"pip install 'affetto[{extra}]'" in err
    assert err.count("\n") == 1
