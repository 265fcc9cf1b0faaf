"""Changes that leave the feeling of a recording alone: another day, another room."""

import numpy as np
import soxr
import torch
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfft
from torch import Tensor

RATE = 16_000
Samples = NDArray[np.float32]


def crop(samples: NDArray[np.int16], seconds: float, rng: np.random.Generator) -> Samples:
    """A random stretch of at most `seconds`, as float32 in -1..1."""
    size = int(seconds * RATE)
    start = int(rng.integers(0, max(1, len(samples) - size + 1)))
    return np.asarray(samples[start : start + size] / np.float32(32768), dtype=np.float32)


def worn(samples: Samples, rng: np.random.Generator) -> Samples:
    """Speed with pitch, room, noise: each with a chance, all mild."""
    x = samples
    if rng.random() < 0.5:
        x = soxr.resample(x, RATE, RATE * rng.uniform(0.92, 1.08), quality="QQ")
    if rng.random() < 0.25:
        x = _room(x, rng)
    if rng.random() < 0.4:
        x = _noise(x, rng)
    return np.asarray(x, dtype=np.float32)


def _room(x: Samples, rng: np.random.Generator) -> Samples:
    """An exponentially decaying tail of noise, RT60 .1 to .5 s."""
    decay = rng.uniform(0.1, 0.5)
    time = np.arange(int(decay * RATE)) / RATE
    tail = rng.standard_normal(len(time)) * np.exp(-6.9 * time / decay)
    tail *= rng.uniform(0.1, 0.5) / np.sqrt(np.square(tail).sum())
    tail[0] += 1.0
    size = next_fast_len(len(x) + len(tail), real=True)
    spectrum = rfft(x, size) * rfft(tail.astype(np.float32), size)
    return np.asarray(irfft(spectrum, size)[: len(x)], dtype=np.float32)


def _noise(x: Samples, rng: np.random.Generator) -> Samples:
    """Steady noise between white and brown, 10 to 40 dB below the sound."""
    size = next_fast_len(len(x), real=True)
    spectrum = rfft(rng.standard_normal(size, dtype=np.float32))
    spectrum /= np.maximum(np.arange(len(spectrum), dtype=np.float32), 8.0) ** rng.uniform(0.0, 1.0)
    noise = irfft(spectrum, size)[: len(x)]
    level = np.sqrt(np.square(x).mean() / max(np.square(noise).mean(), 1e-12))
    return np.asarray(x + noise * level * 10 ** (-rng.uniform(10, 40) / 20), dtype=np.float32)


def masked(mel: Tensor, generator: torch.Generator) -> Tensor:
    """SpecAugment (Park et al. 2019) and a random tilt of the bands, on log-mel (b, bands, t)."""
    count, bands, frames = mel.shape
    curve = torch.randn(count, 6, generator=generator)  # (b, 6)
    tilt = torch.nn.functional.interpolate(
        curve.unsqueeze(1), bands, mode="linear"
    )  # (b, 1, bands)
    mel = mel + 0.08 * tilt.transpose(1, 2)
    floor = mel.amin(dim=(1, 2), keepdim=True)  # (b, 1, 1)
    hidden = _stripes(count, bands, 10, generator).unsqueeze(2)  # (b, bands, 1)
    hidden = hidden | _stripes(count, frames, max(1, frames // 8), generator).unsqueeze(1)
    return torch.where(hidden, floor, mel)


def _stripes(count: int, size: int, widest: int, generator: torch.Generator) -> Tensor:
    """One random stretch of up to `widest` places a row, as bool (count, size)."""
    width = torch.randint(0, widest + 1, (count, 1), generator=generator)
    start = (torch.rand(count, 1, generator=generator) * (size - width + 1)).long()
    place = torch.arange(size)[None, :]
    return (place >= start) & (place < start + width)
