"""The held-out wordings, and the table that measures them."""

import numpy as np
import pytest
import sklearn.metrics

from retrieval.evaluation.bench import PROMPTS
from retrieval.evaluation.clips import Sound
from retrieval.evaluation.phrasings import KINDS, WORDINGS, resembles, tables, wordings
from retrieval.evaluation.scores import best_cosines
from retrieval.evaluation.table import Estimate, Table
from tests.retrieval.evaluation.made import rows_where, sound, space_of, table_of

LABELS = ("angry", "sad", "happy", "pain")


def read(text: str) -> np.ndarray:
    """A word is an axis; a wording is its axis and some noise of its own."""
    vector = np.zeros(5)
    for number, label in enumerate(LABELS):
        if label == text or (label in WORDINGS and text in wordings(label)):
            vector[number] = 1
    noise = np.random.default_rng(list(text.encode())).normal(0, 0.6, 5)
    return vector if text in LABELS else vector + noise


SPACE = space_of(read, 5)


@pytest.fixture(scope="module")
def sounds() -> list[Sound]:
    rng = np.random.default_rng(1)
    return [
        sound(np.eye(5)[number % 4] + rng.normal(0, 0.4, 5), LABELS[number % 4], f"s{number % 3}")
        for number in range(72)
    ]


@pytest.fixture(scope="module")
def found(sounds: list[Sound]) -> list[Table]:
    return tables(SPACE, sounds)


def test_each_feeling_has_as_many_wordings_of_each_kind_and_none_twice() -> None:
    assert set(WORDINGS) == set(PROMPTS)
    assert {len(kinds) for kinds in WORDINGS.values()} == {len(KINDS)}
    assert {len(text.split(";")) for kinds in WORDINGS.values() for text in kinds} == {3}
    every = [text for feeling in WORDINGS for text in wordings(feeling)]
    assert len(set(every)) == len(every) == 96
    assert all(text == " ".join(text.split()) for text in every)


def test_no_wording_says_the_word_of_its_feeling() -> None:
    for feeling in WORDINGS:
        assert not [text for text in wordings(feeling) if feeling in text.split()]


def test_rows_are_means_over_wordings(sounds: list[Sound], found: list[Table]) -> None:
    table = table_of(found, "phrasings")
    true = np.array([one.clip.emotion.name for one in sounds if one.clip.emotion])

    def ap(text: str, label: str) -> float:
        scores = best_cosines(SPACE, [text], sounds)[0]
        return float(sklearn.metrics.average_precision_score(true == label, scores))

    means = []
    for label in ("angry", "sad", "happy"):
        (word,) = rows_where(table, prompt=label, asked_by="the word")
        (other,) = rows_where(table, prompt=label, asked_by="all wordings")
        by_hand = np.mean([ap(text, label) for text in wordings(label)])
        means.append(by_hand)
        assert isinstance(word["AP"], Estimate) and isinstance(other["AP"], Estimate)
        assert word["AP"].value == pytest.approx(ap(label, label))
        assert other["AP"].value == pytest.approx(by_hand)
        assert other["AP"].low < by_hand < other["AP"].high
    (mean,) = rows_where(table, prompt="mean", asked_by="all wordings")
    assert isinstance(mean["AP"], Estimate)
    assert mean["AP"].value == pytest.approx(np.mean(means))
    assert not [row for row in table.records() if row["prompt"] == "pain"]


def test_kinds_are_means_over_their_wordings_and_uar_leaves_out_pain(
    sounds: list[Sound], found: list[Table]
) -> None:
    table = table_of(found, "phrasing_kinds")
    assert [row["asked by"] for row in table.records()] == ["the word", *KINDS, "all wordings"]
    labels = ["angry", "happy", "sad"]
    known = [one for one in sounds if one.clip.emotion and one.clip.emotion.name in labels]
    true = [one.clip.emotion.name for one in known if one.clip.emotion]
    uars, precisions = [], []
    for number in range(3, 6):  # the sentences
        texts = [wordings(label)[number] for label in labels]
        named = np.array(labels)[best_cosines(SPACE, texts, known).argmax(axis=0)]
        uars.append(sklearn.metrics.balanced_accuracy_score(true, named))
        for label, text in zip(labels, texts, strict=True):
            first = np.argsort(-best_cosines(SPACE, [text], sounds)[0])[:10]
            precisions.append(np.mean([number % 4 == LABELS.index(label) for number in first]))
    (row,) = rows_where(table, asked_by="sentence")
    assert isinstance(row["UAR"], Estimate) and isinstance(row["P@10"], Estimate)
    assert row["UAR"].value == pytest.approx(np.mean(uars))
    assert row["P@10"].value == pytest.approx(np.mean(precisions))


def test_without_a_feeling_that_is_asked_for_there_is_no_table() -> None:
    assert tables(SPACE, [sound(np.ones(5), "pain"), sound(np.ones(5), "proud")]) == []


@pytest.mark.parametrize(
    ("text", "given_away"),
    [
        ("Wrathful", True),
        ("a rather doleful man", True),
        ("winning the lottery!", True),
        ("my brother winning the lottery", True),
        ("reading out a list of numbers", True),
        ("about to throw up", True),
        ("all smiles", False),  # two words of a longer wording are anybody's
        ("an angry voice", False),
        ("at the lake on a Monday", False),
        ("of the", False),
        ("", False),
    ],
)
def test_what_gives_a_wording_away(text: str, given_away: bool) -> None:
    assert resembles(text) is given_away
    assert all(resembles(text) for feeling in WORDINGS for text in wordings(feeling))
