"""The log-mel spectrogram that CLAP hears, in numpy.

Ten seconds at 48 kHz become 1001 frames of 64 bands between 50 and 14,000 Hz: a periodic Hann
window of 1024 samples every 480, the power of its spectrum, triangular bands, decibels with a floor
of -100. Checkpoints without fusion were trained on Slaney's bands of equal area, those with fusion
on HTK's bands of equal height (Wu et al. 2023, and the code they published).
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]

#: Changes whenever a spectrogram could change.
VERSION = "clap mel 1"

RATE = 48_000  # hertz
SAMPLES = 10 * RATE  # what the tower takes
FRAMES, BANDS = 1001, 64

_WINDOW, _HOP = 1024, 480  # samples
_LOW, _HIGH = 50.0, 14_000.0  # hertz
_FLOOR = np.float32(1e-10)
_FULL = np.float32(32767.0)  # a sample of 16 bits
_BLOCK = 143  # frames transformed at a time: seven blocks, each of which stays in the cache


def heard(window: Vectors) -> Vectors:
    """A window as the model was trained to hear it: 16 bits, repeated to ten seconds.

    What is shorter is repeated as often as it fits whole, and silence follows ("repeatpad").

    Args:
        window: mono samples (n,) at 48 kHz, 1 to 480,000 of them; what exceeds -1..1 is clipped.

    Returns:
        Samples (480000,).

    Raises:
        ValueError: the window is empty, longer than ten seconds, or has more than one axis.
    """
    samples = np.asarray(window, dtype=np.float32)
    if samples.ndim != 1 or not 0 < len(samples) <= SAMPLES:
        raise ValueError(f"a window of {samples.shape} samples is not mono of up to {SAMPLES}")
    coarse = np.trunc(np.clip(samples, -1, 1) * _FULL) / _FULL
    times = SAMPLES // len(samples)
    whole = np.zeros(SAMPLES, dtype=np.float32)
    whole[: times * len(samples)] = np.tile(coarse, times)
    return whole


def log_mel(samples: Vectors, *, fusion: bool = False) -> Vectors:
    """Ten seconds as decibels.

    Args:
        samples: (480000,) at 48 kHz.
        fusion: whether the checkpoint was trained with feature fusion.

    Returns:
        Decibels (1001, 64), -100 for silence.
    """
    bands = _bands(fusion)  # (bins, 64)
    around = np.pad(np.asarray(samples, dtype=np.float32), _WINDOW // 2, mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(around, _WINDOW)[::_HOP]  # (1001, 1024)
    mel = np.empty((FRAMES, BANDS), dtype=np.float32)
    for start in range(0, FRAMES, _BLOCK):
        spectrum = np.fft.rfft(frames[start : start + _BLOCK] * _hann())[:, : len(bands)]
        power = np.asarray(spectrum.real**2 + spectrum.imag**2, dtype=np.float32)  # (b, bins)
        mel[start : start + _BLOCK] = power @ bands
    return np.asarray(10 * np.log10(np.maximum(mel, _FLOOR)), dtype=np.float32)


def filters(*, fusion: bool = False) -> Vectors:
    """Weights (513, 64) from the bins of the spectrum to the bands."""
    corners = _htk_corners() if fusion else _slaney_corners()  # (66,) hertz
    bins = np.fft.rfftfreq(_WINDOW, 1 / RATE)[:, None]  # (513, 1)
    rising = (bins - corners[:-2]) / (corners[1:-1] - corners[:-2])
    falling = (corners[2:] - bins) / (corners[2:] - corners[1:-1])
    triangles = np.maximum(0, np.minimum(rising, falling))  # (513, 64)
    if not fusion:
        triangles *= 2 / (corners[2:] - corners[:-2])
    return triangles.astype(np.float32)


@lru_cache(maxsize=2)
def _bands(fusion: bool) -> Vectors:
    """The filters up to the last bin that any band hears."""
    weights = filters(fusion=fusion)
    return np.ascontiguousarray(weights[: 1 + np.flatnonzero(weights.any(axis=1))[-1]])


@lru_cache(maxsize=1)
def _hann() -> Vectors:
    phase = 2 * np.pi * np.arange(_WINDOW) / _WINDOW
    return (0.5 - 0.5 * np.cos(phase)).astype(np.float32)


def _htk_corners() -> NDArray[np.float64]:
    """Equal steps of 2595 log10(1 + f / 700) (O'Shaughnessy 1987)."""
    low, high = (2595 * np.log10(1 + edge / 700) for edge in (_LOW, _HIGH))
    return np.asarray(700 * (10 ** (np.linspace(low, high, BANDS + 2) / 2595) - 1))


def _slaney_corners() -> NDArray[np.float64]:
    """Equal steps of a scale linear below 1 kHz and logarithmic above (Slaney 1998)."""
    # 15 steps to 1000 Hz, then 27 steps for every factor of 6.4
    low = _LOW * 3 / 200
    high = 15 + 27 * np.log(_HIGH / 1000) / np.log(6.4)
    steps = np.linspace(low, high, BANDS + 2)
    return np.where(steps < 15, steps * 200 / 3, 1000 * 6.4 ** ((steps - 15) / 27))
