"""Does a prompt find the clips that carry its feeling? Asked of speakers never heard before.

Each prompt ranks the clips of a corpus by the cosine of their best window, as a search does, and
every measure stands beside other rankings of the same clips, and beside a random one.

* nDCG@10, P@10, AP: a clip is relevant when its label is the feeling asked for.
* graded nDCG@10: gain 1 - d, at least 0, with d the distance of the clip's label from the prompt
  in valence and arousal; a near miss counts for something.
* tau valence: Kendall's tau-b between the score and minus the distance of the label from the
  prompt in valence; tau arousal the same in arousal, tau plane in both at once.

Valence and arousal are those of the label in the vocabulary: priors, not ratings of the clip.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.emotions import Emotion, lookup
from retrieval.evaluation.bootstrap import Positions, estimates
from retrieval.evaluation.clips import Sound
from retrieval.evaluation.metrics import (
    average_precision,
    kendall_tau_b,
    ndcg_at_k,
    precision_at_k,
    random_average_precision,
)
from retrieval.evaluation.scores import Numbers, Scorer, ranked_by
from retrieval.evaluation.table import MEAN, Cell, Estimate, Table
from retrieval.space import Space

#: What is typed, and the labels that answer it. Few corpora tell calm from neutral.
PROMPTS = {
    "angry": {"angry"},
    "sad": {"sad"},
    "happy": {"happy"},
    "fearful": {"fearful"},
    "calm": {"calm", "neutral"},
    "neutral": {"calm", "neutral"},
    "disgust": {"disgust"},
    "surprised": {"surprised"},
}

#: Measures of a question in the order of the columns.
MEASURES = (
    "nDCG@10", "P@10", "AP", "graded nDCG@10", "tau valence", "tau arousal", "tau plane",
)  # fmt: skip

RANDOM = "random"

NOTE = (
    "Each prompt ranks the clips of a corpus. Brackets: 95 % bootstrap interval over speakers, "
    "rough where they are few. Random: expected over all orders. The AP of the mean is the mAP; "
    "tau is Kendall's tau-b "
    "between the score and the nearness of the label in valence, in arousal and in their plane, "
    "all priors of the label."
)


@dataclass(frozen=True)
class Question:
    """One prompt put to n clips.

    Attributes:
        prompt: its term of the vocabulary.
        relevant: (n,) whether a clip answers it.
        gains: (n,) how nearly, 0..1.
        nearness: (3, n) minus the distance of the clip's label from the prompt, in valence, in
            arousal and in their plane.
    """

    prompt: Emotion
    relevant: NDArray[np.bool_]
    gains: Numbers
    nearness: Numbers

    def measure(self, scores: Numbers, at: Positions) -> list[float]:
        """`MEASURES` of the clips at some positions, ranked by scores (n,)."""
        score, relevant = scores[at], self.relevant[at]
        return [
            ndcg_at_k(score, relevant),
            # a draw of speakers of whom nobody felt so says nothing
            precision_at_k(score, relevant) if relevant.any() else np.nan,
            average_precision(score, relevant),
            ndcg_at_k(score, self.gains[at]),
            *(kendall_tau_b(score, near[at]) for near in self.nearness),
        ]

    def expected(self) -> list[float]:
        """The same for a random order."""
        same = np.zeros(len(self.relevant))  # equal scores: the mean over all orders
        return [
            ndcg_at_k(same, self.relevant),
            precision_at_k(same, self.relevant),
            random_average_precision(int(self.relevant.sum()), len(self.relevant)),
            ndcg_at_k(same, self.gains),
            *(0.0 if np.ptp(near) else np.nan for near in self.nearness),
        ]


def tables(
    space: Space, sounds: Sequence[Sound], rivals: Mapping[str, Scorer] | None = None
) -> list[Table]:
    """One table `ranking`: corpus by corpus, prompt by prompt and for their mean.

    Args:
        space: what the sounds were heard in.
        sounds: of every corpus; `judged_corpora` says which are used.
        rivals: other ways to rank the same clips, by name.
    """
    rows: list[tuple[Cell, ...]] = []
    for corpus, here in judged_corpora(sounds).items():
        rows += _rows(corpus, here, ranked_by(space, rivals or {}))
    if not rows:
        return []
    columns = ("corpus", "prompt", "clips", "ranked by", *MEASURES)
    return [Table("ranking", "A prompt finds clips", NOTE, columns, tuple(rows))]


def judged_corpora(sounds: Sequence[Sound]) -> dict[str, list[Sound]]:
    """The sounds that carry a labelled feeling, by corpus; music, which is rated, is apart.

    A corpus in which all feel the same has no order to find and is left out.
    """
    found: dict[str, list[Sound]] = {}
    for sound in sounds:
        if sound.clip.emotion is not None and sound.clip.kind != "music":
            found.setdefault(sound.clip.corpus, []).append(sound)
    return {corpus: here for corpus, here in found.items() if len(set(labels_of(here))) > 1}


def feelings(sounds: Sequence[Sound]) -> list[Emotion]:
    """The labels of sounds of which each has one."""
    return [sound.clip.emotion for sound in sounds if sound.clip.emotion is not None]


def labels_of(sounds: Sequence[Sound]) -> list[str]:
    """Their names."""
    return [emotion.name for emotion in feelings(sounds)]


def label_rows(sounds: Sequence[Sound]) -> tuple[list[str], list[int]]:
    """The different labels of sounds, sorted, and the row (n,) of each sound's own."""
    names, row = np.unique(labels_of(sounds), return_inverse=True)
    return names.tolist(), row.tolist()


