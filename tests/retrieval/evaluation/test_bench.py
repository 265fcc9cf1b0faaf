"""The ranking of clips by prompts, on spaces whose answers are known."""

import math

import numpy as np
import pytest
import scipy.stats
import sklearn.metrics

from retrieval.evaluation.bench import MEASURES, judged_corpora, mean_over, tables
from retrieval.evaluation.clips import Sound
from retrieval.evaluation.scores import by_loudness
from retrieval.evaluation.table import Estimate, Table
from tests.retrieval.evaluation.made import rows_where, sound, space_of

# each feeling is one axis of the space
FEELINGS = ("angry", "sad", "happy", "fearful", "neutral", "calm")
SPEAKERS = ("ann", "ben", "eve")
RIVALS = {"loudness": by_loudness}
RIGHT = {name: number for number, name in enumerate(FEELINGS)}
# takes what is angry for sad and the other way round
SWAPPED = RIGHT | {"angry": RIGHT["sad"], "sad": RIGHT["angry"]}


@pytest.fixture(scope="module")
def sounds() -> list[Sound]:
    """Twelve clips of each speaker, two a feeling; only one of two windows holds it."""
    rng = np.random.default_rng(7)
    made = []
    for speaker in SPEAKERS:
        for emotion in (*FEELINGS, *FEELINGS):
            windows = rng.normal(0, 0.05, (2, len(FEELINGS)))
            windows[rng.integers(2), RIGHT[emotion]] += 1
            loudness = rng.normal(-20, 3) + (4 if emotion == "angry" else 0)
            made.append(sound(windows, emotion, speaker, loudness))
    return made


def judged(sounds: list[Sound], axis: dict[str, int]) -> Table:
    space = space_of(lambda text: np.eye(len(FEELINGS))[axis[text]], len(FEELINGS))
    (table,) = tables(space, sounds, RIVALS)
    return table


@pytest.fixture(scope="module")
def right(sounds: list[Sound]) -> Table:
    return judged(sounds, RIGHT)


@pytest.fixture(scope="module")
def swapped(sounds: list[Sound]) -> Table:
    return judged(sounds, SWAPPED)


def measured(table: Table, prompt: str, by: str) -> dict[str, Estimate]:
    (row,) = rows_where(table, prompt=prompt, ranked_by=by)
    return {name: cell for name in MEASURES if isinstance(cell := row[name], Estimate)}


def test_a_space_that_hears_all_is_perfect(right: Table) -> None:
    for prompt in ("angry", "sad", "happy", "fearful"):
        (row,) = rows_where(right, prompt=prompt, ranked_by="made")
        assert (row["corpus"], row["clips"]) == ("toy", 6)
        assert row["nDCG@10"] == Estimate(1.0, 1.0, 1.0)
        assert row["AP"] == Estimate(1.0, 1.0, 1.0)
        assert measured(right, prompt, "made")["P@10"].value == 0.6  # six clips in ten places
    # calm and neutral answer each other, but the space tells them apart
    (row,) = rows_where(right, prompt="calm", ranked_by="made")
    assert row["clips"] == 12
    assert 0.5 < measured(right, "calm", "made")["P@10"].value <= 1


def test_a_space_that_takes_angry_for_sad_is_found_out(swapped: Table) -> None:
    assert measured(swapped, "angry", "made")["nDCG@10"].value < 0.3
    assert measured(swapped, "happy", "made")["nDCG@10"].value == 1


def test_rows_are_what_other_libraries_compute(sounds: list[Sound], right: Table) -> None:
    labels = np.array([*FEELINGS, *FEELINGS] * len(SPEAKERS))
    decibels = [sound.loudness for sound in sounds]
    angry = measured(right, "angry", "loudness")
    relevant = labels == "angry"
    theirs = sklearn.metrics.average_precision_score(relevant, decibels)
    assert angry["AP"].value == pytest.approx(theirs)
    theirs = sklearn.metrics.ndcg_score([relevant], [decibels], k=10)
    assert angry["nDCG@10"].value == pytest.approx(theirs)
    # arousal of the vocabulary: neutral -.5, sad -.4, calm -.8, happy .35, angry and fearful .5;
    # valence: neutral .05, sad, angry and fearful -.7, calm .7, happy .95
    high = {"angry": 0, "fearful": 0, "happy": 0.15, "sad": 0.9, "neutral": 1.0, "calm": 1.3}
    glad = {"angry": 0, "fearful": 0, "sad": 0, "neutral": 0.75, "calm": 1.4, "happy": 1.65}
    for axis, away in {
        "tau arousal": [high[label] for label in labels],
        "tau valence": [glad[label] for label in labels],
        "tau plane": [round(math.hypot(high[label], glad[label]), 6) for label in labels],
    }.items():
        theirs = scipy.stats.kendalltau(decibels, np.negative(away)).statistic
        assert angry[axis].value == pytest.approx(theirs)


