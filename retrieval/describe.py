"""From a sound to fitting words: audio-to-text lookup."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.calibration import Background, score_of
from retrieval.emotions import TERMS
from retrieval.records import Recognition
from retrieval.space import Space, Vectors, unit

_NEUTRAL = [term.name for term in TERMS].index("neutral")


@dataclass(frozen=True)
class Fitting:
    """One text that fits a sound.

    Attributes:
        term: the text.
        score: 0..1, calibrated as a search for this text would be.
        cosine: -1..1.
        start, end: seconds of the window it was heard in; None for the whole sound.
    """

    term: str
    score: float
    cosine: float
    start: float | None = None
    end: float | None = None


@dataclass(frozen=True)
class Description:
    """What fits a sound.

    Attributes:
        terms: emotion terms of the built-in vocabulary, best first (by window in a timeline).
        texts: lines of text collections, best first, by the name of the collection.
        valence, arousal: -1..1 for the whole sound; nan if the space has not learned them.
        valence_spread, arousal_spread: half-widths of their 90 % intervals; nan if not learned.
        feeling: whether a feeling stands out in the whole sound; None if the space cannot tell.
        recognition: which emotion its voice and its words have; None where that is not known.
    """

    terms: tuple[Fitting, ...]
    texts: Mapping[str, tuple[Fitting, ...]]
    valence: float
    arousal: float
    valence_spread: float = math.nan
    arousal_spread: float = math.nan
    feeling: bool | None = None
    recognition: Recognition | None = None


@dataclass(frozen=True)
class Heard:
    """What a sound says of itself: its windows as unit vectors (n, k) and their times (n, 2)."""

    vectors: Vectors
    times: tuple[tuple[float, float], ...]

    def whole(self) -> Vectors:
        """One unit vector (1, k) for the whole sound: the mean of its windows."""
        return unit(self.vectors.mean(axis=0, keepdims=True))


def describe(
    heard: Heard,
    space: Space,
    background: Background,
    texts: Mapping[str, tuple[Sequence[str], Vectors]],
    k: int,
    timeline: bool,
) -> Description:
    """What fits a sound best, of the vocabulary and of collections of texts.

    Args:
        texts: by the name of a collection, its lines and a unit vector (m, k) for each.
        k: how many terms, and how many lines of each collection (of each window, in a timeline).
    """
    names, vectors = vocabulary(space)
    affect, spread = space.affect(heard.whole())[0], space.spread(heard.whole())[0]
    return Description(
        terms=fitting(heard, names, vectors, background, k, timeline),
        texts={
            name: fitting(heard, lines, placed, background, k, timeline)
            for name, (lines, placed) in texts.items()
        },
        valence=float(affect[0]),
        arousal=float(affect[1]),
        valence_spread=float(spread[0]),
        arousal_spread=float(spread[1]),
        feeling=_stands_out(space, vectors, heard.whole()),
    )


def vocabulary(space: Space) -> tuple[tuple[str, ...], Vectors]:
    """The built-in emotion terms and a unit vector (n, k) for each.

    A term stands for its synonyms too: its vector is the mean over all of them, which is
    steadier than the one word (prompt ensembling, Radford et al. 2021, CLIP).
    """
    texts = [text for term in TERMS for text in (term.name, *term.synonyms)]
    owner = np.repeat(np.arange(len(TERMS)), [1 + len(term.synonyms) for term in TERMS])
    placed = space.place_text(texts)  # (texts, k)
    summed = np.zeros((len(TERMS), space.dim), dtype=np.float32)
    np.add.at(summed, owner, placed)
    return tuple(term.name for term in TERMS), unit(summed)


def leads(panel: Vectors, vectors: Vectors, sounds: Vectors) -> NDArray[np.float64]:
    """By how much the best feeling fits each sound better than "neutral" does, (n,).

    In standard deviations over the panel: what else a library holds changes nothing, and a term
    that is close to every sound has no advantage.

    Args:
        panel: unit vectors (p, k) of the reference sounds.
        vectors: of the built-in emotion terms (m, k), as `vocabulary` gives them.
        sounds: unit vectors (n, k).
    """
    z = Background.of(panel).z(vectors, vectors @ sounds.T)  # (m, n)
    feelings = np.delete(z, _NEUTRAL, axis=0)  # (m - 1, n)
    return np.asarray(feelings.max(axis=0) - z[_NEUTRAL], dtype=np.float64)


def _stands_out(space: Space, vectors: Vectors, whole: Vectors) -> bool | None:
    """Whether the best feeling has the lead that the space asks for; None if it asks for none."""
    if space.lead is None or space.heads.panel is None:
        return None
    return bool(leads(space.heads.panel, vectors, whole)[0] >= space.lead)


def fitting(
    heard: Heard,
    terms: Sequence[str],
    vectors: Vectors,
    background: Background,
    k: int,
    timeline: bool = False,
) -> tuple[Fitting, ...]:
    """The k best of some texts with unit vectors (m, k), for a sound or for each window.

    Ranked by score and not by cosine: some texts are close to every sound.
    """
    if not terms:
        return ()
    sounds = heard.vectors if timeline else heard.whole()  # (n, k)
    cosines = vectors @ sounds.T  # (m, n)
    z = background.z(vectors, cosines)  # (m, n)
    found = []
    for column in range(sounds.shape[0]):
        start, end = heard.times[column] if timeline else (None, None)
        for row in np.argsort(-z[:, column], kind="stable")[:k]:
            score = float(score_of(z[row, column]))
            found.append(Fitting(terms[row], score, float(cosines[row, column]), start, end))
    return tuple(found)
