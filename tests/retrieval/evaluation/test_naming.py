"""A clip finds its label and its caption."""

import numpy as np
import pytest
import sklearn.metrics

from retrieval.evaluation.clips import Sound
from retrieval.evaluation.naming import caption, tables
from retrieval.evaluation.scores import by_loudness
from retrieval.evaluation.table import Estimate, Table
from tests.retrieval.evaluation.made import rows_where, sound, space_of, table_of

AXES = {"angry": 0, "happy": 1, "sad": 2}


def read(text: str) -> list[float]:
    """Each feeling is an axis, wherever it stands in the text; who speaks is the last one."""
    vector = [float(word in text) for word in AXES]
    return [*vector, float("woman" in text) - float(" man" in text)]


SPACE = space_of(read, 4)


def noisy(count: int, seed: int = 0) -> list[Sound]:
    rng = np.random.default_rng(seed)
    return [
        sound(
            np.eye(4)[AXES[label]] + rng.normal(0, 0.5, (2, 4)), label, f"s{number % 4}",
            gender=("female", "male")[number % 2],
        )
        for number in range(count)
        for label in AXES
    ]  # fmt: skip


@pytest.fixture(scope="module")
def sounds() -> list[Sound]:
    return noisy(20)


@pytest.fixture(scope="module")
def found(sounds: list[Sound]) -> list[Table]:
    return tables(SPACE, sounds, {"loudness": by_loudness})


def test_uar_is_what_another_library_computes(sounds: list[Sound], found: list[Table]) -> None:
    labels, true = list(AXES), [s.clip.emotion.name for s in sounds if s.clip.emotion]
    axes = np.eye(4)[:3]
    best = [labels[int((axes @ s.vectors.T).max(axis=1).argmax())] for s in sounds]
    mean = [labels[int((axes @ s.centre).argmax())] for s in sounds]
    assert best != mean != true
    (row,) = rows_where(table_of(found, "naming"), corpus="toy")
    assert (row["clips"], row["speakers"], row["labels"], row["chance"]) == (60, 4, 3, 1 / 3)
    for column, named in (("UAR best window", best), ("UAR mean window", mean)):
        cell = row[column]
        assert isinstance(cell, Estimate)
        theirs = sklearn.metrics.balanced_accuracy_score(true, named)
        assert cell.value == pytest.approx(theirs)
        assert cell.low < cell.value < cell.high
    confusion = table_of(found, "confusion_toy")
    theirs = sklearn.metrics.confusion_matrix(true, best, labels=labels, normalize="true")
    assert [line[0] for line in confusion.rows] == labels
    assert np.array([line[2:] for line in confusion.rows]) == pytest.approx(theirs)


def test_equal_scores_are_equally_likely(found: list[Table]) -> None:
    (row,) = rows_where(table_of(found, "naming_beside"), corpus="toy")
    # all are equally loud: every label has the same score
    assert row["loudness"] == Estimate(pytest.approx(1 / 3), *2 * (pytest.approx(1 / 3),))
    assert row["made"] == table_of(found, "naming").records()[0]["UAR best window"]


def test_captions_compete_within_their_corpus(sounds: list[Sound], found: list[Table]) -> None:
    texts = sorted({caption(s.clip) for s in sounds})
    assert len(texts) == 6
    placed = SPACE.place_text(texts)
    ranks = []
    for one in sounds:
        scores = (placed @ one.vectors.T).max(axis=1)
        ranks.append(int((scores > scores[texts.index(caption(one.clip))]).sum()))
    (row,) = rows_where(table_of(found, "captions"), corpus="toy", chosen_by="made")
    for k in (1, 5):
        cell = row[f"recall@{k}"]
        assert isinstance(cell, Estimate)
        assert cell.value == pytest.approx(np.mean(np.array(ranks) < k))
    (chance,) = rows_where(table_of(found, "captions"), corpus="toy", chosen_by="random")
    assert [chance[f"recall@{k}"] for k in (1, 5, 10)] == [
        Estimate(1 / 6), Estimate(5 / 6), Estimate(1.0),
    ]  # fmt: skip


def test_captions_of_all_corpora_compete_in_a_row_of_their_own(sounds: list[Sound]) -> None:
    rain = [sound(np.ones(4), corpus="things", kind="environment", raw="rain")]
    table = table_of(tables(SPACE, [*sounds, *rain]), "captions")
    assert [row["captions"] for row in rows_where(table, corpus="all")] == [7, 7]
    assert {row["corpus"] for row in table.records()} == {"toy", "all"}


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"gender": "male", "intensity": "strong"}, "a man who sounds very sad"),
        ({"kind": "speech", "intensity": "normal"}, "someone who sounds sad"),
        ({"kind": "nonverbal", "raw": "teeth_grinding", "gender": "female"},
         "a woman teeth grinding"),
        ({"kind": "environment", "raw": "rain"}, "rain"),
        ({"kind": "music", "raw": "rock"}, "sad music"),
    ],
)  # fmt: skip
def test_a_caption_says_what_is_known(facts: dict[str, str], said: str) -> None:
    assert caption(sound([1.0], "sad", **facts).clip) == said


def test_nothing_known_is_no_caption_and_no_table() -> None:
    assert caption(sound([1.0], kind="music").clip) == ""
    assert caption(sound([1.0]).clip) == ""
    assert caption(sound([1.0], "disgust").clip) == "someone who sounds disgusted"
    assert tables(space_of(lambda _: [1.0], 1), [sound([1.0])]) == []
