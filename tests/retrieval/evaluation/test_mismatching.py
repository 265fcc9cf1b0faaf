"""Tables of words against voice, on made sentences and voices that are heard well or not at all."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from retrieval.evaluation.judged_pairs import Voice
from retrieval.evaluation.mismatching import tables
from retrieval.evaluation.table import Estimate, Table
from retrieval.recognition.judgement import EMOTIONS, Judgement
from tests.retrieval.evaluation.made import rows_where, table_of
from tests.retrieval.evaluation.test_judged_pairs import sure, voice

#: Labels of GoEmotions and of MELD for emotions of ours.
GOEMOTIONS = {
    "joy": "happy", "anger": "angry", "sadness": "sad", "surprise": "surprised",
    "neutral": "neutral",
}  # fmt: skip
MELD = {"joy": "happy", "anger": "angry", "neutral": "neutral"}


@pytest.fixture(scope="module")
def corpora(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty sentences of each label; the first word is the emotion."""
    folder = tmp_path_factory.mktemp("corpora")
    goemotions, meld = folder / "labels" / "goemotions", folder / "labels" / "meld"
    goemotions.mkdir(parents=True)
    meld.mkdir()
    (goemotions / "labels.txt").write_text("\n".join(GOEMOTIONS), encoding="utf-8")
    rows = [
        f"{emotion} as can be {n}\t{label}\tid"
        for label, emotion in enumerate(GOEMOTIONS.values())
        for n in range(20)
    ]
    (goemotions / "test.tsv").write_text("\n".join(rows), encoding="utf-8")
    said = [
        f"{emotion} as we were {n},{label}" for label, emotion in MELD.items() for n in range(9)
    ]
    (meld / "test_sent_emo.csv").write_text("\n".join(["Utterance,Emotion", *said]), "utf-8")
    return folder


@pytest.fixture(scope="module")
def voices() -> list[Voice]:
    """Four speakers of one corpus; what they say themselves has no feeling."""
    names = ("happy", "angry", "sad", "angry", "neutral", "surprised", "calm")
    return [
        voice(name, speaker, language="en", transcript="neutral as it is")
        for speaker in ("ann", "ben", "cem", "dan")
        for name in names
    ]


def read(texts: Sequence[str]) -> list[Judgement]:
    words = [text.split()[0] if text else "" for text in texts]
    return [sure(word if word in EMOTIONS else "neutral") for word in words]


@pytest.fixture(scope="module")
def perfect(corpora: Path, voices: list[Voice]) -> list[Table]:
    return tables(corpora, voices, read)


def value(cell: object) -> float:
    assert isinstance(cell, Estimate)
    return cell.value


def test_who_hears_and_reads_everything_finds_every_pair(perfect: list[Table]) -> None:
    table = table_of(perfect, "mismatch")
    for source in ("GoEmotions", "MELD"):
        (row,) = rows_where(
            table, **{"sentences": source, "voices": "all", "ranked by": "mismatch"}
        )
        assert (row["pairs"], row["speakers"]) == (4 * 4 * 3, 4)
        for column in ("AUC", "against all", "sarcasm", "brave face"):
            assert row[column] == Estimate(1.0, 1.0, 1.0)
        for name in ("words alone", "voice alone"):
            (row,) = rows_where(table, **{"sentences": source, "ranked by": name})
            assert value(row["AUC"]) == pytest.approx(0.5)
            assert value(row["sarcasm"]) == value(row["brave face"]) == pytest.approx(0.75)


def test_every_corpus_stands_alone_too(perfect: list[Table]) -> None:
    rows = rows_where(table_of(perfect, "mismatch"), voices="toy")
    assert [row["ranked by"] for row in rows] == ["mismatch"] * 3


