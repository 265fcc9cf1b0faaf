"""Both towers of CLAP by onnxruntime: no torch, no transformers, ready in less than a second."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.encoders.clap.files import AUDIO_GRAPH, TEXT_GRAPH, broken, first_line
from retrieval.encoders.graphs import open_graph

Vectors = NDArray[np.float32]
Numbers = NDArray[np.int64]


class OnnxAudioTower:
    """Spectrograms to vectors by audio.onnx.

    One window is encoded at a time and on one thread, so a vector has the same bits whatever was
    encoded beside it, and threads that encode share the cores.

    Args:
        folder: of the model.

    Raises:
        SpaceError: the file is absent or is no such graph.
    """

    def __init__(self, folder: Path) -> None:
        self._session = _session(folder / AUDIO_GRAPH, "mel")

    def __call__(self, mels: Vectors) -> Vectors:
        """Spectrograms (n, 1, 1001, 64) to unit vectors (n, dim)."""
        return np.concatenate([self._session.run(None, {"mel": mel[None]})[0] for mel in mels])


class OnnxTextTower:
    """Pieces to vectors by text.onnx.

    Args:
        folder: of the model.

    Raises:
        SpaceError: the file is absent or is no such graph.
    """

    def __init__(self, folder: Path) -> None:
        self._session = _session(folder / TEXT_GRAPH, "ids")

    def __call__(self, numbers: Numbers) -> Vectors:
        """Pieces (n, t) of texts of the same length to unit vectors (n, dim)."""
        return np.asarray(self._session.run(None, {"ids": numbers})[0], dtype=np.float32)


def _session(path: Path, takes: str) -> Any:
    # The weights stay in the mapped file. Packing half a gigabyte of them takes longer than the
    # few texts of a search do without.
    entries = {"session.disable_prepacking": "1"} if path.name == TEXT_GRAPH else {}
    try:
        session = open_graph(str(path), entries)
    except Exception as fault:  # onnxruntime's own errors share no public root
        raise broken(path, f"the graph cannot be read: {first_line(fault)}") from fault
    if [one.name for one in session.get_inputs()] != [takes]:
        raise broken(path, f"the graph does not take {takes!r}")
    return session
