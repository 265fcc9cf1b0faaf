"""What clips sound like to ears that are not trained here: towers as they are, plain measures."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from retrieval.encoders.audio_onnx import OnnxAudio
from retrieval.evaluation.baselines import statistics
from retrieval.space import Vectors
from retrieval.training.audio_tower import AudioTower
from retrieval.training.augment import worn
from retrieval.training.clips import Clip
from retrieval.training.export import write_audio
from retrieval.training.figures import Encode, heard_by, samples_of

Change = Callable[[Vectors, int], Vectors]  # samples and the number of their clip


def start_tower(weights: Path, folder: Path) -> OnnxAudio:
    """The audio tower as training starts from it, exported to a folder."""
    tower = AudioTower()
    tower.start_from(weights)
    write_audio(tower, folder / "start.onnx", int8=False)
    return OnnxAudio(folder / "start.onnx")


def as_they_are(samples: Vectors, _: int) -> Vectors:
    """Nothing changed."""
    return samples


def worn_out(samples: Vectors, number: int) -> Vectors:
    """Speed, room and noise changed at random, for each clip in its own way."""
    return worn(samples, np.random.default_rng(number))


def hear_all(
    encode: Encode, clips: Sequence[Clip], window: float, change: Change = as_they_are
) -> list[Vectors]:
    """The vectors (w, d) of the windows of each clip, half a window apart, on all cores."""

    def hear(number: int) -> Vectors:
        samples = change(samples_of(clips[number]), number)
        return heard_by(encode, samples, window, window / 2)

    with ThreadPoolExecutor() as pool:
        return list(pool.map(hear, range(len(clips))))


def spectra(windows: Sequence[Vectors]) -> Vectors:
    """Spectral statistics (n, d) of windows: see `evaluation.baselines`."""
    return np.stack([statistics(window) for window in windows]).astype(np.float32)


def side_by_side(one: Sequence[Vectors], other: Sequence[Vectors]) -> list[Vectors]:
    """Both vectors of each window in one, (w, d + e)."""
    return [np.concatenate(pair, axis=1) for pair in zip(one, other, strict=True)]


def both_of(one: Sequence[Vectors], other: Sequence[Vectors]) -> list[Vectors]:
    """The windows of two versions of each clip, (w + v, d)."""
    return [np.concatenate(pair) for pair in zip(one, other, strict=True)]
