"""Frames: what the towers of the built-in space hear moment by moment, before it is summed up.

The graph of the audio encoder gives one vector a window. Its inner values are named in the file,
so that a session can be asked for them as well, without a second copy of the weights.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.encoders.audio_onnx import LONGEST, RATE, OnnxAudio, fitting
from retrieval.encoders.builtin import BUILTIN

Vectors = NDArray[np.float32]

#: Seconds that are heard at once; longer sounds are cut into passages of no more.
PASSAGE = LONGEST / RATE


@dataclass(frozen=True)
class Stream:
    """What one tower hears over time.

    Attributes:
        values: names of inner values of the graph, laid side by side.
        axis: which axis of them is time; the first axis is a batch of one.
        hop: seconds from one frame to the next.
        every: so many frames of the graph are averaged into one of the stream.
    """

    values: tuple[str, ...]
    axis: int
    hop: float
    every: int = 1


#: Both blocks of the speech tower, four frames of 20 ms in one; the last layer of the sound tower.
#: The names are those that `retrieval/training/graphs.py` gives.
STREAMS: Mapping[str, Stream] = {
    "speech": Stream(
        ("tower0//tower/blocks.0/Add_1_output_0", "tower0//tower/blocks.1/Add_1_output_0"),
        axis=1,
        hop=0.08,
        every=4,
    ),
    "sound": Stream(("tower1//tower/ReduceMean_4_output_0",), axis=2, hop=0.32),
}


class Frames:
    """Samples to the frames of streams, by the towers of a space in a folder.

    Args:
        folder: with audio.onnx, as `affetto train` writes it.
    """

    rate = RATE

    def __init__(self, folder: Path) -> None:
        self._audio = OnnxAudio(folder / "audio.onnx")
        self._lock = Lock()
        self._loaded: Any = None

    @property
    def fingerprint(self) -> str:
        """That of the audio encoder."""
        return self._audio.fingerprint

    def hear(self, samples: Vectors) -> dict[str, Vectors]:
        """Mono samples of .1 to 10 s at 16 kHz in -1..1 to frames (t, d) of each stream.

        Raises:
            SpaceError: the file cannot be read, or its graph has no such values.
            ValueError: there are no samples, more than 10 s of them, or several axes.
        """
        session = self._session()
        names = [value for stream in STREAMS.values() for value in stream.values]
        found = dict(zip(names, session.run(names, {"samples": fitting(samples)}), strict=True))
        return {name: _stacked(stream, found) for name, stream in STREAMS.items()}

    def _session(self) -> Any:
        with self._lock:
            if self._loaded is None:
                extra = [value for stream in STREAMS.values() for value in stream.values]
                self._loaded = self._audio.session(_outputs(extra))
            return self._loaded


def builtin_frames() -> Frames:
    """The frames of the built-in space."""
    return Frames(Path(str(files("retrieval"))) / "weights" / BUILTIN)


def _stacked(stream: Stream, found: Mapping[str, Vectors]) -> Vectors:
    """The values of a stream side by side (t, d), every few frames averaged."""
    beside = [np.moveaxis(found[value], stream.axis, 1)[0] for value in stream.values]  # (t, c)
    frames = np.concatenate(beside, axis=1)  # (t, d)
    starts = np.arange(0, len(frames), stream.every)
    sums = np.add.reduceat(frames, starts, axis=0)  # (t / every, d)
    counts = np.diff([*starts, len(frames)])
    return np.asarray(sums / counts[:, None], dtype=np.float32)


def _outputs(names: list[str]) -> bytes:
    """More outputs for a graph, as bytes that are put behind those of the model.

    Messages of Protocol Buffers that are written one after the other are read as one, their
    repeated fields joined (protobuf.dev, "Encoding", "Last One Wins"): here a ModelProto whose
    graph (field 7) has only outputs (field 12) with names (field 1).
    """
    return b"".join(_field(7, _field(12, _field(1, name.encode()))) for name in names)


def _field(number: int, content: bytes) -> bytes:
    """A field of bytes: its number, its length as a varint, its content."""
    length, rest = bytearray(), len(content)
    while rest >= 0x80:
        length.append(rest & 0x7F | 0x80)
        rest >>= 7
    length.append(rest)
    return bytes([number << 3 | 2]) + bytes(length) + content
