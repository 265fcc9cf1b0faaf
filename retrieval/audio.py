"""Sound files as blocks of mono samples at one rate.

A file is never read whole: blocks of about half a megabyte are decoded, mixed down and
resampled as they are asked for. What the file is, is decided by its first bytes and not by
its name. Sound formats are read by libsndfile (:mod:`retrieval.soundfiles`), M4A, AAC and
the sound of video by FFmpeg (:mod:`retrieval.video`, an extra). The stream is cut and measured
by :mod:`retrieval.windows`, whose names are offered here too.
"""

import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Protocol

import numpy as np
import soxr
from numpy.typing import NDArray

from retrieval.errors import AudioError, MissingExtra
from retrieval.soundfiles import open_sound
from retrieval.windows import Level, Meter, Window, windows

__all__ = [
    "EXTENSIONS",
    "AudioInfo",
    "Level",
    "Meter",
    "Window",
    "blocks",
    "content_hash",
    "probe",
    "read",
    "windows",
]

Samples = NDArray[np.float32]

#: Names that are looked at when a folder is scanned; a file named by hand may have any name.
EXTENSIONS = frozenset(
    {".wav", ".wave", ".bwf", ".rf64", ".w64", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".mp2"}
    | {".aif", ".aiff", ".aifc", ".au", ".snd", ".caf"}
    | {".m4a", ".m4b", ".aac", ".mp4", ".m4v", ".mov", ".3gp", ".mkv", ".mka", ".webm", ".avi"}
    | {".flv", ".wma", ".wmv", ".mpg", ".mpeg", ".mts", ".m2ts"}
)

#: A lower rate is not sound, and resampling it up would ask for memory without bound.
LOWEST_RATE = 1000

#: A file is truncated when more than both of these are missing of what its header declares:
#: seconds, and a share of the whole. Encoder padding and one lost packet stay below them.
MISSING_SECONDS = 0.25
MISSING_SHARE = 0.01


@dataclass(frozen=True, slots=True)
class AudioInfo:
    """What a sound file says about itself.

    Attributes:
        duration: seconds, as declared; an estimate where the header holds none (MP3 without
            a Xing header, raw AAC). :class:`retrieval.windows.Meter` measures the true one.
        rate: samples per second and channel.
        channels: 1 for mono, 2 for stereo ...
        format: the container, as "WAV", "FLAC", "MP3", "MP4".
        subtype: how samples are coded, as "PCM_16", "VORBIS", "AAC".
        tags: title, artist, album, comment, date, genre ...; only those that are not empty.
    """

    duration: float
    rate: int
    channels: int
    format: str
    subtype: str
    tags: dict[str, str]


class Reader(Protocol):
    """One open sound file; positions are frames, one frame holds a sample of each channel."""

    rate: int
    channels: int
    format: str
    subtype: str
    tags: dict[str, str]
    duration: float | None  # seconds, declared or estimated
    promised: int | None  # frames, only where the header declares them for certain

    def read_from(self, first: int) -> Iterator[Samples]:
        """Blocks (n, channels) from frame ``first``, each valid until the next is asked for."""
        ...


def probe(path: str | Path) -> AudioInfo:
    """What the file declares, without decoding it (unless its length is declared nowhere).

    Raises:
        AudioError: the file cannot be used; MissingExtra when only the extra is missing.
    """
    with _reader(Path(path)) as reader:
        duration = reader.duration
        if duration is None:
            duration = sum(map(len, reader.read_from(0))) / reader.rate
        return AudioInfo(
            duration, reader.rate, reader.channels, reader.format, reader.subtype, reader.tags
        )


def blocks(
    path: str | Path, rate: int, *, start: float = 0.0, end: float | None = None
) -> Iterator[Samples]:
    """Decode, mix down by the mean of the channels and resample, block by block.

    Args:
        path: the file.
        rate: samples per second to deliver.
        start: seconds into the file.
        end: seconds into the file, after ``start``; None for all of it.

    Yields:
        float32 arrays (n,), n > 0, nominally in -1..1; joined, they hold the whole range.
        The same file always gives the same bits.

    Raises:
        AudioError: while iterating, when the file cannot be used, when it ends before
            ``start``, holds samples that are not numbers, or is shorter than it declares.
        ValueError: the range is empty or begins before 0.
    """
    if start < 0 or (end is not None and end <= start):
        raise ValueError(f"no such range of seconds: {start} to {end}")
    path = Path(path)
    with _reader(path) as reader:
        yield from _resampled(_mono(reader, path, start, end), reader.rate, rate)


def read(path: str | Path, rate: int, start: float = 0.0, end: float | None = None) -> Samples:
    """A short excerpt as one array (n,); arguments and errors as in :func:`blocks`."""
    nothing = np.empty(0, np.float32)  # a single sample may come out as none
    return np.concatenate([nothing, *blocks(path, rate, start=start, end=end)])


def content_hash(path: str | Path) -> str:
    """The 160-bit BLAKE2b of the bytes of the file, as 40 hexadecimal digits.

    Raises:
        AudioError: the file cannot be read.
    """
    path = Path(path)
    with _bytes_of(path) as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=20)).hexdigest()


