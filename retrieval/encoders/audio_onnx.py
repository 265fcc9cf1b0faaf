"""An audio encoder in an ONNX file, run by onnxruntime."""

import hashlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.encoders.graphs import open_graph
from retrieval.errors import SpaceError

Vectors = NDArray[np.float32]

RATE = 16_000
SHORTEST = RATE // 10  # samples; what is shorter is padded with silence
LONGEST = 10 * RATE  # samples; the positional embedding of the tower reaches no further


class OnnxAudio:
    """Windows of sound to raw vectors by the graph of an ONNX file.

    The graph takes `samples` float32 (n,) at 16 kHz and gives `vector` float32 (dim,). It is run
    once a window on one thread, so a vector depends on its window alone and is the same whatever
    the number of workers. The weights are read when they are first needed; one encoder can be
    used by several threads.

    Args:
        path: the .onnx file.
    """

    rate = RATE

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = path.stem
        self._lock = Lock()
        self._loaded: Any = None

    @cached_property
    def fingerprint(self) -> str:
        """sha256 of the file: it holds the weights, the preprocessing and the precision.

        Raises:
            SpaceError: the file cannot be read.
        """
        try:
            return hashlib.sha256(self.path.read_bytes()).hexdigest()
        except OSError as fault:
            raise self._broken(fault) from fault

    @cached_property
    def dim(self) -> int:
        """Dimensions of the raw vector."""
        return int(self._session().get_outputs()[0].shape[0])

    def encode(self, windows: Sequence[Vectors]) -> Vectors:
        """Mono windows of .1 to 10 s, each (samples,) at 16 kHz in -1..1, to (n, dim).

        Raises:
            SpaceError: the file cannot be read or is not such a graph.
            ValueError: a window is empty, longer than 10 s, or has more than one axis.
        """
        session = self._session()
        vectors = np.empty((len(windows), self.dim), dtype=np.float32)
        for row, window in zip(vectors, windows, strict=True):
            row[:] = session.run(None, {"samples": fitting(window)})[0]
        return vectors

    def _session(self) -> Any:
        with self._lock:
            if self._loaded is None:
                self._loaded = self.session()
            return self._loaded

    def session(self, more: bytes = b"") -> Any:
        """A session of onnxruntime on one thread, made anew.

        Args:
            more: put behind the bytes of the file (retrieval/encoders/frames.py).

        Raises:
            SpaceError: the file cannot be read or is no graph.
        """
        try:
            return open_graph(self.path.read_bytes() + more)
        except Exception as fault:  # onnxruntime's own errors share no public root
            raise self._broken(fault) from fault

    def _broken(self, fault: Exception) -> SpaceError:
        return SpaceError(
            f"the audio encoder cannot be read: {fault}",
            path=self.path,
            remedy="install affetto again",
        )


def fitting(window: Vectors) -> Vectors:
    """The samples of a window (n,) as a graph takes them; short ones are padded with silence.

    Raises:
        ValueError: it is empty, longer than 10 s, or has more than one axis.
    """
    samples = np.ascontiguousarray(window, dtype=np.float32)
    if samples.ndim != 1 or not 0 < len(samples) <= LONGEST:
        raise ValueError(f"a window of {samples.shape} samples is not mono of up to {LONGEST}")
    if len(samples) < SHORTEST:
        return np.pad(samples, (0, SHORTEST - len(samples)))
    return samples
