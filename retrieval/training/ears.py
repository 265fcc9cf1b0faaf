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
from retrieval.training.graphs import side_by_side as joined_graph
from retrieval.training.sound_tower import SoundTower

#: Parts of the towers that training starts from.
PARTS = ("last block of the speech tower", "both blocks of it", "sound tower")

Change = Callable[[Vectors, int], Vectors]  # samples and the number of their clip


def start_towers(speech: Path, tagger: Path, folder: Path) -> OnnxAudio:
    """Both audio towers as training starts from them, exported to a folder."""
    files = [folder / "speech.onnx", folder / "sound.onnx"]
    of_speech, of_sound = AudioTower(), SoundTower()
    of_speech.start_from(speech)
    write_audio(of_speech, files[0], int8=False)
    of_sound.start_from(tagger)
    write_audio(of_sound, files[1], int8=False)
    joined_graph(files, folder / "start.onnx")
    return OnnxAudio(folder / "start.onnx")


def parts_of(raw: Sequence[Vectors]) -> dict[str, list[Vectors]]:
    """What each part of the towers says, by name: columns of the vectors of both (w, d)."""
    tower = AudioTower()
    speech, last = tower.dim, 2 * tower.width
    columns = (slice(last), slice(speech), slice(speech, None))
    return {
        name: [windows[:, part] for windows in raw]
        for name, part in zip(PARTS, columns, strict=True)
    }


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
