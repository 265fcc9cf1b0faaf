"""Trust in a score, on made geometry whose answer is known."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from retrieval.emotions import lookup
from retrieval.evaluation.bench import PROMPTS
from retrieval.evaluation.clips import Clip, Sound
from retrieval.evaluation.trust import (
    CANDIDATES,
    Trial,
    auc,
    brier,
    fitting_errors,
    judge_candidates,
    make_trials,
    tables,
)
from retrieval.space import Heads, Space, Vectors, unit

LABELS = sorted({label for labels in PROMPTS.values() for label in labels})
# A prompt that is close to everything needs a higher cosine than one that is close to nothing.
NEARNESS = {"angry": 3.0, "disgust": 1.0, "fearful": 0.7, "happy": 1.5, "neutral": 2.0}


class Words:
    """Each label is an axis; the last axis is shared with every sound."""

    name = fingerprint = "words"
    dim = len(LABELS) + 1

    def encode(self, texts: Sequence[str]) -> Vectors:
        axes = [LABELS.index(text) for text in texts]
        vectors = np.eye(self.dim, dtype=np.float32)[axes]
        vectors[:, -1] = [NEARNESS.get(text, 0.0) for text in texts]
        return vectors


@pytest.fixture
def world(space: Space) -> tuple[Space, list[Sound]]:
    rng = np.random.default_rng(0)
    sounds = []
    for label in LABELS:
        emotion = lookup(label)
        assert emotion is not None
        for number in range(60):
            centre = np.eye(len(LABELS) + 1)[LABELS.index(label)] * 0.8
            centre[-1] = 1.0
            vectors = unit((centre + rng.normal(0, 0.25, (2, len(centre)))).astype(np.float32))
            clip = Clip(Path(f"{label}{number}"), "made", f"s{number % 5}", emotion)
            sounds.append(Sound(clip, vectors, -20.0))
    panel = np.concatenate([sound.vectors[:1] for sound in sounds[::5]])
    return replace(space, text=Words(), heads=Heads(panel=panel)), sounds


def test_a_spread_of_its_own_makes_prompts_comparable(world: tuple[Space, list[Sound]]) -> None:
    found = {one.candidate: one for one in judge_candidates(make_trials(*world, count=120))}
    assert list(found) == list(CANDIDATES)
    # cosines of unlike prompts cannot be compared; deviations from the mean can
    assert found["panel z"].pooled_ap > found["cosine"].pooled_ap + 0.05
    assert found["panel z"].brier < found["cosine"].brier
    # some window is always the highest of its library, so its percentile tells nothing
    assert found["percentile"].fits_auc == pytest.approx(0.5, abs=0.05)
    assert found["panel z"].fits_auc > 0.9


def test_trials_are_made_with_and_without_matches_and_repeat(
    world: tuple[Space, list[Sound]],
) -> None:
    trials = make_trials(*world, count=48)
    holds = [trial.relevant.any() for trial in trials]
    assert sum(holds) == 24
    again = make_trials(*world, count=48)
    np.testing.assert_array_equal(trials[7].scores["z"], again[7].scores["z"])
    assert all((t.scores["percentile"] > 0).all() for t in trials)


def trial(scores: list[float], relevant: list[bool], share: float) -> Trial:
    named = {name: np.array(scores) for name in CANDIDATES}
    return Trial(named, np.array(relevant), share)


def test_errors_of_saying_that_nothing_fits() -> None:
    trials = [
        trial([0.9, 0.1], [True, False], 0.95),
        trial([0.9, 0.1], [True, False], 0.5),
        trial([0.3, 0.1], [False, False], 0.9),
        trial([0.3, 0.1], [False, False], 0.2),
        trial([0.3, 0.1], [False, False], 0.1),
    ]
    assert fitting_errors(trials, 0.8) == (0.5, pytest.approx(1 / 3))
    assert fitting_errors(trials, 0.0) == (0.0, 1.0)


def test_auc_equals_scikit_learn_with_ties() -> None:
    rng = np.random.default_rng(1)
    scores = rng.integers(0, 6, 200).astype(float)
    positive = rng.random(200) < 0.3
    assert auc(scores, positive) == pytest.approx(roc_auc_score(positive, scores))


def test_brier_of_a_score_that_tells_everything_or_nothing() -> None:
    rng = np.random.default_rng(2)
    relevant = rng.random(4000) < 0.5
    learn = np.arange(4000) % 2 == 0
    telling = relevant + rng.random(4000) / 10
    assert brier(telling, relevant, learn) < 0.03
    assert brier(rng.random(4000), relevant, learn) == pytest.approx(0.25, abs=0.01)


def test_tables_say_what_was_measured(world: tuple[Space, list[Sound]]) -> None:
    space, sounds = world
    unnamed = replace(sounds[0], clip=replace(sounds[0].clip, emotion=None))
    music = replace(sounds[0], clip=replace(sounds[0].clip, kind="music"))
    scores, fitting = tables(space, [*sounds, unnamed, music], count=48)
    judged = judge_candidates(make_trials(space, sounds, 48))
    assert scores.note.startswith(f"48 made libraries of {len(sounds)} clips")
    assert [row[0] for row in scores.rows] == list(CANDIDATES)
    assert [row[2] for row in scores.rows] == [one.brier for one in judged]
    misses = [float(str(row[1])) for row in fitting.rows]
    assert misses == sorted(misses)  # the more is asked of a match, the more are missed


def test_too_few_labels_give_no_tables(world: tuple[Space, list[Sound]]) -> None:
    space, sounds = world
    two = {lookup("angry"), lookup("sad")}
    assert tables(space, [sound for sound in sounds if sound.clip.emotion in two]) == []
