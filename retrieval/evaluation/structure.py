"""How two clouds of vectors lie to each other, and how one of them falls into groups."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from retrieval.evaluation.metrics import spearman
from retrieval.space import Vectors, unit

#: Rows of a distance matrix that are held at a time.
CHUNK = 1024


def modality_gap(audio: Vectors, text: Vectors) -> float:
    """Distance between the means of unit vectors (n, k) and (m, k), 0..2 (Liang et al. 2022)."""
    return float(np.linalg.norm(audio.mean(axis=0) - text.mean(axis=0)))


def mmd(x: Vectors, y: Vectors) -> float:
    """Maximum mean discrepancy of two samples (n, k) and (m, k), 0..sqrt(2); 0 when identical.

    The square root of mean k(x, x') + mean k(y, y') - 2 mean k(x, y) over all pairs, with
    k(a, b) = exp(-|a - b|^2 / (2 s^2)) and s the median distance of two different items of the
    joined sample (Gretton et al. 2012, the biased estimate). Memory grows with (n + m)^2.

    Returns:
        0 when more than half of the distances are 0, which leaves no scale.
    """
    joined = np.concatenate([x, y]).astype(np.float64)  # (n + m, k)
    squared = _squared_distances(joined, joined)  # (n + m, n + m)
    scale = float(np.median(squared[np.triu_indices(len(joined), 1)]))
    if scale == 0:
        return 0.0
    kernel = np.exp(-squared / (2 * scale))
    n = len(x)
    square = kernel[:n, :n].mean() + kernel[n:, n:].mean() - 2 * kernel[:n, n:].mean()
    return float(np.sqrt(max(square, 0.0)))


def centred(vectors: Vectors) -> Vectors:
    """Vectors (n, k) less their mean, scaled back to length one."""
    return unit(vectors - vectors.mean(axis=0))


def distances(points: ArrayLike) -> NDArray[np.float64]:
    """Euclidean distances (n, n) of points (n, k)."""
    x = np.asarray(points, dtype=np.float64)
    return np.asarray(np.sqrt(_squared_distances(x, x)))


def mantel(
    x: NDArray[np.float64], y: NDArray[np.float64], permutations: int = 4999, seed: int = 0
) -> tuple[float, float]:
    """Do two matrices of distances between the same n items agree (Mantel 1967)?

    Representational similarity analysis (Kriegeskorte et al. 2008) with its usual test: the items
    of one matrix change places at random, as rows and columns at once.

    Args:
        x, y: (n, n), symmetric.
        permutations: how many random orders of the items.
        seed: the same seed gives the same orders.

    Returns:
        Spearman's rho of the distances, and p = (b + 1) / (permutations + 1), b the orders that
        give at least this rho. Both nan for less than three items or equal distances.
    """
    pairs = np.triu_indices(len(x), 1)
    rho = spearman(x[pairs], y[pairs]) if len(x) > 2 else float("nan")
    if np.isnan(rho):
        return float("nan"), float("nan")
    rng = np.random.default_rng(seed)
    reached = 0
    for _ in range(permutations):
        order = rng.permutation(len(x))
        # equal but for rounding counts as reached, which is the careful side
        reached += spearman(x[np.ix_(order, order)][pairs], y[pairs]) >= rho - 1e-9
    return rho, (reached + 1) / (permutations + 1)


def silhouette(vectors: Vectors, groups: ArrayLike) -> float:
    """Mean silhouette (Rousseeuw 1987) by Euclidean distance, -1..1; higher is better grouped.

    (b - a) / max(a, b) of an item, a its mean distance to the others of its group, b that to
    the closest other group; 0 for an item that is alone in its group.

    Args:
        vectors: (n, k).
        groups: (n,) names.

    Returns:
        nan when there is only one group.
    """
    x = np.asarray(vectors, dtype=np.float64)
    names, group = np.unique(np.asarray(groups), return_inverse=True)
    if len(names) < 2:
        return float("nan")
    member = np.eye(len(names))[group]  # (n, groups)
    values = [
        _silhouettes(x[at : at + CHUNK], group[at : at + CHUNK], x, member)
        for at in range(0, len(x), CHUNK)
    ]
    return float(np.concatenate(values).mean())


def _silhouettes(
    some: NDArray[np.float64],
    group: NDArray[np.int64],
    x: NDArray[np.float64],
    member: NDArray[np.float64],
) -> NDArray[np.float64]:
    rows, sizes = np.arange(len(some)), member.sum(axis=0)  # sizes (groups,)
    total = np.sqrt(_squared_distances(some, x)) @ member  # (rows, groups)
    own = total[rows, group] / np.maximum(sizes[group] - 1, 1)  # the item itself adds 0
    others = total / sizes
    others[rows, group] = np.inf
    closest = others.min(axis=1)
    wider = np.maximum(own, closest)
    value = np.divide(closest - own, wider, out=np.zeros_like(own), where=wider > 0)
    return np.asarray(np.where(sizes[group] > 1, value, 0.0), dtype=np.float64)


def _squared_distances(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    squared = (x * x).sum(1)[:, None] + (y * y).sum(1)[None] - 2 * x @ y.T  # (n, m)
    # what rounding leaves of a distance of 0 would be the root of an error, which is large
    squared[squared < 1e-12 * (1 + squared.max(initial=0.0))] = 0.0
    return np.asarray(squared, dtype=np.float64)
