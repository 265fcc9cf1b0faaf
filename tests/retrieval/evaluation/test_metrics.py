"""Measures against known answers, against brute force, and against scipy and scikit-learn."""

import itertools
import math

import numpy as np
import pytest
import scipy.stats
import sklearn.metrics
from hypothesis import given
from hypothesis import strategies as st

from retrieval.evaluation.metrics import (
    average_precision,
    concordance,
    kendall_tau_b,
    mean_over_classes,
    ndcg_at_k,
    precision_at_k,
    random_average_precision,
    recall_at_k,
    shares_named,
    spearman,
    unweighted_average_recall,
)

# few different values, so that ties are common
coarse = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3)), min_size=2, max_size=30)
RELEVANT = [True, False, True, False, False]


def test_ndcg_of_a_ranking_worked_by_hand() -> None:
    scores, gains = [0.9, 0.8, 0.7, 0.6], [0.0, 1.0, 0.0, 1.0]
    found = 1 / math.log2(3) + 1 / math.log2(5)
    assert ndcg_at_k(scores, gains) == pytest.approx(found / (1 + 1 / math.log2(3)))
    assert ndcg_at_k(scores, gains, k=1) == 0.0
    assert ndcg_at_k(gains, gains) == 1.0


@given(coarse, st.integers(1, 12))
def test_ndcg_is_that_of_scikit_learn(pairs: list[tuple[int, int]], k: int) -> None:
    scores, gains = (np.array(column, float) for column in zip(*pairs, strict=True))
    if gains.any():
        theirs = sklearn.metrics.ndcg_score([gains], [scores], k=k)
        assert ndcg_at_k(scores, gains, k) == pytest.approx(theirs)
    else:
        assert math.isnan(ndcg_at_k(scores, gains, k))


def test_equal_scores_give_the_mean_over_all_orders() -> None:
    orders = list(itertools.permutations(range(5)))
    for measure in (ndcg_at_k, precision_at_k):
        mean = np.mean([measure(order, RELEVANT, 2) for order in orders])
        assert measure(np.zeros(5), RELEVANT, 2) == pytest.approx(mean)


def test_random_average_precision_is_the_mean_over_all_orders() -> None:
    orders = list(itertools.permutations(range(5)))
    mean = np.mean([average_precision(order, RELEVANT) for order in orders])
    assert random_average_precision(2, 5) == pytest.approx(mean)
    assert random_average_precision(5, 5) == pytest.approx(1)
    assert random_average_precision(1, 1) == 1
    assert math.isnan(random_average_precision(0, 5))


def test_precision_counts_the_first_k() -> None:
    assert precision_at_k([5, 4, 3, 2, 1], RELEVANT, 2) == 0.5
    assert precision_at_k([5, 4, 3, 2, 1], RELEVANT, 3) == pytest.approx(2 / 3)
    assert precision_at_k([5, 4, 3, 2, 1], RELEVANT, 10) == pytest.approx(2 / 5)


def test_average_precision_of_a_ranking_worked_by_hand() -> None:
    assert average_precision([5, 4, 3, 2, 1], RELEVANT) == pytest.approx((1 / 1 + 2 / 3) / 2)
    assert math.isnan(average_precision([1, 2], [False, False]))


@given(coarse)
def test_average_precision_is_that_of_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    scores, grades = (np.array(column) for column in zip(*pairs, strict=True))
    relevant = grades > 1
    if relevant.any():
        theirs = sklearn.metrics.average_precision_score(relevant, scores)
        assert average_precision(scores, relevant) == pytest.approx(theirs)


def test_uar_weighs_classes_alike() -> None:
    true = ["sad"] * 8 + ["angry"] * 2
    assert unweighted_average_recall(true, ["sad"] * 10) == 0.5
    named = ["sad"] * 6 + ["calm"] * 2 + ["angry", "sad"]
    assert unweighted_average_recall(true, named) == pytest.approx((0.75 + 0.5) / 2)
    assert unweighted_average_recall(true, true) == 1


@given(coarse)
def test_rank_correlations_are_those_of_scipy(pairs: list[tuple[int, int]]) -> None:
    x, y = (np.array(column, float) for column in zip(*pairs, strict=True))
    if len(set(x)) == 1 or len(set(y)) == 1:
        assert math.isnan(kendall_tau_b(x, y))
        assert math.isnan(spearman(x, y))
    else:
        assert kendall_tau_b(x, y) == pytest.approx(scipy.stats.kendalltau(x, y).statistic)
        assert spearman(x, y) == pytest.approx(scipy.stats.spearmanr(x, y).statistic)


def test_tau_b_counts_pairs() -> None:
    rng = np.random.default_rng(5)
    x, y = rng.standard_normal(40), rng.integers(0, 4, 40)
    pairs = list(itertools.combinations(range(40), 2))
    surplus = sum(np.sign(x[i] - x[j]) * np.sign(y[i] - y[j]) for i, j in pairs)
    untied = sum(y[i] != y[j] for i, j in pairs)
    assert kendall_tau_b(x, y) == pytest.approx(surplus / math.sqrt(len(pairs) * untied))
    assert kendall_tau_b(y, x) == pytest.approx(kendall_tau_b(x, y))


def test_concordance_asks_for_the_same_values() -> None:
    x = np.array([0.0, 1.0, 2.0, 3.0])
    assert concordance(x, x) == pytest.approx(1)
    assert concordance(x, -x + 3) == pytest.approx(-1)
    # cov = var = 1.25, shift 2
    assert concordance(x, x + 2) == pytest.approx(2.5 / (2.5 + 4))
    assert math.isnan(concordance([1.0, 1.0], [1.0, 1.0]))


@given(st.integers(0, 10**6))
def test_naming_shares_ties_and_its_mean_over_classes_is_the_uar(seed: int) -> None:
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, 3, (4, 12)).astype(float)
    row = rng.integers(0, 4, 12)
    right = shares_named(scores, row)
    by_hand = []
    for column, own in zip(scores.T, row, strict=True):
        best = [name for name in range(4) if column[name] == max(column)]
        by_hand.append(1 / len(best) if own in best else 0)
    assert right == pytest.approx(by_hand)
    clear = scores + 0.1 * np.arange(4)[:, None]
    uar = unweighted_average_recall(row, clear.argmax(axis=0))
    assert mean_over_classes(shares_named(clear, row), row) == pytest.approx(uar)


def test_recall_at_k_is_the_mean_over_orders_of_equal_scores() -> None:
    scores = np.array([[0.5, 0.1], [0.5, 0.9], [0.7, 0.9], [0.5, 0.3]])
    row = np.array([0, 3])
    for k in (1, 2, 3, 4):
        by_hand = []
        for column, own in zip(scores.T, row, strict=True):
            orders = [
                order
                for order in itertools.permutations(range(4))
                if (np.diff(column[list(order)]) <= 0).all()
            ]
            by_hand.append(np.mean([own in order[:k] for order in orders]))
        assert recall_at_k(scores, row, k) == pytest.approx(by_hand)


def test_a_mean_over_no_classes_is_not_defined() -> None:
    assert math.isnan(mean_over_classes([], []))
