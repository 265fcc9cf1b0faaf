"""One ranking from several voices: which sounds are looked at, and how the best become hits.

Each space offers the sounds of its best windows for each term, words and transcripts their best
clips. Of the union every window is compared in every space (evidence.py). The search goes deeper
until no sound left out can reach the last hit, or until `DEEPEST` windows a term.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from retrieval import questions
from retrieval.calibration import score_of
from retrieval.catalog import Catalog
from retrieval.filters import Filters
from retrieval.prompt import Term
from retrieval.query import Wanted
from retrieval.questions import Ids
from retrieval.ranking import Candidate, collapse
from retrieval.space import Vectors
from retrieval.voices.evidence import (
    FAR,
    FOUND,
    UNKNOWN,
    Clue,
    Ear,
    Evidence,
    heard_by,
    joined,
    weigh,
)
from retrieval.voices.moments import Values, moments

FIRST, DEEPEST = 1000, 16000  # windows that a space offers for a term
CLIPS = 2000  # clips that words or transcripts offer for a term


@dataclass(frozen=True)
class Joint:
    """A prompt with everything that answers it.

    Attributes:
        terms: of the prompt.
        ears: the spaces, in the order in which they were named.
        clues: what words and transcripts say, of clips that may answer.
        skip: the path of a clip that must not answer: the example itself.
    """

    terms: tuple[Term, ...]
    ears: tuple[Ear, ...]
    clues: tuple[Clue, ...]
    skip: str | None = None

    @property
    def finest(self) -> int:
        """Which ear cuts the moments; -1 if there is none."""
        widths = [ear.ground.space.window for ear in self.ears]
        return widths.index(min(widths)) if widths else -1


@dataclass(frozen=True)
class Ranked:
    """Pairs of a moment and a clip, best first, near-duplicates folded.

    Attributes:
        evidence: what they were ranked by.
        order: positions of pairs, (r,).
        totals: logarithms of their scores, (r,).
        vectors: of their moments in the finest space, (r, k); zero where it heard nothing.
        folded: how many near-duplicates were left out.
    """

    evidence: Evidence
    order: Ids
    totals: Values
    vectors: Vectors
    folded: int


def rank(joint: Joint, catalog: Catalog, wanted: Wanted, pool: int) -> Ranked:
    """The best pairs of the library, at least `pool` of them if there are so many."""
    allowed = _allowed(joint, catalog, wanted.filters)
    reach = FIRST
    while True:
        sounds, bound = _offered(joint, catalog, allowed, reach)
        evidence = _evidence(joint, catalog, sounds, wanted.filters)
        ranked = _ordered(joint, evidence, wanted, pool)
        settled = len(ranked.order) >= pool and ranked.totals[pool - 1] >= bound
        if settled or bound == -np.inf or reach >= DEEPEST:
            return ranked
        reach *= 4


def _allowed(joint: Joint, catalog: Catalog, filters: Filters) -> list[Ids | None]:
    if filters == Filters():
        return [None] * len(joint.ears)
    return [catalog.select_windows(filters, ear.ground.space.source) for ear in joint.ears]


def _offered(
    joint: Joint, catalog: Catalog, allowed: Sequence[Ids | None], reach: int
) -> tuple[Ids, float]:
    """The sounds that the voices offer, and what one that they do not offer can reach at most.

    What is taken away offers nothing, unless nothing else was asked for.
    """
    only_less = all(term.weight < 0 for term in joint.terms)
    offering = [only_less or term.weight > 0 for term in joint.terms]
    frontier: list[list[float]] = [[] for _ in joint.terms]
    shares = np.zeros(len(joint.terms))
    parts = [np.empty(0, dtype=np.int64)]
    with catalog.reading() as db:
        for ear, ids in zip(joint.ears, allowed, strict=True):
            rows = [row for row, number in enumerate(ear.terms) if offering[number]]
            found, last = _best_windows(ear, rows, ids, reach, -1.0 if only_less else 1.0)
            parts.append(questions.sounds_of_windows(db, found))
            for row, score in zip(rows, last, strict=True):
                frontier[ear.terms[row]].append(score)
        for clue in (one for one in joint.clues if joint.terms[one.term].weight > 0):
            clips, least = _best_clips(clue)
            parts.append(questions.sounds_of_clips(db, clips))
            if clue.found:
                shares[clue.term] = least
            else:
                frontier[clue.term].append(least)
    return np.unique(np.concatenate(parts)), _bound(joint.terms, frontier, shares)


def _best_windows(
    ear: Ear, rows: Sequence[int], allowed: Ids | None, reach: int, sign: float
) -> tuple[Ids, list[float]]:
    """The best windows for some terms, and the score of the last of each; 0 if that was all."""
    index = ear.ground.searched
    total = index.count if allowed is None else len(allowed)
    if not rows or not total:
        return np.empty(0, dtype=np.int64), [0.0] * len(rows)
    prompts = ear.prompts[list(rows)]
    ids, cosines = index.search(sign * prompts, min(reach, total), allowed=allowed)
    if ids.shape[1] >= total or not ids.size:
        return np.unique(ids), [0.0] * len(rows)
    z = ear.ground.background().z(prompts, sign * cosines[:, -1:])[:, 0]
    return np.unique(ids), [float(one) for one in score_of(np.clip(z, -FAR, FAR))]


def _best_clips(clue: Clue) -> tuple[Ids, float]:
    """The clips that a clue speaks for most, and the value of the last; 0 if that was all."""
    order = np.argsort(-clue.values, kind="stable")[:CLIPS]
    least = float(clue.values[order[-1]]) if len(order) < len(clue.values) else 0.0
    return clue.clips[order], least


def _bound(terms: Sequence[Term], frontier: Sequence[Sequence[float]], shares: Values) -> float:
    """The logarithm of the largest score beyond what is offered; -inf if nothing lies there."""
    if not any(score > 0 for scores in frontier for score in scores) and not shares.any():
        return -np.inf
    bound = 0.0
    for term, scores, share in zip(terms, frontier, shares, strict=True):
        if term.weight > 0:
            chance = 1 - (1 - max(UNKNOWN, *scores, 0.0)) * (1 - FOUND * share)
            bound += term.weight * float(np.log(chance))
    return bound


def _evidence(joint: Joint, catalog: Catalog, sounds: Ids, filters: Filters) -> Evidence:
    with catalog.reading() as db:
        holders = questions.clips_of(db, sounds, filters)
    holders = [holder for holder in holders if holder.path != joint.skip]
    whole = {holder.sound_id: holder.duration for holder in holders}
    there = np.array(sorted(whole), dtype=np.int64)
    heard = [heard_by(ear, there) for ear in joint.ears]
    widths = [ear.ground.space.window for ear in joint.ears]
    at = moments([slices for slices, _ in heard], widths, whole)
    return weigh(joint.terms, joint.ears, joint.clues, at, holders, heard)


def _ordered(joint: Joint, evidence: Evidence, wanted: Wanted, pool: int) -> Ranked:
    """Best first, the best moment of each clip unless windows are wanted; equal ones by path."""
    totals = joined(joint.terms, evidence.chances)
    order = np.lexsort((evidence.at, evidence.clip, -totals))
    if not wanted.windows:
        order = order[np.sort(np.unique(evidence.clip[order], return_index=True)[1])]
    taken = 4 * pool + 32
    while True:
        head = order[:taken]
        vectors = _vectors(joint, evidence, head)
        kept = list(range(len(head)))
        if wanted.collapse:
            kept = collapse(_candidates(evidence, head, totals), vectors)
        if len(kept) >= pool or taken >= len(order):
            head = head[kept]
            return Ranked(evidence, head, totals[head], vectors[kept], len(vectors) - len(kept))
        taken *= 4


def _candidates(evidence: Evidence, order: Ids, totals: Values) -> list[Candidate]:
    found = []
    for pair in order.tolist():
        moment, holder = evidence.at[pair], evidence.holders[evidence.clip[pair]]
        window = int(evidence.moments.windows[moment])
        found.append(Candidate(window, holder.clip_id, holder.sound_id, float(totals[pair])))
    return found


def _vectors(joint: Joint, evidence: Evidence, order: Ids) -> Vectors:
    """What was heard at some pairs in the finest space (r, k); zero where it heard nothing."""
    if joint.finest < 0:
        return np.zeros((len(order), 1), dtype=np.float32)
    index = joint.ears[joint.finest].ground.index
    at = evidence.at[order]
    vectors = np.zeros((len(order), index.dim), dtype=np.float32)
    here = evidence.moments.spaces[at] == joint.finest
    vectors[here] = index.vectors(evidence.moments.windows[at[here]])
    return vectors
