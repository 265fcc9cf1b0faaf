"""A sound as tracks: what is heard every hundredth of a second.

Tracks are measured once, stretch by stretch, and every window is summed up from them; a long
file is never held whole.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import MissingExtra
from retrieval.windows import windows

Numbers = NDArray[np.floating[Any]]
Samples = NDArray[np.float32]

#: Samples per second of everything that is measured, so that brightness compares.
RATE = 16_000

#: Seconds from one frame to the next, and of the slice that is looked at for level and spectrum:
#: more than two periods of the lowest voice, or the level would swing within a period.
HOP, SLICE = 0.01, 0.064

#: Seconds of the stretches that are analysed at a time, and how far each reaches into the next.
STRETCH, OVERLAP = 30.0, 1.0

#: Hertz; what is lower is rumble and no part of level and spectrum.
RUMBLE = 47.0

#: Hertz; the two bands whose ratio is the tilt (alpha ratio of GeMAPS, Eyben et al. 2016).
LOW_BAND, HIGH_BAND = (50.0, 1000.0), (1000.0, 5000.0)

#: Seconds between two glottal pulses of a voice, at least and at most, and the largest ratio of
#: one period to the next: Praat's own settings, at which jitter and shimmer are usually quoted.
SHORTEST_PERIOD, LONGEST_PERIOD, LARGEST_RATIO = 1e-4, 0.02, 1.3


@dataclass(frozen=True)
class Tracks:
    """What is heard in n frames of `HOP` seconds, and at m glottal pulses.

    Attributes:
        start: seconds of the recording at which the first frame begins; a multiple of `HOP`.
        energy: (n,) mean square of the samples of each frame.
        power: (n,) mean square above `RUMBLE`, in the slice around each frame.
        moment: (n,) hertz times power: the first moment of the power spectrum.
        low, high: (n,) power in `LOW_BAND` and in `HIGH_BAND`.
        pitch: (n,) hertz; nan where unvoiced.
        harmonicity: (n,) share of the power that is periodic, 0..1; nan where unvoiced.
        pulses: (m,) seconds of the recording.
        amplitudes: (m,) root mean square of the period around each pulse.
    """

    start: float
    energy: Numbers
    power: Numbers
    moment: Numbers
    low: Numbers
    high: Numbers
    pitch: Numbers
    harmonicity: Numbers
    pulses: Numbers
    amplitudes: Numbers

    @property
    def count(self) -> int:
        """The number of frames, n."""
        return len(self.energy)

    def part(self, first: int, last: int) -> "Tracks":
        """The frames first to last, the last left out, and the pulses within them."""
        start, end = self.start + first * HOP, self.start + last * HOP
        inside = (self.pulses >= start) & (self.pulses < end)
        frames = [getattr(self, name)[first:last] for name in _PER_FRAME]
        pulses = [getattr(self, name)[inside] for name in _PER_PULSE]
        return Tracks(start, *frames, *pulses)


_PER_FRAME = ("energy", "power", "moment", "low", "high", "pitch", "harmonicity")
_PER_PULSE = ("pulses", "amplitudes")


def check_extra() -> None:
    """Refuse at once what could not be measured later.

    Raises:
        MissingExtra: the extra ``features`` is not installed.
    """
    try:
        import parselmouth  # noqa: F401
    except ImportError as error:
        raise MissingExtra(
            "features need an optional package", remedy="pip install 'affetto[features]'"
        ) from error


def follow(blocks: Iterable[Samples]) -> Tracks:
    """Measure a stream of samples (k,) at `RATE`, half a minute at a time.

    Raises:
        MissingExtra: the extra ``features`` is not installed.
        ValueError: there are no samples.
    """
    pieces = []
    for window in windows(blocks, RATE, STRETCH + OVERLAP, STRETCH):
        # The last one ends with the sound and may begin between two frames.
        late = -round(window.start * RATE) % round(HOP * RATE)
        pieces.append(track(window.samples[late:], window.start + late / RATE))
    if not pieces:
        raise ValueError("no samples to measure")
    return join(pieces)


def track(samples: Samples, start: float = 0.0) -> Tracks:
    """Measure samples (k,) at `RATE` in one piece, as `follow` does each stretch."""
    check_extra()
    from retrieval.features.voice import hear

    step = round(HOP * RATE)
    count = -(-len(samples) // step)  # n
    times = (np.arange(max(2, count)) + 0.5) * HOP  # (n,) the middle of each frame
    voice = hear(samples, RATE, times)
    spectra = _spectra(samples, count)  # (n, bins)
    hertz = np.fft.rfftfreq(round(SLICE * RATE), 1 / RATE)  # (bins,)
    within = partial(_power_within, spectra, hertz)
    heard = hertz >= RUMBLE
    return Tracks(
        start,
        _energy(samples, count),
        within(RUMBLE, RATE),
        spectra[:, heard] @ hertz[heard],
        within(*LOW_BAND),
        within(*HIGH_BAND),
        voice.pitch[:count],
        voice.harmonicity[:count],
        voice.pulses + start,
        voice.amplitudes,
    )


def join(pieces: Sequence[Tracks]) -> Tracks:
    """Stretches that reach into one another as one; each gives way in the middle of the overlap."""
    kept, first = [], 0  # first: frame of the recording
    for number, piece in enumerate(pieces):
        begin = round(piece.start / HOP)
        last = begin + piece.count
        if number + 1 < len(pieces):
            last = (last + round(pieces[number + 1].start / HOP)) // 2
        kept.append(piece.part(first - begin, last - begin))
        first = last
    whole = (
        np.concatenate([getattr(one, name) for one in kept]) for name in (*_PER_FRAME, *_PER_PULSE)
    )
    return Tracks(pieces[0].start, *whole)


def _energy(samples: Samples, count: int) -> Numbers:
    """Mean square (n,) of each frame; the last may be shorter than the others."""
    step = round(HOP * RATE)
    square = np.pad(samples.astype(np.float64) ** 2, (0, count * step - len(samples)))
    present = np.full(count, step)
    present[-1] = len(samples) - (count - 1) * step
    return np.asarray(square.reshape(count, step).sum(axis=1) / present)


def _spectra(samples: Samples, count: int) -> Numbers:
    """Power spectra (n, bins) of the slices around n frames; a row sums up to a mean square."""
    size, step = round(SLICE * RATE), round(HOP * RATE)
    before = (size - step) // 2
    after = (count - 1) * step + size - before - len(samples)
    padded = np.pad(samples.astype(np.float64), (before, max(0, after)))
    slices = np.lib.stride_tricks.sliding_window_view(padded, size)[::step][:count]  # (n, size)
    window = np.hanning(size + 1)[:-1]  # (size,)
    power = np.abs(np.fft.rfft(slices * window)) ** 2  # (n, bins)
    power[:, 1:-1] *= 2  # the negative frequencies
    return np.asarray(power / (size * np.sum(window**2)))


def _power_within(spectra: Numbers, hertz: Numbers, low: float, high: float) -> Numbers:
    return np.asarray(spectra[:, (hertz >= low) & (hertz < high)].sum(axis=1))  # (n,)
