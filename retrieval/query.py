"""From a vector in the shared space to ranked hits, and from a sound to fitting words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from indexes.index import Index
from retrieval.calibration import Background, score_of
from retrieval.catalog import Catalog, Row
from retrieval.columns import Value
from retrieval.filters import Filters
from retrieval.prompt import Term
from retrieval.ranking import Candidate, best_per_clip, collapse, diversify
from retrieval.relative import Relative
from retrieval.space import Space, Vectors, unit

# The best cosine must be above this share of the panel for anything to fit, where the space has
# no cosine of its own for that. Measured: docs/search.md.
FITTING_SHARE = 0.97


@dataclass(frozen=True)
class Hit:
    """One result.

    Attributes:
        rank: from 1.
        path: of the clip.
        start, end: seconds; the window that fits best.
        score: 0..1, calibrated against the library (retrieval/calibration.py).
        cosine: -1..1, as it comes from the space; nan if no space heard the clip.
        valence, arousal: -1..1, heard in the window; nan if the space has not learned them.
        space: name of the space; of all voices, with commas, if several were asked.
        labels: of the clip.
        said: what each of several voices gave, 0..1; empty if one space was asked.
        known: what the catalog has of the whole clip: what was recognised, where the library has
            that of any clip, and "sort", by which the answer was sorted; None is unknown.
    """

    rank: int
    path: str
    start: float
    end: float
    score: float
    cosine: float
    valence: float
    arousal: float
    space: str
    labels: Mapping[str, str]
    said: Mapping[str, float] = field(default_factory=dict)
    known: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class Wanted:
    """How an answer is to be cut.

    Attributes:
        k: how many hits; more than there are means all.
        filters: which clips may answer.
        min_score: drop hits below this score.
        windows: every window is a hit of its own, not only the best of each clip.
        collapse: fold near-duplicates into the best of them.
        diverse: 0..1, how much difference counts against fit; None ranks by fit alone.
        sort: order the k hits that fit best by a column, label or tag of their clips, rising, or
            falling with "-" before it; the rank still tells the fit. None orders by rank.
    """

    k: int = 10
    filters: Filters = field(default_factory=Filters)
    min_score: float | None = None
    windows: bool = False
    collapse: bool = True
    diverse: float | None = None
    sort: str | None = None

    def names(self) -> tuple[str, ...]:
        """All names that must be known: of filters, and of the order."""
        sorting = () if self.sort is None else (self.sort.removeprefix("-"),)
        return (*self.filters.names(), *sorting)


@dataclass(frozen=True)
class Answer:
    """Hits, and whether anything fits at all.

    Attributes:
        hits: best first.
        fits: whether the best clip stands out for this prompt; None if the space cannot tell.
        reason: one sentence on how that is known.
        folded: near-duplicates that were folded into better hits.
        notes: what else a person should know, a sentence each.
    """

    hits: tuple[Hit, ...]
    fits: bool | None
    reason: str
    folded: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Placed:
    """A prompt in the shared space.

    Attributes:
        vector: unit vector (1, k).
        plain: whether it was asked by words alone and nothing was taken away. Only then its
            cosines are on the scale of `Space.fitting`.
    """

    vector: Vectors
    plain: bool


@dataclass(frozen=True)
class Ground:
    """What a question is asked of: one space, its index and the catalog behind it.

    Attributes:
        relative: the same sounds, each against its group; None to take them as they are.
    """

    space: Space
    index: Index
    catalog: Catalog
    relative: Relative | None = None

    @property
    def searched(self) -> Index:
        """The index whose cosines count."""
        return self.index if self.relative is None else self.relative.index

    def background(self) -> Background:
        """How sounds of this library are spread, leaning on the panel of the space.

        The panel has no groups, so sounds that are judged against theirs stand alone.
        """
        mean, covariance = self.searched.moments()
        own = Background(mean, covariance, self.searched.count)
        return own if self.relative is not None else own.leaning_on(panel_of(self.space))


def panel_of(space: Space) -> Background | None:
    """How sounds in general are spread in a space, by its panel; None if it has none."""
    return None if space.heads.panel is None else Background.of(space.heads.panel)


def background_without_library(space: Space) -> Background:
    """The panel of a space; without one, unit vectors that favour no direction."""
    anywhere = Background(np.zeros(space.dim), np.eye(space.dim) / space.dim, 1)
    return panel_of(space) or anywhere


def combine(vectors: Vectors, terms: Sequence[Term], background: Background) -> Placed:
    """A prompt of n terms, with unit vectors (n, k), as one.

    Each term is divided by the spread of its own cosines before it is weighted, so that
    "calm" and a recording pull alike although cosines between two sounds are spread far
    wider than those between words and sounds.
    """
    weights = np.array([term.weight for term in terms])  # (n,)
    _, deviation = background.spread(vectors)  # (n,)
    summed = (weights / deviation).astype(np.float32) @ vectors  # (k,)
    plain = all(isinstance(term.what, str) and term.weight > 0 for term in terms)
    return Placed(unit(summed[None, :]), plain)


def answer(
    ground: Ground, asked: Placed | Vectors, wanted: Wanted, skip: str | None = None
) -> Answer:
    """Rank the clips of a library for a prompt, or by likeness to a sound.

    Args:
        asked: what `combine` made of a prompt, or the unit vector (1, k) of a sound.
        skip: the path of a clip that must not answer: the example itself.
    """
    placed = asked if isinstance(asked, Placed) else Placed(asked, plain=False)
    prompt = placed.vector
    pool = wanted.k if wanted.diverse is None else max(5 * wanted.k, 50)
    found, rows, folded = _gather(ground, prompt, wanted, pool, skip)
    background = ground.background()
    cosines = np.array([candidate.cosine for candidate in found])
    scores = score_of(background.z(prompt, cosines[None, :])[0])  # (n,)
    order = list(range(len(found)))
    if wanted.min_score is not None:
        order = [n for n in order if scores[n] >= wanted.min_score]
    if wanted.diverse is not None and order:
        vectors = ground.index.vectors(np.array([found[n].window for n in order]))
        picks = diversify([scores[n] for n in order], vectors, wanted.k, wanted.diverse)
        order = [order[pick] for pick in picks]
    chosen = [found[n] for n in order[: wanted.k]]
    hits = _hits(ground, chosen, [float(scores[n]) for n in order[: wanted.k]], rows)
    if len(cosines) and not hits:
        return Answer((), None, f"the best score, {scores[0]:.3f}, is below {wanted.min_score}")
    best = float(cosines[0]) if len(cosines) else None
    if ground.relative is not None and best is not None:
        return Answer(hits, None, f"clips were judged against their {ground.relative.by}", folded)
    fits, reason = judge(ground.space, placed, best)
    return Answer(hits, fits, reason, folded)


def judge(space: Space, placed: Placed, best: float | None) -> tuple[bool | None, str]:
    """Whether the best cosine of a library is that of a match.

    A library's own spread cannot tell: some clip is always its best. A plain prompt is held
    to the cosine that the space has learned for it. Cosines between sounds are on another scale,
    and so are those of what was taken away; these are seen from the reference panel, which holds
    sounds of every feeling, so that the true matches are a small part of it.
    """
    if best is None:
        return False, "no clip was left to rank"
    if placed.plain and space.fitting is not None:
        side = "at least" if best >= space.fitting else "below"
        reason = f"the best cosine, {best:.3f}, is {side} {space.fitting:.3f}"
        return best >= space.fitting, f"{reason}, where matches mostly begin"
    panel = space.heads.panel
    if panel is None:
        return None, f"the space {space.name} has no reference sounds to compare with"
    share = float((panel @ placed.vector[0] < best).mean())
    reason = f"the best cosine, {best:.2f}, is above {share:.0%} of {len(panel)} reference sounds"
    return share >= FITTING_SHARE, reason


def _gather(
    ground: Ground, prompt: Vectors, wanted: Wanted, pool: int, skip: str | None
) -> tuple[list[Candidate], dict[tuple[int, int], Row], int]:
    """Candidates by falling cosine, at least `pool` of them if the library has so many."""
    allowed = None
    if wanted.filters != Filters():
        allowed = ground.catalog.select_windows(wanted.filters, ground.space.source)
    total = ground.searched.count if allowed is None else len(allowed)
    asked = 4 * pool + 32
    while True:
        ids, cosines = ground.searched.search(prompt, max(1, min(asked, total)), allowed=allowed)
        found, rows = _join(ground.catalog, ids[0], cosines[0], skip, wanted.filters)
        if not wanted.windows:
            found = best_per_clip(found)
        before = len(found)
        if wanted.collapse and found:
            vectors = ground.index.vectors(np.array([one.window for one in found]))
            found = [found[n] for n in collapse(found, vectors)]
        if len(found) >= pool or asked >= total:
            return found, rows, before - len(found)
        asked *= 4


def _join(
    catalog: Catalog, ids: np.ndarray, cosines: np.ndarray, skip: str | None, filters: Filters
) -> tuple[list[Candidate], dict[tuple[int, int], Row]]:
    """Windows with their clips; a sound that lies under two paths gives two candidates."""
    cosine = dict(zip(ids.tolist(), cosines.tolist(), strict=True))
    rows = {
        (row.window_id, row.clip_id): row for row in catalog.hits(ids, filters) if row.path != skip
    }
    found = [
        Candidate(window, clip, row.sound_id, cosine[window])
        for (window, clip), row in rows.items()
    ]
    found.sort(key=lambda one: (-one.cosine, rows[one.window, one.clip].path, one.window))
    return found, rows


def _hits(
    ground: Ground,
    chosen: Sequence[Candidate],
    scores: Sequence[float],
    rows: Mapping[tuple[int, int], Row],
) -> tuple[Hit, ...]:
    if not chosen:
        return ()
    heard = ground.space.affect(ground.index.vectors(np.array([one.window for one in chosen])))
    hits = []
    for rank, (one, score, affect) in enumerate(zip(chosen, scores, heard, strict=True), start=1):
        row = rows[one.window, one.clip]
        hits.append(
            Hit(
                rank=rank,
                path=row.path,
                start=row.start,
                end=row.end,
                score=score,
                cosine=one.cosine,
                valence=float(affect[0]),
                arousal=float(affect[1]),
                space=ground.space.name,
                labels=row.labels,
            )
        )
    return tuple(hits)
