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
class Recognition:
    """Which emotion a clip, or a passage of it, has, and what its voice and its words say alone.

    Attributes:
        path: of the clip, absolute.
        start, end: seconds.
        words: the text that was read; None if there was none that could be read.
        fusion: which judgement answers: "voice", "words", or the name of a joining of both.
        recognised: the emotion.
        confidence: its chance, 0..1.
        valence, arousal: -1..1.
        voice_emotion, voice_valence, voice_arousal: of the voice; None where none was heard.
        words_emotion, words_valence, words_arousal: of the words; None where none were read.
        mismatch: 0..1, how far voice and words disagree; None unless there are both.
    """

    path: str
    start: float
    end: float
    words: str | None
    fusion: str
    recognised: str
    confidence: float
    valence: float
    arousal: float
    voice_emotion: str | None
    voice_valence: float | None
    voice_arousal: float | None
    words_emotion: str | None
    words_valence: float | None
    words_arousal: float | None
    mismatch: float | None


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

    `measured` of the `sounds` have features, `recognised` of the `clips` a recognised emotion.
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
    recognised: int = 0
