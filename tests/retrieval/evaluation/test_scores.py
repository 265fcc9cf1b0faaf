"""Numbers that rank clips."""

import numpy as np
import pytest

from retrieval.evaluation.scores import (
    UNHEARD,
    best_cosines,
    by_loudness,
    by_space,
    heard_by,
    mean_cosines,
    ranked_by,
)
from tests.retrieval.evaluation.made import sound, space_of

AXES = {"x": [1.0, 0.0], "y": [0.0, 1.0]}


def test_a_cosine_is_that_of_the_best_window_or_of_the_mean() -> None:
    space = space_of(AXES.__getitem__, 2)
    sounds = [sound([[1, 0], [0, 1]]), sound([[3, 4]])]
    assert best_cosines(space, ["x", "y"], sounds) == pytest.approx(np.array([[1, 0.6], [1, 0.8]]))
    half = np.sqrt(0.5)
    found = mean_cosines(space, ["x", "y"], sounds)
    assert found == pytest.approx(np.array([[half, 0.6], [half, 0.8]]))
    assert (by_space(space)(["y"], sounds) == best_cosines(space, ["y"], sounds)).all()


def test_another_space_scores_by_its_own_vectors_of_the_same_clips() -> None:
    here = [sound([1, 0], name="a.wav"), sound([1, 0], name="b.wav"), sound([1, 0], name="c.wav")]
    there = [sound([0, 1], name="c.wav"), sound([1, 0], name="a.wav")]
    score = heard_by(space_of(AXES.__getitem__, 2), there)
    assert score(["y"], here).tolist() == [[0, UNHEARD, 1]]
    assert score(["y"], here[1:2]).tolist() == [[UNHEARD]]


def test_loudness_is_arousal() -> None:
    sounds = [sound([1], loudness=loudness) for loudness in (-30, -20, -10)]
    spread = np.sqrt(200 / 3)
    angry, calm, told, nothing = by_loudness(
        ["angry", "calm", "very calm, and still", "rhubarb"], sounds
    )
    assert angry == pytest.approx(0.5 * np.array([-10, 0, 10]) / spread)
    assert calm == pytest.approx(-0.8 * np.array([-10, 0, 10]) / spread)
    assert told.tolist() == calm.tolist()
    assert not nothing.any()
    assert not by_loudness(["angry"], sounds[:1]).any()


def test_the_space_stands_first_among_its_rivals() -> None:
    assert list(ranked_by(space_of(AXES.__getitem__, 2), {"loudness": by_loudness})) == [
        "made",
        "loudness",
    ]
