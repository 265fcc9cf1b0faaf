"""What was recognised, for people and for programs."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from retrieval.recognition.disagreeing import disagreements
from retrieval.recognition.recognised_rows import (
    COLUMNS,
    PART,
    mismatch_row,
    mismatch_text,
    one_text,
    row,
    table_text,
    to_csv,
    to_json,
)
from retrieval.recognition.senses import Senses
from retrieval.recognition.spans import STRETCH
from retrieval.records import Recognition

BOTH = Recognition(
    "/s/a.wav", 0.0, 12.34567, "so happy, happy now", "late", "sad", 0.61239, -0.4, 0.1,
    "sad", -0.55559, -0.2, "happy", 0.6, 0.3, 0.7,
)  # fmt: skip
VOICE = replace(
    BOTH, path="/s/b.wav", words=None, fusion="voice", mismatch=None,
    words_emotion=None, words_valence=None, words_arousal=None,
)  # fmt: skip

#: What a happy word does to a neutral text of `ToneJudge`: from .04 against .08 to .88 against .08.
HAPPY = np.log(0.88 / 0.08) - np.log(0.04 / 0.08)


def test_rows_are_plain_values_of_few_digits() -> None:
    found = row(BOTH)
    assert tuple(found) == COLUMNS
    assert (found["end"], found["confidence"], found["voice_valence"]) == (12.346, 0.6124, -0.5556)
    assert json.loads(to_json([row(VOICE)]))[0]["mismatch"] is None


def test_csv_has_a_header_and_empty_cells() -> None:
    first, second = csv.DictReader(io.StringIO(to_csv([row(BOTH), row(VOICE)])))
    assert (first["words"], first["recognised"]) == ("so happy, happy now", "sad")
    assert (second["words"], second["words_valence"]) == ("", "")
    assert to_csv([]) == ",".join(COLUMNS)


def test_one_recording_is_explained() -> None:
    assert one_text(row(BOTH)).splitlines() == [
        "recognised sad with confidence 0.61, valence -0.40, arousal +0.10, from voice and words",
        "  voice  sad        valence -0.56, arousal -0.20",
        '  words  happy      valence +0.60, arousal +0.30  "so happy, happy now"',
        "  words and voice disagree: mismatch 0.70",
    ]
    long = one_text(row(replace(BOTH, words="so " * 40)))
    assert long.splitlines()[2].endswith(' so…"')
    assert "from the voice alone" in one_text(row(VOICE))
    assert len(one_text(row(VOICE)).splitlines()) == 2
    assert "do not disagree: mismatch 0.20" in one_text(row(replace(BOTH, mismatch=0.2)))


def test_a_table_says_a_dash_where_nothing_is_known() -> None:
    head, first, second = table_text([row(BOTH), row(VOICE)]).splitlines()
    assert head.split()[:2] == ["seconds", "recognised"]
    assert first.split() == [
        "0.0-12.3", "sad", "0.61", "-0.40", "+0.10", "sad", "-0.56", "happy", "+0.60", "0.70",
        "/s/a.wav",
    ]  # fmt: skip
    assert second.split()[-3:] == ["-", "-", "/s/b.wav"]


def test_disagreements_rank_and_weigh(senses: Senses) -> None:
    weak = replace(BOTH, path="/s/c.wav", mismatch=0.1, words="not sad, happy")
    passages = [
        replace(BOTH, start=0.0, end=4.0, words="so what", mismatch=0.1),
        replace(BOTH, start=4.0, end=9.0, words="happy, happy now", mismatch=0.9),
    ]
    ranked = disagreements([weak, VOICE, BOTH], passages, 5, senses)
    assert [one.found.path for one in ranked] == ["/s/a.wav", "/s/c.wav"]
    best, other = (mismatch_row(one) for one in ranked)
    assert (best["part_start"], best["part_end"]) == (4.0, 9.0)
    assert best["weighed"][0] == {"word": "happy", "weight": pytest.approx(HAPPY, abs=1e-3)}
    assert (other["part_start"], other["part_end"]) == (0.0, 12.346)
    assert {one["word"]: one["weight"] for one in other["weighed"]} == pytest.approx(
        {"sad": -HAPPY, "happy": np.log(0.92 / 0.08), "not": 0.0}, abs=2e-3
    )
    assert len(disagreements([weak, BOTH], (), 1, senses)) == 1
    text = mismatch_text([best, other]).splitlines()
    assert text[1].split()[:2] == ["0.70", "4.0-9.0"]
    assert text[2].strip() == "happy:+3.09 now:+0.00"
    cells = list(csv.DictReader(io.StringIO(to_csv([best], (*COLUMNS, *PART)))))
    assert cells[0]["weighed"] == "happy:+3.09 now:+0.00"


def test_the_seconds_are_those_in_which_the_voice_contradicts(
    tmp_path: Path, senses: Senses
) -> None:
    tones = [np.sin(2 * np.pi * hertz * np.arange(16_000 * 4) / 16_000) for hertz in (1000, 200)]
    soundfile.write(tmp_path / "a.wav", 0.3 * np.concatenate(tones), 16_000)
    found = replace(BOTH, path=str(tmp_path / "a.wav"), start=1.0, end=8.0, words="happy")
    (one,) = disagreements([found], (), 1, senses)
    assert 3.9 < one.start < one.end <= 8.0  # the sad half
    assert one.end - one.start == pytest.approx(STRETCH)
    long = replace(found, start=0.0, end=10.5)
    assert [(one.start, one.end) for one in disagreements([long], (), 1, senses)] == [(0.0, 10.5)]


def test_a_long_text_is_weighed_to_where_it_is_read(senses: Senses) -> None:
    long = replace(BOTH, words=" ".join(f"w{number}" for number in range(300)))
    (one,) = disagreements([long], (), 1, senses)
    assert len(one.weighed) == 100
