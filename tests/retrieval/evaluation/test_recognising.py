"""The tables of the recogniser, over a small corpus of tones and labelled sentences."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import soundfile

from retrieval.evaluation.clips import read_table
from retrieval.evaluation.recognised import listened, recall
from retrieval.evaluation.recognising import SOURCES, WAYS, tables
from retrieval.evaluation.recognising_noise import ERRORS, RATIOS
from retrieval.evaluation.table import Estimate, Table
from retrieval.recognition.recogniser import FUSIONS
from retrieval.space import Vectors
from tests.retrieval.recognition.made_recogniser import FRAMES, recogniser

EMOTIONS = ("happy", "sad", "angry", "calm", "neutral")
SPEAKERS = ("ann", "ben", "cat")
SAID = {"ann": "the kids are by the door", "ben": "dzieci stoją przy drzwiach", "cat": ""}
LABELS = {"happy": "joy", "sad": "sadness", "angry": "anger", "calm": "caring",
          "neutral": "neutral"}  # fmt: skip


def hear(samples: Vectors) -> Mapping[str, Vectors]:
    """Frames that depend on the samples, without a tower."""
    found = {}
    for name, width in FRAMES.items():
        power = np.abs(np.fft.rfft(samples, n=width * 8))[: width * 4]
        found[name] = np.log(power + 1e-3).reshape(4, width).astype(np.float32)
    return found


@pytest.fixture(scope="module")
def corpora(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpora")
    lines = ["path,corpus,kind,speaker,emotion,emotion_raw,transcript,split"]
    for number, emotion in enumerate(EMOTIONS):
        for take, speaker in enumerate(SPEAKERS):
            name = f"{emotion}-{speaker}.wav"
            hertz = 200 + 300 * number + 20 * take
            soundfile.write(folder / name, np.sin(np.arange(8000) * hertz / 2500) / 5, 16000)
            lines.append(f"{name},toy,speech,{speaker},{emotion},,{SAID[speaker]},test")
    noise = np.random.default_rng(0).standard_normal(8000) / 20
    soundfile.write(folder / "rain.wav", noise, 16000)
    lines.append("rain.wav,noises,environment,r1,,rain,,test")
    (folder / "clips.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    for source in SOURCES:
        (folder / "labels" / source).mkdir(parents=True)
    names = list(LABELS.values())
    (folder / "labels" / "goemotions" / "labels.txt").write_text("\n".join(names), encoding="utf-8")
    rows = [f"this is what I say {number}\t{number % 5}\tid" for number in range(25)]
    (folder / "labels" / "goemotions" / "test.tsv").write_text("\n".join(rows), encoding="utf-8")
    told = [f"and now for number {number},{names[number % 3]}" for number in range(9)]
    path = folder / "labels" / "meld" / "test_sent_emo.csv"
    path.write_text("\n".join(["Utterance,Emotion", *told]), encoding="utf-8")
    (folder / "labels" / "emobank").mkdir()
    rated = [f"test,{1 + number % 5},{5 - number % 4},so much for {number}" for number in range(20)]
    path = folder / "labels" / "emobank" / "emobank.csv"
    path.write_text("\n".join(["split,V,A,text", *rated]), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def found(corpora: Path) -> dict[str, Table]:
    return {table.name: table for table in tables(corpora, recogniser(), hear)}


def test_every_question_has_its_table(found: Mapping[str, Table]) -> None:
    asked = ["", "words", "ratings", "own_words", "naming", "removed", "noise", "word_errors",
             "calibration"]  # fmt: skip
    assert list(found) == ["_".join(["recognising", part]).rstrip("_") for part in asked]


def test_tables_of_built_pairs_say_that_they_are_built(found: Mapping[str, Table]) -> None:
    for part in ("recognising", "recognising_removed", "recognising_noise",
                 "recognising_word_errors", "recognising_calibration"):  # fmt: skip
        assert "uilt pairs" in found[part].note


def test_every_voice_is_used_and_meld_lacks_calm(found: Mapping[str, Table]) -> None:
    rows = found["recognising"].records()
    clips = {row["sentences"]: row["clips"] for row in rows}
    assert clips == {"goemotions": 15, "meld": 9}
    assert [row["by"] for row in rows[:5]] == ["voice", "words", "early", "late *", "hybrid"]
    assert len(rows) == len(SOURCES) * len(WAYS)


def test_the_voice_is_measured_as_it_is(found: Mapping[str, Table], corpora: Path) -> None:
    judge = recogniser()
    voices = listened(read_table(corpora, (), "test").clips, judge, hear)
    expected = recall(judge.outputs(voices.states, None)["voice"], voices)
    assert found["recognising"].records()[0]["UAR"] == expected
    assert found["recognising_naming"].records()[0]["voice, of all"] == expected
    assert found["recognising_noise"].records()[0]["voice"] == expected


def test_words_that_cannot_be_read_leave_the_voice_alone(found: Mapping[str, Table]) -> None:
    rows = {str(row["by"]): row for row in found["recognising_own_words"].records()}
    assert set(rows) == {*WAYS, "answer"}
    assert rows["answer"]["clips"] == 10  # of ann and ben, who said something
    assert rows["answer"]["read"] == 0.5  # what ben said is no English


def test_what_is_left_answers_alone(found: Mapping[str, Table]) -> None:
    rows = {str(row["taken away"]): row for row in found["recognising_removed"].records()}
    ways = {str(row["by"]): row for row in found["recognising"].records()[:5]}
    assert rows["words"]["answer"] == ways["voice"]["UAR"]
    assert rows["voice"]["answer"] == ways["words"]["UAR"]
    assert rows["neither"]["answer"] == ways["late *"]["UAR"]


def test_noise_and_wrong_words_are_swept(found: Mapping[str, Table]) -> None:
    noise = found["recognising_noise"].records()
    assert [row["SNR dB"] for row in noise] == [None, *RATIOS, *RATIOS]
    assert {row["noise"] for row in noise} == {"none", "white", "everyday"}
    words = found["recognising_word_errors"].records()
    assert [row["wrong words"] for row in words] == [f"{share:.0%}" for share in ERRORS]
    ways = {str(row["by"]).rstrip(" *"): row for row in found["recognising"].records()[:5]}
    assert [words[0][way] for way in FUSIONS] == [ways[way]["UAR"] for way in FUSIONS]
    assert len({row["voice"] for row in words}) == 1


def test_errors_of_calibration_are_shares(found: Mapping[str, Table]) -> None:
    rows = found["recognising_calibration"].records()
    assert len(rows) == 2 * len(WAYS)
    errors = [row["ECE"] for row in rows]
    assert all(isinstance(one, Estimate) and 0 <= one.value <= 1 for one in errors)


def test_the_seed_decides(corpora: Path, found: Mapping[str, Table]) -> None:
    again = {table.name: table for table in tables(corpora, recogniser(), hear)}
    assert {name: str(t.rows) for name, t in again.items()} == {
        name: str(t.rows) for name, t in found.items()
    }
