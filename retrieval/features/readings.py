"""The features of a sound file, as a whole and window by window."""

from dataclasses import dataclass
from pathlib import Path

from retrieval.audio import blocks
from retrieval.features.measures import Contour, Features
from retrieval.features.tracks import RATE, check_extra, follow
from retrieval.windows import Meter

#: Seconds of a window, and from one to the next: those of the built-in space.
WINDOW, HOP = 3.0, 1.5


@dataclass(frozen=True)
class Reading:
    """What was measured from `start` to `end`, in seconds of a recording."""

    start: float
    end: float
    features: Features


@dataclass(frozen=True)
class Readings:
    """The features of a recording: of all of it, and of its windows."""

    whole: Reading
    windows: tuple[Reading, ...]


def read_features(path: str | Path, start: float = 0.0, end: float | None = None) -> Readings:
    """Decode and measure a recording, or some seconds of it, half a minute at a time.

    What is silent is judged against the loudest parts of what is read.

    Raises:
        AudioError: the file cannot be used, or is silent or too short.
        MissingExtra: the extra ``features`` is not installed.
    """
    check_extra()
    meter = Meter(RATE)
    tracks = follow(meter.through(blocks(path, RATE, start=start, end=end)))
    duration = meter.check(path).duration
    contour = Contour(tracks)

    def reading(first: float, last: float) -> Reading:
        return Reading(start + first, start + last, contour.features(first, last))

    return Readings(
        reading(0.0, duration),
        tuple(reading(first, last) for first, last in spans(duration, WINDOW, HOP)),
    )


def spans(duration: float, length: float, hop: float) -> list[tuple[float, float]]:
    """Start and end, in seconds, of the windows of a recording; see `retrieval.windows.windows`."""
    size, step, total = round(length * RATE), round(hop * RATE), round(duration * RATE)
    starts = [*range(0, total - size + 1, step)] or [0]
    if starts[-1] + size < total:
        starts.append(total - size)
    return [(start / RATE, min(start + size, total) / RATE) for start in starts]
