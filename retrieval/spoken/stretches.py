"""A stream of samples cut into stretches, where it is quiet, so that hardly a word is cut."""

from collections.abc import Iterable, Iterator

import numpy as np

from retrieval.space import Vectors

#: Seconds of a stretch at most, of its last part in which the quietest place is looked for, and
#: of such a place.
LONGEST, SEARCHED, QUIET = 30.0, 10.0, 0.2


def stretches(blocks: Iterable[Vectors], rate: int) -> Iterator[tuple[float, Vectors]]:
    """Start, in seconds, and samples (n,) of each stretch; joined, they are the whole stream.

    They depend on the samples only, not on how these come in blocks.
    """
    size, start = round(LONGEST * rate), 0
    held = np.empty(0, np.float32)  # (n,)
    for block in blocks:
        held = np.concatenate([held, block])
        while len(held) >= size:
            cut = quietest(held[:size], rate)
            yield start / rate, held[:cut]
            held, start = held[cut:], start + cut
    if len(held):
        yield start / rate, held


def quietest(samples: Vectors, rate: int) -> int:
    """The middle of the quietest place in the last part of some samples (n,), as a position."""
    width = round(QUIET * rate)
    frames = min(round(SEARCHED / QUIET), len(samples) // width)
    first = len(samples) - frames * width
    power = np.square(samples[first:].reshape(frames, width)).sum(axis=1)  # (frames,)
    return first + int(power.argmin()) * width + width // 2
