"""What a worker thread does with one file: identify it, then turn it into raw vectors."""

import os
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice

import numpy as np

from retrieval.audio import (
    AudioInfo,
    Level,
    Meter,
    Samples,
    Window,
    blocks,
    content_hash,
    probe,
    windows,
)
from retrieval.errors import AudioError
from retrieval.scan import Found
from retrieval.space import Space, Vectors

#: Windows encoded at a time: bounds the memory that an hour of sound costs.
BATCH = 16


class Stopped(Exception):
    """The run was given up; nobody waits for this result."""


@dataclass(frozen=True)
class Identity:
    """What a file is: its state when it was opened, its content and its form."""

    file: Found
    hash: str
    info: AudioInfo


@dataclass(frozen=True)
class Content:
    """What a file holds: raw vectors (dim,) with start and end in seconds, and its level.

    `windows` is None where only the level was measured.
    """

    windows: tuple[tuple[float, float, Vectors], ...] | None
    level: Level


def identify(path: str, stop: threading.Event) -> Identity:
    """Read the header and hash the bytes.

    Raises:
        AudioError: the file cannot be used, or changed meanwhile.
    """
    _check(stop)
    file = _state(path)
    with unchanged(file):
        return Identity(file, info=probe(path), hash=content_hash(path))


def embed(identity: Identity, space: Space, stop: threading.Event) -> Content:
    """Decode, cut, measure and encode, never more than a few windows at a time.

    Raises:
        AudioError: the file cannot be decoded, is silent or too short, or changed since it was
            identified.
    """
    path, rate = identity.file.path, space.audio.rate
    meter = Meter(rate)
    with unchanged(identity.file):
        samples = meter.through(until(stop, blocks(path, rate)))
        cut = windows(samples, rate, space.window, space.hop)
        encoded = tuple(_encoded(cut, space, stop))
        return Content(encoded, meter.check(path))


def measure(identity: Identity, space: Space, stop: threading.Event) -> Content:
    """Decode only, for the level of a file whose vectors are known; raises as `embed` does."""
    path, rate = identity.file.path, space.audio.rate
    meter = Meter(rate)
    with unchanged(identity.file):
        for _ in meter.through(until(stop, blocks(path, rate))):
            pass
        return Content(None, meter.check(path))


def _encoded(
    cut: Iterator[Window], space: Space, stop: threading.Event
) -> Iterator[tuple[float, float, Vectors]]:
    while batch := list(islice(cut, BATCH)):
        _check(stop)
        vectors = space.audio.encode([window.samples for window in batch])  # (n, dim)
        for window, vector in zip(batch, vectors, strict=True):
            yield window.start, window.end, np.array(vector, dtype=np.float32)


def until(stop: threading.Event, samples: Iterable[Samples]) -> Iterator[Samples]:
    """The same samples, as long as the run goes on.

    Raises:
        Stopped: while iterating, when it does not any more.
    """
    for block in samples:
        _check(stop)
        yield block


def _check(stop: threading.Event) -> None:
    if stop.is_set():
        raise Stopped


def _state(path: str) -> Found:
    try:
        status = os.stat(path)
    except OSError as fault:
        raise AudioError(f"gone since the scan: {fault.strerror}", path=path) from fault
    return Found(path, status.st_size, status.st_mtime_ns)


@contextmanager
def unchanged(file: Found) -> Iterator[None]:
    """Refuse what was read of a file, or any fault in it, if it changed meanwhile.

    A vector of a file half written would be stored as that of a whole one.
    """
    try:
        yield
    except AudioError:
        _refuse_changed(file)
        raise
    _refuse_changed(file)


def _refuse_changed(file: Found) -> None:
    if _state(file.path) != file:
        raise AudioError("changed while being read", path=file.path, remedy="ingest it again")
