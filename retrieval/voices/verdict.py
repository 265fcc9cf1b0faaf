"""From a joint ranking to an answer: hits with what each voice said, and whether anything fits."""

from collections.abc import Sequence

import numpy as np

from retrieval.catalog import Catalog
from retrieval.prompt import Excerpt, Term
from retrieval.query import Answer, Hit, Placed, Wanted, combine, judge
from retrieval.questions import labels_of
from retrieval.ranking import diversify
from retrieval.voices.evidence import Ear, Evidence
from retrieval.voices.joining import Joint, Ranked, rank
from retrieval.voices.moments import Moments, Values, overlap

#: From this share of a term's words, or this score of what is said, on a term is met.
MET = 0.5


def answer_jointly(joint: Joint, catalog: Catalog, wanted: Wanted) -> Answer:
    """Rank the clips of a library by what several voices say (retrieval/voices/evidence.py)."""
    pool = wanted.k if wanted.diverse is None else max(5 * wanted.k, 50)
    ranked = rank(joint, catalog, wanted, pool)
    scores = np.exp(ranked.totals)  # (r,)
    chosen = list(range(len(scores)))
    if wanted.min_score is not None:
        chosen = [n for n in chosen if scores[n] >= wanted.min_score]
    if wanted.diverse is not None and chosen:
        relevance = [float(scores[n]) for n in chosen]
        picks = diversify(relevance, ranked.vectors[chosen], wanted.k, wanted.diverse)
        chosen = [chosen[pick] for pick in picks]
    hits = _hits(joint, ranked, catalog, chosen[: wanted.k]) if chosen else ()
    if len(scores) and not hits:
        return Answer((), None, f"the best score, {scores[0]:.3f}, is below {wanted.min_score}")
    fits, reason = _judge(joint, ranked)
    return Answer(hits, fits, reason, ranked.folded)


def _hits(joint: Joint, ranked: Ranked, catalog: Catalog, chosen: Sequence[int]) -> tuple[Hit, ...]:
    evidence = ranked.evidence
    pairs = ranked.order[list(chosen)]
    holders = [evidence.holders[clip] for clip in evidence.clip[pairs]]
    at = evidence.moments.only(evidence.at[pairs])
    cosines, affects = _cosines(joint, at), _affects(joint, evidence, at)
    names = ",".join(_voices(joint))
    with catalog.reading() as db:
        labels = labels_of(db, [holder.clip_id for holder in holders])
    return tuple(
        Hit(
            rank=place + 1,
            path=holder.path,
            start=float(at.times[place, 0]),
            end=float(at.times[place, 1]),
            score=float(np.exp(ranked.totals[chosen[place]])),
            cosine=float(cosines[place]),
            valence=float(affects[place, 0]),
            arousal=float(affects[place, 1]),
            space=names,
            labels=labels.get(holder.clip_id, {}),
            said=_said(joint, evidence, int(pairs[place])),
        )
        for place, holder in enumerate(holders)
    )


def _voices(joint: Joint) -> tuple[str, ...]:
    """The names of all voices, spaces first."""
    spaces = [ear.ground.space.name for ear in joint.ears]
    return tuple(dict.fromkeys([*spaces, *(clue.voice for clue in joint.clues)]))


def _said(joint: Joint, evidence: Evidence, pair: int) -> dict[str, float]:
    """What each voice gave a pair: the product over its terms; none where it knows nothing."""
    moment, clip = evidence.at[pair], evidence.clip[pair]
    given: dict[str, list[tuple[Term, float]]] = {}
    for ear, scores in zip(joint.ears, evidence.scores, strict=True):
        for number, score in zip(ear.terms, scores[:, moment], strict=True):
            given.setdefault(ear.ground.space.name, []).append((joint.terms[number], float(score)))
    for clue, values in zip(joint.clues, evidence.clues, strict=True):
        given.setdefault(clue.voice, []).append((joint.terms[clue.term], float(values[clip])))
    said = {}
    for voice, parts in given.items():
        known = [(term.weight, value) for term, value in parts if not np.isnan(value)]
        powers = [(value if weight > 0 else 1 - value) ** abs(weight) for weight, value in known]
        if powers:
            said[voice] = float(np.prod(powers))
    return said


