"""Does the space keep order: is what is tenser ranked tenser, and what is gladder gladder?

Four readings of valence and of arousal, each against the value of the clip's label:

* prompts: Kendall's tau-b of each label prompt of `bench` between the scores of the clips and
  minus their distance from the prompt; mean over prompts (from text to sound).
* clips: the same the other way round: tau-b of each clip between the scores of the label prompts
  and minus their distance from the clip's label; mean over clips (from sound to text).
* axis test: five prompts from one end of the axis to the other; the mean of their levels, weighted
  by the softmax of the scores, against the value of the label.
* affect head: what the space itself says of the mean window.

Values are those of the label in the vocabulary: priors, not ratings of the clip, and only as many
different ones as a corpus has labels.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from retrieval.emotions import lookup
from retrieval.evaluation.bench import (
    ask,
    feelings,
    judged_corpora,
    label_rows,
    labels_of,
    mean_over,
    speakers_of,
)
from retrieval.evaluation.bootstrap import Positions, estimates
from retrieval.evaluation.clips import Sound, centres
from retrieval.evaluation.metrics import concordance, kendall_tau_b
from retrieval.evaluation.scores import Numbers, Scorer, best_cosines, ranked_by
from retrieval.evaluation.table import Cell, Estimate, Table
from retrieval.evaluation.trust import auc
from retrieval.space import Space

#: The axes, each with the prompts of its five levels, `LEVELS`.
STEPS = {
    "valence": ("very negative", "negative", "neutral", "positive", "very positive"),
    "arousal": (
        "very calm and still", "calm", "neither calm nor excited", "excited",
        "very excited and intense",
    ),
}  # fmt: skip
LEVELS = np.array([-1.0, -0.5, 0.0, 0.5, 1.0])

#: Divides the scores before the softmax, for every space alike.
TEMPERATURE = 0.1

STRONG = "strong"
_STRENGTH = (STRONG, "normal")

#: The ranking of a listener who hears nothing but valence and arousal, and those without error.
PERFECT = "perfect plane"

_ORDER = (
    "Valence and arousal read in four ways, against those of the label (priors, not ratings). "
    "Prompts: tau-b of each label prompt over the clips, mean over prompts. Clips: tau-b of each "
    "clip over the label prompts, mean over clips. Axis test: five prompts from one end to the "
    "other, the level weighted by a softmax. Affect head: as learned, of the mean window. "
    f"“{PERFECT}” ranks clips by the distance of their label from the prompt in both "
    "axes at once: a prompt cannot be expected to reach more in one of them."
)


def tables(
    space: Space, sounds: Sequence[Sound], rivals: Mapping[str, Scorer] | None = None
) -> list[Table]:
    """`order`, `affect` and `intensity`."""
    order: list[tuple[Cell, ...]] = []
    affect: list[tuple[Cell, ...]] = []
    for corpus, here in judged_corpora(sounds).items():
        order += _order(space, corpus, here, ranked_by(space, rivals or {}))
        affect += _affect(space, corpus, here)
    columns = ("corpus", "axis", "read by", "ranked by", "tau-b", "CCC")
    found = [
        Table("order", "Order in valence and arousal", _ORDER, columns, tuple(order)),
        Table(
            "affect",
            "What the affect head hears",
            "Valence and arousal of each label beside the mean of what is heard in its clips.",
            ("corpus", "label", "clips", "valence", "valence heard", "arousal", "arousal heard"),
            tuple(affect),
        ),
        _intensity(space, sounds),
    ]
    return [table for table in found if table.rows]


def levels(scores: Numbers) -> Numbers:
    """Scores (5, n) of the prompts of an axis to one level (n,) each, -1..1."""
    logits = scores / TEMPERATURE
    weight = np.exp(logits - logits.max(axis=0))  # (5, n)
    return np.asarray(LEVELS @ (weight / weight.sum(axis=0)))


def tau_by_column(scores: Numbers, nearness: Numbers) -> Numbers:
    """Kendall's tau-b (n,) down each column of two arrays (m, n); nan where one is constant."""
    first, second = np.triu_indices(len(scores), 1)
    one = np.sign(scores[first] - scores[second])  # (pairs, n)
    other = np.sign(nearness[first] - nearness[second])
    untied = np.abs(one).sum(axis=0) * np.abs(other).sum(axis=0)
    surplus = (one * other).sum(axis=0)
    root = np.sqrt(np.maximum(untied, 1.0))
    return np.asarray(np.where(untied > 0, surplus / root, np.nan))


def _order(
    space: Space, corpus: str, sounds: Sequence[Sound], scorers: Mapping[str, Scorer]
) -> list[tuple[Cell, ...]]:
    who = speakers_of(sounds)
    rows: list[tuple[Cell, ...]] = []
    heard = space.affect(centres(sounds)).T.astype(float)  # (2, n)
    for number, (axis, prompts) in enumerate(STEPS.items()):
        value = _values(sounds)[number]
        for name, score in scorers.items():
            taus = _by_prompts(sounds, score, number)
            rows.append((corpus, axis, "prompts", name, taus, None))
            rows.append((corpus, axis, "clips", name, _by_clips(sounds, score, number, who), None))
            steps = _agreement(levels(score(prompts, sounds)), value, who)
            rows.append((corpus, axis, "axis test", name, *steps))
        taus = _by_prompts(sounds, _by_labels, number)
        rows.append((corpus, axis, "prompts", PERFECT, taus, None))
        if not np.isnan(heard).any():
            agreement = _agreement(heard[number], value, who)
            rows.append((corpus, axis, "affect head", space.name, *agreement))
    return [row for row in rows if not _empty(row)]


