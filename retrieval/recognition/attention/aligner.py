"""Words laid on speech: where in a recording each word is said, and which feeling the whole has.

Every word asks the frames of speech (Xu et al. 2019): recurrent states of words are the queries,
those of frames keys and values of an attention of 8 heads. What it answers is joined to the word,
and all words together are judged. The map of that attention, words against time, can be drawn
(`map.py`), and the way through it says when each word begins and ends.

from retrieval.recognition.attention.aligner import load_aligner

found = load_aligner().align(frames["speech"], ["kids", "are", "talking"])
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from retrieval.encoders.builtin import load_builtin
from retrieval.encoders.frames import STREAMS, Frames, builtin_frames
from retrieval.encoders.graphs import open_graph
from retrieval.errors import SpaceError
from retrieval.recognition.attention.word_times import Numbers, by_path
from retrieval.space import TextEncoder, Vectors

GRAPH, CARD = "attention.onnx", "model.json"

#: How the times of words were told: from the map, or by sharing the sounding part out by letters.
ATTENTION, LETTERS = "attention", "letters"

#: Seconds from one frame to the next.
HOP = STREAMS["speech"].hop


@dataclass(frozen=True)
class Alignment:
    """The w words of a passage on its t frames.

    Attributes:
        words: as they were given.
        weights: (w, t) how much each word looks at each frame, mean over heads; rows sum to 1.
        times: (w, 2) seconds of the recording at which each word begins and ends.
        shares: (w,) how much each word, with the speech it found, counts for the feeling; sum 1.
        chances: of each emotion, by its name in the vocabulary; they sum to 1.
        start: seconds of the recording at which the first frame begins.
        times_by: ATTENTION, or LETTERS where the map could not be trusted.
        loudness: (t,) level of each frame in dBFS; None where samples were not at hand.
    """

    words: tuple[str, ...]
    weights: Vectors
    times: Numbers
    shares: Vectors
    chances: Mapping[str, float]
    start: float = 0.0
    times_by: str = ATTENTION
    loudness: Vectors | None = None

    @property
    def end(self) -> float:
        """Seconds of the recording at which the last frame ends."""
        return self.start + float(self.weights.shape[1]) * HOP

    @property
    def emotion(self) -> str:
        """The emotion with the highest chance."""
        return max(self.chances, key=lambda name: self.chances[name])


class Aligner:
    """A trained model that lays words on speech, run by onnxruntime on one thread.

    Several threads can use one.

    Args:
        folder: with attention.onnx and model.json, as `affetto train alignment` writes them.
        frames: what hears the speech. text: what reads the words.

    Raises:
        SpaceError: a file is absent or broken, or was trained with other towers.
    """

    def __init__(self, folder: Path, frames: Frames, text: TextEncoder) -> None:
        self.frames, self.text = frames, text
        self._path = folder / GRAPH
        graph, card = _read(folder)
        try:
            towers = card["frames"], card["text"]
            self.emotions = tuple(map(str, card["emotions"]))
            self.fingerprint = str(card["sha256"])
            self._heard = frozenset(map(str, card["words"]))
        except (KeyError, TypeError) as fault:
            raise _broken(folder / CARD, f"it lacks {fault}") from fault
        if hashlib.sha256(graph).hexdigest() != self.fingerprint:
            raise _broken(self._path, "its checksum is not that of model.json")
        if towers != (frames.fingerprint, text.fingerprint):
            raise SpaceError(
                "the aligner was trained with other towers than those that are installed",
                path=folder,
                remedy="affetto train alignment CORPORA OUT, or install affetto again",
            )
        self._session = _session(graph, self._path)
        self._vectors: dict[str, Vectors] = {}
        self._lock = Lock()

    def align(self, speech: Vectors, words: Sequence[str], start: float = 0.0) -> Alignment:
        """Lay words on frames.

        Args:
            speech: (t, 768) frames every 80 ms, the stream "speech" of `encoders.frames`.
            words: at least one, and no more than frames.
            start: seconds of the recording at which the frames begin.

        Raises:
            ValueError: there are no words, or more of them than frames.
        """
        if not 0 < len(words) <= len(speech):
            raise ValueError(f"{len(words)} words do not fit into {len(speech)} frames")
        given = {
            "frames": np.ascontiguousarray(speech, dtype=np.float32),
            "words": np.stack([self._vector(word) for word in words]),
        }
        logits, shares, weights = self._session.run(["logits", "shares", "attention"], given)
        chances = np.exp(logits - logits.max())
        chances /= chances.sum()
        return Alignment(
            words=tuple(words),
            weights=weights,
            times=start + by_path(weights, HOP, words),
            shares=shares,
            chances=dict(zip(self.emotions, map(float, chances), strict=True)),
            start=start,
        )

    def knows(self, words: Sequence[str]) -> bool:
        """Whether every word was heard in training; the times of others are not to be trusted."""
        return self._heard.issuperset(words)

    def _vector(self, word: str) -> Vectors:
        """The vector (384,) of one word, read once."""
        with self._lock:
            known = self._vectors.get(word)
            if known is None:
                known = self._vectors[word] = self.text.encode([word])[0]
            return known


@cache
def load_aligner(folder: Path | None = None) -> Aligner:
    """The aligner of a folder; None for the one that comes with the program.

    Raises:
        SpaceError: its files are absent or broken, or were made with other towers.
    """
    place = folder or Path(str(files("retrieval"))) / "weights" / "alignment"
    return Aligner(place, builtin_frames(), load_builtin().text)


def _read(folder: Path) -> tuple[bytes, Mapping[str, Any]]:
    try:
        card = json.loads((folder / CARD).read_text(encoding="utf-8"))
        return (folder / GRAPH).read_bytes(), card
    except (OSError, ValueError) as fault:
        raise _broken(folder, str(fault)) from fault


def _session(graph: bytes, path: Path) -> Any:
    try:
        return open_graph(graph)
    except Exception as fault:  # onnxruntime's own errors share no public root
        raise _broken(path, str(fault)) from fault


def _broken(path: Path, reason: str) -> SpaceError:
    return SpaceError(
        f"the aligner cannot be read: {reason}", path=path, remedy="install affetto again"
    )
