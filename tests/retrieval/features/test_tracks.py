"""Long sounds as stretches, and the spectra of frames."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from retrieval.features.tracks import HOP, RATE, follow, track

pytest.importorskip("parselmouth", reason="the extra `features` is not installed")


@pytest.fixture
def long(make_vowel: Callable[..., Any]) -> np.ndarray:
    """72.34 s of voice and silence, so that the last stretch begins between two frames."""
    parts = []
    for number in range(36):
        voice = make_vowel(100 + 7 * number, seconds=1.6, jitter=0.005, seed=number)
        parts += [voice.samples, np.zeros(round(0.4 * RATE), dtype=np.float32)]
    parts.append(make_vowel(180, seconds=0.344).samples)
    return np.concatenate(parts)


def cut(samples: np.ndarray, size: int) -> Iterator[np.ndarray]:
    for first in range(0, len(samples), size):
        yield samples[first : first + size]


def test_stretches_make_no_difference(long: np.ndarray) -> None:
    whole, stretches = track(long), follow(cut(long, 50_000))
    assert stretches.count == whole.count == round(72.344 / HOP + 0.5)
    assert np.allclose(stretches.energy, whole.energy)
    assert np.allclose(stretches.power, whole.power)
    assert np.allclose(stretches.moment, whole.moment)
    same = np.isclose(stretches.pitch, whole.pitch, rtol=0.01, equal_nan=True)
    assert same.mean() > 0.99
    assert len(stretches.pulses) == pytest.approx(len(whole.pulses), rel=0.01)
    assert np.all(np.diff(stretches.pulses) > 0)


def test_blocks_make_no_difference(long: np.ndarray) -> None:
    one, other = follow([long]), follow(cut(long, 7777))
    assert np.array_equal(one.pitch, other.pitch, equal_nan=True)
    assert np.array_equal(one.pulses, other.pulses)
    assert np.array_equal(one.power, other.power)


def test_a_tone_lies_in_its_frames_and_in_its_band() -> None:
    times = np.arange(RATE) / RATE
    samples = np.where(times < 0.5, 0.5 * np.sin(2 * np.pi * 2000 * times), 0).astype(np.float32)
    found = track(samples)
    assert np.allclose(found.power[5:45], 0.125, rtol=1e-3)  # a²/2
    assert np.allclose(found.high[5:45], 0.125, rtol=1e-3)
    assert np.allclose(found.low[5:45], 0, atol=1e-6)
    assert np.allclose(found.moment[5:45] / found.power[5:45], 2000, rtol=1e-3)
    assert np.allclose(found.energy[:50], 0.125, rtol=1e-3)
    assert not found.energy[50:].any()


def test_rumble_is_no_sound() -> None:
    times = np.arange(RATE) / RATE
    found = track((0.3 + 0.1 * np.sin(2 * np.pi * 20 * times)).astype(np.float32))
    assert found.power[10:90].max() < 1e-5


def test_no_samples_are_refused() -> None:
    with pytest.raises(ValueError, match="no samples"):
        follow([])
