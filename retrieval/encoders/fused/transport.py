"""Which frames of one stream answer which of another, by optimal transport (POT, `fusion`).

Every frame is given the same weight, and the weight of one stream is carried over to the other so
that it travels as little as possible, with some entropy (Cuturi 2013, "Sinkhorn Distances"). The
plan says how much of each frame goes where. It is made of the frames of one window alone, so that
a vector never depends on what is encoded beside it.
"""

import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import MissingExtra

Vectors = NDArray[np.float32]
Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]

#: Weight of the entropy, where the longest way is 1. More makes a plan that says less.
ENTROPY = 0.05

#: How far the weights that arrive may be off (L2), and after how many rounds that is let go.
CLOSE, ROUNDS = 1e-7, 1000


def no_pot() -> MissingExtra:
    """What is said where POT is not installed."""
    return MissingExtra(
        "a space of two streams needs POT, which is not installed",
        remedy="pip install 'affetto[fusion]'",
    )


def pot() -> Any:
    """The package POT.

    Raises:
        MissingExtra: it is not installed.
    """
    # It asks for every library of arrays that it finds, torch among them, which takes seconds;
    # here numpy is all that it is given.
    for other in ("PYTORCH", "JAX", "CUPY", "TENSORFLOW"):
        os.environ.setdefault(f"POT_BACKEND_DISABLE_{other}", "1")
    try:
        import ot
    except ImportError as fault:
        raise no_pot() from fault
    return ot


def ways(one: Vectors, other: Vectors, counted: Flags | None = None) -> Numbers:
    """How far each frame (..., t, d) lies from each of another stream (..., u, d), (..., t, u).

    Euclidean distances, divided by the longest of them: 0..1, and all 0 if no two frames differ.

    Args:
        counted: (..., t, u) which pairs can be the longest; None for all.
    """
    x, y = one.astype(np.float64), other.astype(np.float64)
    square = (x * x).sum(axis=-1)[..., :, None] + (y * y).sum(axis=-1)[..., None, :]
    square = square - 2 * x @ np.swapaxes(y, -1, -2)  # (..., t, u)
    found = np.sqrt(np.maximum(square, 0))
    where = np.True_ if counted is None else counted
    longest = found.max(axis=(-2, -1), keepdims=True, initial=0, where=where)
    return np.asarray(found / np.maximum(longest, np.finfo(np.float64).tiny))


def plan(one: Vectors, other: Vectors) -> Vectors:
    """What goes from each frame (t, d) to each frame of another stream (u, d), (t, u).

    Rows sum to 1 / t and columns to 1 / u.

    Raises:
        MissingExtra: POT is not installed.
    """
    t, u = len(one), len(other)
    found = pot().sinkhorn(
        np.full(t, 1 / t), np.full(u, 1 / u), ways(one, other), ENTROPY,
        method="sinkhorn_log", numItermax=ROUNDS, stopThr=CLOSE, warn=False,
    )  # fmt: skip
    return np.asarray(found, dtype=np.float32)
