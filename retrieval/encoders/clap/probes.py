"""A few unlike texts and sounds, by which a model is judged before it is trusted."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrieval.encoders.clap.mel import RATE, SAMPLES, heard, log_mel
from retrieval.encoders.clap.words import Pieces
from retrieval.errors import SpaceError

Vectors = NDArray[np.float32]
Numbers = NDArray[np.int64]

#: Mean cosine between vectors of unlike texts from which on a text tower tells nothing apart.
#: One published checkpoint reaches .9993.
ALIKE = 0.9

#: Largest difference of one number of a vector between two programs that run the same weights.
TOLERANCE = 1e-4

TEXTS = ("rain", "violin", "laughter", "engine", "a crowd shouts in anger")


def probe_numbers(pieces: Pieces) -> Numbers:
    """The texts as pieces (5, t), cut to the same length, so that they are one batch."""
    rows = pieces.numbers(TEXTS)
    length = min(map(len, rows))
    return np.array([[*row[: length - 1], row[-1]] for row in rows], dtype=np.int64)


def probe_windows() -> list[Vectors]:
    """A rising tone of ten seconds, fading noise of four, a hum of half a second."""
    time = np.arange(SAMPLES) / RATE  # (480000,) seconds
    tone = 0.5 * np.sin(2 * np.pi * (100 + 300 * time) * time)
    noise = np.random.default_rng(0).standard_normal(4 * RATE) * np.exp(-time[: 4 * RATE]) * 0.2
    hum = 0.1 * np.sign(np.sin(2 * np.pi * 80 * time[: RATE // 2]))
    return [one.astype(np.float32) for one in (tone, noise, hum)]


def probe_mels(*, fusion: bool) -> Vectors:
    """The sounds as spectrograms (3, 1, 1001, 64)."""
    return np.stack([log_mel(heard(one), fusion=fusion) for one in probe_windows()])[:, None]


def refuse_alike(vectors: Vectors, path: Path) -> float:
    """The mean cosine between unlike texts, unit vectors (n, dim), n at least 2.

    Raises:
        SpaceError: it is so high, or no number, that the texts cannot be told apart.
    """
    count = len(vectors)
    total = float((vectors @ vectors.T).sum() - (vectors * vectors).sum())
    mean = total / (count * (count - 1))
    if not mean < ALIKE:
        raise SpaceError(
            f"the text tower cannot tell texts apart: the mean cosine between unlike prompts is"
            f" {mean:.4f}, below {ALIKE} is wanted",
            path=path,
            remedy="use another checkpoint; affetto models list shows them",
        )
    return mean


def difference(ones: Sequence[Vectors], others: Sequence[Vectors]) -> float:
    """The largest difference of one number between the vectors of two programs.

    Args:
        ones, others: unit vectors, each (n, dim), of the same sounds and texts.
    """
    pairs = zip(ones, others, strict=True)
    return max(float(np.abs(one - other).max()) for one, other in pairs)