def _cosines(joint: Joint, at: Moments) -> Values:
    """Of each moment (m,), between its window and the terms of its space as one prompt."""
    cosines = np.full(len(at.sounds), np.nan)
    for number, ear in enumerate(joint.ears):
        here = at.spaces == number
        if here.any():
            terms = [joint.terms[term] for term in ear.terms]
            prompt = combine(ear.prompts, terms, ear.ground.background()).vector[0]
            cosines[here] = ear.ground.searched.vectors(at.windows[here]) @ prompt
    return cosines


def _affects(joint: Joint, evidence: Evidence, at: Moments) -> Values:
    """Valence and arousal (m, 2) as the first space hears them that has learned to; else nan.

    Of another space than the one that cut a moment, the mean of its overlapping windows.
    """
    affects = np.full((len(at.sounds), 2), np.nan)
    for number, (ear, slices) in enumerate(zip(joint.ears, evidence.slices, strict=True)):
        if ear.ground.space.heads.affect is None:
            continue
        ranges = zip(*overlap(at, slices), strict=True)
        windows = [
            at.windows[[place]] if at.spaces[place] == number else slices.ids[first:after]
            for place, (first, after) in enumerate(ranges)
        ]
        heard = ear.ground.space.affect(ear.ground.index.vectors(np.concatenate(windows)))
        edges = np.cumsum([len(one) for one in windows])[:-1]
        for place, values in enumerate(np.split(heard, edges)):
            if len(values) and np.isnan(affects[place, 0]):
                affects[place] = values.mean(axis=0)
    return affects


def _judge(joint: Joint, ranked: Ranked) -> tuple[bool | None, str]:
    """Whether the best hit meets every term, each by one of its voices at least.

    A space judges as it does alone (`query.judge`), by its cosine at that moment.
    """
    if not len(ranked.order):
        return False, "no clip was left to rank"
    groups = [ear.ground.relative.by for ear in joint.ears if ear.ground.relative is not None]
    if groups:
        return None, f"clips were judged against their {groups[0]}"
    evidence, pair = ranked.evidence, int(ranked.order[0])
    verdicts = []
    for number, term in enumerate(joint.terms):
        met, reason = _meets(joint, evidence, pair, number)
        if term.weight > 0 and met is False:
            return False, f"the best hit does not meet {_shown(term)}: {reason}"
        verdicts.append(met if term.weight > 0 else True)
    if None in verdicts:
        return None, "not every voice can tell"
    return True, "the best hit meets every part of the prompt"


def _meets(joint: Joint, evidence: Evidence, pair: int, number: int) -> tuple[bool | None, str]:
    """Whether a pair meets a term, by the voice that says so most; None if none can tell."""
    moment, clip = evidence.at[pair], evidence.clip[pair]
    verdicts: list[tuple[bool | None, str]] = []
    for ear, cosines in zip(joint.ears, evidence.cosines, strict=True):
        if number in ear.terms:
            row = ear.terms.index(number)
            cosine: Values = cosines[row, moment]
            if not np.isnan(cosine):
                verdicts.append(_heard(ear, joint.terms[number], row, float(cosine)))
    for clue, values in zip(joint.clues, evidence.clues, strict=True):
        if clue.term == number:
            value = float(np.nan_to_num(values[clip]))
            verdicts.append((value >= MET, f"{clue.voice} give {value:.2f}"))
    for verdict in (True, None, False):
        for met, reason in verdicts:
            if met is verdict:
                return met, reason
    return False, "no voice knows the clip"


def _heard(ear: Ear, term: Term, row: int, cosine: float) -> tuple[bool | None, str]:
    plain = not isinstance(term.what, Excerpt)
    met, reason = judge(ear.ground.space, Placed(ear.prompts[row : row + 1], plain), cosine)
    return met, f"in {ear.ground.space.name}, {reason}"


def _shown(term: Term) -> str:
    words = str(term.what.path) if isinstance(term.what, Excerpt) else term.what
    return f"{term.route}:{words!r}" if term.route else repr(words)
