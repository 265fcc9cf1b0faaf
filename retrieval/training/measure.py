"""Measures of ranking and naming, for choosing and for the card. Plain formulas on arrays."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.floating]


def ndcg(scores: Scores, relevant: NDArray[np.bool_], k: int = 10) -> float:
    """Normalised discounted cumulative gain at k, gain 1 for a relevant item.

    Ties in score keep their order. Returns nan when nothing is relevant.
    """
    count = int(relevant.sum())
    if count == 0:
        return float("nan")
    discount = 1 / np.log2(np.arange(2, min(k, len(scores)) + 2))
    gains = relevant[np.argsort(-scores, kind="stable")[:k]].astype(float)
    return float((gains * discount).sum() / discount[:count].sum())


def precision(scores: Scores, relevant: NDArray[np.bool_], k: int = 10) -> float:
    """Share of relevant items among the first k."""
    return float(relevant[np.argsort(-scores, kind="stable")[:k]].mean())


def average_precision(scores: Scores, relevant: NDArray[np.bool_]) -> float:
    """Mean over relevant items of the precision at their rank; nan when nothing is relevant."""
    hits = relevant[np.argsort(-scores, kind="stable")]
    if not hits.any():
        return float("nan")
    precisions = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    return float(precisions[hits].mean())


def unweighted_recall(named: Sequence[str], true: Sequence[str]) -> float:
    """UAR: mean over classes of the share of its members named right."""
    said, is_so = np.array(named), np.array(true)
    return float(np.mean([(said[is_so == name] == name).mean() for name in np.unique(is_so)]))
