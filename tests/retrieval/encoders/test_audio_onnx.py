"""The audio encoder, on the weights that come with the program."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from retrieval.encoders.audio_onnx import LONGEST, RATE, OnnxAudio
from retrieval.errors import SpaceError

WEIGHTS = Path(__file__).parents[3] / "retrieval" / "weights" / "affetto" / "audio.onnx"


def sound(seconds, seed=0):
    rng = np.random.default_rng(seed)
    time = np.arange(int(seconds * RATE)) / RATE
    tone = np.sin(2 * np.pi * (150 + 80 * seed) * time) * (1 + np.sin(8 * time))
    return (0.2 * tone + 0.02 * rng.standard_normal(len(time))).astype(np.float32)


@pytest.fixture(scope="module")
def encoder():
    return OnnxAudio(WEIGHTS)


def test_a_vector_does_not_depend_on_its_neighbours(encoder):
    windows = [sound(seconds, seed) for seed, seconds in enumerate((1.0, 2.5, 0.3, 1.0))]
    together = encoder.encode(windows)
    assert together.shape == (4, encoder.dim) and together.dtype == np.float32
    for window, vector in zip(windows, together, strict=True):
        np.testing.assert_array_equal(encoder.encode([window])[0], vector)
    np.testing.assert_array_equal(encoder.encode(windows[::-1])[::-1], together)


def test_threads_and_a_second_encoder_give_the_same_bits(encoder):
    windows = [sound(1.0, seed) for seed in range(8)]
    wanted = encoder.encode(windows)
    fresh = OnnxAudio(WEIGHTS)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda window: fresh.encode([window])[0], windows))
    np.testing.assert_array_equal(np.stack(found), wanted)


def test_unlike_sounds_have_unlike_vectors(encoder):
    one, other = encoder.encode([sound(2.0, 0), np.diff(sound(2.0, 9)) * 3])
    cosine = one @ other / np.linalg.norm(one) / np.linalg.norm(other)
    assert cosine < 0.99


def test_recording_gain_hardly_matters(encoder):
    loud, quiet = encoder.encode([sound(2.0), 0.05 * sound(2.0)])
    assert np.linalg.norm(loud - quiet) < 0.02 * np.linalg.norm(loud)


def test_any_length_from_a_click_to_ten_seconds(encoder):
    windows = [
        sound(10.0)[:LONGEST],
        sound(0.1),
        np.ones(1, np.float32),
        np.zeros(RATE, np.float32),
    ]
    vectors = encoder.encode(windows)
    assert np.isfinite(vectors).all() and len(vectors) == 4


def test_no_windows_no_vectors(encoder):
    assert encoder.encode([]).shape == (0, encoder.dim)


@pytest.mark.parametrize("shape", [(0,), (LONGEST + 1,), (RATE, 2)])
def test_what_is_not_a_window_is_refused(encoder, shape):
    with pytest.raises(ValueError, match="window"):
        encoder.encode([np.zeros(shape, np.float32)])


def test_the_fingerprint_is_of_the_content(encoder, tmp_path):
    same = tmp_path / "other.onnx"
    same.write_bytes(WEIGHTS.read_bytes())
    assert OnnxAudio(same).fingerprint == encoder.fingerprint
    same.write_bytes(WEIGHTS.read_bytes() + b" ")
    assert OnnxAudio(same).fingerprint != encoder.fingerprint


def test_missing_and_broken_files_are_named(tmp_path):
    missing = OnnxAudio(tmp_path / "missing.onnx")
    broken = OnnxAudio(tmp_path / "broken.onnx")
    broken.path.write_bytes(b"not a graph")
    for encoder in (missing, broken):
        with pytest.raises(SpaceError) as caught:
            encoder.encode([sound(1.0)])
        assert caught.value.path == str(encoder.path) and caught.value.remedy
    with pytest.raises(SpaceError):
        _ = missing.fingerprint


def test_making_an_encoder_loads_no_runtime():
    code = (
        "import sys; from pathlib import Path\n"
        "from retrieval.encoders.audio_onnx import OnnxAudio\n"
        f"OnnxAudio(Path({str(WEIGHTS)!r})).fingerprint\n"
        "sys.exit('onnxruntime' in sys.modules)"
    )
    root = Path(__file__).parents[3]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0
