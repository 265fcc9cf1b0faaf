"""What goes into the catalog and comes out of it: plain facts, no behaviour."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class ClipFacts:
    """A clip and what is heard in it.

    Attributes:
        path: absolute.
        hash: sha256 of the content, hexadecimal.
        size, mtime_ns: of the file, bytes and nanoseconds since 1970.
        duration: seconds.
        rate: hertz, of the file.
        format, subtype: of the file, in capitals (``WAV``, ``PCM_16``).
        loudness, peak: dBFS.
        tags: read from the file.
    """

    path: str
    hash: str
    size: int
    mtime_ns: int
    duration: float
    rate: int
    channels: int
    format: str
    subtype: str
    loudness: float
    peak: float
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Known:
    """A clip of the catalog, as far as a scan asks: `missing` if its file was gone."""

    clip_id: int
    sound_id: int
    hash: str
    size: int
    mtime_ns: int
    missing: bool


@dataclass(frozen=True)
class Failure:
    """A file that could not be taken in, as it was then; `at` in seconds since 1970."""

    size: int
    mtime_ns: int
    reason: str
    remedy: str | None
    at: float


@dataclass(frozen=True)
class Row:
    """A window with one of the clips that hold its sound; times in seconds, loudness in dBFS."""

    window_id: int
    sound_id: int
    start: float
    end: float
    clip_id: int
    path: str
    duration: float
    loudness: float
    transcript: str | None
    hash: str
    missing: bool
    labels: Mapping[str, str]


@dataclass(frozen=True)
class Holder:
    """A clip with the sound it holds, as far as ranking asks; duration in seconds."""

    clip_id: int
    sound_id: int
    path: str
    duration: float


@dataclass(frozen=True)
class SourceState:
    """A source of raw vectors: the space it was made for, and how much there is of it."""

    source: str
    space: str
    window: float
    hop: float
    dim: int
    generation: int
    windows: int


@dataclass(frozen=True)
class Counts:
    """What the catalog holds; `missing` of the `clips` have lost their file; `seconds` of sound.

    `measured` of the `sounds` have features.
    """

    clips: int
    missing: int
    sounds: int
    seconds: float
    windows: int
    failures: int
    labels: tuple[str, ...]
    collections: tuple[str, ...]
    sources: tuple[SourceState, ...]
    measured: int = 0
