"""What is heard beside speech: laughing, crying, rain; and whether what feels nothing is neutral.

* Classes: the corpus's own class of a sound, such as "laughing", is the prompt; it ranks the
  sounds of the corpus, and each sound is named by the class that fits best.
* Neutral: a sound of the environment carries no feeling. How far does the affect head place it
  from the neutral of the vocabulary, and is "neutral" the best fitting word beside six feelings?
  Speech with feeling and without (neutral and calm) stands beside it.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from retrieval.emotions import lookup
from retrieval.evaluation.bench import mean_over, speakers_of
from retrieval.evaluation.bootstrap import Positions, estimates
from retrieval.evaluation.clips import Sound, centres
from retrieval.evaluation.metrics import (
    average_precision,
    precision_at_k,
    random_average_precision,
    shares_named,
)
from retrieval.evaluation.naming import uar
from retrieval.evaluation.scores import Numbers, Scorer, mean_cosines, ranked_by
from retrieval.evaluation.table import MEAN, Cell, Estimate, Table
from retrieval.space import Space

KINDS = ("nonverbal", "environment")
NEUTRAL = "neutral"

#: The words a sound without feeling could be taken for.
FEELINGS = ("angry", "sad", "happy", "fearful", "disgust", "surprised")

_SOUNDS = (
    "The corpus's own class is the prompt and ranks all its sounds. Brackets: 95 % bootstrap "
    "interval over speakers or recordings. The AP of the mean is the mAP."
)
_NAMED = "Every class is a prompt, and a sound is named by the one of its best window."
_NEUTRAL = (
    "Distance: from the neutral of the vocabulary, of what the affect head says, in the plane of "
    "valence and arousal. Neutral first: the share for which “neutral” fits better than each of "
    f"{', '.join(FEELINGS)}; chance is one in {len(FEELINGS) + 1}. By the mean window."
)


def tables(
    space: Space, sounds: Sequence[Sound], rivals: Mapping[str, Scorer] | None = None
) -> list[Table]:
    """`sounds`, `sound_naming` and `neutral`."""
    scorers = ranked_by(space, rivals or {})
    ranking: list[tuple[Cell, ...]] = []
    naming: list[tuple[Cell, ...]] = []
    for corpus, here in _corpora(sounds).items():
        prompts, row = _classes(here)
        scores = {name: score(prompts, here) for name, score in scorers.items()}
        ranking += _ranking(corpus, here, prompts, row, scores)
        who = speakers_of(here)
        found = [uar(values, row, who) for values in scores.values()]
        naming.append((corpus, len(here), len(prompts), *found, 1 / len(prompts)))
    columns = ("corpus", "prompt", "clips", "ranked by", "AP", "random AP", "P@1", "P@10")
    named = ("corpus", "clips", "classes", *scorers, "chance")
    found_tables = [
        Table("sounds", "A prompt finds sounds", _SOUNDS, columns, tuple(ranking)),
        Table("sound_naming", "A sound finds its class (UAR)", _NAMED, named, tuple(naming)),
        _neutral(space, sounds),
    ]
    return [table for table in found_tables if table.rows]


def _corpora(sounds: Sequence[Sound]) -> dict[str, list[Sound]]:
    """Sounds that are no speech and have a class of their own, by corpus; two classes or more."""
    found: dict[str, list[Sound]] = {}
    for sound in sounds:
        if sound.clip.kind in KINDS and sound.clip.raw:
            found.setdefault(sound.clip.corpus, []).append(sound)
    return {corpus: here for corpus, here in found.items() if len({s.clip.raw for s in here}) > 1}


def _classes(sounds: Sequence[Sound]) -> tuple[list[str], list[int]]:
    """The classes as prompts, and the row (n,) of each sound's own."""
    names, row = np.unique([sound.clip.raw for sound in sounds], return_inverse=True)
    return [str(name).replace("_", " ") for name in names], row.tolist()


def _ranking(
    corpus: str,
    sounds: Sequence[Sound],
    prompts: Sequence[str],
    row: Sequence[int],
    scores: Mapping[str, Numbers],
) -> list[tuple[Cell, ...]]:
    relevant = np.asarray(row) == np.arange(len(prompts))[:, None]  # (classes, n)
    counts = relevant.sum(axis=1).tolist()
    chances = [random_average_precision(count, len(sounds)) for count in counts]
    found = {
        name: _measured(values, relevant, speakers_of(sounds)) for name, values in scores.items()
    }
    names = [*prompts, MEAN]
    lines = zip(names, [*counts, len(sounds)], [*chances, float(np.mean(chances))], strict=True)
    return [
        (corpus, prompt, count, name, measured[at][0], chance, *measured[at][1:])
        for at, (prompt, count, chance) in enumerate(lines)
        for name, measured in found.items()
    ]


def _measured(
    scores: Numbers, relevant: NDArray[np.bool_], speakers: Sequence[str]
) -> list[list[Estimate]]:
    """AP, P@1 and P@10 of each class and of their mean, (classes + 1, 3); both (classes, n)."""

    def statistic(at: Positions) -> Numbers:
        pairs = zip(scores[:, at], relevant[:, at], strict=True)
        lines = np.array([_measure(score, wanted) for score, wanted in pairs])
        return np.concatenate([lines, mean_over(lines)[None]]).ravel()

    flat = estimates(speakers, statistic)
    return [flat[at : at + 3] for at in range(0, len(flat), 3)]


def _measure(score: Numbers, relevant: NDArray[np.bool_]) -> list[float]:
    if not relevant.any():  # a draw of speakers without this class says nothing of it
        return [float("nan")] * 3
    return [
        average_precision(score, relevant),
        precision_at_k(score, relevant, 1),
        precision_at_k(score, relevant),
    ]


def _neutral(space: Space, sounds: Sequence[Sound]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    groups: dict[str, list[Sound]] = {}
    for sound in sounds:
        groups.setdefault(_group(sound), []).append(sound)
    for name, here in groups.items():
        if name:
            rows.append((name, len(here), *_nearness(space, here)))
    columns = ("sounds", "clips", "distance", "neutral first", "valence", "arousal")
    return Table("neutral", "What feels nothing", _NEUTRAL, columns, tuple(rows))


def _group(sound: Sound) -> str:
    """What a sound is counted with; "" for what is left out."""
    kind, emotion = sound.clip.kind, sound.clip.emotion
    if kind == "speech" and emotion is not None:
        feeling = "without" if emotion.name in (NEUTRAL, "calm") else "with"
        return f"speech {feeling} feeling"
    return kind if kind != "speech" else ""


def _nearness(space: Space, sounds: Sequence[Sound]) -> list[Estimate]:
    """Distance from neutral, share for which neutral fits best, valence and arousal."""
    term = lookup(NEUTRAL)
    assert term is not None
    affect = space.affect(centres(sounds)).astype(np.float64)
    away = np.linalg.norm(affect - (term.valence, term.arousal), axis=1)  # (n,)
    scores = mean_cosines(space, (NEUTRAL, *FEELINGS), sounds)
    first = shares_named(scores, np.zeros(len(sounds), dtype=np.int64))
    values = np.stack([away, first, *affect.T])  # (4, n)
    return estimates(speakers_of(sounds), lambda at: values[:, at].mean(axis=1))
