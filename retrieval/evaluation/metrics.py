"""Measures of a ranking, of naming, and of agreement between two lists of numbers.

Only formulas on arrays. What a measure says never depends on the order in which the items were
given: items with equal scores are treated alike. A measure that is not defined is nan.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Numbers = NDArray[np.float64]


def ndcg_at_k(scores: ArrayLike, gains: ArrayLike, k: int = 10) -> float:
    """Normalised discounted cumulative gain of the first k, 0..1.

    DCG = sum of gain_i / log2(i + 1) over ranks i = 1..k, divided by that of the best order
    (Järvelin and Kekäläinen 2002). Equal scores share the mean of their gains, which is the
    expectation over their orders (McSherry and Najork 2008); hence equal scores for all items
    give the expectation of a random order.

    Args:
        scores: (n,), higher is earlier.
        gains: (n,), 0 or more; 0 and 1 for plain relevance.
        k: how many ranks count.

    Returns:
        nan when no item has a gain.
    """
    gain = np.asarray(gains, dtype=np.float64)
    best = _dcg(-np.sort(-gain), k)
    return _dcg(_expected_by_rank(scores, gain), k) / best if best > 0 else float("nan")


def precision_at_k(scores: ArrayLike, relevant: ArrayLike, k: int = 10) -> float:
    """Share of relevant items (n,) among the first k, 0..1; of all when there are fewer than k.

    Equal scores share the mean of their relevance, as in `ndcg_at_k`.
    """
    return _mean(_expected_by_rank(scores, np.asarray(relevant, dtype=np.float64))[:k])


def average_precision(scores: ArrayLike, relevant: ArrayLike) -> float:
    """Precision averaged over recall, 0..1: sum of (R_t - R_t-1) P_t over the distinct scores t.

    Without equal scores it is the mean over relevant items of the precision at their rank
    (Buckley and Voorhees 2000); items with equal scores enter together.

    Args:
        scores: (n,), higher is earlier.
        relevant: (n,), true or false.

    Returns:
        nan when nothing is relevant.
    """
    score, is_relevant = np.asarray(scores), np.asarray(relevant, dtype=np.float64)
    total = is_relevant.sum()
    if total == 0:
        return float("nan")
    levels, level_of = np.unique(-score, return_inverse=True)  # ascending: the best level first
    found = np.cumsum(np.bincount(level_of, is_relevant, len(levels)))  # (levels,)
    seen = np.cumsum(np.bincount(level_of, minlength=len(levels)))  # (levels,)
    return float((np.diff(found, prepend=0.0) * found / seen).sum() / total)


def random_average_precision(relevant: int, n: int) -> float:
    """Expectation of `average_precision` over all orders of n items, `relevant` of them relevant.

    An item at rank i is relevant with probability R/N, and then each of the i - 1 before it with
    (R - 1)/(N - 1); summed over ranks: (H + (N - H)(R - 1)/(N - 1)) / N with H = 1 + 1/2 ... 1/N
    (as in Bestgen 2015). nan when nothing is relevant.
    """
    if relevant == 0:
        return float("nan")
    if n == 1:
        return 1.0
    harmonic = float((1 / np.arange(1, n + 1)).sum())
    return (harmonic + (n - harmonic) * (relevant - 1) / (n - 1)) / n


def unweighted_average_recall(true: ArrayLike, named: ArrayLike) -> float:
    """UAR: mean over the classes in `true` of the share named right, 0..1; chance is 1/classes.

    Args:
        true, named: (n,) class names. A name that is no class only counts as wrong.
    """
    truth = np.asarray(true)
    return mean_over_classes(np.asarray(named) == truth, truth)


def shares_named(scores: ArrayLike, true: ArrayLike) -> Numbers:
    """The chance (n,) of each item to be named right when the highest score names it.

    1 or 0; names that share the highest score are equally likely.

    Args:
        scores: (names, n).
        true: (n,) the row of the right name.
    """
    score, row = np.asarray(scores), np.asarray(true)
    best = score == score.max(axis=0)  # (names, n)
    return np.asarray(best[row, np.arange(len(row))] / best.sum(axis=0), dtype=np.float64)


def mean_over_classes(values: ArrayLike, classes: ArrayLike) -> float:
    """The mean over classes of the mean of values (n,) in each; nan without items.

    Of `shares_named` it is the UAR.
    """
    names, number = np.unique(np.asarray(classes), return_inverse=True)
    total = np.bincount(number, np.asarray(values, dtype=np.float64), len(names))
    return _mean(total / np.bincount(number, minlength=len(names)))


def recall_at_k(scores: ArrayLike, true: ArrayLike, k: int) -> Numbers:
    """The chance (n,) that the right one of several candidates is among the k best.

    With m candidates above it and t that share its score (it among them), min(1, (k - m) / t),
    at least 0: the expectation over orders of equal scores.

    Args:
        scores: (candidates, n).
        true: (n,) the row of the right candidate.
        k: how many are looked at.
    """
    score, row = np.asarray(scores), np.asarray(true)
    own = score[row, np.arange(len(row))]  # (n,)
    above, tied = (score > own).sum(axis=0), (score == own).sum(axis=0)
    return np.asarray(np.clip((k - above) / tied, 0.0, 1.0), dtype=np.float64)


def kendall_tau_b(x: ArrayLike, y: ArrayLike) -> float:
    """Kendall's tau-b, -1..1: concordant minus discordant pairs, corrected for ties.

    (C - D) / sqrt((n0 - n1)(n0 - n2)), with n0 all pairs and n1, n2 those tied in x and in y
    (Kendall 1945). Takes O(L n log n) for L distinct values in y: put the coarser list there.

    Returns:
        nan when all of x or all of y are equal.
    """
    one, other = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    surplus, below = 0, one[:0]
    for level in np.unique(other):
        here = one[other == level]
        # concordant: items lower in y are lower in x; discordant: they are higher in x
        smaller = np.searchsorted(below, here, side="left")
        larger = len(below) - np.searchsorted(below, here, side="right")
        surplus += int(smaller.sum() - larger.sum())
        below = np.sort(np.concatenate([below, here]))
    untied = float(_untied_pairs(one)) * float(_untied_pairs(other))
    return surplus / untied**0.5 if untied else float("nan")


def spearman(x: ArrayLike, y: ArrayLike) -> float:
    """Spearman's rho, -1..1: Pearson's correlation of ranks, ties at their mean rank.

    nan when all of x or all of y are equal.
    """
    one, other = _ranks(x), _ranks(y)
    one, other = one - one.mean(), other - other.mean()
    spread = float(np.sqrt((one @ one) * (other @ other)))
    return float(one @ other) / spread if spread else float("nan")


def concordance(x: ArrayLike, y: ArrayLike) -> float:
    """Lin's concordance correlation coefficient (CCC), -1..1.

    2 cov(x, y) / (var x + var y + (mean x - mean y)^2), moments over n (Lin 1989). Unlike a
    correlation it asks for the same values. nan when all values of both are one number.
    """
    one, other = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    shift = one.mean() - other.mean()
    covariance = ((one - one.mean()) * (other - other.mean())).mean()
    spread = float(one.var() + other.var() + shift**2)
    return float(2 * covariance) / spread if spread else float("nan")


def _expected_by_rank(scores: ArrayLike, gains: Numbers) -> Numbers:
    """Gains (n,) in order of falling score, each replaced by the mean of its tied group."""
    levels, level_of = np.unique(-np.asarray(scores), return_inverse=True)
    sizes = np.bincount(level_of, minlength=len(levels))
    means = np.bincount(level_of, gains, len(levels)) / sizes  # (levels,)
    return np.asarray(np.repeat(means, sizes), dtype=np.float64)


def _dcg(gains: Numbers, k: int) -> float:
    first = gains[:k]
    return float((first / np.log2(np.arange(2, len(first) + 2))).sum())


def _untied_pairs(values: Numbers) -> int:
    sizes = np.unique(values, return_counts=True)[1].astype(np.int64)
    n = len(values)
    return n * (n - 1) // 2 - int((sizes * (sizes - 1) // 2).sum())


def _ranks(values: ArrayLike) -> Numbers:
    """Ranks (n,) from 1; equal values share the mean of their ranks."""
    levels, level_of = np.unique(np.asarray(values), return_inverse=True)
    sizes = np.bincount(level_of, minlength=len(levels))
    last = np.cumsum(sizes)
    return np.asarray((last - (sizes - 1) / 2)[level_of], dtype=np.float64)


def _mean(values: ArrayLike) -> float:
    array = np.asarray(values, dtype=np.float64)
    return float(array.mean()) if len(array) else float("nan")
