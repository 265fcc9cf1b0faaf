"""`affetto recognise`, `affetto mismatch` and what other commands make of them."""

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from retrieval.errors import SpaceError
from retrieval.recognition.senses import Senses

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
def sounds(tmp_path: Path, write_tone: Callable[..., Path], senses: Senses) -> Path:
    """A sad voice, a happy one, and a long one that changes."""
    assert senses
    write_tone(tmp_path / "sounds" / "low.wav", hz=200, seconds=2.0)
    write_tone(tmp_path / "sounds" / "high.wav", hz=1000, seconds=2.5)
    times = np.arange(8 * 8000) / 8000
    wave = 0.3 * np.sin(2 * np.pi * np.where(times < 4, 200, 1000) * times)
    soundfile.write(tmp_path / "sounds" / "long.wav", wave, 8000)
    return tmp_path / "sounds"


@pytest.fixture
def library(
    run: Run,
    sounds: Path,
    install: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    install("affetto_deaf", DEAF, deaf="deaf")
    folder = tmp_path / "library"
    monkeypatch.setenv("AFFETTO_LIBRARY", str(folder))
    run("ingest", sounds, "--space", "deaf")
    return folder


def with_words(sounds: Path) -> None:
    (sounds / "low.txt").write_text("What a happy day.")
    (sounds / "long.srt").write_text(
        "1\n00:00:00,000 --> 00:00:04,000\nsad\n\n2\n00:00:04,000 --> 00:00:08,000\nso sad\n"
    )


def test_a_file_for_people(run: Run, sounds: Path) -> None:
    code, out, err = run("recognise", sounds / "low.wav")
    assert (code, err) == (0, "")
    assert out.splitlines()[0].startswith("recognised sad with confidence 0.86")
    assert out.splitlines()[0].endswith("from the voice alone")
    said = run("recognise", sounds / "low.wav", "--text", "happy")[1]
    assert "words and voice disagree: mismatch" in said


def test_a_file_for_programs(run: Run, sounds: Path) -> None:
    with_words(sounds)
    (whole,) = json.loads(run("recognise", sounds / "long.wav", "--json")[1])
    assert (whole["path"], whole["end"], whole["words"]) == (
        str(sounds / "long.wav"), 8.0, "sad so sad",
    )  # fmt: skip
    parts = list(csv.DictReader(io.StringIO(
        run("recognise", sounds / "long.wav", "--passages", "--csv")[1]
    )))  # fmt: skip
    assert list(parts[0]) == list(whole)
    assert [one["voice_emotion"] for one in parts] == ["sad", "happy"]
    (part,) = json.loads(run("recognise", f"{sounds / 'long.wav'}@5-7", "--json")[1])
    assert (part["start"], part["end"], part["words"]) == (5.0, 7.0, "so sad")


def test_a_library_is_recognised_once_and_printed(run: Run, library: Path) -> None:
    code, out, err = run("recognise", "--csv")
    assert code == 0
    assert err.startswith("3 ok")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [Path(row["path"]).name for row in rows] == ["high.wav", "long.wav", "low.wav"]
    assert run("recognise", library, "--csv") == (0, out, "")  # the folder will do, too
    assert len(run("recognise", "--passages")[1].splitlines()) == 4
    (high,) = json.loads(run("recognise", "--where", "path=*/high.wav", "--json")[1])
    assert high["recognised"] == "happy"
    assert "emotions    of 3 clips\n" in run("status")[1]
    assert json.loads(run("status", "--json")[1])["counts"]["recognised"] == 3


def test_a_library_is_filtered_and_sorted_by_it(run: Run, library: Path) -> None:
    assert library.exists()
    search = ("search", "calm", "--space", "deaf", "--no-collapse")
    code, out, err = run(*search, "--where", "valence>0")
    assert (code, out) == (2, "")
    assert err.endswith("valence was not recognised in this library yet (affetto recognise)\n")
    plain = json.loads(run(*search, "--json")[1])
    assert "recognised" not in plain[0]
    run("recognise")
    (hit, *_) = json.loads(run(*search, "--where", "valence>0.5", "--json")[1])
    assert (hit["recognised"], hit["mismatch"]) == ("happy", None)
    hits = json.loads(run(*search, "--sort", "-voice_valence", "--json")[1])
    assert [Path(one["path"]).stem for one in hits][0::2] == ["high", "low"]
    assert [one["sort"] for one in hits] == sorted((one["sort"] for one in hits), reverse=True)
    table = run(*search, "--sort", "duration")[1].splitlines()
    assert table[0].split()[-3:] == ["recognised", "sort", "clip"]
    assert [line.split()[-2] for line in table[1:]] == ["2", "2.5", "8"]


def test_mismatches_of_a_library(run: Run, library: Path, sounds: Path) -> None:
    code, out, err = run("mismatch", library)
    assert (code, out) == (0, "")
    assert "affetto transcribe" in err
    with_words(sounds)
    told = run("ingest", sounds, "--space", "deaf")[1]
    assert "2 recognised" in told
    head, first, words, second, _ = run("mismatch")[1].splitlines()
    assert first.split()[1:] == ["0.0-1.6", "sad", "-0.60", "happy", "+0.60", first.split()[-1]]
    assert first.endswith("low.wav")
    assert words.split()[0] == "happy:+3.09"
    assert second.split()[1] == "4.0-5.6"
    assert head.split()[0] == "mismatch"
    best, other = json.loads(run("mismatch", "-k", 2, "--passages", "--json")[1])
    assert (best["path"], best["weighed"][0]["word"]) == (str(sounds / "low.wav"), "happy")
    assert (other["start"], other["weighed"][0]["word"]) == (4.0, "sad")
    rows = list(csv.DictReader(io.StringIO(run("mismatch", "--csv")[1])))
    assert [row["part_start"] for row in rows] == ["0.0", "4.0"]
    hits = json.loads(
        run("search", "calm", "--space", "deaf", "--where", "mismatch>0.7", "--json")[1]
    )
    assert [Path(one["path"]).stem for one in hits] == ["low"]


def test_the_page_names_every_field(run: Run, library: Path, sounds: Path) -> None:
    page = (Path(__file__).resolve().parents[1] / "docs" / "output.md").read_text(encoding="utf-8")
    with_words(sounds)
    run("ingest", sounds, "--space", "deaf", "--recognise")
    (record, *_) = json.loads(run("mismatch", library, "--json")[1])
    sort = ("--sort", "duration", "--json")
    (hit, *_) = json.loads(run("search", "calm", "--space", "deaf", *sort)[1])
    assert {"mismatch", "sort"} <= hit.keys()
    for names in (record, record["weighed"][0], hit):
        assert [name for name in names if f"`{name}`" not in page] == []


def test_mismatches_of_a_file(run: Run, sounds: Path) -> None:
    assert "No English words are known" in run("mismatch", sounds / "low.wav").err
    _, line, _ = run("mismatch", sounds / "low.wav", "--text", "happy")[1].splitlines()
    assert line.endswith("low.wav")


def test_a_library_is_recognised_from_the_first_time_on(
    run: Run, library: Path, sounds: Path, write_tone: Callable[..., Path]
) -> None:
    assert library.exists()
    done = json.loads(run("ingest", sounds, "--space", "deaf", "--recognise", "--json")[1])
    assert (done["recognised"], done["measured"], done["notes"]) == (3, 0, [])
    write_tone(sounds / "new.wav", hz=900)
    assert "1 recognised" in run("ingest", sounds, "--space", "deaf")[1]
    assert "recognised" not in run("rebuild", "--space", "deaf")[1]
    assert "4 recognised\n" in run("rebuild", "--space", "deaf", "--re-embed")[1]


def test_what_was_recognised_is_part_of_a_description(
    run: Run, library: Path, sounds: Path
) -> None:
    describe = ("describe", sounds / "low.wav", "--space", "deaf")
    assert "recognised" not in run(*describe)[1]
    assert json.loads(run(*describe, "--json")[1])[0]["recognition"] is None
    run("recognise", library)
    assert "recognised sad with confidence 0.86" in run(*describe)[1]
    found = json.loads(run(*describe, "--json")[1])
    assert {one["recognition"]["recognised"] for one in found} == {"sad"}


def test_any_file_is_recognised_for_its_description_in_the_space_that_can(
    run: Run, sounds: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))
    monkeypatch.delenv("AFFETTO_LIBRARY", raising=False)
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    with_words(sounds)
    out = run("describe", sounds / "low.wav")[1]
    assert "words and voice disagree" in out

    def broken() -> Senses:
        raise SpaceError("other towers")

    monkeypatch.setattr("retrieval.library.builtin_senses", broken)
    assert "recognised" not in run("describe", sounds / "low.wav")[1]


def test_misunderstandings_are_answered(run: Run, sounds: Path, tmp_path: Path) -> None:
    for command in ("recognise", "mismatch"):
        code, _, err = run(command, sounds / "low.wav", "--where", "valence>0")
        assert (code, err) == (2, "affetto: --where chooses clips of a library (leave FILE out)\n")
        code, _, err = run(command, tmp_path, "--text", "words")
        assert (code, err) == (2, "affetto: --text says what is said in a FILE (name the file)\n")
        code, _, err = run(command, tmp_path / "none")
        assert (code, err.count("\n")) == (3, 1)
        code, _, err = run(command, tmp_path)
        assert code == 4
        assert "there is no library here" in err


def test_a_search_loads_nothing_that_recognises() -> None:
    code = "import sys, retrieval.library, retrieval.formats, retrieval.screen; print(*sys.modules)"
    root = Path(__file__).resolve().parents[1]
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
    )
    room, loaded = "retrieval.recognition", run.stdout.split()
    of_room = {name for name in loaded if name.startswith(room)}
    assert of_room <= {room, f"{room}.judgement", f"{room}.senses"}
    assert "retrieval.library" in loaded
    assert "retrieval.annotating" not in loaded
