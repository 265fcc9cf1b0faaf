"""Which score can be trusted from one library to the next?

Made libraries of held-out clips, unlike in size and in the feelings they hold, are asked every
prompt. A score is trustworthy when the same number means the same chance of a match whatever the
library and the prompt. Four candidates are compared:

* cosine: as it comes from the space;
* percentile: the share of the library's windows below;
* z: standard deviations above the mean of this library, leaning on the panel when it is small;
* panel z: standard deviations above the mean of the reference panel, whatever the library.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.calibration import Background
from retrieval.evaluation.bench import PROMPTS
from retrieval.evaluation.clips import Sound
from retrieval.evaluation.metrics import average_precision
from retrieval.evaluation.table import Table
from retrieval.query import background_without_library, panel_of
from retrieval.space import Space, Vectors

Numbers = NDArray[np.float64]

CANDIDATES = ("cosine", "percentile", "z", "panel z")
BINS = 20
SHARES = (0.8, 0.9, 0.95, 0.97, 0.99)


@dataclass(frozen=True)
class Trial:
    """One prompt put to one made library of n clips: scores (n,) by candidate, and matches."""

    scores: dict[str, Numbers]
    relevant: NDArray[np.bool_]
    panel_share: float  # of the reference panel below the best cosine


@dataclass(frozen=True)
class Trust:
    """How far one candidate can be trusted.

    Attributes:
        candidate: which score.
        pooled_ap: average precision over the clips of all trials, in one list.
        brier: mean squared error of the chance of a match read off the score, with the reading
            learned on half of the trials and judged on the other half; lower is better.
        fits_auc: how well the best score of a library tells whether it holds a match at all.
    """

    candidate: str
    pooled_ap: float
    brier: float
    fits_auc: float


def tables(space: Space, sounds: Sequence[Sound], count: int = 600) -> list[Table]:
    """The candidates compared, and what saying "nothing fits" costs.

    Args:
        space: where they were heard.
        sounds: of every corpus. Less than three labels, or none that answers a prompt, give no
            libraries and no tables; a sound without a label is left out.
        count: of libraries.
    """
    labels = {_label(sound) for sound in sounds} - {None}
    asked = {label for answers in PROMPTS.values() for label in answers}
    if len(labels) < 3 or labels.isdisjoint(asked):
        return []
    trials = make_trials(space, sounds, count)
    labelled = sum(_label(sound) is not None for sound in sounds)
    libraries = f"{count} made libraries of {labelled} clips"
    scores = Table(
        "trust",
        "Which score can be trusted",
        f"{libraries}, half of them without any match. Pooled AP: the clips of all libraries in "
        "one list. Brier: error of the chance of a match read off the score, lower is better. "
        "AUC: how well the best score of a library tells whether it holds a match.",
        ("score", "pooled AP", "Brier", "AUC"),
        tuple(
            (one.candidate, one.pooled_ap, one.brier, one.fits_auc)
            for one in judge_candidates(trials)
        ),
    )
    fitting = Table(
        "fitting",
        'When to say "nothing fits"',
        f"{libraries}. Misses: libraries with a match that are told they have none. False "
        "promises: libraries without a match that are not told so.",
        ("below this share of the panel", "misses", "false promises"),
        tuple((share, *fitting_errors(trials, share)) for share in SHARES),
    )
    return [scores, fitting]


def make_trials(
    space: Space, sounds: Sequence[Sound], count: int = 200, seed: int = 0
) -> list[Trial]:
    """Ask made libraries: every prompt once with its matches and once without them.

    Each library takes some groups of one corpus and one label, and 5 to 60 clips of each.
    """
    rng = np.random.default_rng(seed)
    groups: dict[tuple[str, str], list[Sound]] = {}
    for sound in sounds:
        label = _label(sound)
        if label is not None:
            groups.setdefault((sound.clip.corpus, label), []).append(sound)
    keys = sorted(groups)
    prompts = list(PROMPTS)
    placed = space.place_text(prompts)  # (prompts, k)
    trials = []
    for number in range(count):
        row = number % len(prompts)
        wanted = PROMPTS[prompts[row]]
        others = [key for key in keys if key[1] not in wanted]
        matching = [key for key in keys if key[1] in wanted]
        picked = [others[n] for n in rng.permutation(len(others))[: rng.integers(2, 9)]]
        if number // len(prompts) % 2 and matching:
            picked.append(matching[rng.integers(len(matching))])
        members = [
            group[n]
            for group in (groups[key] for key in picked)
            for n in rng.permutation(len(group))[: rng.integers(5, 61)]
        ]
        trials.append(_trial(space, placed[row : row + 1], members, wanted))
    return trials


def judge_candidates(trials: Sequence[Trial]) -> list[Trust]:
    """Every candidate, measured on the same trials."""
    relevant = np.concatenate([trial.relevant for trial in trials])
    half = np.concatenate([np.full(len(t.relevant), n % 2) for n, t in enumerate(trials)])
    holds = np.array([trial.relevant.any() for trial in trials])
    found = []
    for name in CANDIDATES:
        scores = np.concatenate([trial.scores[name] for trial in trials])
        best = np.array([trial.scores[name].max() for trial in trials])
        found.append(
            Trust(
                name,
                average_precision(scores, relevant),
                brier(scores, relevant, half == 0),
                auc(best, holds),
            )
        )
    return found


def fitting_errors(trials: Sequence[Trial], share: float) -> tuple[float, float]:
    """Both errors of saying "nothing fits" below a share of the panel.

    Returns:
        misses, the share of libraries with a match that are told they have none; and false
        promises, the share of libraries without a match that are not told so.
    """
    holds = np.array([trial.relevant.any() for trial in trials])
    fits = np.array([trial.panel_share >= share for trial in trials])
    return float((~fits[holds]).mean()), float(fits[~holds].mean())


def brier(scores: Numbers, relevant: NDArray[np.bool_], learn: NDArray[np.bool_]) -> float:
    """Brier score on one half of a reading learned on the other: the share of matches by bin."""
    edges = np.quantile(scores[learn], np.linspace(0, 1, BINS + 1)[1:-1])
    bins = np.searchsorted(edges, scores)
    hits = np.bincount(bins[learn], relevant[learn], BINS)
    chance = hits / np.maximum(np.bincount(bins[learn], minlength=BINS), 1)
    return float(((chance[bins[~learn]] - relevant[~learn]) ** 2).mean())


def auc(scores: Numbers, positive: NDArray[np.bool_]) -> float:
    """Area under the ROC curve: the chance that a positive outscores a negative, ties half."""
    above, below = scores[positive][:, None], scores[~positive][None, :]
    return float(((above > below) + 0.5 * (above == below)).mean())


def _label(sound: Sound) -> str | None:
    """The label of a clip; music, which is rated and not acted, has none."""
    emotion = sound.clip.emotion
    return None if emotion is None or sound.clip.kind == "music" else emotion.name


def _trial(space: Space, prompt: Vectors, members: Sequence[Sound], wanted: set[str]) -> Trial:
    windows = np.concatenate([sound.vectors for sound in members])  # (w, k)
    own = Background.of(windows).leaning_on(panel_of(space))
    every = (prompt @ windows.T)[0]  # (w,)
    best = np.array([float((prompt @ sound.vectors.T).max()) for sound in members])  # (n,)
    panel = space.heads.panel
    return Trial(
        scores={
            "cosine": best,
            "percentile": np.searchsorted(np.sort(every), best, side="right") / len(every),
            "z": own.z(prompt, best[None])[0],
            "panel z": background_without_library(space).z(prompt, best[None])[0],
        },
        relevant=np.array([_label(sound) in wanted for sound in members]),
        panel_share=float("nan")
        if panel is None
        else float((panel @ prompt[0] < best.max()).mean()),
    )
