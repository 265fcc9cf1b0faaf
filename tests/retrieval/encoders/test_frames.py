"""Frames of the towers, held against the vectors that the same graph gives."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from retrieval.encoders.audio_onnx import LONGEST, RATE
from retrieval.encoders.builtin import load_builtin
from retrieval.encoders.frames import STREAMS, Frames, builtin_frames
from retrieval.errors import SpaceError

WEIGHTS = Path(__file__).parents[3] / "retrieval" / "weights" / "affetto"


def sound(seconds, seed=0):
    rng = np.random.default_rng(seed)
    time = np.arange(int(seconds * RATE)) / RATE
    tone = np.sin(2 * np.pi * 180 * time) * (1 + np.sin(8 * time))
    return (0.2 * tone + 0.02 * rng.standard_normal(len(time))).astype(np.float32)


@pytest.fixture(scope="module")
def frames():
    return builtin_frames()


@pytest.mark.parametrize("seconds", [1.6, 4.0, 10.0])
def test_the_number_of_frames_follows_the_time(frames, seconds):
    heard = frames.hear(sound(seconds))
    assert heard.keys() == STREAMS.keys()
    for name, stream in STREAMS.items():
        assert len(heard[name]) == pytest.approx(seconds / stream.hop, abs=1)
        assert heard[name].dtype == np.float32
    assert heard["speech"].shape[1] == 768
    assert heard["sound"].shape[1] == 384


def test_their_mean_is_part_of_the_vector_of_the_window(frames):
    """Block one is read out by mean and deviation, behind block two (audio_tower.py)."""
    samples = sound(3.2)
    vector = load_builtin().audio.encode([samples])[0]  # (2304,)
    mean = frames.hear(samples)["speech"][:, :384].mean(axis=0)  # (384,)
    np.testing.assert_allclose(mean, vector[768:1152], atol=2e-4)


def test_what_changes_is_heard_where_it_is(frames):
    first, one, other = sound(2.0), sound(2.0), np.sign(sound(2.0, 3)) * 0.2
    one, other = (np.concatenate([first, end]).astype(np.float32) for end in (one, other))
    heard, changed = frames.hear(one), frames.hear(other * abs(one).max() / abs(other).max())
    # Of the speech tower alone: the gates of the other hear the whole window at every moment.
    apart = np.linalg.norm(heard["speech"] - changed["speech"], axis=1)  # (t,)
    times = (np.arange(len(apart)) + 0.5) * STREAMS["speech"].hop
    assert apart[times > 2.2].mean() > 1.5 * apart[times < 1.8].mean()


def test_a_click_has_a_frame(frames):
    assert all(len(heard) for heard in frames.hear(np.ones(1, np.float32)).values())


@pytest.mark.parametrize("shape", [(0,), (LONGEST + 1,), (RATE, 2)])
def test_what_is_no_passage_is_refused(frames, shape):
    with pytest.raises(ValueError, match="window"):
        frames.hear(np.zeros(shape, np.float32))


def test_the_same_file_has_the_same_fingerprint(frames):
    assert frames.fingerprint == load_builtin().audio.fingerprint


def test_another_graph_is_refused(tmp_path):
    shutil.copy(WEIGHTS / "text.onnx", tmp_path / "audio.onnx")
    with pytest.raises(SpaceError, match="audio encoder"):
        Frames(tmp_path).hear(sound(1.0))
