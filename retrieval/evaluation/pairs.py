"""Built pairs: a real voice and a real sentence that were never heard together.

No corpus at hand has voices whose words tell a feeling: actors say neutral sentences. So a clip of
a speech corpus is paired with a labelled sentence that somebody else wrote. Such a pair is built:
its voice and its words are real, that they belong together is not.
"""

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from retrieval.emotions import lookup
from retrieval.errors import PromptError

How = Literal["matching", "mismatching", "neutral"]

#: Words of a sentence that is taken.
FEWEST, MOST = 3, 25

#: Valences of a mismatching pair lie at least so far apart (-1..1), which leaves neutral and
#: surprised voices without such a pair.
APART = 1.0

# The 28 labels of GoEmotions (Demszky et al. 2020). Those left out are opinions and thoughts that
# no voice of ours shows (approval, disapproval, curiosity, confusion, realization, desire), or
# are heard as no one of our emotions (embarrassment). Calm has no label: relief and care stand in.
GOEMOTIONS = {
    "admiration": "happy", "amusement": "happy", "excitement": "happy", "gratitude": "happy",
    "joy": "happy", "love": "happy", "optimism": "happy", "pride": "happy",
    "caring": "calm", "relief": "calm",
    "anger": "angry", "annoyance": "angry", "disgust": "disgust",
    "fear": "fearful", "nervousness": "fearful",
    "sadness": "sad", "grief": "sad", "disappointment": "sad", "remorse": "sad",
    "surprise": "surprised", "neutral": "neutral",
}  # fmt: skip

# The seven labels of MELD (Poria et al. 2019); none is calm.
MELD = {
    "joy": "happy", "anger": "angry", "disgust": "disgust", "fear": "fearful",
    "sadness": "sad", "surprise": "surprised", "neutral": "neutral",
}  # fmt: skip

# A split as both sources name their files.
_FILES = {"train": "train", "val": "dev", "test": "test"}


@dataclass(frozen=True)
class Sentence:
    """A sentence that somebody wrote or said, with one feeling.

    Attributes:
        emotion: of EMOTIONS (retrieval/recognition/judgement.py).
        valence: the prior of the emotion, -1..1 (retrieval/emotions.py).
        corpus: goemotions or meld.
    """

    text: str
    emotion: str
    valence: float
    corpus: str


def read_sentences(
    corpora: Path, corpus: Literal["goemotions", "meld"], split: Literal["train", "val", "test"]
) -> list[Sentence]:
    """Labelled sentences of `FEWEST` to `MOST` words, in the order of the file, each text once.

    Of GoEmotions the rows with one label, without masked names such as [NAME]. MELD is under
    GPL-3: it is for testing only.

    Args:
        corpora: the folder with labels/, or a clips.csv beside it.

    Raises:
        PromptError: the file is absent or cannot be read.
    """
    labels = (corpora if corpora.is_dir() else corpora.parent) / "labels"
    read = _goemotions if corpus == "goemotions" else _meld
    found = _read(read, labels / corpus, split)
    fitting = [(text, name) for text, name in found if FEWEST <= len(text.split()) <= MOST]
    return [Sentence(text, name, prior(name)[0], corpus) for text, name in dict(fitting).items()]


def prior(emotion: str) -> tuple[float, float]:
    """Valence and arousal, -1..1, that the vocabulary gives an emotion of ours.

    Raises:
        KeyError: the vocabulary does not know it.
    """
    term = lookup(emotion)
    if term is None:
        raise KeyError(emotion)
    return term.valence, term.arousal


def partners(
    emotions: Sequence[str], sentences: Sequence[Sentence], how: How, seed: int = 0
) -> list[Sentence | None]:
    """A sentence for each voice, so that a built pair is what `how` says.

    "matching": of the same emotion. "mismatching": of an emotion whose valence is at least `APART`
    from that of the voice, every such emotion as often as another. "neutral": labelled neutral,
    whatever the voice. A sentence comes again only when all others of its emotion were taken.

    Args:
        emotions: of the voices; one that the vocabulary does not know gets no partner.
        sentences: of the split that the voices are of.
        seed: the same seed gives the same pairs.

    Returns:
        For each voice its sentence; None where there is no such sentence.
    """
    rng = np.random.default_rng(seed)
    decks: dict[str, _Deck] = {}
    for sentence in sentences:
        decks.setdefault(sentence.emotion, _Deck([], rng)).cards.append(sentence)
    wanted = {emotion: _wanted(emotion, sorted(decks), how) for emotion in set(emotions)}
    return [
        decks[names[rng.integers(len(names))]].draw() if (names := wanted[emotion]) else None
        for emotion in emotions
    ]


@dataclass
class _Deck:
    """Sentences of one emotion, dealt in a random order, and again when all are dealt."""

    cards: list[Sentence]
    rng: np.random.Generator
    dealt: int = 0

    def draw(self) -> Sentence:
        if self.dealt % len(self.cards) == 0:
            self.cards = [self.cards[row] for row in self.rng.permutation(len(self.cards))]
        self.dealt += 1
        return self.cards[(self.dealt - 1) % len(self.cards)]


def _wanted(emotion: str, known: Sequence[str], how: How) -> list[str]:
    """The emotions that the sentence may have."""
    if how == "neutral":
        return [name for name in known if name == "neutral"]
    if how == "matching":
        return [name for name in known if name == emotion]
    term = lookup(emotion)
    if term is None:
        return []
    return [name for name in known if abs(prior(name)[0] - term.valence) >= APART]


def _read(
    read: Callable[[Path, str], Iterator[tuple[str, str]]], folder: Path, split: str
) -> list[tuple[str, str]]:
    try:
        return list(read(folder, split))
    except (OSError, UnicodeDecodeError, csv.Error, KeyError, IndexError) as fault:
        raise PromptError(
            f"the labelled sentences cannot be read: {fault}",
            path=folder,
            remedy="name a folder of corpora with labels/goemotions and labels/meld",
        ) from fault


def _goemotions(folder: Path, split: str) -> Iterator[tuple[str, str]]:
    names = (folder / "labels.txt").read_text(encoding="utf-8").split()
    path = folder / f"{_FILES[split]}.tsv"
    with path.open(encoding="utf-8", newline="") as table:
        for text, labels, *_ in csv.reader(table, delimiter="\t", quoting=csv.QUOTE_NONE):
            emotion = GOEMOTIONS.get(names[int(labels)]) if labels.isdecimal() else None
            if emotion and "[" not in text:
                yield text.strip(), emotion


def _meld(folder: Path, split: str) -> Iterator[tuple[str, str]]:
    path = folder / f"{_FILES[split]}_sent_emo.csv"
    with path.open(encoding="utf-8", newline="") as table:
        for row in csv.DictReader(table):
            if emotion := MELD.get(row["Emotion"]):
                yield row["Utterance"].strip(), emotion
