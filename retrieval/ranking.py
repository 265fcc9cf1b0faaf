"""From scored windows to a ranked list: best window per clip, near-duplicates, diversity.

Everything here works on candidates in order of falling cosine and knows nothing of databases.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from retrieval.space import Vectors

# Unit vectors closer than this are taken for one recording. Measured: docs/search.md.
NEAR_DUPLICATE = 0.99
NEIGHBOURS = 100


@dataclass(frozen=True)
class Candidate:
    """One window of one clip, with its cosine to the prompt."""

    window: int
    clip: int
    sound: int
    cosine: float


def best_per_clip(candidates: Iterable[Candidate]) -> list[Candidate]:
    """The first, that is the best, candidate of each clip; the order is kept."""
    best: dict[int, Candidate] = {}
    for candidate in candidates:
        best.setdefault(candidate.clip, candidate)
    return list(best.values())


def collapse(candidates: Sequence[Candidate], vectors: Vectors) -> list[int]:
    """Positions that stay when near-duplicates of a better candidate are folded into it.

    Two candidates are duplicates when they are windows of different clips with the same
    content, or when their unit vectors (n, k) have a cosine of at least `NEAR_DUPLICATE`.
    Near-duplicates have almost the same cosine to the prompt, so only the `NEIGHBOURS` kept
    last are compared.
    """
    kept: list[int] = []
    owner: dict[int, int] = {}  # sound -> the clip that stays for it
    for position, one in enumerate(candidates):
        if owner.setdefault(one.sound, one.clip) != one.clip:
            continue
        near = kept[-NEIGHBOURS:]
        close = vectors[near] @ vectors[position] >= NEAR_DUPLICATE  # (neighbours,)
        if not any(candidates[near[n]].clip != one.clip for n in np.flatnonzero(close)):
            kept.append(position)
    return kept


def diversify(scores: Sequence[float], vectors: Vectors, k: int, balance: float) -> list[int]:
    """Maximal marginal relevance (Carbonell and Goldstein 1998): positions in the order chosen.

    Each step takes the candidate with the largest
    ``(1 - balance) * relevance - balance * closest cosine to those already chosen``.
    Relevance is the score scaled to 0..1 over the candidates, so that both halves weigh alike
    although cosines across modalities are much smaller than those between sounds.

    Args:
        scores: falling relevance of n candidates.
        vectors: their unit vectors (n, k).
        k: how many to choose.
        balance: 0 keeps the ranking, 1 asks only for difference.
    """
    relevance = np.asarray(scores, dtype=np.float64)
    if len(relevance) == 0:
        return []
    span = float(np.ptp(relevance)) or 1.0
    relevance = (relevance - relevance.min()) / span  # (n,) in 0..1
    closest = np.zeros(len(relevance))  # (n,)
    left = np.ones(len(relevance), dtype=bool)
    chosen: list[int] = []
    while len(chosen) < min(k, len(relevance)):
        gain = np.where(left, (1 - balance) * relevance - balance * closest, -np.inf)
        pick = int(np.argmax(gain))
        chosen.append(pick)
        left[pick] = False
        closest = np.maximum(closest, vectors @ vectors[pick])
    return chosen
