"""A text encoder in an ONNX file and a vocabulary, run by onnxruntime."""

import hashlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.encoders.graphs import open_graph
from retrieval.encoders.wordpiece import WordPiece
from retrieval.errors import SpaceError

Vectors = NDArray[np.float32]

LONGEST = 128  # tokens; what comes after is not read


class OnnxText:
    """Texts to raw vectors by the graph of an ONNX file.

    The graph takes `input_ids` and `attention_mask`, int64 (n, t), and gives `vector` float32
    (n, dim). It is run once a text on one thread, so a vector depends on its text alone. The
    files are read when they are first needed; one encoder can be used by several threads.

    Args:
        path: the .onnx file.
        vocabulary: the WordPiece pieces, one a line.
    """

    def __init__(self, path: Path, vocabulary: Path) -> None:
        self.path = path
        self.vocabulary = vocabulary
        self.name = path.stem
        self._lock = Lock()
        self._loaded: tuple[WordPiece, Any] | None = None

    @cached_property
    def fingerprint(self) -> str:
        """sha256 of both files: they hold the weights, the precision and the pieces.

        Raises:
            SpaceError: a file cannot be read.
        """
        digest = hashlib.sha256()
        for path in (self.path, self.vocabulary):
            digest.update(_bytes(path))
        return digest.hexdigest()

    @cached_property
    def dim(self) -> int:
        """Dimensions of the raw vector."""
        return int(self._parts()[1].get_outputs()[0].shape[1])

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Texts to raw vectors (n, dim); an empty text has one too.

        Raises:
            SpaceError: a file cannot be read or is not such a graph or vocabulary.
        """
        tokenizer, session = self._parts()
        vectors = np.empty((len(texts), self.dim), dtype=np.float32)
        for row, text in zip(vectors, texts, strict=True):
            ids = np.array([tokenizer.numbers(text, LONGEST)], dtype=np.int64)  # (1, t)
            row[:] = session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})[0]
        return vectors

    def _parts(self) -> tuple[WordPiece, Any]:
        with self._lock:
            if self._loaded is None:
                self._loaded = self._tokenizer(), self._session()
            return self._loaded

    def _tokenizer(self) -> WordPiece:
        try:
            return WordPiece(_bytes(self.vocabulary).decode("utf-8").split("\n"))
        except ValueError as fault:
            raise _broken(self.vocabulary, fault) from fault

    def _session(self) -> Any:
        graph = _bytes(self.path)
        try:
            return open_graph(graph)
        except Exception as fault:  # onnxruntime's own errors share no public root
            raise _broken(self.path, fault) from fault


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as fault:
        raise _broken(path, fault) from fault


def _broken(path: Path, fault: Exception) -> SpaceError:
    return SpaceError(
        f"the text encoder cannot be read: {fault}", path=path, remedy="install affetto again"
    )
