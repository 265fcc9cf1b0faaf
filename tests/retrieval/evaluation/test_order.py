"""Order in valence and arousal, on spaces whose order is known."""

import numpy as np
import pytest
import scipy.stats

from retrieval.emotions import lookup
from retrieval.evaluation.clips import Sound
from retrieval.evaluation.metrics import concordance
from retrieval.evaluation.order import LEVELS, STEPS, TEMPERATURE, levels, tables, tau_by_column
from retrieval.evaluation.scores import best_cosines, by_loudness
from retrieval.evaluation.table import Estimate, Table
from retrieval.space import Layer, unit
from tests.retrieval.evaluation.made import rows_where, sound, space_of, table_of

LABELS = ("angry", "sad", "happy", "calm")
PROMPTS = (*LABELS, "neutral")  # which calm clips answer
STEP = {text: level for texts in STEPS.values() for text, level in zip(texts, LEVELS, strict=True)}


def place(valence: float, arousal: float) -> list[float]:
    return [valence, arousal, 1.0]


def read(text: str) -> list[float]:
    """Terms lie where the vocabulary has them; steps along their axis; very is far out."""
    *degree, word = text.split(" ", 1) if text.startswith(("very ", "slightly ")) else (text,)
    term = lookup(text) or lookup(word)
    if term is None:
        return place(STEP[text], 0) if text in STEPS["valence"] else place(0, STEP[text])
    factor = {"very": 1.5, "slightly": 0.5}.get(degree[0], 1.0) if degree else 1.0
    return place(factor * term.valence, factor * term.arousal)


# reads the two axes off a unit vector whose last part is about .7
AFFECT = Layer(np.eye(3, 2, dtype=np.float32) * 1.4, np.zeros(2, dtype=np.float32))
SPACE = space_of(read, 3, AFFECT)


def made(noise: float) -> list[Sound]:
    rng = np.random.default_rng(4)
    sounds = []
    for number in range(96):
        label, strong = LABELS[number % 4], number // 4 % 2
        term = lookup(label)
        assert term is not None
        factor = 1.3 if strong else 0.7
        vector = place(factor * term.valence, factor * term.arousal) + rng.normal(0, noise, 3)
        intensity = "strong" if strong else "normal"
        speaker = f"s{number // 8 % 3}"
        sounds.append(sound(vector, label, speaker, rng.normal(), intensity=intensity))
    return sounds


@pytest.fixture(scope="module")
def sounds() -> list[Sound]:
    return made(0.3)


@pytest.fixture(scope="module")
def found(sounds: list[Sound]) -> list[Table]:
    return tables(SPACE, sounds, {"loudness": by_loudness})


def values(sounds: list[Sound]) -> np.ndarray:
    terms = [one.clip.emotion for one in sounds if one.clip.emotion]
    return np.array([(term.valence, term.arousal) for term in terms]).T  # (2, n)


def cell(found: list[Table], axis: str, read_by: str, ranked_by: str, column: str) -> Estimate:
    (row,) = rows_where(
        table_of(found, "order"), axis=axis, read_by=read_by, ranked_by=ranked_by
    )  # fmt: skip
    estimate = row[column]
    assert isinstance(estimate, Estimate)
    return estimate


def test_prompts_and_clips_are_taus_of_another_library(
    sounds: list[Sound], found: list[Table]
) -> None:
    true = values(sounds)
    for number, axis in enumerate(STEPS):
        at = [(lookup(p).valence, lookup(p).arousal)[number] for p in PROMPTS]  # type: ignore[union-attr]
        scores = best_cosines(SPACE, PROMPTS, sounds)
        near = -np.abs(np.array(at)[:, None] - true[number])
        taus = [scipy.stats.kendalltau(*pair).statistic for pair in zip(scores, near, strict=True)]
        assert cell(found, axis, "prompts", "made", "tau-b").value == pytest.approx(np.mean(taus))
        taus = [
            scipy.stats.kendalltau(*pair).statistic
            for pair in zip(scores[:4].T, near[:4].T, strict=True)
        ]
        assert cell(found, axis, "clips", "made", "tau-b").value == pytest.approx(np.mean(taus))


def test_the_axis_test_weighs_five_steps(sounds: list[Sound], found: list[Table]) -> None:
    for number, (axis, prompts) in enumerate(STEPS.items()):
        cosines = (
            unit(np.array([read(text) for text in prompts]))
            @ np.concatenate([one.vectors for one in sounds]).T
        )
        weight = np.exp(cosines / TEMPERATURE)
        level = (weight * LEVELS[:, None]).sum(axis=0) / weight.sum(axis=0)
        tau = scipy.stats.kendalltau(level, values(sounds)[number]).statistic
        assert cell(found, axis, "axis test", "made", "tau-b").value == pytest.approx(tau, abs=1e-3)
        agreement = concordance(level, values(sounds)[number])
        ours = cell(found, axis, "axis test", "made", "CCC")
        assert ours.value == pytest.approx(agreement, abs=1e-3)
        assert ours.low < ours.value < ours.high


