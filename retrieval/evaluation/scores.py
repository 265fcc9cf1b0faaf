"""How well prompts fit sounds: the numbers that rank clips, by a space or by something simpler."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from retrieval.emotions import lookup
from retrieval.evaluation.clips import Sound, centres
from retrieval.space import Space, Vectors

Numbers = NDArray[np.float64]

#: From prompts and sounds to scores (prompts, sounds); higher fits better.
Scorer = Callable[[Sequence[str], Sequence[Sound]], Numbers]

#: The lowest cosine there is: what a clip gets that was not heard.
UNHEARD = -1.0


def best_cosines(space: Space, prompts: Sequence[str], sounds: Sequence[Sound]) -> Numbers:
    """The cosine of each prompt with the best window of each sound, (prompts, sounds)."""
    return by_best_window(space.place_text(prompts), sounds)


def by_best_window(placed: Vectors, sounds: Sequence[Sound]) -> Numbers:
    """The cosine of unit vectors (m, k) with the best window of each sound, (m, sounds)."""
    best = [(placed @ sound.vectors.T).max(axis=1) for sound in sounds]
    return np.stack(best, axis=1).astype(np.float64)


def mean_cosines(space: Space, prompts: Sequence[str], sounds: Sequence[Sound]) -> Numbers:
    """The cosine of each prompt with the mean window of each sound, (prompts, sounds)."""
    return (space.place_text(prompts) @ centres(sounds).T).astype(np.float64)


def by_space(space: Space) -> Scorer:
    """Scores sounds heard in this space, by their best window as a search does."""
    return lambda prompts, sounds: best_cosines(space, prompts, sounds)


def heard_by(space: Space, own: Sequence[Sound]) -> Scorer:
    """Scores sounds by what another space made of the same clips.

    Args:
        space: the other space.
        own: the clips as heard in it; a clip that is not among them gets `UNHEARD`.
    """
    known = {sound.clip.path: sound for sound in own}

    def score(prompts: Sequence[str], sounds: Sequence[Sound]) -> Numbers:
        at = [number for number, sound in enumerate(sounds) if sound.clip.path in known]
        scores = np.full((len(prompts), len(sounds)), UNHEARD)
        if at:
            there = [known[sounds[number].clip.path] for number in at]
            scores[:, at] = best_cosines(space, prompts, there)
        return scores

    return score


def by_loudness(prompts: Sequence[str], sounds: Sequence[Sound]) -> Numbers:
    """Loudness taken for arousal: deviations of loudness times the arousal of the prompt.

    The first word of a prompt that the vocabulary knows says its arousal; a prompt without one
    says nothing, and all its sounds score 0.
    """
    loudness = np.array([sound.loudness for sound in sounds])
    deviation = (loudness - loudness.mean()) / (loudness.std() or 1.0)  # (sounds,)
    arousal = np.array([_arousal(prompt) for prompt in prompts])
    return np.asarray(arousal[:, None] * deviation, dtype=np.float64)


def _arousal(prompt: str) -> float:
    """Of the whole prompt or else of its first known word; 0 without one."""
    terms = [lookup(words) for words in (prompt, *prompt.replace(",", " ").split())]
    return next((term.arousal for term in terms if term is not None), 0.0)


def ranked_by(space: Space, rivals: Mapping[str, Scorer]) -> dict[str, Scorer]:
    """The space and then its rivals, by name."""
    return {space.name: by_space(space), **rivals}
