"""Built pairs to learn joinings from: a voice and a sentence that were never heard together."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from retrieval.evaluation.pairs import prior
from retrieval.recognition.judgement import EMOTIONS
from retrieval.space import Vectors
from retrieval.training.recognition.reading import Read

Numbers = NDArray[np.int64]

# How often a pair is which; the rest has matching words.
NEUTRAL, VOICELESS, WORDLESS = 0.6, 0.1, 0.1
WORN, MISHEARD = 0.5, 0.25


@dataclass(frozen=True)
class States:
    """Voices as a trained network hears them.

    Attributes:
        clean, worn: (n, s), as recorded and under noise.
        truth: (n,) the number of the emotion. affect: valence and arousal (n, 2).
        chances: (n,) how often each is drawn; they sum to 1.
    """

    clean: Tensor
    worn: Tensor
    truth: Numbers
    affect: NDArray[np.float32]
    chances: NDArray[np.float64]


@dataclass(frozen=True)
class Batch:
    """Pairs: states (n, s), vectors (n, d), zero where one is missing, and what is true of them."""

    voices: Tensor
    words: Tensor
    truth: Numbers
    affect: Tensor


class Pairer:
    """Draws pairs.

    Args:
        voices, read: of one split.
        own: vectors (m, d) of sentences that actors said in any emotion; may be empty.
        rng: the same generator draws the same pairs.
        blur: how much states are blurred in `batch`, in standard deviations of each number. The
            voices that a network was trained on are too easy; blurred they are like new ones.
    """

    def __init__(
        self,
        voices: States,
        read: Read,
        own: Vectors,
        rng: np.random.Generator,
        blur: float = 0.0,
    ) -> None:
        self._voices, self._rng, self._blur = voices, rng, blur
        self._spread = voices.clean.std(dim=0)  # (s,)
        self._vectors = torch.from_numpy(np.concatenate([read.vectors, read.misheard, own]))
        self._count = len(read.sentences)
        number = {name: at for at, name in enumerate(EMOTIONS)}
        emotion = np.array([number[one.emotion] for one in read.sentences])
        self._rows = [np.flatnonzero(emotion == at) for at in range(len(EMOTIONS))]
        own_rows = np.arange(len(own)) + 2 * self._count
        # Half of the words that tell nothing are those of actors, where there are any.
        self._plain = [self._rows[EMOTIONS.index("neutral")]]
        self._plain += [own_rows] if len(own) else []
        self._priors = np.array([prior(name) for name in EMOTIONS], dtype=np.float32)  # (8, 2)

    def batch(self, size: int, *, missing: bool = True) -> Batch:
        """Pairs of all kinds, mixed; with a modality missing in some of them, or in none."""
        rng, own = self._rng, self._voices
        rows = rng.choice(len(own.truth), size, p=own.chances)
        kind = rng.random(size)
        plain = kind < NEUTRAL
        voiceless = missing & (kind >= 1 - VOICELESS)
        wordless = missing & (kind >= 1 - VOICELESS - WORDLESS) & ~voiceless
        truth, affect = own.truth[rows], own.affect[rows].copy()
        affect[voiceless] = self._priors[truth[voiceless]]
        voices = self._heard(rows)
        words = self._vectors[[self._sentence(*one) for one in zip(truth, plain, strict=True)]]
        voices[torch.from_numpy(voiceless)] = 0
        words[torch.from_numpy(wordless)] = 0
        return Batch(voices, words, truth, torch.from_numpy(affect))

    def _heard(self, rows: Numbers) -> Tensor:
        """States (n, s), some under noise, all of them blurred."""
        rng, own = self._rng, self._voices
        worn = torch.from_numpy(rng.random(len(rows)) < WORN)[:, None]
        states = torch.where(worn, own.worn[rows], own.clean[rows])
        drawn = torch.from_numpy(rng.standard_normal(states.shape, dtype=np.float32))
        return states + self._blur * self._spread * drawn

    def matching(self, *, worn: bool) -> Batch:
        """Every voice once with a matching sentence."""
        return self._all(worn, plain=False)

    def plain(self, *, worn: bool) -> Batch:
        """Every voice once with words that tell nothing."""
        return self._all(worn, plain=True)

    def _all(self, worn: bool, *, plain: bool) -> Batch:
        voices = self._voices
        rows = [self._sentence(truth, plain) for truth in voices.truth]
        states = voices.worn if worn else voices.clean
        return Batch(states, self._vectors[rows], voices.truth, torch.from_numpy(voices.affect))

    def _sentence(self, emotion: int, plain: bool) -> int:
        """The row of a vector: of the emotion, in part misheard, or of words that tell nothing."""
        rng = self._rng
        if plain:
            rows = self._plain[rng.integers(len(self._plain))]
            return int(rows[rng.integers(len(rows))])
        rows = self._rows[emotion]
        return int(rows[rng.integers(len(rows))]) + self._count * int(rng.random() < MISHEARD)
