"""The audio encoder of a fused space: two streams, the plan between them, one vector."""

import hashlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from retrieval.encoders.fused.streams import Streams
from retrieval.encoders.fused.transport import CLOSE, ENTROPY, ROUNDS, plan
from retrieval.encoders.graphs import open_graph
from retrieval.errors import SpaceError
from retrieval.space import Vectors

#: The graphs of a fused space. The first takes the frames of both streams, `one` (t, d) and
#: `other` (u, e), and gives `first` and `second` that can be compared, (t, k) and (u, k). The
#: second takes these and `plan` (t, u), and gives `vector` (DIM,).
EARS, CROSSING = "ears.onnx", "crossing.onnx"

#: Dimensions of the vector.
DIM = 128


class FusedAudio:
    """Windows of sound to raw vectors: frames, the first graph, a plan by POT, the second graph.

    Every window is gone through alone and on one thread, so a vector depends on its window alone.
    The graphs are read when they are first needed; one encoder can be used by several threads.

    Args:
        folder: with both graphs.
        streams: what the graphs were trained with.
    """

    name, dim = "fused", DIM

    def __init__(self, folder: Path, streams: Streams) -> None:
        self.folder, self.streams, self.rate = folder, streams, streams.rate
        self._lock = Lock()
        self._loaded: tuple[Any, Any] | None = None

    @cached_property
    def fingerprint(self) -> str:
        """sha256 over both graphs, both streams and how the plan is made.

        Raises:
            SpaceError: a graph or the weights of a stream cannot be read.
        """
        digest = hashlib.sha256(repr((ENTROPY, CLOSE, ROUNDS)).encode())
        for name in (EARS, CROSSING):
            try:
                digest.update((self.folder / name).read_bytes())
            except OSError as fault:
                raise broken(self.folder / name, fault) from fault
        digest.update("".join(self.streams.fingerprints).encode())
        return digest.hexdigest()

    def encode(self, windows: Sequence[Vectors]) -> Vectors:
        """Mono windows, each (samples,) at `rate` in -1..1, to raw vectors (n, DIM).

        Raises:
            MissingExtra: POT is not installed.
            SpaceError: a graph cannot be read.
            ValueError: a stream refuses a window.
        """
        vectors = np.empty((len(windows), self.dim), dtype=np.float32)
        for row, window in zip(vectors, windows, strict=True):
            row[:] = self.fuse(*self.streams.hear(window))
        return vectors

    def fuse(self, one: Vectors, other: Vectors) -> Vectors:
        """The frames (t, d) and (u, e) of one window to its raw vector (DIM,)."""
        ears, crossing = self._graphs()
        first, second = ears.run(None, {"one": one, "other": other})  # (t, k), (u, k)
        inputs = {"first": first, "second": second, "plan": plan(first, second)}
        vector: Vectors = crossing.run(None, inputs)[0]
        return vector

    def _graphs(self) -> tuple[Any, Any]:
        with self._lock:
            if self._loaded is None:
                self._loaded = _session(self.folder / EARS), _session(self.folder / CROSSING)
            return self._loaded


def broken(path: Path, fault: Exception) -> SpaceError:
    """What is said where a file of a fused space cannot be used."""
    return SpaceError(
        f"the fused space cannot be read: {fault}",
        path=path,
        remedy="make it anew: affetto train fusion --streams A,B",
    )


def _session(path: Path) -> Any:
    try:
        return open_graph(path.read_bytes())
    except Exception as fault:  # onnxruntime's own errors share no public root
        raise broken(path, fault) from fault