def _mono(reader: Reader, path: Path, start: float, end: float | None) -> Iterator[Samples]:
    first = position = round(start * reader.rate)
    last = None if end is None else round(end * reader.rate)
    for frames in reader.read_from(first):
        if last is not None:
            frames = frames[: last - position]
        position += len(frames)
        with np.errstate(invalid="ignore", over="ignore"):
            mono = frames @ np.full(frames.shape[1], 1 / frames.shape[1], np.float32)
        if not np.isfinite(mono).all():
            raise AudioError(
                "holds samples that are not numbers", path=path, remedy="export it again"
            )
        yield mono
        if position == last:
            return
    _refuse_truncated(reader, path, position)
    if position == first:
        missing = f"no sound after {start:g} s" if first else "no samples"
        raise AudioError(f"holds {missing}", path=path)


def _refuse_truncated(reader: Reader, path: Path, position: int) -> None:
    if not reader.promised:
        return
    whole, present = reader.promised / reader.rate, position / reader.rate
    if whole - present > max(MISSING_SECONDS, MISSING_SHARE * whole):
        raise AudioError(
            f"truncated: {present:.2f} s of {whole:.2f} s can be read",
            path=path,
            remedy="copy or export it again",
        )


def _resampled(mono: Iterator[Samples], source: int, target: int) -> Iterator[Samples]:
    if source == target:
        yield from mono
        return
    stream = soxr.ResampleStream(source, target, 1, dtype="float32", quality="HQ")
    for block in mono:
        resampled = stream.resample_chunk(block)
        if len(resampled):
            yield resampled
    rest = stream.resample_chunk(np.empty(0, np.float32), last=True)
    if len(rest):
        yield rest


@contextmanager
def _reader(path: Path) -> Iterator[Reader]:
    with _bytes_of(path) as file:
        head = _head(file)
        if not head:
            raise AudioError("empty: the file holds no bytes", path=path)
        file.seek(0)
        container = _container(head)
        opened: AbstractContextManager[Reader]
        if container is None:
            opened = open_sound(file, path, guessed_length=_is_mp3_of_unknown_length(head))
        else:
            opened = _open_container(path, container)
        with opened as reader:
            if reader.rate < LOWEST_RATE:
                raise AudioError(
                    f"its sample rate, {reader.rate} Hz, is below {LOWEST_RATE} Hz", path=path
                )
            yield reader


def _open_container(path: Path, container: str) -> AbstractContextManager[Reader]:
    try:
        from retrieval.video import open_container
    except ImportError as error:
        raise MissingExtra(
            "M4A, AAC and video need an optional package",
            path=path,
            remedy="pip install 'affetto[video]'",
        ) from error
    return open_container(path, container)


@contextmanager
def _bytes_of(path: Path) -> Iterator[FileIO]:
    """The file, opened without a buffer; looked at first, since opening a fifo would hang."""
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            raise AudioError(f"{_kind(mode)}, not a file", path=path)
        with path.open("rb", buffering=0) as file:
            yield file
    except PermissionError as error:
        raise AudioError(
            "not allowed to read it", path=path, remedy="change its permissions"
        ) from error
    except FileNotFoundError as error:
        raise AudioError("no such file", path=path) from error
    except OSError as error:
        loop = error.errno == errno.ELOOP
        reason = "a loop of symbolic links" if loop else f"cannot be read: {error.strerror}"
        raise AudioError(reason, path=path) from error


def _kind(mode: int) -> str:
    names = {
        stat.S_IFDIR: "a folder",
        stat.S_IFIFO: "a fifo",
        stat.S_IFSOCK: "a socket",
        stat.S_IFCHR: "a device",
        stat.S_IFBLK: "a device",
    }
    return names.get(stat.S_IFMT(mode), "something special")


def _head(file: FileIO, size: int = 512) -> bytes:
    """The first bytes after any ID3v2 tags, which may stand before MP3 and AAC alike."""
    head = file.read(size)
    while head.startswith(b"ID3") and len(head) >= 10:
        # four bytes of seven bits hold the length of the tag without its own ten bytes
        length = 0
        for byte in head[6:10]:
            length = length << 7 | byte & 127
        file.seek(length + 10 - len(head), os.SEEK_CUR)
        after = file.read(size)
        if not after:
            break
        head = after
    return head


def _container(head: bytes) -> str | None:
    """FFmpeg's name of the container that begins so; None for what libsndfile should try."""
    if head[4:8] in {b"ftyp", b"moov", b"mdat", b"wide"}:
        return "mov"
    if head.startswith(b"RIFF") and head[8:12] == b"AVI ":
        return "avi"
    if head[0] == 0xFF and len(head) > 1 and head[1] & 0xF6 == 0xF0:
        return "aac"
    if head[:1] == head[188:189] == b"G" or head[4:5] == head[196:197] == b"G":
        return "mpegts"
    starts = {
        b"\x1a\x45\xdf\xa3": "matroska",
        b"\x30\x26\xb2\x75": "asf",
        b"\x00\x00\x01\xba": "mpeg",
        b"FLV\x01": "flv",
    }
    return starts.get(head[:4])


def _is_mp3_of_unknown_length(head: bytes) -> bool:
    """Whether it begins with an MPEG audio frame that does not declare how many follow."""
    is_mpeg = head[0] == 0xFF and len(head) > 1 and head[1] & 0xE0 == 0xE0
    return is_mpeg and b"Xing" not in head[:200] and b"Info" not in head[:200]
