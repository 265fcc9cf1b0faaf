"""Features of a voice that people can read: how high, how loud, how fast, how rough.

All of them are summed up from tracks (retrieval/features/tracks.py), for any range of seconds.
docs/features.md says of each how it is measured, what it is good for and where it ends.
"""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray

from retrieval.features.tracks import (
    HOP,
    LARGEST_RATIO,
    LONGEST_PERIOD,
    RATE,
    Numbers,
    Tracks,
    follow,
)
from retrieval.windows import SILENCE

#: Counts up when the same sound would give other numbers; libraries are then measured again.
METHOD = 1

#: Silence is what lies this far below the loudest parts of the recording, in decibels; a syllable
#: has a peak of level with dips of at least `DIP` decibels on both sides (both as in de Jong and
#: Wempe 2009, "Praat script to detect syllable nuclei and measure speech rate automatically").
BELOW, DIP = 25.0, 2.0

#: The loudest parts are this share of a recording, and never more than a second of it.
LOUDEST = 0.01

#: Seconds; a shorter silence is part of a plosive, and no pause.
PAUSE = 0.25

#: Frames with a voice; from fewer nothing is said of its pitch.
LEAST_VOICED = 5

#: Pairs of neighbouring periods; from fewer nothing is said of their steadiness.
LEAST_PAIRS = 5

#: The largest ratio of the amplitudes of neighbouring periods that counts as shimmer (Praat's).
LARGEST_AMPLITUDE_RATIO = 1.6


@dataclass(frozen=True)
class Features:
    """What is heard in a range of seconds; nan where there is no voice, or no sound, to tell it.

    Attributes:
        pitch_median: hertz, of the voiced frames.
        pitch_low, pitch_high: hertz, 5th and 95th percentile.
        pitch_range: semitones from `pitch_low` to `pitch_high`.
        pitch_slope: semitones per second, by a straight line through the voiced frames; above 0
            where the voice rises.
        voiced_share: share of the frames that sound, 0..1, in which there is a voice.
        loudness: root mean square in dBFS, silences too; -inf for zeros.
        loudness_range: decibels from the 5th to the 95th percentile of the frames that sound.
        silence_share: share of all frames, 0..1, that are silent.
        pause_count: silences of at least 0.25 s with sound before and after.
        pause_length: seconds, the mean of those pauses; nan without any.
        speaking_rate: syllable nuclei per second from the first to the last sound.
        articulation_rate: syllable nuclei per second of sound, pauses left out.
        jitter: mean difference of neighbouring periods, as a share of the mean period.
        shimmer: mean difference of the amplitudes of neighbouring periods, as a share of their
            mean.
        hnr: decibels, harmonic to noise power, the mean of the voiced frames.
        tilt: decibels, power of 1 to 5 kHz above that of 50 Hz to 1 kHz; voices are below 0,
            and pressed or shouted ones nearer to it.
        brightness: hertz, the centroid of the power spectrum.
    """

    pitch_median: float
    pitch_low: float
    pitch_high: float
    pitch_range: float
    pitch_slope: float
    voiced_share: float
    loudness: float
    loudness_range: float
    silence_share: float
    pause_count: int
    pause_length: float
    speaking_rate: float
    articulation_rate: float
    jitter: float
    shimmer: float
    hnr: float
    tilt: float
    brightness: float


UNITS = {
    "pitch_median": "Hz",
    "pitch_low": "Hz",
    "pitch_high": "Hz",
    "pitch_range": "semitones",
    "pitch_slope": "semitones/s",
    "voiced_share": "share",
    "loudness": "dBFS",
    "loudness_range": "dB",
    "silence_share": "share",
    "pause_count": "pauses",
    "pause_length": "s",
    "speaking_rate": "syllables/s",
    "articulation_rate": "syllables/s",
    "jitter": "share",
    "shimmer": "share",
    "hnr": "dB",
    "tilt": "dB",
    "brightness": "Hz",
}


@dataclass(frozen=True)
class Contour:
    """The tracks of a whole recording, and what is to be held against all of it."""

    tracks: Tracks

    @cached_property
    def level(self) -> Numbers:
        """Decibels (n,) of each frame; -inf for zeros."""
        with np.errstate(divide="ignore"):
            return np.asarray(10 * np.log10(self.tracks.power))

    @cached_property
    def floor(self) -> float:
        """The level, in decibels, below which a frame is silent."""
        loudest = math.floor(min(LOUDEST * self.tracks.count, 1 / HOP))
        return max(float(np.sort(self.level)[-1 - loudest]) - BELOW, SILENCE)

    @cached_property
    def nuclei(self) -> NDArray[np.bool_]:
        """The frames (n,) in which a syllable has its peak."""
        marks = np.zeros(self.tracks.count, dtype=bool)
        voiced = np.isfinite(self.tracks.pitch)
        for peak in peaks(np.maximum(self.level, self.floor - 2 * DIP), DIP):
            near = voiced[max(0, peak - 2) : peak + 3]
            marks[peak] = self.level[peak] > self.floor and near.any()
        return marks

    def features(self, start: float = 0.0, end: float = math.inf) -> Features:
        """The features of some seconds of the recording; of at least one frame.

        Raises:
            ValueError: the range lies outside the recording.
        """
        first = round((start - self.tracks.start) / HOP)
        last = self.tracks.count
        if math.isfinite(end):
            last = min(last, max(first + 1, round((end - self.tracks.start) / HOP)))
        if not 0 <= first < last:
            raise ValueError(f"no such range of seconds: {start} to {end}")
        part = self.tracks.part(first, last)
        sounding = self.level[first:last] > self.floor
        syllables = int(self.nuclei[first:last].sum())
        return Features(
            **_pitch(part),
            **_level(part, self.level[first:last], sounding),
            **_pauses(sounding, syllables),
            **_steadiness(part),
            **_spectrum(part, sounding),
        )