def test_levels_of_equal_scores_lie_in_the_middle() -> None:
    assert levels(np.full((5, 2), 0.3)) == pytest.approx([0, 0])
    sure = np.array([[0.0], [0], [0], [0], [2]])
    assert levels(sure) == pytest.approx([1])


def test_the_affect_head_is_read_from_the_mean_window(
    sounds: list[Sound], found: list[Table]
) -> None:
    heard = SPACE.affect(np.stack([one.centre for one in sounds]))
    tau = scipy.stats.kendalltau(heard[:, 1], values(sounds)[1]).statistic
    ours = cell(found, "arousal", "affect head", "made", "tau-b")
    assert ours.value == pytest.approx(tau)
    (row,) = rows_where(table_of(found, "affect"), label="sad")
    assert (row["clips"], row["valence"], row["arousal"]) == (24, -0.7, -0.4)
    mean = row["arousal heard"]
    assert isinstance(mean, Estimate)
    assert mean.value == pytest.approx(heard[1::4, 1].mean(), abs=1e-6)


def test_a_space_in_order_beats_noise(sounds: list[Sound], found: list[Table]) -> None:
    clean = tables(SPACE, made(0.0))
    for number, axis in enumerate(STEPS):
        perfect = cell(clean, axis, "prompts", "perfect plane", "tau-b").value
        at = [(lookup(p).valence, lookup(p).arousal) for p in PROMPTS]  # type: ignore[union-attr]
        true = values(sounds)
        away = [np.abs(true - np.array(one)[:, None]) for one in at]
        taus = [
            scipy.stats.kendalltau(np.hypot(*both).round(9), both[number].round(9)).statistic
            for both in away
        ]
        assert perfect == pytest.approx(np.mean(taus))
        for read_by in ("prompts", "axis test", "affect head"):
            good = cell(clean, axis, read_by, "made", "tau-b").value
            assert good > cell(found, axis, read_by, "made", "tau-b").value + 0.03
        # no ranking of its levels is perfect: each label is there twice, at two strengths
        assert good > 0.8
    assert abs(cell(found, "arousal", "axis test", "loudness", "tau-b").value) < 0.2


def test_what_says_nothing_has_no_row(sounds: list[Sound]) -> None:
    deaf = tables(space_of(read, 3), sounds, {"silent": lambda p, s: np.zeros((len(p), len(s)))})
    readings = {(row["read by"], row["ranked by"]) for row in table_of(deaf, "order").records()}
    assert readings == {(by, "made") for by in ("prompts", "clips", "axis test")} | {
        ("prompts", "perfect plane")
    }
    assert "affect" not in {table.name for table in deaf}


def test_tau_by_column_is_tau_of_each_column() -> None:
    rng = np.random.default_rng(2)
    x, y = rng.integers(0, 4, (6, 40)).astype(float), rng.integers(0, 3, (6, 40)).astype(float)
    y[:, 0] = 1.0
    theirs = [scipy.stats.kendalltau(a, b).statistic for a, b in zip(x.T, y.T, strict=True)]
    ours = tau_by_column(x, y)
    assert np.isnan(ours[0])
    assert ours[1:] == pytest.approx(theirs[1:])


def test_the_stronger_of_two_is_told(sounds: list[Sound]) -> None:
    clean = table_of(tables(SPACE, made(0.0)), "intensity")
    (row,) = rows_where(clean, read_by="prompts")
    assert row["pairs"] == 3 * 4 * 4 * 4  # speakers, labels, strong and normal cases
    assert row["share"] == Estimate(1.0, 1.0, 1.0)
    loud = rows_where(table_of(tables(SPACE, sounds), "intensity"), read_by="loudness")[0]["share"]
    by_hand = [
        one.loudness > other.loudness
        for one in sounds
        for other in sounds
        if (one.clip.speaker, one.clip.emotion) == (other.clip.speaker, other.clip.emotion)
        and (one.clip.intensity, other.clip.intensity) == ("strong", "normal")
    ]
    assert isinstance(loud, Estimate)
    assert loud.value == pytest.approx(np.mean(by_hand))
    plain = [sound([1, 0, 0], label) for label in LABELS]
    assert "intensity" not in {table.name for table in tables(SPACE, plain)}
