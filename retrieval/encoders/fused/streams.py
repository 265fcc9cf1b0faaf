"""What a window sounds like moment by moment: two streams of frames by their names.

`speech` and `sound` are what the two towers of the built-in space hear. Any other name is that of
a space: its frames are its raw vectors of pieces of the window.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import soxr

from retrieval.encoders.builtin import load_builtin
from retrieval.encoders.frames import STREAMS, Frames, builtin_frames
from retrieval.errors import PromptError, SpaceError
from retrieval.space import Space, Vectors
from retrieval.windows import windows

#: Seconds of a piece that a space is asked for, and from one to the next.
PIECE, STEP = 1.0, 0.5

#: So many frames of the speech tower are averaged into one: 160 ms, 25 in a window of 4 s.
SPEECH_EVERY = 2

Load = Callable[[str], Space]


class Ear(Protocol):
    """What hears one stream or both."""

    @property
    def rate(self) -> int:
        """Sampling rate in hertz that `hear` expects."""
        ...

    @property
    def licence(self) -> str:
        """Of the weights."""
        ...

    def hear(self, samples: Vectors) -> Mapping[str, Vectors]:
        """A window (n,) to frames (t, d) by the name of the stream."""
        ...

    def fingerprint(self, name: str) -> str:
        """Changes when a frame of the stream could change."""
        ...


class BuiltinEar:
    """Both streams of the towers of the built-in space, which are heard at once.

    Args:
        frames: of the towers.
        licence: of their weights.
    """

    def __init__(self, frames: Frames, licence: str) -> None:
        self._frames, self.rate, self.licence = frames, frames.rate, licence

    def hear(self, samples: Vectors) -> Mapping[str, Vectors]:
        """A window (n,) to the frames of `speech` (t, 768) and `sound` (u, 384)."""
        found = self._frames.hear(samples)
        return {**found, "speech": _averaged(found["speech"], SPEECH_EVERY)}

    def fingerprint(self, name: str) -> str:
        """Of a stream.

        Raises:
            SpaceError: the weights cannot be read.
        """
        return _sha256(name, self._frames.fingerprint, repr(SPEECH_EVERY))


class SpaceEar:
    """The raw vectors of a space, of pieces of `PIECE` seconds every `STEP`."""

    def __init__(self, space: Space) -> None:
        self.space, self.rate, self.licence = space, space.audio.rate, space.licence

    def hear(self, samples: Vectors) -> Mapping[str, Vectors]:
        """A window (n,) to the vectors (t, d) of its pieces; less than a piece is one."""
        pieces = [one.samples for one in windows([samples], self.rate, PIECE, STEP)]
        return {self.space.name: self.space.audio.encode(pieces)}

    def fingerprint(self, name: str) -> str:
        """Of the stream; raises what the fingerprint of the space does."""
        return _sha256(name, self.space.audio.fingerprint, repr(PIECE), repr(STEP))


@dataclass(frozen=True)
class Streams:
    """Two streams by their names, and what hears them.

    Attributes:
        names: of the first and the second.
        ears: one that gives both, or one for each.
    """

    names: tuple[str, str]
    ears: tuple[Ear, ...]

    @property
    def rate(self) -> int:
        """The highest rate in hertz that an ear asks for."""
        return max(ear.rate for ear in self.ears)

    @property
    def licences(self) -> tuple[str, ...]:
        """Of the weights that hear them, each once."""
        return tuple(dict.fromkeys(ear.licence for ear in self.ears))

    @property
    def fingerprints(self) -> tuple[str, str]:
        """Of both, in their order.

        Raises:
            SpaceError: weights are absent.
        """
        one, other = self.names
        return self.ears[0].fingerprint(one), self.ears[-1].fingerprint(other)

    def hear(self, samples: Vectors) -> tuple[Vectors, Vectors]:
        """A mono window (n,) at `rate` in -1..1 to the frames (t, d) and (u, e) of both."""
        found: dict[str, Vectors] = {}
        for ear in self.ears:
            found.update(ear.hear(_at(samples, self.rate, ear.rate)))
        return found[self.names[0]], found[self.names[1]]


def builtin_ear() -> BuiltinEar:
    """The towers of the built-in space."""
    return BuiltinEar(builtin_frames(), load_builtin().licence)


def open_streams(
    names: Sequence[str], load: Load, builtin: Callable[[], Ear] = builtin_ear
) -> Streams:
    """Streams by their names.

    Args:
        load: from the name of a space to the space.
        builtin: what hears `speech` and `sound`.

    Raises:
        PromptError: these are not two different names.
        SpaceError: there is no such space, or it is made of two streams itself.
    """
    if len(names) != 2 or names[0] == names[1]:
        raise PromptError(
            f"two different streams are joined, not {', '.join(names) or 'none'}",
            remedy=f"name two of {', '.join(STREAMS)} and the spaces of: affetto spaces",
        )
    if set(names) <= set(STREAMS):
        return Streams((names[0], names[1]), (builtin(),))
    ears = tuple(builtin() if name in STREAMS else SpaceEar(_plain(load(name))) for name in names)
    return Streams((names[0], names[1]), ears)


def _plain(space: Space) -> Space:
    """The space, if it is not made of streams itself."""
    if isinstance(getattr(space.audio, "streams", None), Streams):
        raise SpaceError(
            f"the space {space.name!r} is made of two streams, and can be none itself",
            remedy="name one of its streams",
        )
    return space


def _at(samples: Vectors, rate: int, wanted: int) -> Vectors:
    """A window at another rate."""
    if rate == wanted:
        return samples
    return np.asarray(soxr.resample(samples, rate, wanted), dtype=np.float32)


def _averaged(frames: Vectors, every: int) -> Vectors:
    """Frames (t, d), so many of them averaged into one: (t / every, d)."""
    starts = np.arange(0, len(frames), every)
    counts = np.diff([*starts, len(frames)])
    sums = np.add.reduceat(frames, starts, axis=0)
    return np.asarray(sums / counts[:, None], dtype=np.float32)


def _sha256(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