def test_misheard_words_cost_something(perfect: list[Table]) -> None:
    wrong = "GoEmotions, 25% of words misheard"
    (row,) = rows_where(
        table_of(perfect, "mismatch"),
        **{"sentences": wrong, "voices": "all", "ranked by": "mismatch"},
    )
    assert 0.7 < value(row["AUC"]) < 1
    for row in rows_where(table_of(perfect, "mismatch_recall"), sentences=wrong):
        assert 0.5 < value(row["above 0.5"]) < 1


def test_nothing_that_matches_is_an_alarm(perfect: list[Table]) -> None:
    alarms = table_of(perfect, "mismatch_alarms").records()
    assert {row["above 0.5"] for row in alarms} == {Estimate(0.0, 0.0, 0.0)}
    kinds = {str(row["pair"]) for row in alarms if row["sentences"] == "GoEmotions"}
    assert kinds == {
        "both pleasant", "both unpleasant", "matching", "neutral words", "surprised words",
        "neutral voice", "surprised voice", "calm voice",
    }  # fmt: skip
    (spoken,) = rows_where(
        table_of(perfect, "mismatch_alarms"),
        **{"sentences": "own words", "emotion of the voice": "all"},
    )
    assert spoken["pairs"] == 28


def test_alarms_and_recall_count_the_pairs_above(corpora: Path, voices: list[Voice]) -> None:
    """Ben's angry voice is heard as happy."""
    deaf = [
        replace(one, judgement=sure("happy"))
        if (one.clip.speaker, one.emotion) == ("ben", "angry")
        else one
        for one in voices
    ]
    found = tables(corpora, deaf, read)
    (row,) = rows_where(
        table_of(found, "mismatch_alarms"),
        **{"sentences": "GoEmotions", "pair": "matching", "emotion of the voice": "angry"},
    )
    assert (row["pairs"], value(row["above 0.5"])) == (8, 2 / 8)  # unpleasant words, "happy" voice
    recall = table_of(found, "mismatch_recall")
    for where in ("all", "toy"):
        (row,) = rows_where(recall, sentences="GoEmotions", pair="sarcasm", voices=where)
        assert (row["pairs"], value(row["above 0.5"])) == (12, 10 / 12)
    lines = table_of(found, "mismatch_thresholds").records()
    assert [row["above"] for row in lines] == [0.3, 0.5, 0.7, 0.9]
    share, alarms = 22 / 24, (2 / 24 + 0) / 2
    for row in lines:
        assert row["found"] == pytest.approx(share)
        assert row["right, 1 in 5"] == pytest.approx(share / (share + 4 * alarms))


def test_a_recogniser_that_only_guesses_finds_nothing(corpora: Path, voices: list[Voice]) -> None:
    rng = np.random.default_rng(0)

    def guess(n: int) -> list[Judgement]:
        return [
            Judgement(row.astype(np.float32), float(rng.uniform(-1, 1)), 0.0)
            for row in rng.dirichlet(np.ones(len(EMOTIONS)), n)
        ]

    deaf = [
        replace(one, judgement=heard, affect=0.0)
        for one, heard in zip(voices * 8, guess(len(voices) * 8), strict=True)
    ]
    table = table_of(tables(corpora, deaf, lambda texts: guess(len(texts))), "mismatch")
    for row in rows_where(table, voices="all"):
        assert abs(value(row["AUC"]) - 0.5) < 0.12


def test_voices_that_cannot_be_named_are_left_out(corpora: Path, voices: list[Voice]) -> None:
    named = tables(corpora, voices, read)
    strange = replace(voices[0], clip=replace(voices[0].clip, emotion=None))
    assert tables(corpora, [*voices, strange], read) == named
    assert tables(corpora, [strange], read) == []


def test_one_speaker_without_opposites_still_has_tables(corpora: Path) -> None:
    found = tables(corpora, [voice("neutral")], read)
    (row,) = rows_where(
        table_of(found, "mismatch"),
        **{"sentences": "MELD", "voices": "all", "ranked by": "mismatch"},
    )
    assert row["pairs"] == 0 and str(row["AUC"]) == "-"
