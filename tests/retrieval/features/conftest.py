"""Voices whose pitch, jitter, shimmer and noise are known, for tests of what measures them."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import lfilter

RATE = 16_000
#: Hertz and bandwidth of the resonances of an open vowel.
VOWEL = ((600, 80), (1200, 90), (2500, 120))


@dataclass(frozen=True)
class Made:
    """A voice: samples (k,), and the periods, in seconds, and amplitudes it was made of."""

    samples: NDArray[np.float32]
    periods: NDArray[np.float64]
    amplitudes: NDArray[np.float64]

    @property
    def jitter(self) -> float:
        return float(np.abs(np.diff(self.periods)).mean() / self.periods.mean())

    @property
    def shimmer(self) -> float:
        return float(np.abs(np.diff(self.amplitudes)).mean() / self.amplitudes.mean())


def _pulses(times: NDArray[np.float64], amplitudes: NDArray[np.float64], count: int) -> np.ndarray:
    """Band-limited pulses at times between samples."""
    reach = 32
    wave = np.zeros(count)
    for time, amplitude in zip(times, amplitudes, strict=True):
        at = np.arange(max(0, int(time * RATE) - reach), min(count, int(time * RATE) + reach))
        away = at - time * RATE
        wave[at] += amplitude * np.sinc(away) * (0.5 + 0.5 * np.cos(np.pi * away / (reach + 1)))
    return wave


def vowel(
    hz: float | Callable[[float], float] = 150.0,
    seconds: float = 2.0,
    jitter: float = 0.0,
    shimmer: float = 0.0,
    peak: float = 0.5,
    seed: int = 0,
) -> Made:
    """Glottal pulses through the resonances of a vowel.

    Args:
        hz: the pitch, or the pitch at a time in seconds.
        jitter, shimmer: standard deviation of periods and amplitudes, as a share.
    """
    random = np.random.default_rng(seed)
    periods, time = [], 0.0
    while time < seconds - 0.02:
        pitch = hz(time) if callable(hz) else hz
        periods.append((1 + jitter * random.standard_normal()) / pitch)
        time += periods[-1]
    amplitudes = 1 + shimmer * random.standard_normal(len(periods))
    wave = _pulses(np.cumsum(periods), amplitudes, round(seconds * RATE))
    for formant, width in VOWEL:
        radius = np.exp(-np.pi * width / RATE)
        wave = lfilter([1], [1, -2 * radius * np.cos(2 * np.pi * formant / RATE), radius**2], wave)
    wave *= peak / np.abs(wave).max()
    return Made(wave.astype(np.float32), np.array(periods), amplitudes)


@pytest.fixture
def make_vowel() -> Callable[..., Made]:
    return vowel
