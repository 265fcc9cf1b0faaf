"""What a batch is made of: clips, captions, and how they suit each other."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from retrieval.emotions import TERMS
from retrieval.evaluation.phrasings import resembles
from retrieval.training.augment import crop, worn
from retrieval.training.captions import Caption, Meaning
from retrieval.training.clips import Clip
from retrieval.training.words import held_out_words

Embed = Callable[[Sequence[str]], NDArray[np.float32]]


@dataclass(frozen=True)
class Batch:
    """n clips, two captions drawn for each (the first n, then the second n), w words for
    feelings that no clip may hold, and s open sentences.

    Attributes:
        clips: (n,) their numbers.
        corpus, label: (n,) numbers.
        affect: (n, 2) valence and arousal of the clips.
        captions: (2n, text_dim); suits (n, 2n), how well each is true of each clip; claimed
            (2n, 2), their valence and arousal.
        words: (w, text_dim); meant (w, 2).
        sentences: (s, text_dim); fitting (n, s), how well each is true of each clip.
    """

    clips: NDArray[np.int64]
    corpus: Tensor
    label: Tensor
    affect: Tensor
    captions: Tensor
    suits: Tensor
    claimed: Tensor
    words: Tensor
    meant: Tensor
    sentences: Tensor
    fitting: Tensor


class Material:
    """Clips, captions, sentences and words as arrays to draw batches from.

    Args:
        captions: those that are held out are left out.
        spoken: open sentences with a feeling; no clip says them.
        embed: texts to vectors (n, text_dim).
    """

    def __init__(
        self,
        clips: Sequence[Clip],
        captions: Sequence[Caption],
        spoken: Sequence[Caption],
        embed: Embed,
    ) -> None:
        self.clips = list(clips)
        self._captions = _Texts([c for c in captions if not c.held_out], self.clips, embed)
        self._sentences = _Texts(spoken, self.clips, embed)
        words = [
            (word, term)
            for term in TERMS
            for word in (term.name, *term.synonyms)
            if word not in held_out_words() and not resembles(word)
        ]
        self._words = embed([word for word, _ in words])  # (words, text_dim)
        self._meant = np.array([(term.valence, term.arousal) for _, term in words], np.float32)
        self._affect = np.array([clip.affect for clip in self.clips], np.float32)
        corpora = list(dict.fromkeys(clip.corpus for clip in self.clips))
        self._corpus = np.array([corpora.index(clip.corpus) for clip in self.clips])
        self.labels = sorted({clip.label for clip in self.clips})
        self._label = np.array([self.labels.index(clip.label) for clip in self.clips])
        heard = np.zeros((len(corpora), len(self.labels)), dtype=bool)
        heard[self._corpus, self._label] = True
        self.heard = torch.from_numpy(heard)  # (corpora, labels): which labels a corpus has

    @property
    def text_dim(self) -> int:
        """Dimensions of a text vector."""
        return int(self._words.shape[1])

    def batch(self, clips: NDArray[np.int64], rng: np.random.Generator, others: int) -> Batch:
        """What is known of clips (n,), with captions for them and `others` words and sentences."""
        chosen = self._captions.draw_for(np.tile(clips, 2), rng)  # (2n,)
        sentences = self._sentences.draw(others, rng)
        words = rng.integers(0, len(self._words), others)
        return Batch(
            clips=clips,
            corpus=torch.from_numpy(self._corpus[clips]),
            label=torch.from_numpy(self._label[clips]),
            affect=torch.from_numpy(self._affect[clips]),
            captions=torch.from_numpy(self._captions.vectors[chosen]),
            suits=self._captions.suiting(chosen, clips),
            claimed=torch.from_numpy(self._captions.affect[chosen]),
            words=torch.from_numpy(self._words[words]),
            meant=torch.from_numpy(self._meant[words]),
            sentences=torch.from_numpy(self._sentences.vectors[sentences]),
            fitting=self._sentences.suiting(sentences, clips),
        )

    def crops(
        self, clips: NDArray[np.int64], seconds: float, rng: np.random.Generator
    ) -> tuple[Tensor, Tensor]:
        """Worn random crops of clips (n,), padded: samples (n, longest) and lengths (n,)."""
        sounds = [worn(crop(self.clips[clip].samples, seconds, rng), rng) for clip in clips]
        lengths = torch.tensor([len(sound) for sound in sounds])
        padded = torch.zeros(len(sounds), int(lengths.max()))
        for row, sound in zip(padded, sounds, strict=True):
            row[: len(sound)] = torch.from_numpy(sound)
        return padded, lengths


class _Texts:
    """Texts by meaning, and how well each meaning suits each clip."""

    def __init__(self, texts: Sequence[Caption], clips: Sequence[Clip], embed: Embed) -> None:
        self.meanings: list[Meaning] = list(dict.fromkeys(text.meaning for text in texts))
        place = {meaning: number for number, meaning in enumerate(self.meanings)}
        self._meaning = np.array([place[text.meaning] for text in texts], dtype=np.int64)
        # The texts of meaning m are _order[_first[m]:][:_count[m]].
        self._order = np.argsort(self._meaning, kind="stable")
        self._count = np.bincount(self._meaning, minlength=len(self.meanings))
        self._first = np.cumsum(self._count) - self._count
        self.vectors = embed([text.text for text in texts])  # (texts, text_dim)
        suits = [[meaning.suits(clip) for clip in clips] for meaning in self.meanings]
        self._suits = np.array(suits, np.float32)  # (meanings, clips)
        affects = np.array([meaning.affect for meaning in self.meanings], np.float32)
        self.affect = affects[self._meaning]  # (texts, 2)

    def draw_for(self, clips: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
        """A text for each clip (n,): a meaning by how well it suits, then one of its texts."""
        reached = self._suits[:, clips].cumsum(axis=0)  # (meanings, n)
        aim = rng.random(len(clips), dtype=np.float32) * reached[-1]  # (n,)
        # The first meaning past the aim; float32 may round the aim up to the very end.
        past = reached > np.minimum(aim, np.nextafter(reached[-1], 0, dtype=np.float32))
        return self._any_of(past.argmax(axis=0), rng)

    def draw(self, count: int, rng: np.random.Generator) -> NDArray[np.int64]:
        """Texts (count,), every meaning as often as the others."""
        return self._any_of(rng.integers(0, len(self.meanings), count), rng)

    def _any_of(self, meanings: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
        """One of the texts of each meaning (n,)."""
        at = self._first[meanings] + rng.integers(0, self._count[meanings])
        return np.asarray(self._order[at], dtype=np.int64)

    def suiting(self, texts: NDArray[np.int64], clips: NDArray[np.int64]) -> Tensor:
        """How well texts (t,) suit clips (n,), as (n, t)."""
        return torch.from_numpy(self._suits[self._meaning[texts]][:, clips].T.copy())
