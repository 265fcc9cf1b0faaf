"""Does a prompt find the clips that carry its feeling? Asked of speakers never heard before.

Each prompt ranks the clips of a corpus by the cosine of their best window, as a search does, and
every measure stands beside two rankings that hear no feeling: a random one, and loudness taken
for arousal.

* nDCG@10, P@10, AP: a clip is relevant when its label is the feeling asked for.
* graded nDCG@10: gain 1 - d, at least 0, with d the distance of the clip's label from the prompt
  in valence and arousal; a near miss counts for something.
* tau valence: Kendall's tau-b between the cosine and minus the distance of the label from the
  prompt in valence; tau arousal the same in arousal.
* UAR: every label that occurs is a prompt, and the clip is named by the one of highest cosine.

Valence and arousal are those of the label in the vocabulary: priors, not ratings of the clip.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrieval.emotions import Emotion, lookup
from retrieval.errors import PromptError
from retrieval.evaluation.bootstrap import Positions, interval
from retrieval.evaluation.clips import Sound, hear, read_table
from retrieval.evaluation.metrics import (
    average_precision,
    kendall_tau_b,
    ndcg_at_k,
    precision_at_k,
    random_average_precision,
    unweighted_average_recall,
)
from retrieval.evaluation.report import MEAN, MEASURES, Estimate, Naming, Report, Row
from retrieval.space import Space

Numbers = NDArray[np.float64]
Names = NDArray[np.str_]

CORPORA = ("ravdess", "nemo", "ased")

#: What is typed, and the labels that answer it. Few corpora tell calm from neutral.
PROMPTS = {
    "angry": {"angry"},
    "sad": {"sad"},
    "happy": {"happy"},
    "fearful": {"fearful"},
    "calm": {"calm", "neutral"},
    "neutral": {"calm", "neutral"},
}


@dataclass(frozen=True)
class Question:
    """One prompt put to one corpus of n clips.

    Attributes:
        prompt: its term of the vocabulary.
        relevant: (n,) whether a clip answers it.
        gains: (n,) how nearly, 0..1.
        valence, arousal: (n,) minus the distance of the clip's label from the prompt.
    """

    prompt: Emotion
    relevant: NDArray[np.bool_]
    gains: Numbers
    valence: Numbers
    arousal: Numbers

    def measure(self, scores: Numbers, at: Positions) -> list[float]:
        """`MEASURES` of the clips at some positions, ranked by scores (n,)."""
        score, relevant = scores[at], self.relevant[at]
        return [
            ndcg_at_k(score, relevant),
            precision_at_k(score, relevant),
            average_precision(score, relevant),
            ndcg_at_k(score, self.gains[at]),
            kendall_tau_b(score, self.valence[at]),
            kendall_tau_b(score, self.arousal[at]),
        ]

    def expected(self) -> list[float]:
        """The same for a random order."""
        same = np.zeros(len(self.relevant))  # equal scores: the mean over all orders
        return [
            ndcg_at_k(same, self.relevant),
            precision_at_k(same, self.relevant),
            random_average_precision(int(self.relevant.sum()), len(self.relevant)),
            ndcg_at_k(same, self.gains),
            0.0 if np.ptp(self.valence) else np.nan,
            0.0 if np.ptp(self.arousal) else np.nan,
        ]


def evaluate(
    space: Space,
    corpora: Path,
    *,
    corpora_names: Sequence[str] = CORPORA,
    split: str | None = "test",
    jobs: int | None = None,
    watch: Callable[[int, int], None] | None = None,
) -> Report:
    """Put the prompts to the clips of a table and measure the answers.

    Args:
        space: what is evaluated.
        corpora: a folder with a clips.csv, or a CSV file: `retrieval.evaluation.clips.read_table`.
        corpora_names: which corpora of the table, each evaluated by itself.
        split: which rows; None for all.
        jobs: threads that decode and encode; None for as many as there are cores.
        watch: called with the clips heard and the clips in all.

    Raises:
        PromptError: the table is unusable, none of its clips can be heard, or none carries a
            feeling that is asked for.
    """
    table = read_table(corpora, corpora_names, split)
    sounds, unheard = hear(table.clips, space, jobs, watch)
    if not sounds:
        first = unheard[0]
        raise PromptError(
            f"none of {len(unheard)} clips could be heard; the first: {first.reason}",
            path=first.path,
            remedy="check that the paths of the table are relative to its folder",
        )
    namings, rows = [], []
    for corpus in dict.fromkeys(sound.clip.corpus for sound in sounds):
        here = [sound for sound in sounds if sound.clip.corpus == corpus]
        namings.append(_name(space, corpus, here))
        rows += _rank(space, corpus, here)
    if not rows:
        raise PromptError(
            "no clip carries a feeling that is asked for",
            path=corpora,
            remedy=f"label clips with {', '.join(PROMPTS)}",
        )
    return Report(
        space.name,
        space.fingerprint,
        split,
        tuple(namings),
        tuple(rows),
        table.unlabelled,
        tuple(unheard),
    )


def cosines(space: Space, prompts: Sequence[str], sounds: Sequence[Sound]) -> Numbers:
    """The cosine of each prompt with the best window of each sound, (prompts, sounds)."""
    placed = space.place_text(prompts)  # (prompts, k)
    best = [(placed @ sound.vectors.T).max(axis=1) for sound in sounds]
    return np.stack(best, axis=1).astype(np.float64)


def ask(emotions: Sequence[Emotion]) -> list[Question]:
    """The prompts to which some clip is an answer, for the labels (n,) of the clips."""
    names = np.array([emotion.name for emotion in emotions])
    place = np.array([(emotion.valence, emotion.arousal) for emotion in emotions])  # (n, 2)
    questions = []
    for prompt, labels in PROMPTS.items():
        relevant = np.isin(names, list(labels))
        term = lookup(prompt)
        if term is not None and relevant.any():
            away = np.abs(place - (term.valence, term.arousal))  # (n, 2)
            gains = np.clip(1 - np.hypot(*away.T), 0, 1)
            questions.append(Question(term, relevant, gains, -away[:, 0], -away[:, 1]))
    return questions


def _name(space: Space, corpus: str, sounds: Sequence[Sound]) -> Naming:
    true: Names = np.array([sound.clip.emotion.name for sound in sounds])
    speakers = np.array([sound.clip.speaker for sound in sounds])
    labels = np.unique(true)
    named = labels[cosines(space, labels.tolist(), sounds).argmax(axis=0)]

    def uar(at: Positions) -> float:
        return unweighted_average_recall(true[at], named[at])

    low, high = interval(speakers, uar)
    estimate = Estimate(uar(np.arange(len(sounds))), float(low), float(high))
    count = len(np.unique(speakers))
    return Naming(corpus, len(sounds), count, tuple(labels.tolist()), estimate, 1 / len(labels))


def _rank(space: Space, corpus: str, sounds: Sequence[Sound]) -> list[Row]:
    """Rows prompt by prompt and for their mean, each by the space and by what hears nothing."""
    questions = ask([sound.clip.emotion for sound in sounds])
    if not questions:
        return []
    speakers = [sound.clip.speaker for sound in sounds]
    loudness = np.array([sound.loudness for sound in sounds])
    louder = np.array([1 if question.prompt.arousal > 0 else -1 for question in questions])
    prompts = [question.prompt.name for question in questions]
    tables = {
        space.name: _estimates(questions, cosines(space, prompts, sounds), speakers),
        "loudness": _estimates(questions, louder[:, None] * loudness, speakers),
        "random": _random(questions),
    }
    relevant = [int(question.relevant.sum()) for question in questions]
    answered = np.any([question.relevant for question in questions], axis=0)
    lines = zip([*prompts, MEAN], [*relevant, int(answered.sum())], strict=True)
    return [
        Row(corpus, prompt, count, ranked_by, dict(zip(MEASURES, table[line], strict=True)))
        for line, (prompt, count) in enumerate(lines)
        for ranked_by, table in tables.items()
    ]


def _estimates(
    questions: Sequence[Question], scores: Numbers, speakers: Sequence[str]
) -> list[list[Estimate]]:
    """(prompts + 1, measures), the last line for the mean; scores (prompts, n)."""

    def table(at: Positions) -> Numbers:
        pairs = zip(questions, scores, strict=True)
        return _with_mean([question.measure(score, at) for question, score in pairs])

    values = table(np.arange(len(speakers)))
    numbers = np.stack([values, *interval(speakers, table)], axis=-1)  # (prompts + 1, measures, 3)
    return [[Estimate(*cell) for cell in line] for line in numbers.tolist()]


def _random(questions: Sequence[Question]) -> list[list[Estimate]]:
    values = _with_mean([question.expected() for question in questions])
    return [[Estimate(value) for value in line] for line in values.tolist()]


def _with_mean(lines: Sequence[Sequence[float]]) -> Numbers:
    """Lines (m, measures) and their mean over what is defined, (m + 1, measures)."""
    values = np.array(lines, dtype=np.float64)
    known = ~np.isnan(values)
    total = np.where(known, values, 0.0).sum(axis=0)
    mean = np.where(known.any(axis=0), total / np.maximum(known.sum(axis=0), 1), np.nan)
    return np.concatenate([values, mean[None]])
