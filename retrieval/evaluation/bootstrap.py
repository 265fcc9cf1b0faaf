"""How far a measure would move with other speakers."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from retrieval.evaluation.table import Estimate

Positions = NDArray[np.int64]
Statistic = Callable[[Positions], ArrayLike]


def interval(
    groups: ArrayLike, statistic: Statistic, n: int = 1000, seed: int = 0, level: float = 0.95
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Percentile bootstrap over whole groups (Efron and Tibshirani 1993).

    Clips of one speaker are not independent, so speakers are drawn, with replacement and as many
    as there are, and each brings all its clips. With few speakers there are few different draws:
    the interval is then rough, and with less than two there is none.

    Args:
        groups: (items,) the name of the group of each item.
        statistic: from positions of items, repeated as drawn, to a number or an array of them.
        n: how many draws. Each different draw is computed once.
        seed: the same seed gives the same draws.
        level: the share of draws inside.

    Returns:
        The lower and the upper end, each shaped like the statistic; nan where there is none.
        Draws for which the statistic is nan are left out.
    """
    names, group = np.unique(np.asarray(groups), return_inverse=True)
    members = [np.flatnonzero(group == number) for number in range(len(names))]
    if len(names) < 2:
        nowhere = np.full_like(np.asarray(statistic(np.arange(len(group))), np.float64), np.nan)
        return nowhere, nowhere
    draws = np.random.default_rng(seed).integers(0, len(names), (n, len(names)))
    # the order of a draw does not matter
    different, times = np.unique(np.sort(draws, axis=1), axis=0, return_counts=True)
    values = np.stack(
        [
            np.asarray(statistic(np.concatenate([members[one] for one in draw])), np.float64)
            for draw in different
        ]
    )  # (different, ...)
    flat = np.repeat(values.reshape(len(values), -1), times, axis=0)  # (n, numbers)
    tail = (1 - level) / 2
    ends = np.array([_quantiles(column, (tail, 1 - tail)) for column in flat.T])  # (numbers, 2)
    low, high = ends.T.reshape(2, *values.shape[1:])
    return low, high


def estimates(groups: ArrayLike, statistic: Statistic, n: int = 1000) -> list[Estimate]:
    """Measures of all items, each with its 95 % interval over groups.

    Args:
        groups, n: as for `interval`.
        statistic: from positions of items to m numbers.
    """
    values = np.asarray(statistic(np.arange(len(np.asarray(groups)))), dtype=np.float64)  # (m,)
    low, high = interval(groups, statistic, n)
    return [Estimate(*ends) for ends in np.stack([values, low, high], axis=1).tolist()]


def folds(groups: ArrayLike, count: int) -> NDArray[np.int64]:
    """A fold from 0 for each item, (items,): all items of one group (items,) in the same."""
    names, group = np.unique(np.asarray(groups), return_inverse=True)
    return np.asarray(np.random.default_rng(0).permutation(len(names))[group] % count)


def _quantiles(values: NDArray[np.float64], at: tuple[float, float]) -> NDArray[np.float64]:
    known = values[~np.isnan(values)]
    if not len(known):
        return np.full(2, np.nan)
    return np.asarray(np.quantile(known, at), dtype=np.float64)
