"""A library of two tones and a copy, in a space that hears little."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from retrieval.library import Library
from retrieval.space import Space


@pytest.fixture
def sounds(tmp_path: Path, write_tone: Callable[..., Path]) -> Path:
    """low.wav, high.flac, and copy.wav with the content of low.wav."""
    folder = tmp_path / "sounds"
    write_tone(folder / "low.wav", hz=200)
    write_tone(folder / "high.flac", hz=900)
    (folder / "copy.wav").write_bytes((folder / "low.wav").read_bytes())
    return folder


@pytest.fixture
def library(tmp_path: Path, sounds: Path, space: Space) -> Iterator[Library]:
    with Library(tmp_path / "library", create=True) as opened:
        opened.ingest(sounds, space=space)
        yield opened
