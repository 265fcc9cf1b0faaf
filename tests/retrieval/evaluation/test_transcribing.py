"""Word error rates with known answers, and the tables by a recogniser that is made up."""

import csv
import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from retrieval.evaluation import transcribing
from retrieval.evaluation.table import Cell, Estimate, Table
from retrieval.evaluation.transcribing import RATIOS, tables, word_error_rate
from retrieval.space import Vectors
from retrieval.spoken.lines import Line

SAID = "Kids are talking by the door."


@pytest.mark.parametrize(
    ("pairs", "rate"),
    [
        ([(SAID, "kids are talking by the door")], 0),
        ([(SAID, "Kids talking by a door, Darn!")], 3 / 6),
        ([(SAID, ""), ("Go", "go on")], 7 / 7),
        ([("no", "a b c")], 3),
    ],
)
def test_known_word_error_rates(pairs: list[tuple[str, str]], rate: float) -> None:
    assert word_error_rate(pairs) == rate


def test_no_words_have_no_rate() -> None:
    assert math.isnan(word_error_rate([("", "you")]))


@pytest.fixture
def corpora(tmp_path: Path) -> Path:
    """Two speakers of English, one of Polish, and rain; how loud each is tells them apart."""
    rows = [
        ("a.wav", "acted", "speech", "en", "s1", "happy", SAID, 0.5),
        ("b.wav", "acted", "speech", "en", "s2", "sad", SAID, 0.4),
        ("c.wav", "nemo", "speech", "pl", "s3", "angry", "Życie jest pełne.", 0.2),
        ("d.wav", "sounds", "environment", "", "s4", "rain", "", 0.05),
    ]
    noise = np.random.default_rng(0).uniform(-1, 1, 16_000)
    columns = ("path", "corpus", "kind", "language", "speaker", "emotion_raw", "transcript")
    with (tmp_path / "clips.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow([*columns, "emotion", "split"])
        for *facts, level in rows:
            soundfile.write(tmp_path / str(facts[0]), level * noise, 16_000)
            table.writerow([*facts, "happy", "test"])
    return tmp_path


@pytest.fixture(autouse=True)
def ear(monkeypatch: pytest.MonkeyPatch) -> None:
    """Understands what is loud, errs in one word where it is less so, and guards against Polish."""

    def judged(samples: Vectors) -> Iterator[tuple[Line, Line | None]]:
        loudest = float(np.abs(samples).max(initial=0))
        if loudest > 0.45:
            yield Line(SAID), Line(SAID)
        elif loudest > 0.3:
            yield Line("Kids are talking by a door."), Line("Kids are talking by a door.")
        elif loudest > 0.1:
            yield Line("The first one."), None

    def transcribe(samples: Vectors, *, guard: bool = True) -> tuple[Line, ...]:
        lines = judged(samples)
        return tuple(kept for line, believed in lines if (kept := believed if guard else line))

    monkeypatch.setattr(transcribing, "judged", judged)
    monkeypatch.setattr(transcribing, "transcribe", transcribe)
    monkeypatch.setattr(transcribing, "check_extra", lambda: None)


@pytest.fixture
def found(corpora: Path) -> dict[str, Table]:
    return {table.name: table for table in tables(corpora)}


def value(cell: Cell) -> Cell:
    return cell.value if isinstance(cell, Estimate) else cell


def rows(table: Table) -> dict[tuple[Cell, ...], list[Cell]]:
    return {row[:2]: [value(cell) for cell in row[2:]] for row in table.rows}


def test_all_tables_are_there(found: dict[str, Table]) -> None:
    assert list(found) == [
        "transcript_errors",
        "transcript_speed",
        "transcript_noise",
        "transcript_false",
    ]


def test_errors_by_corpus_and_emotion(found: dict[str, Table]) -> None:
    table = rows(found["transcript_errors"])
    assert table["acted", "all"] == pytest.approx([2, 1 / 12, 1 / 12, 1, 1])
    assert table["acted", "happy"] == [1, 0, 0, 1, 1]
    assert table["acted", "sad"] == pytest.approx([1, 1 / 6, 1 / 6, 1, 1])
    assert len(table) == 3
    (cell,) = {row[3] for row in found["transcript_errors"].rows if row[1] == "all"}
    assert isinstance(cell, Estimate)
    assert (cell.low, cell.high) == pytest.approx((0, 1 / 6))


def test_words_where_no_english_is_spoken(found: dict[str, Table]) -> None:
    table = rows(found["transcript_false"])
    assert table["nemo", "all"] == [1, 1, 0]  # the guard does not believe it
    assert table["sounds", "rain"] == table["sounds", "all"] == [1, 0, 0]
    assert table["made", "silence"] == [1, 0, 0]
    assert table["made", "white noise, -6 dBFS"] == [1, 1, 1]
    assert table["made", "pink noise, -40 dBFS"] == [1, 0, 0]


def test_noise_is_laid_over_every_clip(found: dict[str, Table]) -> None:
    table = rows(found["transcript_noise"])
    assert list(table) == [(kind, ratio) for kind in ("white", "babble") for ratio in RATIOS]
    assert {row[0] for row in table.values()} == {2}
    ((count, seconds, *speeds),) = found["transcript_speed"].rows
    assert (count, seconds) == (2, 2.0)
    assert all(isinstance(speed, float) and speed > 0 for speed in speeds)


def test_clips_without_speech_alone(corpora: Path) -> None:
    file = corpora / "clips.csv"
    head, *lines = file.read_text().splitlines()
    file.write_text("\n".join([head, lines[-1]]) + "\n")
    assert [table.name for table in tables(corpora)] == ["transcript_false"]
