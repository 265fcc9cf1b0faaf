"""What several voices know of the same clips, and what that comes to.

Every term of a prompt is a question of its own: the chance that it holds at a moment of a clip.
Spaces and transcripts give scores s (retrieval/calibration.py), words the share e of them that was
found:

    p = 1 - (1 - g) (1 - .99 e)         g the geometric mean of the scores

A voice that knows nothing of a clip is left out; where none is left, g is the one in ten that
scores are fitted to. A term that is taken away gives 1 - p. The score is the product of all p,
each to the power of its weight: the chance that every part holds, were they independent.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from retrieval.calibration import score_of
from retrieval.prompt import Term
from retrieval.query import Ground
from retrieval.questions import Ids, slices_of
from retrieval.records import Holder
from retrieval.space import Vectors
from retrieval.voices.moments import Moments, Slices, Values, best_overlapping

#: What a term is worth where nothing is known, and how sure words are that were all found.
UNKNOWN, FOUND = 0.1, 0.99

FAR = 50.0  # standard deviations; further out an exponential would overflow


@dataclass(frozen=True)
class Ear:
    """A space with the terms it answers.

    Attributes:
        terms: their numbers in the prompt, (t,).
        prompts: their unit vectors, (t, k).
    """

    ground: Ground
    terms: tuple[int, ...]
    prompts: Vectors


@dataclass(frozen=True)
class Clue:
    """What a voice that knows whole clips says of one term.

    Attributes:
        voice: its name.
        term: its number in the prompt.
        clips: those it knows something of, rising (n,).
        values: 0..1, (n,): a score, or the share of words that was found.
        found: whether it is such a share.
    """

    voice: str
    term: int
    clips: Ids
    values: Values
    found: bool


@dataclass(frozen=True)
class Evidence:
    """Everything known of some sounds: p pairs of a moment (m) and a clip (c) that holds it.

    Attributes:
        slices, cosines: of each ear: its windows; the best cosines (t, m), nan if unheard.
        scores: the same as scores, (t, m).
        clues: the values of each clue, (c,), nan where it knows nothing.
        at, clip: of each pair: its moment, its holder, (p,).
        chances: of each term and pair, (terms, p).
    """

    moments: Moments
    holders: Sequence[Holder]
    slices: Sequence[Slices]
    cosines: Sequence[Values]
    scores: Sequence[Values]
    clues: Sequence[Values]
    at: Ids
    clip: Ids
    chances: Values


def heard_by(ear: Ear, sounds: Ids) -> tuple[Slices, Values]:
    """The windows (n,) of some sounds in a space, and their cosines to its terms, (t, n)."""
    with ear.ground.catalog.reading() as db:
        ids, owners, times = slices_of(db, ear.ground.space.source, sounds)
    index = ear.ground.searched
    known = np.isin(ids, index.ids())  # what was added since the index was opened waits
    slices = Slices(ids[known], owners[known], times[known])
    return slices, (ear.prompts @ index.vectors(slices.ids).T).astype(np.float64)


def known_of(values: Values, clips: Ids, holders: Sequence[Holder]) -> Values:
    """Values (n,) of clips (n,), rising, for each holder (c,); nan for others."""
    wanted = np.array([holder.clip_id for holder in holders], dtype=np.int64)
    found = np.full(len(wanted), np.nan)
    if len(clips):
        place = np.minimum(np.searchsorted(clips, wanted), len(clips) - 1)
        same = clips[place] == wanted
        found[same] = values[place[same]]
    return found


def pairs(at: Moments, holders: Sequence[Holder]) -> tuple[Ids, Ids]:
    """Every moment with every clip that holds its sound: positions of both, (p,)."""
    sounds = np.array([holder.sound_id for holder in holders], dtype=np.int64)
    order = np.argsort(sounds, kind="stable")
    first = np.searchsorted(sounds[order], at.sounds, side="left")
    count = np.searchsorted(sounds[order], at.sounds, side="right") - first  # (m,)
    moment = np.repeat(np.arange(len(at.sounds)), count)
    within = np.arange(len(moment)) - np.repeat(np.cumsum(count) - count, count)
    return moment, order[np.repeat(first, count) + within]


def weigh(
    terms: Sequence[Term],
    ears: Sequence[Ear],
    clues: Sequence[Clue],
    at: Moments,
    holders: Sequence[Holder],
    heard: Sequence[tuple[Slices, Values]],
) -> Evidence:
    """Bring what every voice says together at the moments of the clips.

    Args:
        heard: what `heard_by` gave for each ear.
    """
    cosines = [_at_moments(at, number, *one) for number, one in enumerate(heard)]
    scores = [_scores(ear, best) for ear, best in zip(ears, cosines, strict=True)]
    known = [known_of(clue.values, clue.clips, holders) for clue in clues]
    moment, clip = pairs(at, holders)
    chances = np.empty((len(terms), len(moment)))
    for number, term in enumerate(terms):
        said = zip(clues, known, strict=True)
        told = [(clue.found, value[clip]) for clue, value in said if clue.term == number]
        graded = [value for found, value in told if not found] + [
            score[ear.terms.index(number)][moment]
            for ear, score in zip(ears, scores, strict=True)
            if number in ear.terms
        ]
        chance = chance_of(graded, [value for found, value in told if found], len(moment))
        chances[number] = chance if term.weight > 0 else 1 - chance
    slices = [one for one, _ in heard]
    return Evidence(at, holders, slices, cosines, scores, known, moment, clip, chances)


def _at_moments(at: Moments, number: int, slices: Slices, cosines: Values) -> Values:
    """The cosines (t, m) of a space at each moment: its own window, or the best that overlaps."""
    best = best_overlapping(at, slices, cosines)
    own = at.spaces == number  # in the order of its windows
    best[:, own] = cosines[:, np.isin(slices.sounds, at.sounds[own])]
    return best


def _scores(ear: Ear, cosines: Values) -> Values:
    z = ear.ground.background().z(ear.prompts, cosines.astype(np.float32))
    return score_of(np.clip(z, -FAR, FAR))


def chance_of(graded: Sequence[Values], shares: Sequence[Values], count: int) -> Values:
    """The chance (p,) that a term holds, from scores and shares (p,) with nan for unknown."""
    scores = np.reshape(graded, (len(graded), count))  # (v, p)
    logs = np.log(np.maximum(scores, 1e-12))
    voices = np.isfinite(logs).sum(axis=0)
    mean = np.exp(np.nansum(logs, axis=0) / np.maximum(voices, 1))
    chance = np.where(voices > 0, mean, UNKNOWN)
    for share in shares:
        chance = 1 - (1 - chance) * (1 - FOUND * np.nan_to_num(share))
    return chance


def joined(terms: Sequence[Term], chances: Values) -> Values:
    """The logarithm (p,) of the score of each pair, from the chances (terms, p)."""
    weights = np.abs([term.weight for term in terms])
    return np.asarray(weights @ np.log(np.maximum(chances, 1e-12)))
