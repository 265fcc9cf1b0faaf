"""Sources, filters and envelopes: the few parts every sketch of the sample library is made of.

Audio is float64 at `RATE`, shape [samples] (mono) or [samples, 2] (stereo), about -1..1.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

RATE = 24_000
Audio = NDArray[np.float64]
Points = Sequence[tuple[float, float]]
Gain = Callable[[Audio, Audio], Audio]

FRAME, HOP = 1024, 256
TOP = 0.45 * RATE
WINDOW: Audio = np.hanning(FRAME + 1)[:FRAME].astype(np.float64)


def samples(seconds: float) -> int:
    """The number of samples in so many seconds."""
    return round(seconds * RATE)


def silence(seconds: float) -> Audio:
    return np.zeros(samples(seconds))


def clock(count: int) -> Audio:
    """The time of each sample in seconds, [count]."""
    return np.arange(count, dtype=np.float64) / RATE


def curve(points: Points, count: int) -> Audio:
    """Straight lines through (position 0..1, value) points, [count]."""
    places, values = zip(*points, strict=True)
    return np.asarray(np.interp(np.linspace(0, 1, count), places, values))


def noise(rng: Generator, count: int) -> Audio:
    """White Gaussian noise of RMS 1, [count]."""
    return rng.standard_normal(count)


def wander(rng: Generator, count: int, hertz: float) -> Audio:
    """A smooth random walk around 0 that turns about `hertz` times a second, mostly in -1..1."""
    knots = max(4, round(count / RATE * hertz * 2) + 1)
    heights = rng.standard_normal(knots) * 0.6
    places = np.linspace(0, knots - 1, count)
    left = np.minimum(places.astype(int), knots - 2)
    ease = 0.5 - 0.5 * np.cos(np.pi * (places - left))
    return np.asarray(heights[left] * (1 - ease) + heights[left + 1] * ease)


def harmonics(pitch: Audio, tilt: float = -6.0, count: int = 80) -> Audio:
    """A tone of `count` harmonics without aliasing.

    Args:
        pitch: fundamental of each sample in Hz, [samples].
        tilt: decibels from one harmonic to its octave.
    """
    turn = np.exp(2j * np.pi * np.cumsum(pitch) / RATE)
    spin, tone = np.ones_like(turn), np.zeros(len(pitch))
    for number in range(1, min(count, int(TOP / pitch.min())) + 1):
        spin = spin * turn
        tone += spin.imag * number ** (tilt / 6.02) * (number * pitch < TOP)
    return tone


def spectra(audio: Audio) -> NDArray[np.complex128]:
    """Short spectra of overlapping windows, [frames, bins]; `paste` undoes it."""
    padded = np.pad(audio, (FRAME, 2 * FRAME))
    starts = np.arange(0, len(padded) - FRAME, HOP)
    return np.fft.rfft(padded[starts[:, None] + np.arange(FRAME)] * WINDOW)


def paste(short: NDArray[np.complex128], count: int) -> Audio:
    """Overlap and add what `spectra` cut, [count]."""
    total, weight = np.zeros(count + 3 * FRAME), np.full(count + 3 * FRAME, 1e-9)
    for number, frame in enumerate(np.fft.irfft(short, FRAME) * WINDOW):
        start = number * HOP
        total[start : start + FRAME] += frame
        weight[start : start + FRAME] += WINDOW**2
    return np.asarray(total / weight)[FRAME : FRAME + count]


def shape(audio: Audio, gain: Gain) -> Audio:
    """Filter without phase shift by gains that may change with time.

    Args:
        audio: mono, [samples].
        gain: from frequencies in Hz [1, bins] and positions 0..1 [frames, 1] to linear gains
            that broadcast to [frames, bins].
    """
    short = spectra(audio)
    freqs: Audio = np.fft.rfftfreq(FRAME, 1 / RATE).astype(np.float64)[None, :]
    centres = np.arange(len(short)) * HOP - FRAME / 2
    places = np.clip(centres / max(1, len(audio)), 0, 1)[:, None]
    return paste(short * gain(freqs, places), len(audio))


def band(audio: Audio, low: float, high: float, order: int = 4) -> Audio:
    """Keep what lies between two frequencies in Hz; below, 6 x `order` dB an octave are lost."""

    def gain(freqs: Audio, _: Audio) -> Audio:
        safe = np.maximum(freqs, 1.0)
        return np.asarray(1 / np.sqrt((1 + (low / safe) ** (2 * order)) * (1 + (safe / high) ** 8)))

    return shape(audio, gain)


def sweep(audio: Audio, centre: Points, width: float = 0.5) -> Audio:
    """Keep a moving band: `centre` in Hz over time, `width` in octaves."""

    def gain(freqs: Audio, places: Audio) -> Audio:
        spots, values = zip(*centre, strict=True)
        middle = np.interp(places, spots, values)
        octaves = np.log2(np.maximum(freqs, 20.0) / middle)
        return np.asarray(np.exp(-0.5 * (octaves / width) ** 2))

    return shape(audio, gain)


def lean(audio: Audio, decibels: float) -> Audio:
    """Tilt the spectrum by so many decibels an octave around 500 Hz; above 0 is brighter."""

    def gain(freqs: Audio, _: Audio) -> Audio:
        return np.asarray((np.clip(freqs, 100, 4000) / 500) ** (decibels / 6.02))

    return shape(audio, gain)


def fade(audio: Audio, attack: float, release: float) -> Audio:
    """Rise from nothing and fall to nothing, in seconds, along half cosines."""
    envelope = np.ones(len(audio))
    for count, side in ((samples(attack), 1), (samples(release), -1)):
        count = min(count, len(audio))
        envelope[::side][:count] *= 0.5 - 0.5 * np.cos(np.pi * np.arange(count) / max(1, count))
    return audio * (envelope if audio.ndim == 1 else envelope[:, None])


def place(canvas: Audio, sound: Audio, second: float) -> None:
    """Add a sound to a canvas at a time; what runs over the end is cut."""
    start = samples(second)
    part = sound[: max(0, len(canvas) - start)]
    canvas[start : start + len(part)] += part


def join(parts: Sequence[Audio]) -> Audio:
    """One after another."""
    return np.concatenate(list(parts))


def pan(audio: Audio, side: float) -> Audio:
    """Mono to stereo [samples, 2] with equal power; `side` from -1 (left) to 1 (right)."""
    angle = (side + 1) * np.pi / 4
    return np.stack([audio * np.cos(angle), audio * np.sin(angle)], axis=1)


def room(rng: Generator, audio: Audio, seconds: float, wet: float) -> Audio:
    """Stereo in a room whose echo falls by 60 dB in `seconds`; [samples, 2], the same length."""
    dry = audio if audio.ndim == 2 else pan(audio, 0)
    count = samples(seconds)
    tail = rng.standard_normal((count, 2)) * 10 ** (-3 * clock(count) / seconds)[:, None]
    tail /= np.sqrt((tail**2).sum(axis=0))
    size = 1 << (len(dry) + count).bit_length()
    product = np.fft.rfft(dry, size, axis=0) * np.fft.rfft(tail, size, axis=0)
    return dry + wet * np.fft.irfft(product, size, axis=0)[: len(dry)]


def level(audio: Audio, decibels: float) -> Audio:
    """Bring the RMS to so many dBFS; peaks above -6 dBFS are rounded off, never cut flat."""
    loud = audio * 10 ** (decibels / 20) / max(1e-9, float(np.sqrt(np.mean(audio**2))))
    over = np.maximum(np.abs(loud) - 0.5, 0)
    rounded = np.minimum(np.abs(loud), 0.5) + 0.3 * np.tanh(over / 0.3)
    return np.asarray(np.sign(loud) * rounded)


def resample(audio: Audio, source: int, target: int) -> Audio:
    """Change the rate by cutting or padding the spectrum; axis 0 is time."""
    # a second before and whole seconds in all: both map to whole samples at either rate
    after = source + -len(audio) % source
    padded = np.pad(audio, [(source, after)] + [(0, 0)] * (audio.ndim - 1))
    long = len(padded) // source * target
    spectrum = np.fft.rfft(padded, axis=0)[: long // 2 + 1]
    changed = np.fft.irfft(spectrum, long, axis=0) * (target / source)
    return np.asarray(changed[target : target + round(len(audio) * target / source)])