def speakers_of(sounds: Sequence[Sound]) -> list[str]:
    """Who is heard in each, told apart from the speakers of other corpora."""
    return [f"{sound.clip.corpus}/{sound.clip.speaker}" for sound in sounds]


def ask(emotions: Sequence[Emotion]) -> list[Question]:
    """The prompts to which some clip is an answer, for the labels (n,) of the clips."""
    names = np.array([emotion.name for emotion in emotions])
    place = np.array([(emotion.valence, emotion.arousal) for emotion in emotions])  # (n, 2)
    questions = []
    for prompt, labels in PROMPTS.items():
        relevant = np.isin(names, list(labels))
        term = lookup(prompt)
        if term is not None and relevant.any():
            away = np.abs(place - (term.valence, term.arousal)).T  # (2, n)
            distance = np.hypot(*away)  # (n,)
            nearness = -np.stack([*away, distance])  # (3, n)
            questions.append(Question(term, relevant, np.clip(1 - distance, 0, 1), nearness))
    return questions


def mean_over(values: Sequence[Sequence[float]] | Numbers) -> Numbers:
    """The mean (m,) over lines (n, m) of what is defined; nan where nothing is."""
    lines = np.asarray(values, dtype=np.float64)
    known = ~np.isnan(lines)
    total = np.where(known, lines, 0.0).sum(axis=0)
    counts = known.sum(axis=0)
    return np.where(counts > 0, total / np.maximum(counts, 1), np.nan)


def _rows(
    corpus: str, sounds: Sequence[Sound], scorers: Mapping[str, Scorer]
) -> list[tuple[Cell, ...]]:
    """Rows prompt by prompt and for their mean, each by every way to rank and by none."""
    questions = ask(feelings(sounds))
    if not questions:
        return []
    prompts = [question.prompt.name for question in questions]
    found = {
        name: _measured(questions, score(prompts, sounds), speakers_of(sounds))
        for name, score in scorers.items()
    }
    found[RANDOM] = _expected(questions)
    relevant = [int(question.relevant.sum()) for question in questions]
    answered = int(np.any([question.relevant for question in questions], axis=0).sum())
    lines = zip([*prompts, MEAN], [*relevant, answered], strict=True)
    return [
        (corpus, prompt, clips, name, *measures[line])
        for line, (prompt, clips) in enumerate(lines)
        for name, measures in found.items()
    ]


def _measured(
    questions: Sequence[Question], scores: Numbers, speakers: Sequence[str]
) -> list[list[Estimate]]:
    """(prompts + 1, measures), the last line for the mean; scores (prompts, n)."""

    def statistic(at: Positions) -> Numbers:
        pairs = zip(questions, scores, strict=True)
        return _with_mean([question.measure(score, at) for question, score in pairs]).ravel()

    flat = estimates(speakers, statistic)
    return [flat[at : at + len(MEASURES)] for at in range(0, len(flat), len(MEASURES))]


def _expected(questions: Sequence[Question]) -> list[list[Estimate]]:
    values = _with_mean([question.expected() for question in questions])
    return [[Estimate(value) for value in line] for line in values.tolist()]


def _with_mean(lines: Sequence[Sequence[float]]) -> Numbers:
    """Lines (m, measures) and their mean over what is defined, (m + 1, measures)."""
    return np.concatenate([np.asarray(lines), mean_over(lines)[None]])
