"""Built pairs as a recogniser judges them, and what could rank them.

Which pairs are built, and why they cannot be told from one side: opposites.py.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.evaluation.bootstrap import Positions, estimates
from retrieval.evaluation.clips import Clip
from retrieval.evaluation.noise import misheard
from retrieval.evaluation.opposites import Pair, fours, unclear
from retrieval.evaluation.pairs import Sentence
from retrieval.evaluation.table import Estimate
from retrieval.recognition.judgement import EMOTIONS, Judgement
from retrieval.recognition.mismatch import mismatches

Numbers = NDArray[np.float64]
Chosen = NDArray[np.bool_]
Read = Callable[[Sequence[str]], Sequence[Judgement]]


@dataclass(frozen=True)
class Voice:
    """A clip with one emotion of `EMOTIONS`, as a recogniser heard it.

    Attributes:
        judgement: of the voice alone.
        affect: the valence that the space gives the clip, -1..1.
    """

    clip: Clip
    judgement: Judgement
    affect: float

    @property
    def emotion(self) -> str:
        """The name of its emotion; "" for none."""
        return "" if self.clip.emotion is None else self.clip.emotion.name


@dataclass(frozen=True)
class Judged:
    """Pairs of one source of sentences, n of them, with what was made of both halves.

    Attributes:
        name: of the source.
        kinds, corpora, speakers, emotions: of the pairs, and of their voices, (n,).
        mismatch: (n,), 0..1.
        voice, words, affect: valences (n,) of the voice, of the words, and of the voice in the
            space.
    """

    name: str
    kinds: NDArray[np.str_]
    corpora: NDArray[np.str_]
    speakers: NDArray[np.str_]
    emotions: NDArray[np.str_]
    mismatch: Numbers
    voice: Numbers
    words: Numbers
    affect: Numbers

    def are(self, kinds: Sequence[str]) -> Chosen:
        """Which pairs are of these kinds, (n,)."""
        return np.isin(self.kinds, kinds)


def judged(
    name: str,
    voices: Sequence[Voice],
    sentences: Sequence[Sentence],
    read: Read,
    wrong: float = 0.0,
    seed: int = 0,
) -> Judged:
    """Build pairs of voices and sentences, and judge them.

    Args:
        wrong: share of the words of every sentence that is misheard, 0..1.
    """
    emotions = [voice.emotion for voice in voices]
    speakers = [voice.clip.speaker for voice in voices]
    pairs = fours(emotions, speakers, sentences, seed) + unclear(emotions, sentences, seed)
    texts = list(dict.fromkeys(pair.sentence.text for pair in pairs))
    rng = np.random.default_rng(seed)
    others = sorted({word for sentence in sentences for word in sentence.text.split()})
    heard = [misheard(text, wrong, others, rng) for text in texts] if wrong else texts
    words = dict(zip(texts, read(heard) if heard else (), strict=True))
    return _judged(name, voices, pairs, [words[pair.sentence.text] for pair in pairs])


def own(voices: Sequence[Voice], read: Read) -> Judged:
    """English clips with a transcript beside what they say themselves: no pair is built."""
    here = [one for one in voices if one.clip.transcript and one.clip.language == "en"]
    texts = list(dict.fromkeys(one.clip.transcript for one in here))
    words = dict(zip(texts, read(texts) if texts else (), strict=True))
    pairs = [
        Pair(row, Sentence(one.clip.transcript, "neutral", 0.0, one.clip.corpus), "neutral words")
        for row, one in enumerate(here)
    ]
    return _judged("own words", here, pairs, [words[pair.sentence.text] for pair in pairs])


def _judged(
    name: str, voices: Sequence[Voice], pairs: Sequence[Pair], words: Sequence[Judgement]
) -> Judged:
    heard = [voices[pair.voice] for pair in pairs]
    none = np.zeros((0, len(EMOTIONS)), dtype=np.float32)
    number = mismatches(
        np.stack([one.judgement.chances for one in heard]) if heard else none,
        np.stack([one.chances for one in words]) if words else none,
    )
    return Judged(
        name,
        np.array([pair.kind for pair in pairs], dtype=np.str_),
        np.array([one.clip.corpus for one in heard], dtype=np.str_),
        np.array([one.clip.speaker for one in heard], dtype=np.str_),
        np.array([one.emotion for one in heard], dtype=np.str_),
        number.astype(np.float64),
        np.array([one.judgement.valence for one in heard], dtype=np.float64),
        np.array([one.valence for one in words], dtype=np.float64),
        np.array([one.affect for one in heard], dtype=np.float64),
    )


@dataclass(frozen=True)
class Score:
    """What could rank pairs, higher first: as mismatches, as sarcasm, and as brave faces, (n,)."""

    any: Numbers
    sarcasm: Numbers
    brave: Numbers


def scores(pairs: Judged, seed: int = 0) -> dict[str, Score]:
    """`mismatch`, other ways to compare two valences, and what one half knows alone."""

    def alike(values: Numbers) -> Score:
        return Score(values, values, values)

    product = pairs.voice * pairs.words
    return {
        "mismatch": alike(pairs.mismatch),
        "opposite signs by strength": alike(np.sqrt(np.maximum(-product, 0))),
        "difference of valences": alike(np.abs(pairs.words - pairs.voice) / 2),
        "difference from the space's valence": alike(np.abs(pairs.words - pairs.affect) / 2),
        "words alone": Score(np.abs(pairs.words), pairs.words, -pairs.words),
        "voice alone": Score(np.abs(pairs.voice), -pairs.voice, pairs.voice),
        "random": alike(np.random.default_rng(seed).random(len(product))),
    }


def auc_by_speaker(values: Numbers, positive: Chosen, speakers: NDArray[np.str_]) -> Estimate:
    """AUC with its interval over speakers; equal values count half. nan without both classes.

    Args:
        values, positive, speakers: (n,).
    """
    names, who = np.unique(speakers, return_inverse=True)
    member = np.eye(len(names))[who]  # (n, speakers)
    above, below = values[positive][:, None], values[~positive][None, :]
    ahead = (above > below) + 0.5 * (above == below)
    # how often a pair of one speaker lies above one of another: draws only weigh these
    wins = member[positive].T @ ahead @ member[~positive]  # (speakers, speakers)
    met = np.outer(member[positive].sum(axis=0), member[~positive].sum(axis=0))

    def statistic(drawn: Positions) -> Numbers:
        times = np.bincount(drawn, minlength=len(names))
        total = times @ met @ times
        return np.array([times @ wins @ times / total if total else np.nan])

    return estimates(np.arange(len(names)), statistic)[0]
