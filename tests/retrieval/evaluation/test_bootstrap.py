"""Intervals over speakers."""

import itertools

import numpy as np
import pytest

from retrieval.evaluation.bootstrap import Positions, estimates, interval


def test_the_ends_are_quantiles_over_all_draws_of_groups() -> None:
    values = np.array([0.0, 1.0, 10.0, 4.0, 5.0, 6.0])
    groups = ["a", "a", "b", "b", "b", "c"]
    members = [[0.0, 1.0], [10.0, 4.0, 5.0], [6.0]]
    means = [np.mean(np.concatenate(draw)) for draw in itertools.product(members, repeat=3)]
    ends = interval(groups, lambda at: values[at].mean(), n=20_000, level=0.8)
    # each of the 27 draws is equally likely; 20,000 drawn at random come close
    assert ends == pytest.approx(np.quantile(np.repeat(means, 1000), [0.1, 0.9]), abs=0.05)


def test_a_group_is_drawn_whole() -> None:
    groups = np.repeat(["x", "y", "z"], 4)

    def whole(at: Positions) -> float:
        counts = np.bincount(at, minlength=12).reshape(3, 4)
        assert (counts == counts[:, :1]).all()
        return float(len(at))

    low, high = interval(groups, whole)
    assert low == 12
    assert high == 12


def test_the_mean_of_many_speakers_has_the_interval_of_the_textbook() -> None:
    values = np.random.default_rng(3).standard_normal(400)
    low, high = interval(np.arange(400), lambda at: values[at].mean())
    half = 1.96 * values.std() / 20
    assert low == pytest.approx(values.mean() - half, abs=0.015)
    assert high == pytest.approx(values.mean() + half, abs=0.015)


def test_a_statistic_may_be_an_array_with_gaps() -> None:
    groups, values = ["a", "b", "c"], np.array([1.0, 2.0, 3.0])

    def statistic(at: Positions) -> list[list[float]]:
        mean = float(values[at].mean())
        return [[mean, -mean], [mean if mean < 2 else float("nan"), float("nan")]]

    low, high = interval(groups, statistic)
    assert low.shape == high.shape == (2, 2)
    assert (low[0, 1], high[0, 1]) == (-high[0, 0], -low[0, 0])
    assert high[1, 0] < 2
    assert np.isnan([low[1, 1], high[1, 1]]).all()


def test_seeds_repeat_and_one_speaker_has_no_interval() -> None:
    values = np.arange(30.0)
    groups = np.arange(30) // 2
    ends = [interval(groups, lambda at: values[at].mean(), seed=seed) for seed in (1, 1, 2)]
    assert ends[0] == ends[1] != ends[2]
    assert np.isnan(interval(np.zeros(30), lambda at: values[at].mean())).all()


def test_estimates_are_values_of_all_items_with_the_same_interval() -> None:
    values = np.arange(30.0)
    groups = np.arange(30) // 3

    def statistic(at: Positions) -> list[float]:
        return [values[at].mean(), values[at].max()]

    mean, top = estimates(groups, statistic, n=50)
    low, high = interval(groups, statistic, n=50)
    assert (mean.value, top.value) == (14.5, 29)
    assert ([mean.low, top.low], [mean.high, top.high]) == (low.tolist(), high.tolist())
