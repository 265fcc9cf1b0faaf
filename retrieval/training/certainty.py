"""How far a finished space can be believed, learned from clips it was not trained on.

Three things, all from the validation clips: how far valence and arousal may be off, from which
cosine on a clip fits a prompt, and by how much a feeling must stand out to be named one.

Valence and arousal of a clip are priors of its label, not ratings of what is heard
(`retrieval.training.targets`): the intervals say where such labels lie.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrieval.describe import leads, vocabulary
from retrieval.emotions import lookup
from retrieval.evaluation.baselines import ridge
from retrieval.evaluation.bench import PROMPTS
from retrieval.evaluation.bootstrap import folds
from retrieval.evaluation.clips import Clip as HeardClip
from retrieval.evaluation.clips import Sound
from retrieval.evaluation.trust import Trial, make_trials
from retrieval.space import NARROWEST, Layer, Space, TextEncoder, Vectors
from retrieval.training.captions import Meaning, captions
from retrieval.training.clips import Clip
from retrieval.training.figures import whole

Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]

INSIDE = 0.9  # share of the labels that lie inside the interval
# Of .3 to 100, the one with the narrowest intervals on validation speakers, each fold of them
# predicted from the others.
RIDGE = 10.0
FOLDS = 5
FEWEST = 10  # clips: of fewer, nine in ten cannot be told
FEWEST_LABELS = 3
LIBRARIES, ROUNDS = 576, 12
UNFAIR = "text_confound"  # the sentence tells the feeling


@dataclass(frozen=True)
class Certainty:
    """What `learn_certainty` found; None for what the clips could not tell.

    Attributes:
        spread: for `Heads.spread`.
        fitting, lead: for `Space.fitting` and `Space.lead`.
    """

    spread: Layer | None
    fitting: float | None
    lead: float | None


def learn_certainty(space: Space, clips: Sequence[Clip], raw: Sequence[Vectors]) -> Certainty:
    """Everything, from clips whose speakers the space was not trained on.

    Args:
        space: finished, with its panel and its affect head.
        raw: the windows (w, audio.dim) of each clip, as `figures.hear` gives them.
    """
    clips, units = fair(space, clips, raw)
    residuals = residuals_of(space, clips, units)
    return Certainty(
        spread=fit_spread(whole(space, units), residuals, [clip.speaker for clip in clips]),
        fitting=choose_fitting(space, clips, units),
        lead=choose_lead(space, clips, units),
    )


def residuals_of(space: Space, clips: Sequence[Clip], units: Sequence[Vectors]) -> Vectors:
    """Valence and arousal heard in each whole clip less the priors of its label, (n, 2)."""
    priors = np.array([clip.affect for clip in clips], dtype=np.float32).reshape(-1, 2)
    return space.affect(whole(space, units)) - priors


def fit_spread(units: Vectors, residuals: Vectors, speakers: Sequence[str]) -> Layer | None:
    """How far valence and arousal may be off, from the vector of a sound.

    Ridge regression of log |residual|, then one factor for each of the two, so that nine in ten
    of the residuals lie inside when each fold of speakers is predicted from the others: split
    conformal prediction, normalised (Lei et al. 2018, Distribution-Free Predictive Inference for
    Regression), cross-fitted over speakers.

    Args:
        units: unit vectors (n, k) of whole sounds.
        residuals: (n, 2), of valence and arousal.
        speakers: (n,) names.

    Returns:
        The layer of `Heads.spread`; None for less than `FEWEST` sounds or two speakers.
    """
    if len(units) < FEWEST or len(set(speakers)) < 2:
        return None
    off = np.maximum(np.abs(residuals), NARROWEST).astype(np.float64)  # (n, 2)
    fold = folds(speakers, FOLDS)
    predicted = np.zeros_like(off)
    for number in range(FOLDS):
        inside = fold == number
        if inside.any():
            weight, bias = _ridge(units[~inside], np.log(off[~inside]))
            predicted[inside] = units[inside] @ weight + bias
    factor = _conformal(off / np.exp(predicted))  # (2,)
    weight, bias = _ridge(units, np.log(off))
    return Layer(weight.astype(np.float32), (bias + np.log(factor)).astype(np.float32))


def choose_fitting(
    space: Space, clips: Sequence[Clip], units: Sequence[Vectors], count: int = LIBRARIES
) -> float | None:
    """The cosine from which on a clip is said to fit a prompt.

    Of the best cosines that made libraries reach, the one where misses (a match is there and
    denied) and false promises (none is there and one is promised) are nearest to equal. Half of
    the libraries are asked by the word of a label, half in a wording that no training has read:
    its cosines are smaller, and by the words alone most of its matches would be denied. None if
    no libraries can be made of the clips.
    """
    asked = (plain_wordings(), new_wordings())
    trials = [one for texts in asked for one in libraries(space, clips, units, texts, count)]
    best, holds = best_of(trials)
    return even(best, holds) if holds.any() and not holds.all() else None


def choose_lead(space: Space, clips: Sequence[Clip], units: Sequence[Vectors]) -> float | None:
    """By how many deviations a feeling must lead "neutral" to stand out.

    Where emotional sounds that are told they have none, and sounds without feeling that are
    told they have one, are nearest to equal shares. None without a panel, or if one kind of
    sound is not there. Calm voices, close to neutral, and music are left out.
    """
    rows = [n for n, clip in enumerate(clips) if feels(clip) is not None]
    if space.heads.panel is None or len({feels(clips[n]) for n in rows}) < 2:
        return None
    _, vectors = vocabulary(space)
    lead = leads(space.heads.panel, vectors, whole(space, [units[n] for n in rows]))
    return even(lead, np.array([bool(feels(clips[n])) for n in rows]))


def plain_wordings() -> dict[str, list[str]]:
    """The labels that prompts ask for, each in its own word."""
    return {label: [label] for label in PROMPTS}


def new_wordings() -> dict[str, list[str]]:
    """For each label the captions that were held out of training, in a fixed random order."""
    found: dict[str, list[str]] = {label: [] for label in PROMPTS}
    for caption in captions():
        meaning = caption.meaning
        voice = Meaning(meaning.feeling, kind=meaning.kind)  # nothing of gender or strength
        if caption.held_out and meaning == voice and meaning.kind in ("", "speech"):
            found.get(meaning.feeling, []).append(caption.text)
    rng = np.random.default_rng(0)
    return {
        label: [texts[n] for n in rng.permutation(len(texts))] for label, texts in found.items()
    }


def feels(clip: Clip) -> bool | None:
    """Whether a feeling is to be heard in a clip; None where that is a matter of taste."""
    if clip.kind == "music" or feeling_of(clip) == "calm":
        return None
    return feeling_of(clip) != "neutral"


def even(scores: Numbers, positive: Flags) -> float:
    """The score from which on to say yes, so that the share of the positives below and the
    share of the others above are nearest to equal."""
    tried = np.unique(scores)
    misses = np.array([(scores[positive] < one).mean() for one in tried])
    false = np.array([(scores[~positive] >= one).mean() for one in tried])
    best = float(tried[np.abs(misses - false).argmin()])
    return math.floor(best * 1e4) / 1e4  # downwards: the score itself is a yes


def fair(
    space: Space, clips: Sequence[Clip], raw: Sequence[Vectors]
) -> tuple[list[Clip], list[Vectors]]:
    """The clips whose sentence does not tell the feeling, and the unit vectors of each."""
    rows = [n for n, clip in enumerate(clips) if UNFAIR not in clip.flags]
    return [clips[n] for n in rows], [space.place_audio(raw[n]) for n in rows]


def feeling_of(clip: Clip) -> str:
    """The feeling that suits a clip best."""
    return max(clip.feelings, key=lambda feeling: clip.feelings[feeling])


def libraries(
    space: Space,
    clips: Sequence[Clip],
    units: Sequence[Vectors],
    wordings: Mapping[str, Sequence[str]],
    count: int = LIBRARIES,
) -> list[Trial]:
    """Made libraries, asked for every label with and without a match; none of too few labels.

    Args:
        wordings: by label, what is asked; the next for each round of libraries.
        count: of libraries; as many with a match as without for a multiple of 2 * 8 * `ROUNDS`.
    """
    sounds = [_sound(clip, windows) for clip, windows in zip(clips, units, strict=True)]
    labels = {sound.clip.emotion.name for sound in sounds if sound.clip.emotion is not None}
    asked = {label for answers in PROMPTS.values() for label in answers}
    if len(labels) < FEWEST_LABELS or labels.isdisjoint(asked):
        return []
    named = [one for one in sounds if one.clip.emotion is not None]
    trials = []
    for turn in range(ROUNDS):
        said = {label: texts[turn % len(texts)] for label, texts in wordings.items()}
        asked_so = replace(space, text=_Rewording(space.text, said))
        trials += make_trials(asked_so, named, count // ROUNDS, seed=turn)
    return trials


def best_of(trials: Sequence[Trial]) -> tuple[Numbers, Flags]:
    """The best cosine of each library, and whether it holds a match, (trials,) both."""
    best = np.array([trial.scores["cosine"].max() for trial in trials])
    return best, np.array([trial.relevant.any() for trial in trials])


@dataclass(frozen=True)
class _Rewording:
    """A text encoder that reads another wording where it is given a label."""

    encoder: TextEncoder
    said: Mapping[str, str]

    @property
    def name(self) -> str:
        return self.encoder.name

    @property
    def dim(self) -> int:
        return self.encoder.dim

    @property
    def fingerprint(self) -> str:
        return self.encoder.fingerprint

    def encode(self, texts: Sequence[str]) -> Vectors:
        return self.encoder.encode([self.said.get(text, text) for text in texts])


def _sound(clip: Clip, windows: Vectors) -> Sound:
    """A clip as the evaluation knows it; music and what has no label of its own are unnamed."""
    named = clip.kind != "music" and clip.feelings[feeling_of(clip)] == 1
    emotion = lookup(feeling_of(clip)) if named else None
    heard = HeardClip(Path(clip.path), clip.corpus, clip.speaker, emotion, kind=clip.kind)
    return Sound(heard, windows, math.nan)


def _ridge(inputs: Vectors, targets: Numbers) -> tuple[Numbers, Numbers]:
    """Weight (k, m) and bias (m,) of ridge regression on inputs (n, k), the bias not shrunk."""
    x, mean = inputs.astype(np.float64), inputs.mean(axis=0, dtype=np.float64)
    weight, bias = ridge(x - mean, targets, RIDGE / len(x))
    return weight, bias - mean @ weight


def _conformal(ratios: Numbers) -> Numbers:
    """What nine in ten of the ratios (n, m) do not exceed, with one more to come, (m,)."""
    place = min(math.ceil((len(ratios) + 1) * INSIDE), len(ratios))
    return np.sort(ratios, axis=0)[place - 1]
