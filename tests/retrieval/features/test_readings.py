"""A sound file, as a whole and window by window."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from retrieval.errors import AudioError
from retrieval.features.readings import read_features, spans
from retrieval.windows import windows

RATE = 16_000


@given(st.integers(1, 40_000), st.integers(50, 300), st.integers(20, 200))
def test_windows_are_those_that_encoders_hear(samples: int, length: int, hop: int) -> None:
    rate = 100
    made = windows([np.zeros(samples, dtype=np.float32)], rate, length / rate, hop / rate)
    expected = [(window.start, window.end) for window in made]
    assert np.allclose(spans(samples / rate, length / rate, hop / rate), expected)


@pytest.fixture
def two_voices(tmp_path: Path, make_vowel: Callable[..., Any]) -> Path:
    """Four seconds at 120 Hz, then four at 240, quieter; at 44.1 kHz in stereo."""
    pytest.importorskip("parselmouth", reason="the extra `features` is not installed")
    low, high = make_vowel(120, seconds=4.0), make_vowel(240, seconds=4.0, peak=0.25)
    samples = np.concatenate([low.samples, high.samples])
    path = tmp_path / "voices.flac"
    soundfile.write(path, np.stack([samples, samples], axis=1), RATE)
    return path


def test_windows_say_when(two_voices: Path) -> None:
    read = read_features(two_voices)
    assert (read.whole.start, read.whole.end) == (0, 8)
    assert [(one.start, one.end) for one in read.windows] == [
        (0, 3),
        (1.5, 4.5),
        (3, 6),
        (4.5, 7.5),
        (5, 8),
    ]
    first, last = read.windows[0].features, read.windows[-1].features
    assert first.pitch_median == pytest.approx(120, rel=0.01)
    assert last.pitch_median == pytest.approx(240, rel=0.01)
    assert first.loudness > last.loudness
    assert read.whole.features.pitch_range == pytest.approx(12, abs=0.2)


def test_an_excerpt_keeps_the_seconds_of_the_recording(two_voices: Path) -> None:
    read = read_features(two_voices, 4.5, 7.0)
    assert (read.whole.start, read.whole.end) == (4.5, 7.0)
    assert read.whole.features.pitch_median == pytest.approx(240, rel=0.01)
    assert len(read.windows) == 1


def test_the_same_file_gives_the_same_features(two_voices: Path) -> None:
    assert read_features(two_voices) == read_features(two_voices)


def test_silence_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("parselmouth", reason="the extra `features` is not installed")
    path = tmp_path / "silent.wav"
    soundfile.write(path, np.zeros(RATE), RATE)
    with pytest.raises(AudioError, match="silent"):
        read_features(path)
