"""When each word is said, read from a map of attention: words against time."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
Numbers = NDArray[np.float64]

#: dB below the loudest hundredth of a second that is still sound. Breath and room lie below; of 20
#: to 40 dB, 20 and 25 gave the best word times by letters on validation speakers.
SOUNDING = 25.0


def by_peak(weights: Vectors, hop: float) -> Numbers:
    """Each word where its weight is highest, and as long as it stays above half of that.

    Nothing holds the words in order, and two can share a frame.

    Args:
        weights: (w, t), each row sums to 1.
        hop: seconds from one frame to the next.

    Returns:
        Seconds (w, 2) of start and end.
    """
    times = np.empty((len(weights), 2))
    for row, word in zip(times, weights, strict=True):
        peak = int(word.argmax())
        low = np.flatnonzero(word < word[peak] / 2)
        before, after = low[low < peak], low[low > peak]
        row[0] = before[-1] + 1 if len(before) else 0
        row[1] = after[0] if len(after) else len(word)
    return times * hop


def by_path(weights: Vectors, hop: float, words: Sequence[str]) -> Numbers:
    """Words one after the other, on the best way through the map.

    The path gives each word one frame, later than that of the word before, with the highest
    product of weights. The middle of a word is the weighted mean of the frames between those of
    its neighbours; two words meet between their middles, nearer to the one with fewer letters.

    Args:
        weights: (w, t), each row sums to 1; at least as many frames as words.
        hop: seconds from one frame to the next.
        words: (w,) the words, of at least one letter.

    Returns:
        Seconds (w, 2) of start and end; each word begins where the one before ends.

    Raises:
        ValueError: there are more words than frames.
    """
    count, frames = weights.shape
    if count > frames:
        raise ValueError(f"{count} words do not fit into {frames} frames")
    middles = _middles(weights)  # (w,)
    letters = np.array([len(word) for word in words], dtype=np.float64)
    share = letters[:-1] / (letters[:-1] + letters[1:])  # of the way to the next middle
    meets = middles[:-1] + share * np.diff(middles)  # (w - 1,)
    # The outer words reach as far out as they reach in; a word alone one frame to each side.
    first, last = (meets[0] - middles[0], middles[-1] - meets[-1]) if count > 1 else (1.0, 1.0)
    edges = np.concatenate([[middles[0] - first], meets, [middles[-1] + last]])  # (w + 1,)
    edges = np.clip(edges, 0, frames) * hop
    return np.stack([edges[:-1], edges[1:]], axis=1)


def _middles(weights: Vectors) -> Numbers:
    """Where the middle of each word lies, (w,), in frames."""
    frames = weights.shape[1]
    at = best_path(weights)
    middles = np.empty(len(weights))
    for word, (low, high) in enumerate(zip([-1, *at[:-1]], [*at[1:], frames], strict=True)):
        near = np.arange(low + 1, high)
        middles[word] = np.average(near + 0.5, weights=weights[word, near] + 1e-12)
    return middles


def by_letters(words: Sequence[str], start: float, end: float) -> Numbers:
    """The time from start to end, shared out by letters: what can be said without a model.

    Returns:
        Seconds (w, 2) of start and end.
    """
    ends = np.cumsum([0, *map(len, words)])
    edges = start + (end - start) * ends / ends[-1]  # (w + 1,)
    return np.stack([edges[:-1], edges[1:]], axis=1)


def sounding(samples: Vectors, rate: int) -> tuple[float, float]:
    """Seconds of the first and the last sound: hundredths within 25 dB of the loudest.

    Args:
        samples: mono (n,), at least one.
    """
    starts = np.arange(0, len(samples), rate // 100)
    power = np.add.reduceat(samples.astype(np.float64) ** 2, starts)
    loud = np.flatnonzero(power >= power.max() * 10 ** (-SOUNDING / 10))
    return float(loud[0]) / 100, float(loud[-1] + 1) / 100


def best_path(weights: Vectors) -> NDArray[np.int64]:
    """One frame for each word, (w,), rising, with the highest product of weights (w, t)."""
    words, frames = weights.shape
    scores = np.log(np.maximum(weights, 1e-8)).astype(np.float64)
    best = scores[0]  # of paths whose last word lies at each frame
    came = np.zeros((words, frames), dtype=np.int64)
    for word in range(1, words):
        # The best frame before each for the word before; the first words leave no room at once.
        before = np.concatenate([[-np.inf], np.maximum.accumulate(best)[:-1]])
        rising = np.concatenate([[True], best[1:] > np.maximum.accumulate(best)[:-1]])
        came[word, 1:] = np.maximum.accumulate(np.where(rising, np.arange(frames), 0))[:-1]
        best = before + scores[word]
    path = np.empty(words, dtype=np.int64)
    path[-1] = best.argmax()
    for word in range(words - 1, 0, -1):
        path[word - 1] = came[word, path[word]]
    return path