def measure(samples: NDArray[np.float32], rate: int) -> Features:
    """The features of mono samples (k,), nominally in -1..1, at `rate` samples per second.

    Silence is judged against the loudest of these samples alone; `Contour.features` judges a
    window against its whole recording.

    Raises:
        MissingExtra: the extra ``features`` is not installed.
        ValueError: there are no samples, or some are not numbers.
    """
    if not len(samples) or not np.isfinite(samples).all():
        raise ValueError("features are measured of samples that are numbers, at least of one")
    samples = np.asarray(samples, dtype=np.float32)
    if rate != RATE:
        samples = soxr.resample(samples, rate, RATE, quality="HQ")
    return Contour(follow([samples])).features()


def peaks(level: Numbers, dip: float) -> list[int]:
    """The frames of the highest points of `level` (n,) with dips of `dip` on both sides.

    The ends count as dips. Of equal neighbours the first is given.
    """
    found = []
    top, low = 0, -math.inf  # of the hill that is climbed, of the valley since the last one
    climbing = True
    for frame, height in enumerate(level):
        if climbing and height > level[top]:
            top = frame
        elif climbing and height <= level[top] - dip:
            found.append(top)
            climbing, low = False, height
        elif not climbing and height >= low + dip:
            climbing, top = True, frame
        elif not climbing:
            low = min(low, height)
    return [*found, top] if climbing else found


def _pitch(part: Tracks) -> dict[str, Any]:
    names = ("pitch_median", "pitch_low", "pitch_high", "pitch_range", "pitch_slope")
    voiced = np.flatnonzero(np.isfinite(part.pitch))
    if len(voiced) < LEAST_VOICED:
        return dict.fromkeys(names, math.nan)
    hertz = part.pitch[voiced]
    low, median, high = (float(value) for value in np.percentile(hertz, (5, 50, 95)))
    slope = np.polyfit(voiced * HOP, 12 * np.log2(hertz), 1)[0]
    return dict(
        zip(names, (median, low, high, 12 * math.log2(high / low), float(slope)), strict=True)
    )


def _level(part: Tracks, level: Numbers, sounding: NDArray[np.bool_]) -> dict[str, Any]:
    energy = float(part.energy.mean())
    voiced = np.isfinite(part.pitch)
    loud = level[sounding]
    low, high = np.percentile(loud, (5, 95)) if len(loud) else (math.nan, math.nan)
    return {
        "loudness": 10 * math.log10(energy) if energy else -math.inf,
        "loudness_range": float(high - low),
        "voiced_share": float(voiced[sounding].mean()) if len(loud) else math.nan,
        "silence_share": 1 - len(loud) / len(level),
    }


def _pauses(sounding: NDArray[np.bool_], syllables: int) -> dict[str, Any]:
    """Pauses and rates, in the frames from the first to the last that sounds."""
    at = np.flatnonzero(sounding)
    spoken = float(at[-1] - at[0] + 1) * HOP if len(at) else math.nan
    gaps = (np.diff(at) - 1) * HOP  # seconds of silence after each frame that sounds
    # A pause of exactly the shortest length is one, however its length is rounded.
    pauses = gaps[gaps > PAUSE - HOP / 2]
    return {
        "pause_count": len(pauses),
        "pause_length": float(pauses.mean()) if len(pauses) else math.nan,
        "speaking_rate": syllables / spoken,
        "articulation_rate": syllables / (len(at) * HOP) if len(at) else math.nan,
    }


def _steadiness(part: Tracks) -> dict[str, Any]:
    """Jitter and shimmer (both "local", as Praat defines them) and the harmonics-to-noise ratio."""
    hnr = jitter = shimmer = math.nan
    voiced = part.harmonicity[np.isfinite(part.harmonicity)]
    if len(voiced) >= LEAST_VOICED:
        share = np.clip(voiced, 1e-9, 1 - 1e-9)
        hnr = float(np.mean(10 * np.log10(share / (1 - share))))
    periods = np.diff(part.pulses)  # (m - 1,)
    inside = periods <= LONGEST_PERIOD  # the others are gaps between two voiced parts
    pairs = inside[:-1] & inside[1:] & _alike(periods, LARGEST_RATIO)  # (m - 2,)
    if len(voiced) >= LEAST_VOICED and pairs.sum() >= LEAST_PAIRS:
        jitter = float(np.abs(np.diff(periods))[pairs].mean() / periods[inside].mean())
        pairs = inside & _alike(part.amplitudes, LARGEST_AMPLITUDE_RATIO)  # (m - 1,)
        shimmer = float(np.abs(np.diff(part.amplitudes))[pairs].mean() / part.amplitudes.mean())
    return {"jitter": jitter, "shimmer": shimmer, "hnr": hnr}


def _alike(values: Numbers, ratio: float) -> NDArray[np.bool_]:
    """Which of k - 1 neighbours among k positive values differ by no more than a ratio."""
    return np.asarray(
        np.maximum(values[1:], values[:-1]) <= ratio * np.minimum(values[1:], values[:-1])
    )


def _spectrum(part: Tracks, sounding: NDArray[np.bool_]) -> dict[str, Any]:
    power, low, high = (float(one[sounding].sum()) for one in (part.power, part.low, part.high))
    return {
        "tilt": 10 * math.log10(high / low) if low and high else math.nan,
        "brightness": float(part.moment[sounding].sum()) / power if power else math.nan,
    }
