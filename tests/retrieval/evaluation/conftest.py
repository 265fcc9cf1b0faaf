"""A small labelled library of tones in three bands, in a space that hears bands and reads words."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
import soundfile

from retrieval.evaluation.alignment import Alignment, Asked, align
from retrieval.library import Library
from retrieval.query import Ground
from retrieval.space import Heads, Space, Vectors

WORDS = {"calm": 0, "sad": 1, "angry": 2}
SPEAKERS = ("anna", "ben")


class Bands:
    name, rate, dim, fingerprint = "bands", 8000, 4, "bands-1"

    def encode(self, windows: Sequence[Vectors]) -> Vectors:
        power = [np.abs(np.fft.rfft(window, n=3000)) ** 2 for window in windows]
        bands = [[part.sum() for part in np.array_split(one[:1500], 3)] for one in power]
        loud = np.sqrt(np.array(bands))
        return np.hstack([loud, 0.3 * loud.max(axis=1, keepdims=True)]).astype(np.float32)


class Words:
    name, dim, fingerprint = "words", 4, "words-1"

    def encode(self, texts: Sequence[str]) -> Vectors:
        vectors = np.full((len(texts), 4), 0.1, dtype=np.float32)
        for row, text in enumerate(texts):
            for word, band in WORDS.items():
                vectors[row, band] += (1 + 0.2 * band) * (word in text)
        vectors[:, 3] = -0.2
        return vectors


def write_tones(folder: Path) -> Path:
    """Four tones in each band and one without a label; gives the table of labels."""
    lines = ["path,emotion,speaker"]
    for word, band in WORDS.items():
        for take in range(4):
            hz, name = 300 + 1333 * band + 150 * take, f"{word}-{take}.wav"
            times = np.arange(8000) / 8000
            soundfile.write(folder / name, 0.3 * np.sin(2 * np.pi * hz * times), 8000)
            lines.append(f"{name},{word},{SPEAKERS[take % 2]}")
    soundfile.write(folder / "nobody.wav", 0.3 * np.sin(6000 * times), 8000)
    table = folder / "labels.csv"
    table.write_text("\n".join(lines), encoding="utf-8")
    return table


@pytest.fixture(scope="session")
def tones(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    folder = tmp_path_factory.mktemp("tones")
    space = Space("bands", "three bands", "CC0", 1.0, 0.5, Bands(), Words(), Heads())
    with Library(folder / "library", create=True) as library:
        table = write_tones(folder)
        library.ingest(folder, space=space)
        library.label(table)
        yield library.ground(space)


@pytest.fixture(scope="session")
def aligned(tones: Ground) -> Alignment:
    return align(tones, Asked(prompts=("sad=a sad voice", "rain"), permutations=99))
