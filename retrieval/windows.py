"""A stream of samples cut into windows, and measured on the way."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import AudioError

#: Seconds; less than this holds no more than a click.
SHORTEST = 0.1

#: dBFS; a clip whose loudest sample stays below is silence or the noise of a recorder.
SILENCE = -60.0


@dataclass(frozen=True, slots=True)
class Window:
    """A slice of a clip.

    Attributes:
        start, end: seconds from the beginning of the clip; sample index divided by rate.
        samples: float32 (n,).
    """

    start: float
    end: float
    samples: NDArray[np.float32]


def windows(
    blocks: Iterable[NDArray[np.float32]], rate: int, length: float, hop: float
) -> Iterator[Window]:
    """Cut a stream into windows that depend on its samples only, not on its blocks.

    A clip no longer than ``length`` is one window. A longer one has full windows at 0, hop,
    2 hop ... and, where the last of them ends before the clip does, one more that ends with it.

    Args:
        blocks: float32 arrays (n,).
        rate: samples per second.
        length: seconds of a window.
        hop: seconds from one start to the next.

    Raises:
        ValueError: length or hop is less than one sample.
    """
    size, step = round(length * rate), round(hop * rate)
    if size < 1 or step < 1:
        raise ValueError(f"windows of {length} s every {hop} s are less than one sample")
    held = np.empty(0, np.float32)  # the samples base, base + 1, ... of the clip
    base = following = covered = 0  # following: start of the next window; covered: end of the last

    def window(start: int, end: int) -> Window:
        samples = held[start - base : end - base].copy()
        return Window(start / rate, end / rate, samples)

    for block in blocks:
        held = np.concatenate([held, block])
        total = base + len(held)
        while following + size <= total:
            covered = following + size
            yield window(following, covered)
            following += step
        # the next window needs what follows its start, the last one the last `size` samples
        keep = max(base, min(following, total - size))
        held, base = held[keep - base :], keep
    total = base + len(held)
    if covered < total:
        yield window(max(0, total - size), total)


@dataclass(frozen=True, slots=True)
class Level:
    """How long and how loud a clip is, as one channel.

    Attributes:
        duration: seconds.
        loudness: root mean square in dBFS, 0 for a square wave of full scale; -inf for zeros.
        peak: the largest magnitude in dBFS; -inf for zeros.
    """

    duration: float
    loudness: float
    peak: float


class Meter:
    """Measures a stream that passes through it::

    meter = Meter(rate)
    for window in windows(meter.through(blocks(path, rate)), rate, 5.0, 2.5):
        ...
    level = meter.check(path)
    """

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._count = 0
        self._energy = 0.0
        self._peak = 0.0

    def through(self, blocks: Iterable[NDArray[np.float32]]) -> Iterator[NDArray[np.float32]]:
        """The same blocks, measured."""
        for block in blocks:
            if len(block):
                self._count += len(block)
                self._energy += float(np.dot(block, block))
                self._peak = max(self._peak, float(block.max()), -float(block.min()))
            yield block

    @property
    def level(self) -> Level:
        """Of what has passed so far."""
        mean_square = self._energy / self._count if self._count else 0.0
        return Level(
            self._count / self._rate, _decibels(math.sqrt(mean_square)), _decibels(self._peak)
        )

    def check(self, path: str | Path) -> Level:
        """The level of a clip that has passed to its end.

        Raises:
            AudioError: it is shorter than :data:`SHORTEST` or its peak below :data:`SILENCE`.
        """
        level = self.level
        if level.duration < SHORTEST:
            raise AudioError(
                f"too short: {level.duration:.3f} s, the least is {SHORTEST:g} s", path=path
            )
        if level.peak < SILENCE:
            heard = f"its peak is {level.peak:.1f} dBFS, below {SILENCE:g}"
            raise AudioError(f"silent: {heard}", path=path)
        return level


def _decibels(amplitude: float) -> float:
    return 20 * math.log10(amplitude) if amplitude else -math.inf
