"""Pitch, harmonicity and glottal pulses, by Praat (parselmouth, the extra ``features``).

Nothing else in the house knows Praat. It holds the interpreter lock while it works, so threads
gain nothing here.

Methods: Boersma 1993, "Accurate short-term analysis of the fundamental frequency and the
harmonics-to-noise ratio of a sampled sound", for pitch and harmonicity by autocorrelation; the
pulses are Praat's cross-correlation of neighbouring periods.
"""

from dataclasses import dataclass

import numpy as np
import parselmouth
from numpy.typing import NDArray
from parselmouth.praat import call

from retrieval.features.tracks import LARGEST_RATIO, LONGEST_PERIOD, SHORTEST_PERIOD, Numbers

#: Hertz; below lies creak, above whistling. Screams and babies stay inside.
FLOOR, CEILING = 60.0, 800.0

#: Seconds; Praat analyses nothing shorter than three periods of the lowest pitch.
LEAST = 0.1


@dataclass(frozen=True)
class Voice:
    """What Praat finds in some seconds of sound.

    Attributes:
        pitch: (n,) hertz at the times asked for; nan where unvoiced.
        harmonicity: (n,) share of the power that is periodic, 0..1; nan where unvoiced.
        pulses: (m,) seconds of the glottal pulses that have a period on both sides.
        amplitudes: (m,) root mean square of the period around each pulse.
    """

    pitch: Numbers
    harmonicity: Numbers
    pulses: Numbers
    amplitudes: Numbers


def hear(samples: NDArray[np.float32], rate: int, times: Numbers) -> Voice:
    """Analyse mono samples (k,) as one piece.

    Args:
        samples: nominally in -1..1.
        rate: samples per second.
        times: (n,) seconds from the first sample, evenly spaced, at least two.
    """
    missing = max(0, round(LEAST * rate) - len(samples))
    sound = parselmouth.Sound(np.pad(samples.astype(np.float64), (0, missing)), rate)
    step = float(times[1] - times[0])
    pitch = sound.to_pitch_ac(time_step=step, pitch_floor=FLOOR, pitch_ceiling=CEILING)
    frames = np.round((times - pitch.x1) / pitch.dx).astype(int)  # (n,) the nearest of each
    outside = (frames < 0) | (frames >= pitch.n_frames)
    best = pitch.selected_array[np.clip(frames, 0, pitch.n_frames - 1)]  # (n,)
    unvoiced = outside | (best["frequency"] <= 0)
    pulses, amplitudes = _pulses(sound, pitch)
    return Voice(
        np.where(unvoiced, np.nan, best["frequency"]),
        np.where(unvoiced, np.nan, best["strength"]),
        pulses,
        amplitudes,
    )


def _pulses(sound: parselmouth.Sound, pitch: parselmouth.Pitch) -> tuple[Numbers, Numbers]:
    """Times and amplitudes (m,) of the periods of the voiced parts."""
    points = call([sound, pitch], "To PointProcess (cc)")
    if call(points, "Get number of points") < 3:
        return np.empty(0), np.empty(0)
    tier = call(
        [points, sound],
        "To AmplitudeTier (period)",
        *(0.0, 0.0, SHORTEST_PERIOD, LONGEST_PERIOD, LARGEST_RATIO),
    )
    if not call(tier, "Get number of points"):
        return np.empty(0), np.empty(0)
    table = call(call(tier, "Down to TableOfReal"), "To Matrix").values  # (m, 2)
    return table[:, 0].copy(), table[:, 1].copy()
