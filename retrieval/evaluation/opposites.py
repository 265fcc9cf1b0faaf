"""Built pairs that say whether words and voice feel opposite, and cannot be told from one side.

The pairs come in fours: a pleasant and an unpleasant voice of one speaker, each with the same
pleasant and the same unpleasant sentence. Two of the four match and two do not, and every voice
and every sentence is in one of each. Whoever knows the voice alone, or the words alone, can
therefore only guess (AUC .5), whatever is made of them. What is built is told in `pairs.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

import numpy as np

from retrieval.evaluation.pairs import Sentence, prior
from retrieval.recognition.mismatch import CLEAR, STILL

Kind = Literal[
    "both pleasant", "both unpleasant", "sarcasm", "brave face",
    "neutral words", "surprised words", "neutral voice", "surprised voice", "calm voice",
]  # fmt: skip

MATCHING: tuple[Kind, ...] = ("both pleasant", "both unpleasant")
MISMATCHING: tuple[Kind, ...] = ("sarcasm", "brave face")

#: Pairs of which one half has no clear valence: no mismatch.
UNCLEAR: tuple[Kind, ...] = (
    "neutral words", "surprised words", "neutral voice", "surprised voice", "calm voice",
)  # fmt: skip

Item = TypeVar("Item")


@dataclass(frozen=True)
class Pair:
    """A voice, the row of a clip, with a sentence that it never said."""

    voice: int
    sentence: Sentence
    kind: Kind


def side(emotion: str) -> int:
    """1 for a pleasant emotion, -1 for an unpleasant one, 0 for what is neither."""
    valence = prior(emotion)[0]
    return int(valence >= CLEAR) - int(valence <= -CLEAR)


def fours(
    emotions: Sequence[str], speakers: Sequence[str], sentences: Sequence[Sentence], seed: int = 0
) -> list[Pair]:
    """Pairs of `MATCHING` and `MISMATCHING` kinds, as many of each.

    There are as many fours of a speaker as voices on the larger of both sides; voices of the
    smaller come again. A speaker with voices on one side only has none; without sentences of
    both sides there are no pairs. Calm voices are left out. A sentence comes again only when all
    of its side were taken.

    Args:
        emotions, speakers: of each clip.
        seed: the same seed gives the same pairs.
    """
    rng = np.random.default_rng(seed)
    rows = {value: _rows(emotions, speakers, value) for value in (1, -1)}
    voices: list[tuple[int, int]] = []
    for speaker in sorted(set(speakers)):
        good, bad = rows[1].get(speaker, []), rows[-1].get(speaker, [])
        if good and bad:
            count = max(len(good), len(bad))
            voices += zip(_dealt(good, count, rng), _dealt(bad, count, rng), strict=True)
    kind = [[one for one in sentences if side(one.emotion) == value] for value in (1, -1)]
    words = [_dealt(one, len(voices), rng) for one in kind]
    return [
        pair
        for (good, bad), kindly, harsh in zip(voices, *words, strict=False)
        for pair in (
            Pair(good, kindly, "both pleasant"),
            Pair(bad, harsh, "both unpleasant"),
            Pair(bad, kindly, "sarcasm"),
            Pair(good, harsh, "brave face"),
        )
    ]


def unclear(emotions: Sequence[str], sentences: Sequence[Sentence], seed: int = 0) -> list[Pair]:
    """Pairs of the kinds of `UNCLEAR`, each voice once in every kind that it is of.

    Voices with a feeling get neutral words, and surprised words; neutral, surprised and calm
    voices get words with a feeling, calm ones unpleasant words.
    """
    rng = np.random.default_rng(seed)
    said: dict[str, list[Sentence]] = {"pleasant": [], "unpleasant": []}
    for sentence in sentences:
        value = side(sentence.emotion)
        name = {1: "pleasant", -1: "unpleasant"}.get(value, sentence.emotion)
        said.setdefault(name, []).append(sentence)
    felt = said["pleasant"] + said["unpleasant"]
    feeling = [n for n, name in enumerate(emotions) if name != STILL and side(name)]
    asked: list[tuple[Kind, list[int], list[Sentence]]] = [
        ("neutral words", feeling, said.get("neutral", [])),
        ("surprised words", feeling, said.get("surprised", [])),
        ("neutral voice", _named(emotions, "neutral"), felt),
        ("surprised voice", _named(emotions, "surprised"), felt),
        ("calm voice", _named(emotions, STILL), said["unpleasant"]),
    ]
    return [
        Pair(voice, sentence, kind)
        for kind, voices, fitting in asked
        for voice, sentence in zip(voices, _dealt(fitting, len(voices), rng), strict=False)
    ]


def _rows(emotions: Sequence[str], speakers: Sequence[str], value: int) -> dict[str, list[int]]:
    """The clips of one side by speaker."""
    found: dict[str, list[int]] = {}
    for row, (emotion, speaker) in enumerate(zip(emotions, speakers, strict=True)):
        if emotion != STILL and side(emotion) == value:
            found.setdefault(speaker, []).append(row)
    return found


def _named(emotions: Sequence[str], name: str) -> list[int]:
    return [row for row, emotion in enumerate(emotions) if emotion == name]


def _dealt(items: Sequence[Item], count: int, rng: np.random.Generator) -> list[Item]:
    """So many items in a random order, and again when all are dealt; none of none."""
    dealt: list[Item] = []
    while items and len(dealt) < count:
        dealt += [items[row] for row in rng.permutation(len(items))]
    return dealt[:count]
