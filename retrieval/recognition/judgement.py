"""What a recogniser says: chances of emotions, valence and arousal, of one modality or of both."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from retrieval.space import Vectors

#: Every emotion that can be named, in the order of `Judgement.chances`; terms of the vocabulary.
EMOTIONS = ("neutral", "calm", "happy", "sad", "angry", "fearful", "disgust", "surprised")


@dataclass(frozen=True)
class Judgement:
    """One judgement.

    Attributes:
        chances: of each of `EMOTIONS`, (8,), 0..1; they sum to 1.
        valence, arousal: -1..1.
    """

    chances: Vectors
    valence: float
    arousal: float

    @property
    def emotion(self) -> str:
        """The likeliest emotion; the first of equally likely ones."""
        return EMOTIONS[int(np.argmax(self.chances))]

    @property
    def confidence(self) -> float:
        """The chance of `emotion`, 0..1."""
        return float(np.max(self.chances))


@dataclass(frozen=True)
class Recognised:
    """What was made of a voice and its words.

    Attributes:
        voice, words: what each says alone; None where it is missing.
        both: the answer.
        fusion: how `both` came about: "voice" or "words" where only that was there, else the name
            of the joining that answers ("early", "late" or "hybrid").
    """

    voice: Judgement | None
    words: Judgement | None
    both: Judgement
    fusion: str


def whole(judged: Sequence[Recognised], seconds: Sequence[float]) -> Recognised:
    """One judgement of a clip from those of its passages, as long ones count more.

    The mean of chances, valence and arousal by duration, of voice and of words over the passages
    that have them. `fusion` is that of the longest part, and the first of equally long ones.

    Args:
        judged: of each passage, in order.
        seconds: how long each is, above 0.

    Raises:
        ValueError: there is no passage, or not one duration for each.
    """
    if not judged or len(judged) != len(seconds):
        raise ValueError(f"{len(judged)} judgements and {len(seconds)} durations")
    lasted: dict[str, float] = {}
    for one, duration in zip(judged, seconds, strict=True):
        lasted[one.fusion] = lasted.get(one.fusion, 0.0) + duration
    both = _mean([one.both for one in judged], seconds)
    assert both is not None  # every passage has it
    return Recognised(
        voice=_mean([one.voice for one in judged], seconds),
        words=_mean([one.words for one in judged], seconds),
        both=both,
        fusion=max(lasted, key=lambda name: lasted[name]),
    )


def _mean(judged: Sequence[Judgement | None], seconds: Sequence[float]) -> Judgement | None:
    there = [(one, duration) for one, duration in zip(judged, seconds, strict=True) if one]
    if not there:
        return None
    weight = np.array([duration for _, duration in there])  # (n,)
    weight = weight / weight.sum()
    chances = weight @ np.stack([one.chances for one, _ in there])  # (8,)
    affect = weight @ np.array([(one.valence, one.arousal) for one, _ in there])  # (2,)
    return Judgement(np.asarray(chances, dtype=np.float32), float(affect[0]), float(affect[1]))
