"""What a cosine is worth: the same number means more for one prompt than for another.

Cosines between words and sounds are small, and their level differs from prompt to prompt. A
background says how the cosine of a prompt is spread over many sounds. Because a cosine is
linear in the sound's vector x, its mean and variance over a whole library follow from the
library's mean m and covariance C alone: mean q.m, variance q'Cq, for any prompt q and at no cost.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.space import Vectors

# The reference panel counts for so many windows of the library (shrinkage). Measured on held-out
# voices (docs/search.md): a library of one feeling alone would take its own mood for the norm.
PRIOR_COUNT = 300

# Fitted on the validation voices of the corpora (docs/search.md).
SLOPE, MIDDLE = 2.2, 1.57


@dataclass(frozen=True)
class Background:
    """How unit vectors are spread: mean (k,), covariance (k, k), from `count` vectors."""

    mean: NDArray[np.float64]
    covariance: NDArray[np.float64]
    count: int

    @classmethod
    def of(cls, vectors: Vectors) -> "Background":
        """The background that vectors (n, k) make; n at least one."""
        x = np.asarray(vectors, dtype=np.float64)
        mean = x.mean(axis=0)
        centred = x - mean  # (n, k)
        return cls(mean, centred.T @ centred / len(x), len(x))

    def leaning_on(self, prior: "Background | None") -> "Background":
        """This background joined with a prior that counts for `PRIOR_COUNT` vectors."""
        if prior is None:
            return self
        share = self.count / (self.count + PRIOR_COUNT)
        step = self.mean - prior.mean
        mean = share * self.mean + (1 - share) * prior.mean
        within = share * self.covariance + (1 - share) * prior.covariance
        between = share * (1 - share) * np.outer(step, step)
        return Background(mean, within + between, self.count + PRIOR_COUNT)

    def spread(self, prompts: Vectors) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Mean (m,) and standard deviation (m,) of the cosines of prompts (m, k)."""
        q = np.asarray(prompts, dtype=np.float64)
        variance = np.einsum("mk,kl,ml->m", q, self.covariance, q)
        return q @ self.mean, np.sqrt(np.maximum(variance, 1e-12))

    def z(self, prompts: Vectors, cosines: Vectors) -> NDArray[np.float64]:
        """Cosines (m, n) of prompts (m, k) in standard deviations above the mean, (m, n)."""
        mean, deviation = self.spread(prompts)
        return (np.asarray(cosines, dtype=np.float64) - mean[:, None]) / deviation[:, None]


def score_of(z: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """Standard deviations above the mean as a score in 0..1: the chance of a match.

    A logistic curve fitted to made libraries of held-out voices in which one clip in ten is a
    match (docs/search.md).
    """
    return np.asarray(1 / (1 + np.exp(-SLOPE * (np.asarray(z) - MIDDLE))), dtype=np.float64)
