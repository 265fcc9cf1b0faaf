"""Graphs put side by side against each alone."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
onnx = pytest.importorskip("onnx")

from retrieval.encoders.audio_onnx import OnnxAudio  # noqa: E402
from retrieval.encoders.frames import Frames  # noqa: E402
from retrieval.training.audio_tower import RATE, AudioTower  # noqa: E402
from retrieval.training.export import write_audio  # noqa: E402
from retrieval.training.graphs import side_by_side  # noqa: E402
from retrieval.training.sound_tower import SoundTower  # noqa: E402

WINDOWS = [
    np.random.default_rng(seed).normal(0, 0.1, int(seconds * RATE)).astype(np.float32)
    for seed, seconds in enumerate((0.1, 1.0, 3.3))
]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("towers")
    torch.manual_seed(0)
    write_audio(AudioTower(width=64, heads=2), folder / "speech.onnx")
    write_audio(SoundTower(), folder / "sound.onnx", int8=False)
    return folder / "speech.onnx", folder / "sound.onnx"


def test_the_vector_is_that_of_each_end_to_end(files, tmp_path):
    side_by_side(files, tmp_path / "audio.onnx")
    joined = OnnxAudio(tmp_path / "audio.onnx")
    alone = [OnnxAudio(file) for file in files]
    assert joined.dim == sum(one.dim for one in alone) == 256 + 768
    wanted = [one.encode(WINDOWS) for one in alone]
    parts = np.split(joined.encode(WINDOWS), [alone[0].dim], axis=1)
    for found, vectors in zip(parts, wanted, strict=True):
        apart = np.linalg.norm(found - vectors, axis=1) / np.linalg.norm(vectors, axis=1)
        assert (apart < 0.01).all()  # half precision


def test_weights_take_half_the_room(files, tmp_path):
    side_by_side(files[1:], tmp_path / "audio.onnx")
    weights = onnx.load(str(files[1])).graph.initializer
    size = sum(len(tensor.raw_data) for tensor in weights)
    saved = files[1].stat().st_size - (tmp_path / "audio.onnx").stat().st_size
    assert 0.4 * size < saved < 0.5 * size


def test_the_towers_have_frames_under_the_names_that_are_asked_for(files, tmp_path):
    side_by_side(files, tmp_path / "audio.onnx")
    heard = Frames(tmp_path).hear(WINDOWS[1])
    assert heard["speech"].shape == (13, 2 * 64) and heard["sound"].shape == (4, 384)
