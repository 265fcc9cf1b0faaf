"""How often clips are named right: accuracy, macro-F1 and UAR, with intervals over speakers."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from retrieval.evaluation.bootstrap import Positions, estimates
from retrieval.evaluation.table import Estimate

Numbers = NDArray[np.float64]

#: What `measured` gives, in its order.
MEASURES = ("accuracy", "macro-F1", "UAR")


def told(row: str, streams: tuple[str, str]) -> str:
    """A way, or one less another, in words."""
    names = {
        "first": f"{streams[0]} alone",
        "second": f"{streams[1]} alone",
        "transport": "transport, no attention",
        "mata": "transport and attention",
    }
    return " less ".join(names.get(way, way) for way in row.split(" less "))


def measured(true: ArrayLike, named: ArrayLike, classes: int) -> Numbers:
    """Accuracy, macro-F1 and UAR, 0..1, (3,).

    Macro-F1 is the mean over the classes in `true` of 2 right / (meant + named) (Opitz and Burst
    2019, "Macro F1 and Macro F1", the mean of F1 and not the F1 of means).

    Args:
        true, named: (n,) numbers of classes, 0 to `classes` - 1.
    """
    truth, guess = np.asarray(true), np.asarray(named)
    right = np.bincount(truth[truth == guess], minlength=classes)
    meant, called = (np.bincount(one, minlength=classes) for one in (truth, guess))
    there = meant > 0
    f1 = 2 * right[there] / (meant + called)[there]
    recall = right[there] / meant[there]
    return np.array([right.sum() / len(truth), f1.mean(), recall.mean()])


def compared(
    speakers: Sequence[str],
    true: ArrayLike,
    named: Mapping[str, ArrayLike],
    classes: int,
    less: Sequence[tuple[str, str]],
    draws: int = 1000,
) -> dict[str, list[Estimate]]:
    """`MEASURES` of several ways to name the same clips, and differences between ways.

    Args:
        speakers: (n,) who is heard.
        true: (n,) numbers of classes.
        named: by way, (n,) numbers of classes.
        less: pairs of ways; the first less the second, on the same draws of speakers.
    """
    truth, guesses = np.asarray(true), {way: np.asarray(one) for way, one in named.items()}

    def statistic(at: Positions) -> Numbers:
        found = {way: measured(truth[at], one[at], classes) for way, one in guesses.items()}
        return np.concatenate([*found.values(), *(found[one] - found[two] for one, two in less)])

    flat = estimates(list(speakers), statistic, draws)
    rows = [*guesses, *(f"{one} less {two}" for one, two in less)]
    width = len(MEASURES)
    return {row: flat[n * width : (n + 1) * width] for n, row in enumerate(rows)}
