"""Where somebody speaks: Silero's detector of speech (MIT), which comes with moonshine-voice.

The library asks that detector itself, but keeps one memory of it for everything a process hears:
the same recording then has other words after another one before it. Here it runs by onnxruntime,
and each stretch of sound begins without a memory.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from retrieval.encoders.graphs import open_graph
from retrieval.space import Vectors

RATE = 16_000

#: Samples that are judged at a time, and those before them that are shown with them.
STEP, BEFORE = 512, 64

#: Chances of speech from which on it begins, below which it may have ended, and from which on it
#: is sure.
BEGINS, ENDS, SURE = 0.5, 0.35, 0.8

#: Seconds: of quiet that ends a line, of sure speech that a line needs, of sound that is taken with
#: it on both sides, and of a line at most.
GAP, LEAST, AROUND, LONGEST = 0.3, 0.5, 0.15, 15.0

_MEMORY = (2, 1, 128)


def open_detector(library: Any) -> Any:
    """A session of the detector whose graph lies in a loaded library of moonshine-voice.

    Raises:
        ValueError: this library has none.
    """
    import ctypes

    size = ctypes.c_uint32.in_dll(library, "silero_vad_onnx_len").value
    graph = bytes((ctypes.c_ubyte * size).in_dll(library, "silero_vad_onnx"))
    return open_graph(graph)


def chances(detector: Any, samples: Vectors) -> Vectors:
    """The chance that somebody speaks (s,) in each step of some samples (n,) at 16 kHz."""
    steps = -(-len(samples) // STEP)
    held = np.zeros((1, BEFORE + steps * STEP), np.float32)
    held[0, BEFORE : BEFORE + len(samples)] = samples
    memory, rate = np.zeros(_MEMORY, np.float32), np.array(RATE, np.int64)
    found = np.empty(steps, np.float32)  # (s,)
    for step in range(steps):
        part = held[:, step * STEP : step * STEP + BEFORE + STEP]
        chance, memory = detector.run(None, {"input": part, "state": memory, "sr": rate})
        found[step] = chance[0, 0]
    return found


def spans(chance: Vectors, size: int) -> list[tuple[int, int]]:
    """Where lines begin and end among `size` samples, by the chance of speech (s,) of each step."""
    around = round(AROUND * RATE)
    found = []
    for first, last in _runs(chance):
        if np.count_nonzero(chance[first:last] >= SURE) * STEP >= LEAST * RATE:
            for start, end in _cut(chance, first, last):
                found.append((max(start * STEP - around, 0), min(end * STEP + around, size)))
    return found


def _runs(chance: Sequence[float] | Vectors) -> Iterator[tuple[int, int]]:
    """First step, and the one after the last, of each run of speech; short gaps are bridged."""
    gap = GAP * RATE / STEP
    first: int | None = None
    last = 0
    for step, value in enumerate(chance):
        if first is None and value >= BEGINS:
            first = step
        if first is not None and value >= ENDS:
            last = step + 1
        elif first is not None and step + 1 - last >= gap:
            yield first, last
            first = None
    if first is not None:
        yield first, last


def _cut(chance: Vectors, first: int, last: int) -> Iterator[tuple[int, int]]:
    """A run of speech in parts that are not too long, cut where speech is least likely."""
    most = int(LONGEST * RATE / STEP)
    while last - first > most:
        half = first + most // 2
        middle = half + int(np.argmin(chance[half : first + most]))
        yield first, middle
        first = middle
    yield first, last