def test_loudness_is_turned_round_for_prompts_of_low_arousal(right: Table) -> None:
    assert measured(right, "angry", "loudness")["tau arousal"].value > 0.1
    assert measured(right, "calm", "loudness")["tau arousal"].value > 0.1


def test_random_is_the_expectation_over_orders(right: Table) -> None:
    random = measured(right, "sad", "random")
    relevant, rng = np.arange(36) < 6, np.random.default_rng(0)
    found = relevant[[rng.permutation(36) for _ in range(5000)]]  # (orders, ranks)
    discount = 1 / np.log2(np.arange(2, 12))
    ndcg = found[:, :10] @ discount / discount[:6].sum()
    precision = np.cumsum(found, axis=1) / np.arange(1, 37)
    assert random["nDCG@10"].value == pytest.approx(ndcg.mean(), abs=0.01)
    assert random["P@10"].value == pytest.approx(1 / 6)
    assert random["AP"].value == pytest.approx((precision * found).sum(axis=1).mean() / 6, abs=0.01)
    assert random["tau valence"].value == 0
    assert math.isnan(random["nDCG@10"].low)


def test_the_mean_is_over_prompts_and_lies_in_its_interval(swapped: Table) -> None:
    for by in ("made", "loudness", "random"):
        rows = rows_where(swapped, ranked_by=by)
        asked = ["angry", "sad", "happy", "fearful", "calm", "neutral"]
        assert [row["prompt"] for row in rows] == [*asked, "mean"]
        for name in MEASURES:
            *values, mean = [measured(swapped, str(row["prompt"]), by)[name].value for row in rows]
            assert mean == pytest.approx(np.mean(values))
    ndcg = measured(swapped, "mean", "loudness")["nDCG@10"]
    assert ndcg.low < ndcg.value < ndcg.high


def test_draws_in_which_nobody_feels_so_say_nothing_of_precision() -> None:
    """One of three speakers is angry at all: half the draws would pull the interval to 0."""
    made = [sound([1, 0], "angry"), *(sound([0, 1], "sad", who) for who in SPEAKERS)]
    space = space_of(lambda text: [text == "angry", text == "sad"], 2)
    (table,) = tables(space, made)
    precision = measured(table, "angry", "made")["P@10"]
    assert precision.value == 0.25  # one of four
    assert precision.low > 0


def test_only_what_has_an_order_is_asked() -> None:
    spoken = [sound([1], "angry"), sound([1], "proud"), sound([1], "", raw="hum")]
    alike = [sound([1], "sad", corpus="alike"), sound([1], "sad", corpus="alike")]
    music = [sound([1], name, corpus="songs", kind="music") for name in ("sad", "calm")]
    corpora = judged_corpora([*spoken, *alike, *music])
    assert list(corpora) == ["toy"]
    assert corpora["toy"] == spoken[:2]
    space = space_of(lambda _: [1.0], 1)
    (table,) = tables(space, [*spoken, *alike, *music])
    assert {row["prompt"] for row in table.records()} == {"angry", "mean"}
    assert tables(space, alike) == []
    assert tables(space, [sound([1], "proud"), sound([1], "awe")]) == []


def test_a_mean_leaves_out_what_is_not_defined() -> None:
    lines = np.array([[1.0, np.nan, np.nan], [3.0, 5.0, np.nan]])
    assert mean_over(lines).tolist()[:2] == [2, 5]
    assert math.isnan(mean_over(lines)[2])
