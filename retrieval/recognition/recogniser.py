"""Emotion, valence and arousal of a voice, of its words, and of both together.

The voice is heard as frames (retrieval/encoders/frames.py) that attention sums up in one state;
the words are read as the vector of the text tower. Three joinings of both are kept, and the one
that was best on validation speakers answers:

* early: state and vector side by side into one network;
* late: the log-chances of both, weighed emotion by emotion, and summed; the words count by the
  chance that they are not neutral, so that words without a feeling leave the voice as it is;
* hybrid: what both networks hold inside, and what both decide, into one network.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from retrieval.encoders.builtin import load_builtin
from retrieval.encoders.frames import builtin_frames
from retrieval.errors import SpaceError
from retrieval.recognition.judgement import EMOTIONS, Judgement, Recognised, whole
from retrieval.recognition.networks import Network, Pooling, judgement, layer, network, told
from retrieval.space import TextEncoder, Vectors

__all__ = [
    "CARD", "EMOTIONS", "FUSIONS", "WEIGHTS", "Judgement", "Recognised", "Recogniser",
    "load_recogniser", "whole",
]  # fmt: skip

WEIGHTS, CARD = "recogniser.npz", "model.json"

#: The joinings of voice and words.
FUSIONS = ("early", "late", "hybrid")

#: Streams of frames, in the order in which a state holds them.
STREAMS = ("speech", "sound")


@dataclass(frozen=True)
class Recogniser:
    """Trained weights and the tower that reads words.

    Attributes:
        arrays: the weights by name, float32 (docs/recogniser-card.md).
        text: the text encoder that the weights were trained with.
        audio: the fingerprint of the frames that they were trained with.
        fusion: which of `FUSIONS` answers where there are a voice and words.
    """

    arrays: Mapping[str, Vectors]
    text: TextEncoder
    audio: str
    fusion: str

    @cached_property
    def fingerprint(self) -> str:
        """sha256 of weights, encoders and the joining that answers: of all that judgements are
        made by."""
        digest = hashlib.sha256(
            "\0".join([self.audio, self.text.fingerprint, self.fusion]).encode()
        )
        for name in sorted(self.arrays):
            array = self.arrays[name]
            digest.update(f"{name}{array.shape}".encode())
            digest.update(np.ascontiguousarray(array, dtype="<f4").tobytes())
        return digest.hexdigest()

    def hear(self, frames: Mapping[str, Vectors]) -> Vectors:
        """Frames (t, d) of each stream to the state of a voice (s,): all that is kept of it."""
        return np.concatenate([self._poolings[name].pool(frames[name]) for name in STREAMS])

    def read(self, texts: Sequence[str]) -> Vectors:
        """Texts to the states of words (n, r)."""
        return self.text.encode(texts)

    def judge(self, voice: Vectors | None, words: Vectors | None) -> Recognised:
        """A judgement from the state of a voice (s,), of words (r,), or of both.

        Where one is missing, the other answers alone.

        Raises:
            ValueError: both are missing.
        """
        found = {
            name: judgement(output[0])
            for name, output in self.outputs(
                None if voice is None else voice[None], None if words is None else words[None]
            ).items()
        }
        fusion = self.fusion if self.fusion in found else next(iter(found))
        return Recognised(found.get("voice"), found.get("words"), found[fusion], fusion)

    def outputs(self, voices: Vectors | None, words: Vectors | None) -> dict[str, Vectors]:
        """Outputs (n, 10) (retrieval/recognition/networks.py) of each way that can be gone.

        Args:
            voices: states (n, s), or None. words: states (n, r), or None.

        Returns:
            "voice" where there are voices, "words" where there are words, and with both of them
            each of `FUSIONS`.

        Raises:
            ValueError: both are missing.
        """
        if voices is None and words is None:
            raise ValueError("neither a voice nor words to judge")
        found = {}
        if voices is not None:
            found["voice"] = self._networks["voice"](voices)
        if words is not None:
            found["words"] = self._networks["words"](words)
        if voices is not None and words is not None:
            found |= self._joined(voices, words, found["voice"], found["words"])
        return found

    def _joined(
        self, voices: Vectors, words: Vectors, by_voice: Vectors, by_words: Vectors
    ) -> dict[str, Vectors]:
        nets, weights = self._networks, self.arrays
        said, read = told(by_voice), told(by_words)  # (n, 10) each
        telling = 1 - np.exp(read[:, :1])  # (n, 1), the chance that the words are not neutral
        inside = [nets["voice"].hidden(voices), nets["words"].hidden(words)]  # (n, h) each
        more = read * weights["late.words"] - said * weights["late.voice"] + weights["late.bias"]
        return {
            "early": nets["early"](np.concatenate([voices, words], axis=1)),
            "late": np.asarray(said + telling * more, dtype=np.float32),
            "hybrid": nets["hybrid"](np.concatenate([*inside, said, read], axis=1)),
        }

    @cached_property
    def _poolings(self) -> dict[str, Pooling]:
        return {
            name: Pooling(layer(self.arrays, f"{name}.project"), self.arrays[f"{name}.attend"])
            for name in STREAMS
        }

    @cached_property
    def _networks(self) -> dict[str, Network]:
        names = ("voice", "words", "early", "hybrid")
        return {name: network(self.arrays, name) for name in names}


def load_recogniser(folder: Path | None = None) -> Recogniser:
    """The recogniser of a folder that `affetto train recognition` wrote; None: the built-in one.

    Raises:
        SpaceError: a file is absent or broken, or the weights were trained with other towers than
            those of the built-in space.
    """
    place = folder or Path(str(files("retrieval"))) / "weights" / "recognition"
    text = load_builtin().text
    try:
        card: dict[str, Any] = json.loads((place / CARD).read_text(encoding="utf-8"))
        with np.load(place / WEIGHTS, allow_pickle=False) as file:
            arrays = {name: file[name].astype(np.float32) for name in file.files}
        made = Recogniser(arrays, text, str(card["audio"]), str(card["fusion"]))
        _try(made)
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise SpaceError(
            f"the weights of the recogniser cannot be read: {fault}",
            path=place,
            remedy="install affetto again",
        ) from fault
    if (card["audio"], card["text"]) != (builtin_frames().fingerprint, text.fingerprint):
        raise SpaceError(
            "the recogniser was trained with other towers than those of the built-in space",
            path=place,
            remedy="affetto train recognition CORPORA OUT trains it anew",
        )
    return made


def _try(made: Recogniser) -> None:
    """Judge silence. KeyError or ValueError: a weight is absent, or weights do not fit."""
    widths = {name: len(made.arrays[f"{name}.project.weight"]) for name in STREAMS}
    voice = made.hear({name: np.zeros((1, d), dtype=np.float32) for name, d in widths.items()})
    made.judge(voice, np.zeros(len(made.arrays["words.0.weight"]), dtype=np.float32))
    if made.fusion not in FUSIONS:
        raise ValueError(f"there is no joining {made.fusion!r}")
