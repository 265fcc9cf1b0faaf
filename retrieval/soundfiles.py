"""Sound formats through libsndfile: WAV, FLAC, OGG, Opus, MP3, AIFF, AU, CAF, W64, RF64."""

import ctypes
import os
import platform
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from retrieval.errors import AudioError

#: Values (frames times channels) decoded at a time: half a megabyte.
BLOCK_VALUES = 1 << 17

#: libsndfile's frame count when a header declares none is near 2**63.
UNKNOWN_FRAMES = 1 << 62

#: Writers that do not know the length yet declare one near 2 or 4 GiB.
UNKNOWN_BYTES = 0x7FFF0000

#: How many times longer a guessed MP3 is made to look. The guess is off at worst by the
#: ratio of the highest bit rate to the lowest, 320 / 8.
STRETCH = 64

_UNRECOGNISED = 1

# In libsndfile's own log, the sizes it corrected: declared, then present in the file.
_CORRECTED = re.compile(
    r"^ *(?:data|SSND|Data Size|riff|Riff size) *: (\d+) \(should be (\d+)\)", re.MULTILINE
)


@contextmanager
def open_sound(file: FileIO, path: Path, *, guessed_length: bool) -> Iterator["SoundReader"]:
    """Read an open file, whatever its name.

    Args:
        file: without a buffer, at its beginning.
        path: for messages only.
        guessed_length: an MP3 whose header does not tell its length. libsndfile then guesses
            it from the first frame and stops there, even in the middle of the sound.

    Raises:
        AudioError: libsndfile does not know the format or finds the file damaged.
    """
    try:
        # by number, since libsndfile would take a strange .au or .raw for headerless samples
        source = _Stretched(file) if guessed_length else file.fileno()
        with _silenced():
            sound = _Straight(source, closefd=False)
    except soundfile.LibsndfileError as error:
        if error.code == _UNRECOGNISED or guessed_length:
            raise AudioError(
                "not sound in a format that can be read",
                path=path,
                remedy="convert it to WAV, FLAC or MP3",
            ) from error
        reason = error.error_string.rstrip(".")
        raise AudioError(
            f"cannot be decoded: {reason}", path=path, remedy="copy or export it again"
        ) from error
    with sound:
        yield SoundReader(sound, STRETCH if guessed_length else 1)


class SoundReader:
    """An open file as a :class:`retrieval.audio.Reader`."""

    def __init__(self, sound: soundfile.SoundFile, stretch: int) -> None:
        self._sound = sound
        self.rate: int = sound.samplerate
        self.channels: int = sound.channels
        self.format: str = sound.format
        self.subtype: str = sound.subtype
        self.tags: dict[str, str] = {k: v for k, v in sound.copy_metadata().items() if v}
        self.duration: float | None = None
        self.promised: int | None = None
        if sound.frames < UNKNOWN_FRAMES:
            self.duration = sound.frames / stretch / self.rate
            self.promised = _declared_frames(sound) if stretch == 1 else None

    def read_from(self, first: int) -> Iterator[NDArray[np.float32]]:
        """Blocks (n, channels) from frame ``first``; what cannot be decoded ends them."""
        block = np.empty((max(1, BLOCK_VALUES // self.channels), self.channels), np.float32)
        skip = first
        # MP3 is not sought in: libsndfile misses the place when there is encoder delay
        if first and self.promised and self.format != "MP3":
            self._sound.seek(min(first, self._sound.frames))
            skip = 0
        count = len(block)
        while count == len(block):
            count = self._fill(block)
            if count > skip:
                yield block[skip:count]
            skip = max(0, skip - count)

    def _fill(self, block: NDArray[np.float32]) -> int:
        block.fill(np.nan)
        try:
            with _silenced():
                frames: NDArray[np.float32] = self._sound.read(out=block)
            return len(frames)
        except soundfile.LibsndfileError:
            # a damaged file: the error hides how many frames were decoded before the fault
            return int(np.count_nonzero(~np.isnan(block[:, 0])))


class _Straight(soundfile.SoundFile):  # type: ignore[misc]
    """A file that is read straight on.

    Where a file can be sought in, SoundFile goes to the end of a block after reading it. That
    misses the place in an MP3 with encoder delay and fails at the end of a FLAC stream.
    """

    def seekable(self) -> bool:
        return False


def _declared_frames(sound: soundfile.SoundFile) -> int:
    """Frames by the header; libsndfile's own count is already cut to what the file holds."""
    frames: int = sound.frames
    for declared, present in _CORRECTED.findall(sound.extra_info):
        if int(present) and not UNKNOWN_BYTES <= int(declared) < 1 << 32:
            return frames * int(declared) // int(present)
    return frames


class _Stretched:
    """A file that claims to be :data:`STRETCH` times as long as it is.

    A length guessed from it is never too short, and decoding stops at the true end. The last
    128 bytes read as zeros: a tag is looked for there, and failing to read would be an error.
    """

    def __init__(self, file: FileIO) -> None:
        self._file = file
        self._size = STRETCH * file.seek(0, os.SEEK_END)
        file.seek(0)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        if whence == os.SEEK_END:
            return self._file.seek(self._size + offset)
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def read(self, size: int) -> bytes:
        at = self._file.tell()
        if at >= self._size - 128:
            return bytes(self._file.seek(min(at + size, self._size)) - at)
        return self._file.read(size)


_lock = threading.Lock()
_silences = 0
_loud: int | None = None


@contextmanager
def _silenced() -> Iterator[None]:
    """Keep the remarks of libsndfile's MP3 decoder off the terminal.

    They are written to C's ``stderr`` and cannot be switched off, so this variable points to
    the null device meanwhile; Python's own ``sys.stderr`` is another thing and goes on
    working in all threads. Done with the GNU C library only, which allows the assignment.
    """
    global _silences, _loud
    if _STDERR is None:
        yield
        return
    with _lock:
        _silences += 1
        if _silences == 1:
            _loud, _STDERR.value = _STDERR.value, _NULL
    try:
        yield
    finally:
        with _lock:
            _silences -= 1
            if _silences == 0:
                _STDERR.value = _loud


def _c_stderr() -> tuple[ctypes.c_void_p | None, int | None]:
    """C's ``stderr`` variable and a stream to the null device."""
    if platform.libc_ver()[0] != "glibc":
        return None, None
    libc = ctypes.CDLL(None)
    libc.fopen.restype = ctypes.c_void_p
    return ctypes.c_void_p.in_dll(libc, "stderr"), libc.fopen(os.fsencode(os.devnull), b"w")


_STDERR, _NULL = _c_stderr()
