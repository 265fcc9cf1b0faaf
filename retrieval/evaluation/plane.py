"""Clips and texts in one plane, by principal components."""

from dataclasses import dataclass

import numpy as np

from retrieval.evaluation.grouping import Groups
from retrieval.evaluation.metrics import Numbers
from retrieval.space import Vectors


@dataclass(frozen=True)
class Map:
    """Where clips and texts lie on the two axes along which they differ most.

    Attributes:
        clips: (n, 2).
        texts: (t, 2).
        shares: (2,) of the variance of the clips that lies along each axis.
    """

    clips: Numbers
    texts: Numbers
    shares: tuple[float, float]


def map_of(clips: Vectors, groups: Groups, texts: Vectors, count: int) -> Map:
    """Centre clips and texts apart, and lay both on two axes.

    Without centring, the gap between sound and text would be all that one sees. The middle of
    the clips is the mean of their groups, so that a large group does not draw it to itself; the
    middle of the texts is the mean of the first `count`, one for each group. The axes are the
    principal components of all centred clips and texts together; the largest part of each is
    positive, so that the same vectors give the same map.

    Args:
        clips: (n, k).
        groups: (n,) below `count`.
        texts: (t, k), those of the groups first.
    """
    member = np.eye(count)[groups]  # (n, count)
    means = (member.T @ clips) / member.sum(axis=0)[:, None]  # (count, k)
    heard = clips - means.mean(axis=0)  # (n, k)
    read = texts - texts[:count].mean(axis=0)  # (t, k)
    both = np.concatenate([heard, read])
    _, directions = np.linalg.eigh(both.T @ both)  # (k, k), the least first
    axes = directions[:, :-3:-1].T  # (2, k)
    largest = np.abs(axes).argmax(axis=1)
    axes = axes * np.sign(axes[[0, 1], largest])[:, None]
    variance = (heard @ axes.T).var(axis=0) / heard.var(axis=0).sum()
    return Map(heard @ axes.T, read @ axes.T, (float(variance[0]), float(variance[1])))
