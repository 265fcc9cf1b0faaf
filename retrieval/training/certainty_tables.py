"""What a space says of its own certainty, held against clips of speakers new to it."""

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from retrieval.describe import leads, vocabulary
from retrieval.evaluation.bootstrap import Positions, estimates
from retrieval.evaluation.phrasings import WORDINGS, wordings
from retrieval.evaluation.table import Cell, Table
from retrieval.evaluation.trust import auc, fitting_errors
from retrieval.query import FITTING_SHARE
from retrieval.space import Space, Vectors
from retrieval.training.certainty import (
    LIBRARIES,
    best_of,
    fair,
    feeling_of,
    feels,
    libraries,
    new_wordings,
    plain_wordings,
    residuals_of,
)
from retrieval.training.clips import Clip
from retrieval.training.figures import whole

ALL = "all"


def tables(space: Space, clips: Sequence[Clip], raw: Sequence[Vectors]) -> list[Table]:
    """Every table that the space has the numbers for.

    Args:
        clips: neither trained on nor used by `certainty.learn_certainty`.
        raw: the windows (w, audio.dim) of each clip, as `figures.hear` gives them.
    """
    clips, units = fair(space, clips, raw)
    if not clips:
        return []
    return [
        *coverage(space, clips, units),
        *promises(space, clips, units),
        *neutrality(space, clips, units),
    ]


def coverage(space: Space, clips: Sequence[Clip], units: Sequence[Vectors]) -> list[Table]:
    """How many labels lie inside their interval, and how wide it is: all clips, and by corpus."""
    if space.heads.spread is None:
        return []
    spread = space.spread(whole(space, units))  # (n, 2)
    inside = np.abs(residuals_of(space, clips, units)) <= spread  # (n, 2)
    corpora = np.array([clip.corpus for clip in clips])
    speakers = np.array([clip.speaker for clip in clips])
    rows: list[tuple[Cell, ...]] = []
    for corpus in (ALL, *np.unique(corpora).tolist()):
        mine = np.flatnonzero((corpora == corpus) | (corpus == ALL))
        shares = estimates(speakers[mine], partial(_mean_of, inside[mine]))
        widths = spread[mine].mean(axis=0).tolist()
        rows.append((corpus, len(mine), len(np.unique(speakers[mine])), *shares, *widths))
    return [
        Table(
            "coverage",
            "How far valence and arousal may be off",
            "Share of clips whose label lies inside the interval that the space gives, .9 if it is "
            "true, and the mean half-width. Labels are priors of the category, not ratings.",
            ("corpus", "clips", "speakers", "valence inside", "arousal inside",
             "valence half-width", "arousal half-width"),
            tuple(rows),
        )
    ]  # fmt: skip


def promises(
    space: Space, clips: Sequence[Clip], units: Sequence[Vectors], count: int = LIBRARIES
) -> list[Table]:
    """What saying "nothing fits" costs, by the cosine of the space and by its panel."""
    if space.fitting is None:
        return []
    rows: list[tuple[Cell, ...]] = []
    for asked, texts in (
        ("the word", plain_wordings()),
        ("held-out captions", new_wordings()),
        ("held-out wordings", {label: wordings(label) for label in WORDINGS}),
    ):
        trials = libraries(space, clips, units, texts, count)
        best, holds = best_of(trials)
        if not holds.any() or holds.all():
            return []
        misses, false = best[holds] < space.fitting, best[~holds] >= space.fitting
        errors = float(misses.mean()), float(false.mean())
        rows.append((asked, f"best cosine below {space.fitting:.2f}", *errors, auc(best, holds)))
        if space.heads.panel is not None:
            shares = np.array([trial.panel_share for trial in trials])
            said = f"above less than {FITTING_SHARE:.0%} of the panel"
            errors = fitting_errors(trials, FITTING_SHARE)
            rows.append((asked, said, *errors, auc(shares, holds)))
    return [
        Table(
            "nothing_fits",
            'When "nothing fits" is said',
            f"{count} made libraries for each way to ask, half of them without any match. Misses: "
            "libraries with a match that are told they have none. False promises: libraries "
            "without one that are not told so. AUC: of what decides.",
            ("asked by", "said when", "misses", "false promises", "AUC"),
            tuple(rows),
        )
    ]


def neutrality(space: Space, clips: Sequence[Clip], units: Sequence[Vectors]) -> list[Table]:
    """Which sounds are told that no feeling stands out."""
    if space.lead is None or space.heads.panel is None:
        return []
    sounds = whole(space, units)
    lead = leads(space.heads.panel, vocabulary(space)[1], sounds)
    low = lead < space.lead
    affect = np.abs(space.affect(sounds))  # (n, 2)
    groups = np.array([_group(clip) for clip in clips])
    sure = [n for n, clip in enumerate(clips) if feels(clip) is not None]
    told = auc(lead[sure], np.array([bool(feels(clips[n])) for n in sure]))
    rows: list[tuple[Cell, ...]] = []
    for group in np.unique(groups).tolist():
        mine = groups == group
        share, distance = float(low[mine].mean()), affect[mine].mean(axis=0).tolist()
        rows.append((group, int(mine.sum()), share, *distance))
    return [
        Table(
            "no_feeling",
            "When no feeling stands out",
            f'Share of sounds whose best feeling leads "neutral" by less than {space.lead:.2f} '
            "standard deviations of the panel, and the mean size of valence and arousal heard. "
            f"AUC of the lead, neutral sounds against emotional ones: {told:.3f}.",
            ("sounds", "clips", "no feeling stands out", "|valence|", "|arousal|"),
            tuple(rows),
        )
    ]


def _mean_of(values: NDArray[np.bool_], rows: Positions) -> NDArray[np.float64]:
    return np.asarray(values[rows].mean(axis=0), dtype=np.float64)


def _group(clip: Clip) -> str:
    """The kind of a clip and whether it is neutral, emotional, or neither for sure."""
    feeling = feels(clip)
    if feeling is None:
        return clip.kind if clip.kind == "music" else f"{clip.kind}, {feeling_of(clip)}"
    return f"{clip.kind}, {'emotional' if feeling else 'neutral'}"
