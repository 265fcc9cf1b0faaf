"""M4A, AAC and the sound of video through FFmpeg (PyAV, the extra ``video``)."""

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from retrieval.errors import AudioError

#: Containers whose header declares the length of the sound; elsewhere it is an estimate.
DECLARING = frozenset({"mov", "matroska", "avi"})

#: Seconds decoded ahead of the place sought, so that a codec has warmed up.
PREROLL = 1.0

# FFmpeg's names of the tags that are kept, and those libsndfile gives to the same
_TAGS = {
    "title": "title",
    "artist": "artist",
    "album": "album",
    "comment": "comment",
    "date": "date",
    "genre": "genre",
    "copyright": "copyright",
    "license": "license",
    "track": "tracknumber",
    "software": "software",
    "encoder": "software",
}


@contextmanager
def open_container(path: Path, container: str) -> Iterator["ContainerReader"]:
    """Read the first or default sound track of a file.

    Args:
        path: the file.
        container: FFmpeg's name of its format. It is never left to guess: a playlist that
            poses as a video could make it open other files.

    Raises:
        AudioError: it is damaged, or has no sound.
    """
    try:
        with av.open(f"file:{path}", format=container, metadata_errors="replace") as opened:
            stream = opened.streams.best("audio")
            if not isinstance(stream, av.AudioStream):
                raise AudioError("holds no sound, only pictures or data", path=path)
            yield ContainerReader(opened, stream, container, path)
    except av.FFmpegError as error:
        raise AudioError(
            f"cannot be decoded: {error.strerror}", path=path, remedy="copy or export it again"
        ) from error


class ContainerReader:
    """One sound track as a :class:`retrieval.audio.Reader`; its first sample is second 0."""

    def __init__(
        self, opened: av.container.InputContainer, stream: av.AudioStream, name: str, path: Path
    ) -> None:
        self._opened, self._stream, self._name, self._path = opened, stream, name, path
        self._tick = stream.time_base or Fraction(1, stream.rate)  # seconds
        self.rate: int = stream.rate
        self.channels: int = stream.channels
        self.format = {"mov": "MP4"}.get(name, name.upper())
        self.subtype: str = stream.codec_context.name.upper()
        found = {key.lower(): text for key, text in (opened.metadata | stream.metadata).items()}
        self.tags = {_TAGS[key]: text for key, text in found.items() if key in _TAGS and text}
        self.duration = self._seconds()
        declared = self.duration is not None and name in DECLARING
        self.promised = round((self.duration or 0) * self.rate) if declared else None

    def _seconds(self) -> float | None:
        if self._stream.duration is not None:
            return float(self._stream.duration * self._tick)
        # the length of the whole may be that of the pictures
        if self._opened.duration is None or self._opened.streams.video:
            return None
        return float(self._opened.duration / av.time_base)

    def read_from(self, first: int) -> Iterator[NDArray[np.float32]]:
        """Blocks (n, channels) from frame ``first``; packets that are damaged are left out."""
        position = self._seek(first)
        for frame in self._frames():
            if position is None:
                position = self._place(frame)
            skip = first - position
            position += frame.samples
            if skip < frame.samples:
                yield _values(frame)[max(0, skip) :]

    def _seek(self, first: int) -> int | None:
        """Go near frame ``first``; None when the next frame must tell where it stands."""
        seconds = first / self.rate - PREROLL
        if seconds <= 0 or self._name != "mov":  # only there are times exact to the sample
            return 0
        begin = self._stream.start_time or 0
        self._opened.seek(begin + int(seconds / self._tick), stream=self._stream)
        return None

    def _place(self, frame: av.AudioFrame) -> int:
        ticks = (frame.pts or 0) - (self._stream.start_time or 0)
        return round(ticks * self._tick * self.rate)

    def _frames(self) -> Iterator[av.AudioFrame]:
        for packet in self._opened.demux(self._stream):
            try:
                frames = packet.decode()
            except av.InvalidDataError:
                continue
            for frame in frames:
                if frame.sample_rate != self.rate:
                    raise AudioError("its sample rate changes on the way", path=self._path)
                yield frame


def _values(frame: av.AudioFrame) -> NDArray[np.float32]:
    """The samples (n, channels) of a frame, in -1..1."""
    values = frame.to_ndarray()  # (channels, n) or, when interleaved, (1, n * channels)
    values = values.T if frame.format.is_planar else values.reshape(frame.samples, -1)
    samples = values.astype(np.float32, copy=False)
    if values.dtype == np.uint8:
        return samples / np.float32(128) - np.float32(1)
    if values.dtype.kind == "i":
        return samples / np.float32(2 ** (8 * values.itemsize - 1))
    return samples
