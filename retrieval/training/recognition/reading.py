"""Words as they are learned from: sentences with an emotion, and sentences with ratings."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from retrieval.evaluation.noise import misheard
from retrieval.evaluation.pairs import Sentence, read_sentences
from retrieval.evaluation.rated_sentences import read_rated
from retrieval.evaluation.recognised import encoded
from retrieval.space import TextEncoder, Vectors

Split = Literal["train", "val", "test"]

#: So many sentences of an emotion, and so many rated ones, are enough.
MOST, MOST_RATED = 2500, 5000

#: How many of the words of a misheard sentence are wrong.
ERRORS = (0.1, 0.9)


@dataclass(frozen=True)
class Read:
    """Sentences with one emotion and their vectors.

    Attributes:
        sentences: n of them.
        vectors: (n, d). misheard: (n, d), of the same sentences with wrong words.
    """

    sentences: tuple[Sentence, ...]
    vectors: Vectors
    misheard: Vectors


@dataclass(frozen=True)
class Rated:
    """Sentences of EmoBank: vectors (n, d), and valence and arousal (n, 2), (rating - 3) / 2."""

    vectors: Vectors
    ratings: Vectors


def read(corpora: Path, split: Split, text: TextEncoder, seed: int, every: int = 1) -> Read:
    """The sentences of GoEmotions, at most `MOST` an emotion, as they are and misheard.

    Args:
        every: take every so manieth of them.

    Raises:
        PromptError: they cannot be read.
    """
    counts: Counter[str] = Counter()
    chosen = []
    for sentence in read_sentences(corpora, "goemotions", split):
        counts[sentence.emotion] += 1
        if counts[sentence.emotion] <= MOST:
            chosen.append(sentence)
    chosen = chosen[::every]
    rng = np.random.default_rng(seed)
    others = [word for sentence in chosen for word in sentence.text.split()]
    wrong = [misheard(one.text, rng.uniform(*ERRORS), others, rng) for one in chosen]
    vectors = encoded(text, [one.text for one in chosen])
    return Read(tuple(chosen), vectors, encoded(text, wrong))


def rated(corpora: Path, split: Split, text: TextEncoder, every: int = 1) -> Rated:
    """The rated sentences of EmoBank.

    Raises:
        PromptError: they cannot be read.
    """
    found = read_rated(corpora, split)[:MOST_RATED:every]
    ratings = np.array([(one.valence, one.arousal) for one in found], dtype=np.float32)
    vectors = encoded(text, [one.text for one in found])
    return Rated(vectors, (ratings - np.float32(3)) / np.float32(2))
