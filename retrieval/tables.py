"""The tables of the catalog.

    sounds ─┬─< clips ─┬─< labels          a sound is the content of one or more clips (files)
            │          ├─< spoken          what is said in a clip, with times
            │          └─< recognised      which emotion its voice and its words have
            ├─< windows >── sources        a window is a slice of a sound with its raw vector
            └─< features                   what was measured of a sound, and of its windows
    collections ──< lines ──< line_vectors
    failures
    transcript_vectors
    words                                  virtual: the words of clips (retrieval/fulltext.py)

A change here needs a revision in migrations/versions; a test compares the two.
"""

from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    Double,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.schema import MetaData

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


#: The origins of a transcript that somebody has written: in a table of labels, or in a sidecar.
LABEL, SIDECAR = TOLD = ("label", "sidecar")


class Base(DeclarativeBase):
    """What all tables hang on. Constraints have names, so that a migration can reach them."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {float: Double()}


class Sound(Base):
    """What is heard, whatever files hold it: seconds, loudness and peak in dBFS."""

    __tablename__ = "sounds"

    id: Mapped[int] = mapped_column(primary_key=True)
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    duration: Mapped[float]
    loudness: Mapped[float]
    peak: Mapped[float]


class Clip(Base):
    """A file: `path` absolute, `rate` in hertz, times in seconds since 1970 (UTC)."""

    __tablename__ = "clips"

    id: Mapped[int] = mapped_column(primary_key=True)
    path: Mapped[str] = mapped_column(unique=True)
    sound_id: Mapped[int] = mapped_column(ForeignKey("sounds.id"), index=True)
    size: Mapped[int] = mapped_column(BigInteger)
    mtime_ns: Mapped[int] = mapped_column(BigInteger)
    rate: Mapped[int]
    channels: Mapped[int]
    format: Mapped[str]
    subtype: Mapped[str]
    tags: Mapped[dict[str, Any]] = mapped_column(JSON)
    transcript: Mapped[str | None]
    added_at: Mapped[float]
    missing_since: Mapped[float | None]


class Label(Base):
    """What a person says of a clip."""

    __tablename__ = "labels"
    __table_args__ = (Index(None, "name", "value"),)

    clip_id: Mapped[int] = mapped_column(
        ForeignKey("clips.id", ondelete="CASCADE"), primary_key=True
    )
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class Source(Base):
    """A way raw vectors are made: `key` is ``Space.source``; window and hop in seconds.

    `generation` grows with every transaction that adds or removes windows of the source.
    """

    __tablename__ = "sources"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    space: Mapped[str]
    window: Mapped[float]
    hop: Mapped[float]
    dim: Mapped[int]
    generation: Mapped[int]


class Window(Base):
    """A slice of a sound, in seconds, and its raw vector, little-endian float32.

    The id is the id in the index, so one is never given twice (AUTOINCREMENT). The unique index
    holds all that a filter asks for: selecting windows never reads the pages with the vectors.
    """

    __tablename__ = "windows"
    __table_args__ = (
        UniqueConstraint("sound_id", "source_id", "start"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sound_id: Mapped[int] = mapped_column(ForeignKey("sounds.id", ondelete="CASCADE"))
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id", ondelete="CASCADE"))
    start: Mapped[float]
    end: Mapped[float]
    vector: Mapped[bytes] = mapped_column(LargeBinary)


class Feature(Base):
    """What signal processing measured of a sound; retrieval/features/measures.py has the units.

    Of the whole sound where `start` is NULL, else of a window, in seconds. What could not be told
    is NULL. `method` counts up when the same sound would be measured differently.
    """

    __tablename__ = "features"
    __table_args__ = (Index(None, "sound_id", "start"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    sound_id: Mapped[int] = mapped_column(ForeignKey("sounds.id", ondelete="CASCADE"))
    method: Mapped[int]
    start: Mapped[float | None]
    end: Mapped[float | None]
    pitch_median: Mapped[float | None]
    pitch_low: Mapped[float | None]
    pitch_high: Mapped[float | None]
    pitch_range: Mapped[float | None]
    pitch_slope: Mapped[float | None]
    voiced_share: Mapped[float | None]
    loudness: Mapped[float | None]
    loudness_range: Mapped[float | None]
    silence_share: Mapped[float | None]
    pause_count: Mapped[int | None]
    pause_length: Mapped[float | None]
    speaking_rate: Mapped[float | None]
    articulation_rate: Mapped[float | None]
    jitter: Mapped[float | None]
    shimmer: Mapped[float | None]
    hnr: Mapped[float | None]
    tilt: Mapped[float | None]
    brightness: Mapped[float | None]


class Spoken(Base):
    """One line of what is said in a clip; start and end, in seconds, where they are known.

    `origin` says where the line comes from: "sidecar" (a file beside the recording) or the name
    and version of the speech recogniser that wrote it; one line without text where that heard no
    words. All lines of a clip, joined, are its `Clip.transcript`. What a table of labels tells has
    no lines of its own and stands there alone; lines that were there before it are then `LABEL`.
    """

    __tablename__ = "spoken"
    __table_args__ = (UniqueConstraint("clip_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    clip_id: Mapped[int] = mapped_column(ForeignKey("clips.id", ondelete="CASCADE"))
    position: Mapped[int]
    start: Mapped[float | None]
    end: Mapped[float | None]
    text: Mapped[str]
    origin: Mapped[str]


class Recognised(Base):
    """Emotion, valence and arousal of a clip, or of a passage of it (docs/recognition.md).

    `start` and `end` in seconds are NULL for the whole clip, `recogniser` is the fingerprint of
    what judged, `words` the text that was read (NULL: none), `fusion` which judgement answers.
    Voice columns are NULL where no voice was heard, word columns where no words were read.
    `state` is what the recogniser keeps of a voice, little-endian float32, so that new words are
    joined with it without hearing it again.
    """

    __tablename__ = "recognised"
    __table_args__ = (Index(None, "clip_id", "start"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    clip_id: Mapped[int] = mapped_column(ForeignKey("clips.id", ondelete="CASCADE"))
    recogniser: Mapped[str] = mapped_column(String(64))
    start: Mapped[float | None]
    end: Mapped[float | None]
    words: Mapped[str | None]
    fusion: Mapped[str]
    recognised: Mapped[str]
    confidence: Mapped[float]
    valence: Mapped[float]
    arousal: Mapped[float]
    voice_emotion: Mapped[str | None]
    voice_valence: Mapped[float | None]
    voice_arousal: Mapped[float | None]
    words_emotion: Mapped[str | None]
    words_valence: Mapped[float | None]
    words_arousal: Mapped[float | None]
    mismatch: Mapped[float | None]
    state: Mapped[bytes | None] = mapped_column(LargeBinary)


class FailedFile(Base):
    """A file that could not be taken in; not tried again until size or time changes."""

    __tablename__ = "failures"

    path: Mapped[str] = mapped_column(primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger)
    mtime_ns: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str]
    remedy: Mapped[str | None]
    at: Mapped[float]


class Collection(Base):
    """A named list of texts."""

    __tablename__ = "collections"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)


class TextLine(Base):
    """One text of a collection; start and end, in seconds, of a subtitle."""

    __tablename__ = "lines"
    __table_args__ = (UniqueConstraint("collection_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    collection_id: Mapped[int] = mapped_column(ForeignKey("collections.id", ondelete="CASCADE"))
    position: Mapped[int]
    text: Mapped[str]
    start: Mapped[float | None]
    end: Mapped[float | None]


class LineVector(Base):
    """The raw vector of a line; `encoder` is the fingerprint of the text encoder."""

    __tablename__ = "line_vectors"

    line_id: Mapped[int] = mapped_column(
        ForeignKey("lines.id", ondelete="CASCADE"), primary_key=True
    )
    encoder: Mapped[str] = mapped_column(String(64), primary_key=True)
    vector: Mapped[bytes] = mapped_column(LargeBinary)


class TranscriptVector(Base):
    """The raw vector of a transcript; `hash` is the sha256 of the text, `encoder` as in lines."""

    __tablename__ = "transcript_vectors"

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    encoder: Mapped[str] = mapped_column(String(64), primary_key=True)
    vector: Mapped[bytes] = mapped_column(LargeBinary)
