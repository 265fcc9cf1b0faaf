"""Sounds and spaces made outright for the sections of an evaluation: nothing is decoded."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from retrieval.emotions import lookup
from retrieval.evaluation.clips import Clip, Sound
from retrieval.evaluation.table import Cell, Table
from retrieval.space import Heads, Layer, Space, Vectors, unit


@dataclass(frozen=True)
class Reader:
    """Reads a text as whatever vector a function gives."""

    read: Callable[[str], Sequence[float]]
    dim: int
    name: str = "made"
    fingerprint: str = "made"

    def encode(self, texts: Sequence[str]) -> Vectors:
        return np.array([self.read(text) for text in texts], dtype=np.float32)


class Deaf:
    """An encoder that is never asked."""

    name = fingerprint = "deaf"
    rate = 8000
    dim = 1

    def encode(self, windows: Sequence[Vectors]) -> Vectors:
        raise AssertionError(f"{len(windows)} windows were to be encoded")


def space_of(
    read: Callable[[str], Sequence[float]], dim: int, affect: Layer | None = None
) -> Space:
    return Space("made", "", "", 1.0, 0.5, Deaf(), Reader(read, dim), Heads(affect=affect))


def sound(
    vectors: Sequence[float] | Sequence[Sequence[float]] | np.ndarray,
    emotion: str = "",
    speaker: str = "ann",
    loudness: float = -20.0,
    corpus: str = "toy",
    **facts: str,
) -> Sound:
    """A sound of one window, or of several; every one has its own path."""
    windows = unit(np.atleast_2d(np.array(vectors, dtype=np.float32)))
    name = facts.pop("name", f"{corpus}-{next(_numbers)}.wav")
    clip = Clip(Path(name), corpus, speaker, lookup(emotion), name=name, **facts)
    return Sound(clip, windows, loudness)


_numbers = iter(range(10**9))


def rows_where(table: Table, **wanted: Cell) -> list[dict[str, Cell]]:
    """Rows with these cells; columns are named with _ for a space."""
    found = [
        record
        for record in table.records()
        if all(record[key.replace("_", " ")] == value for key, value in wanted.items())
    ]
    assert found, wanted
    return found


def table_of(tables: Sequence[Table], name: str) -> Table:
    return {table.name: table for table in tables}[name]
