"""The measures on cases that can be worked out by hand."""

import numpy as np
import pytest

from retrieval.training.measure import average_precision, ndcg, precision, unweighted_recall

SCORES = np.array([0.9, 0.8, 0.7, 0.6])


def relevant(*flags):
    return np.array(flags, dtype=bool)


def test_ndcg_by_hand():
    gained = 1 / np.log2(2) + 1 / np.log2(4)
    best = 1 / np.log2(2) + 1 / np.log2(3)
    assert ndcg(SCORES, relevant(1, 0, 1, 0)) == pytest.approx(gained / best)
    assert ndcg(SCORES, relevant(1, 1, 0, 0)) == 1
    assert ndcg(SCORES, relevant(0, 0, 0, 1), k=3) == 0
    assert ndcg(SCORES, relevant(1, 1, 1, 1), k=2) == 1
    assert np.isnan(ndcg(SCORES, relevant(0, 0, 0, 0)))


def test_ndcg_agrees_with_scikit_learn():
    metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(0)
    for _ in range(20):
        scores, flags = rng.random(30), rng.random(30) < 0.3
        flags[0] = True
        wanted = metrics.ndcg_score(flags[None].astype(float), scores[None], k=10)
        assert ndcg(scores, flags) == pytest.approx(wanted)
        assert average_precision(scores, flags) == pytest.approx(
            metrics.average_precision_score(flags, scores)
        )


def test_precision_and_average_precision_by_hand():
    assert precision(SCORES, relevant(1, 0, 1, 0), k=2) == 0.5
    assert precision(SCORES, relevant(1, 0, 1, 0)) == 0.5
    assert average_precision(SCORES, relevant(1, 0, 1, 0)) == pytest.approx((1 + 2 / 3) / 2)
    assert np.isnan(average_precision(SCORES, relevant(0, 0, 0, 0)))


def test_unweighted_recall_counts_classes_alike():
    true = ["a", "a", "a", "b"]
    assert unweighted_recall(["a", "a", "a", "a"], true) == 0.5
    assert unweighted_recall(["a", "b", "a", "b"], true) == pytest.approx((2 / 3 + 1) / 2)
