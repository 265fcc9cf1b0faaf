"""The exported audio tower against the one that was trained."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")

from retrieval.encoders.audio_onnx import OnnxAudio  # noqa: E402
from retrieval.training.audio_tower import RATE, AudioTower  # noqa: E402
from retrieval.training.export import write_audio  # noqa: E402

WINDOWS = [
    np.random.default_rng(seed).normal(0, 0.1, int(seconds * RATE)).astype(np.float32)
    for seed, seconds in enumerate((0.1, 1.0, 3.3, 10.0))
]


@pytest.fixture(scope="module")
def tower():
    torch.manual_seed(0)
    return AudioTower(width=32, heads=2).eval()


def vectors_of(tower):
    with torch.no_grad():
        return np.stack([tower(torch.from_numpy(window)[None])[0].numpy() for window in WINDOWS])


def test_float_export_is_the_tower_at_any_length(tower, tmp_path):
    write_audio(tower, tmp_path / "audio.onnx", int8=False)
    encoder = OnnxAudio(tmp_path / "audio.onnx")
    assert encoder.dim == tower.dim
    np.testing.assert_allclose(encoder.encode(WINDOWS), vectors_of(tower), atol=1e-4)


def test_int8_export_is_smaller_and_close(tower, tmp_path):
    write_audio(tower, tmp_path / "full.onnx", int8=False)
    write_audio(tower, tmp_path / "audio.onnx")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["audio.onnx", "full.onnx"]
    small, full = (tmp_path / name for name in ("audio.onnx", "full.onnx"))
    assert small.stat().st_size < full.stat().st_size
    wanted, found = vectors_of(tower), OnnxAudio(small).encode(WINDOWS)
    cosines = (wanted * found).sum(axis=1)
    cosines /= np.linalg.norm(wanted, axis=1) * np.linalg.norm(found, axis=1)
    assert (cosines > 0.995).all()
