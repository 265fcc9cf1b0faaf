"""One trial: heads trained on vectors of a tower that stays as it is, and what they find.

A trial takes half a minute instead of an hour, so that what a space is made of can be compared
piece by piece. What it finds is less than what a tower trained with its heads finds.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrieval.emotions import lookup
from retrieval.evaluation.bench import (
    Question,
    ask,
    feelings,
    label_rows,
    labels_of,
    mean_over,
    speakers_of,
)
from retrieval.evaluation.bootstrap import Positions, estimates
from retrieval.evaluation.clips import Clip as HeardClip
from retrieval.evaluation.clips import Sound, centres
from retrieval.evaluation.metrics import (
    kendall_tau_b,
    mean_over_classes,
    ndcg_at_k,
    shares_named,
)
from retrieval.evaluation.phrasings import wordings
from retrieval.evaluation.scores import by_best_window
from retrieval.evaluation.table import Estimate
from retrieval.space import Heads, Vectors
from retrieval.training.captions import Caption
from retrieval.training.clips import Clip
from retrieval.training.export import heads_of
from retrieval.training.heads import train_heads
from retrieval.training.joint import Recipe
from retrieval.training.material import Embed, Material

Numbers = NDArray[np.float64]
Raw = Sequence[Vectors]  # windows (w, dim) of each clip
Statistic = Callable[[Positions], Numbers]

#: What `Exam.measure` gives, in its order.
MEASURES = ("UAR", "nDCG@10", "nDCG@10 in other words", "tau-b valence", "tau-b arousal")


@dataclass(frozen=True)
class Listener:
    """Trained heads, and what reads texts for them."""

    heads: Heads
    embed: Embed

    def read(self, texts: Sequence[str]) -> Vectors:
        """Texts to unit vectors (n, k)."""
        return self.heads.text.project(self.embed(texts))

    def hear(self, clips: Sequence[Clip], raw: Raw) -> list[Sound]:
        """Clips as the sections of an evaluation know them; music has no label."""
        return [
            Sound(_known(clip), self.heads.audio.project(windows), math.nan)
            for clip, windows in zip(clips, raw, strict=True)
        ]

    def scores(self, texts: Sequence[str], sounds: Sequence[Sound]) -> Numbers:
        """The cosine of each text with the best window of each sound, (texts, sounds)."""
        return by_best_window(self.read(texts), sounds)


@dataclass(frozen=True)
class Lesson:
    """What heads learn from, beside clips."""

    captions: Sequence[Caption]
    spoken: Sequence[Caption]
    recipe: Recipe

    def teach(self, clips: Sequence[Clip], raw: Raw, embed: Embed, seed: int = 0) -> Listener:
        """Heads trained on these clips from random weights."""
        material = Material(clips, self.captions, self.spoken, embed)
        model = train_heads(raw, material, self.recipe, seed=seed, log=lambda _: None)
        return Listener(heads_of(model, None), embed)


@dataclass(frozen=True)
class Exam:
    """The n sounds of one corpus, and how a listener ranks and names them.

    Attributes:
        corpus: its name.
        speakers, labels: (n,) names.
        right: (n,) the chance to be named right by the mean window.
        questions: the prompts that have an answer.
        scores: (prompts, 1 + wordings, n), of the word of a prompt and then of its wordings.
    """

    corpus: str
    speakers: list[str]
    labels: NDArray[np.str_]
    right: Numbers
    questions: list[Question]
    scores: Numbers

    def measure(self, at: Positions) -> Numbers:
        """`MEASURES` of the sounds at some positions, means over prompts; nan for none."""
        if not len(at):
            return np.full(len(MEASURES), np.nan)
        pairs = zip(self.questions, self.scores[:, :, at], strict=True)
        asked = mean_over([_asked(question, lines, at) for question, lines in pairs])
        return np.array([mean_over_classes(self.right[at], self.labels[at]), *asked])


def examine(listener: Listener, sounds: Sequence[Sound]) -> Exam:
    """Put every label, prompt and wording to the sounds of one corpus, all of them labelled."""
    labels, row = label_rows(sounds)
    questions = ask(feelings(sounds))
    texts = [
        [question.prompt.name, *wordings(question.prompt.name)] for question in questions
    ]  # (prompts, 1 + wordings)
    flat = listener.scores([text for line in texts for text in line], sounds)
    return Exam(
        sounds[0].clip.corpus,
        speakers_of(sounds),
        np.array(labels_of(sounds)),
        shares_named(listener.read(labels) @ centres(sounds).T, row),
        questions,
        flat.reshape(len(texts), -1, len(sounds)),
    )


def over_corpora(exams: Sequence[Exam]) -> Statistic:
    """`MEASURES` of positions in all exams laid end to end, the mean over exams.

    nan where an exam has no position left.
    """
    ends = np.cumsum([len(exam.speakers) for exam in exams])

    def statistic(at: Positions) -> Numbers:
        exam_of = np.searchsorted(ends, at, side="right")
        found = [
            exam.measure(at[exam_of == number] - (ends[number] - len(exam.speakers)))
            for number, exam in enumerate(exams)
        ]
        return np.asarray(np.mean(found, axis=0), dtype=np.float64)

    return statistic


def speakers_in(exams: Sequence[Exam]) -> list[str]:
    """Who is heard at each position of `over_corpora`."""
    return [speaker for exam in exams for speaker in exam.speakers]


def judge(exams: Sequence[Exam], draws: int) -> list[Estimate]:
    """The mean of `MEASURES` over corpora, with intervals over the speakers of all of them."""
    return estimates(speakers_in(exams), over_corpora(exams), draws)


def _known(clip: Clip) -> HeardClip:
    emotion = None if clip.kind == "music" else lookup(clip.label)
    return HeardClip(Path(clip.path), clip.corpus, clip.speaker, emotion, kind=clip.kind)


def _asked(question: Question, lines: Numbers, at: Positions) -> list[float]:
    """nDCG of the word and of its wordings, and tau-b of the word, from scores (1 + w, n)."""
    relevant = question.relevant[at]
    word, *others = [ndcg_at_k(line, relevant) for line in lines]
    valence, arousal, _ = (kendall_tau_b(lines[0], near[at]) for near in question.nearness)
    return [word, float(np.mean(others)), valence, arousal]