def _empty(row: tuple[Cell, ...]) -> bool:
    """Whether a reading says nothing: a rival that knows no such prompt."""
    cells = [cell for cell in row if isinstance(cell, Estimate)]
    return all(np.isnan(cell.value) for cell in cells)


def _values(sounds: Sequence[Sound]) -> Numbers:
    """Valence and arousal (2, n) of the labels."""
    return np.array([(term.valence, term.arousal) for term in feelings(sounds)]).T


def _agreement(heard: Numbers, value: Numbers, speakers: Sequence[str]) -> list[Estimate]:
    """tau-b and CCC of two lists (n,); nan when all that is heard is one number."""
    if not np.ptp(heard):
        return [Estimate(np.nan), Estimate(np.nan)]

    def statistic(at: Positions) -> list[float]:
        return [kendall_tau_b(heard[at], value[at]), concordance(heard[at], value[at])]

    return estimates(speakers, statistic)


def _by_labels(prompts: Sequence[str], sounds: Sequence[Sound]) -> Numbers:
    """Minus the distance of each clip's label from each prompt, which is a term, in the plane."""
    terms = [term for term in map(lookup, prompts) if term is not None]
    asked = np.array([(term.valence, term.arousal) for term in terms])  # (prompts, 2)
    away = asked[:, :, None] - _values(sounds)  # (prompts, 2, n)
    return np.asarray(-np.hypot(away[:, 0], away[:, 1]))


def _by_prompts(sounds: Sequence[Sound], score: Scorer, axis: int) -> Estimate:
    questions = ask(feelings(sounds))
    if not questions:
        return Estimate(np.nan)
    scores = score([question.prompt.name for question in questions], sounds)

    def statistic(at: Positions) -> Numbers:
        pairs = zip(questions, scores, strict=True)
        return mean_over([[kendall_tau_b(line[at], q.nearness[axis, at])] for q, line in pairs])

    return estimates(speakers_of(sounds), statistic)[0]


def _by_clips(
    sounds: Sequence[Sound], score: Scorer, axis: int, speakers: Sequence[str]
) -> Estimate:
    terms = {term.name: term for term in feelings(sounds)}
    place = np.array([(term.valence, term.arousal)[axis] for term in terms.values()])  # (labels,)
    nearness = -np.abs(place[:, None] - _values(sounds)[axis])  # (labels, n)
    taus = tau_by_column(score(list(terms), sounds), nearness)
    return estimates(speakers, lambda at: mean_over(taus[at, None]))[0]


def _affect(space: Space, corpus: str, sounds: Sequence[Sound]) -> list[tuple[Cell, ...]]:
    heard = space.affect(centres(sounds)).astype(float)  # (n, 2)
    if np.isnan(heard).any():
        return []
    labels, who = np.array(labels_of(sounds)), np.array(speakers_of(sounds))
    rows: list[tuple[Cell, ...]] = []
    for term in {term.name: term for term in feelings(sounds)}.values():
        own = labels == term.name
        valence, arousal = _means(heard[own], who[own])
        count = int(own.sum())
        rows.append((corpus, term.name, count, term.valence, valence, term.arousal, arousal))
    return rows


def _means(values: Numbers, speakers: NDArray[np.str_]) -> list[Estimate]:
    """The mean of each column of values (n, m)."""
    return estimates(speakers, lambda at: values[at].mean(axis=0))


def _intensity(space: Space, sounds: Sequence[Sound]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    graded = [sound for sound in sounds if sound.clip.emotion and sound.clip.intensity in _STRENGTH]
    for corpus in dict.fromkeys(sound.clip.corpus for sound in graded):
        here = [sound for sound in graded if sound.clip.corpus == corpus]
        arousal = space.affect(centres(here))[:, 1]
        readings = {
            "prompts": _strength(space, here),
            "affect head": arousal.astype(np.float64),
            "loudness": np.array([sound.loudness for sound in here]),
        }
        for read_by, values in readings.items():
            share, pairs = _pairs_in_order(here, values)
            if not np.isnan(share.value):
                rows.append((corpus, pairs, read_by, share))
    note = (
        "A strong and a normal case of one feeling by one speaker: the share of pairs in which "
        "the strong one is read as stronger; chance .5. Prompts: the score of “very ...” "
        "less that of “slightly ...”; affect head and loudness: more arousal, more loud."
    )
    return Table(
        "intensity", "What is stronger", note, ("corpus", "pairs", "read by", "share"), tuple(rows)
    )


def _strength(space: Space, sounds: Sequence[Sound]) -> Numbers:
    """The score (n,) of the strong wording of each clip's label less that of the mild one."""
    labels, row = label_rows(sounds)
    very, slightly = (
        best_cosines(space, [f"{degree} {label}" for label in labels], sounds)
        for degree in ("very", "slightly")
    )
    return np.asarray((very - slightly)[row, np.arange(len(sounds))])


def _pairs_in_order(sounds: Sequence[Sound], values: Numbers) -> tuple[Estimate, int]:
    """How often the strong one of a pair has the higher value, mean over speakers; the pairs."""
    if np.isnan(values).any():
        return Estimate(np.nan), 0
    cases: dict[tuple[str, str], list[int]] = {}
    for number, who in enumerate(zip(speakers_of(sounds), labels_of(sounds), strict=True)):
        cases.setdefault(who, []).append(number)
    strong = np.array([sound.clip.intensity == STRONG for sound in sounds])
    found = []
    for (speaker, _), members in cases.items():
        at = np.array(members)
        pairs = int(strong[at].sum() * (~strong[at]).sum())
        if pairs:
            found.append((speaker, auc(values[at], strong[at]), pairs))
    if not found:
        return Estimate(np.nan), 0
    speakers, shares, counts = zip(*found, strict=True)
    share = np.array(shares)
    return estimates(speakers, lambda at: [share[at].mean()])[0], sum(counts)
