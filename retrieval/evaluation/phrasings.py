"""Is a feeling found in other words than its own? Wordings that no training has seen.

For each feeling twelve natural prompts, three of each kind: rare synonyms, sentences about who is
heard, negations, and situations. They stand beside the plain word of the feeling. Training must
never read them, nor what `resembles` them; a test holds its captions against this table.
"""

import re
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from retrieval.evaluation.bench import (
    Question,
    ask,
    feelings,
    judged_corpora,
    label_rows,
    labels_of,
    mean_over,
    speakers_of,
)
from retrieval.evaluation.bootstrap import Positions, estimates
from retrieval.evaluation.clips import Sound
from retrieval.evaluation.metrics import (
    average_precision,
    mean_over_classes,
    ndcg_at_k,
    precision_at_k,
    shares_named,
)
from retrieval.evaluation.scores import Numbers, Scorer, ranked_by
from retrieval.evaluation.table import MEAN, Cell, Estimate, Table
from retrieval.space import Space

KINDS = ("synonym", "sentence", "negation", "situation")

#: By feeling, the wordings of each of `KINDS` in turn; separated by semicolons.
WORDINGS: Mapping[str, tuple[str, ...]] = {
    "angry": (
        "wrathful; fuming; indignant",
        "someone who has had enough and lets everybody know it; a man about to slam the door; "
        "she is snapping at everyone around her",
        "out for a fight, not in tears; she isn't joking, she is boiling; anything but patient",
        "quarrelling over a parking space; a customer complaining at the top of their lungs; "
        "parents telling off a teenager",
    ),
    "sad": (
        "woebegone; crestfallen; doleful",
        "like a child whose cat never came home; someone fighting back a sob; "
        "he can barely get the words out for weeping",
        "not angry, more disappointed; no anger left, only tears; "
        "far from cheerful, close to tears",
        "at a funeral; the day after a break-up; saying goodbye for ever at the station",
    ),
    "happy": (
        "exuberant; beaming; chirpy",
        "someone grinning from ear to ear; like a child on the morning of a birthday; "
        "trying not to laugh",
        "nothing gloomy about it, pure sunshine; no more tears, all smiles now; "
        "not worried in the least, looking forward to it",
        "winning the lottery; friends meeting again after years; dancing at a wedding",
    ),
    "fearful": (
        "timorous; cowering; jittery",
        "someone who hears footsteps in an empty house; "
        "he stammers because he dreads what comes next; like a child lost in a dark forest",
        "no temper in it, only dread; he doesn't feel safe; anything but brave",
        "home alone while somebody tries the lock; waiting for the result of a medical test; "
        "stuck in a lift that begins to fall",
    ),
    "calm": (
        "unruffled; sedate; untroubled",
        "someone with all the time in the world; like a nurse lulling a patient to sleep; "
        "she speaks as if nothing could upset her",
        "no stress, no hurry; settled, no longer in a state; nobody is upset here",
        "a quiet Sunday by the lake; the end of a yoga class; telling a story by the fireside",
    ),
    "disgust": (
        "repelled; queasy; repugnant",
        "someone who has just found a hair in the soup; she can hardly bear to look at it; "
        "like a person about to throw up",
        "no fear, only revulsion at it; she doesn't like that taste one bit; "
        "not angry, rather sick of the smell",
        "opening a bin in high summer; stepping barefoot on a slug; "
        "finding mould on the bread after a bite",
    ),
    "surprised": (
        "dumbfounded; gobsmacked; bowled over",
        "someone who walks into a secret birthday party; he did not expect that at all; "
        "like someone who opens a letter and cannot trust their eyes",
        "not what anyone expected; no anger, just open-mouthed; "
        "he isn't frightened, it simply came out of the blue",
        "meeting an old friend on the other side of the world; "
        "a magician pulling a dove out of a hat; the lights go on and everyone shouts hooray",
    ),
    "neutral": (
        "toneless; unmoved; detached",
        "someone reading out a list of part numbers; like a clerk announcing the next train; "
        "he reports it as if it did not concern him",
        "neither glad nor upset, simply informing; no feelings in it whatsoever; "
        "not moved one way or the other",
        "dictating a phone number; a timetable read over a loudspeaker; "
        "listing the ingredients of a cake",
    ),
}

WORD = "the word"
ALL = "all wordings"
MEASURES = ("nDCG@10", "P@10", "AP")
#: Texts that share this much of their words that say something (Jaccard index) are alike.
ALIKE = 0.6

# words that say nothing of a feeling
_EMPTY = """
a an and anyone as at be but by could did for from has have he her him his i if in is it its like
more my no not of on one or out she so someone somebody that the their them they this to up was
were what when where who with you your
"""

DRAWS = 200  # many prompts, each measured in each draw

_NOTE = (
    "Twelve wordings of each feeling that training never read, mean over them, beside the plain "
    "word. The AP of several prompts is the mAP. Brackets: 95 % bootstrap interval over speakers."
)
_KINDS = (
    "The same by kind of wording, mean over feelings. UAR: one wording of each label is put to "
    "each clip, the first of each label together, then the second; mean over them. "
    "Labels without wordings are left out."
)


def wordings(feeling: str) -> list[str]:
    """The wordings of a feeling, kind by kind, as many of each kind."""
    return [text.strip() for texts in WORDINGS[feeling] for text in texts.split(";")]


def resembles(text: str) -> bool:
    """Whether a text gives a wording away: training may not read it.

    It uses a rare synonym, or it lies in a wording or holds one, or most of the words that say
    something are the same (`ALIKE`).
    """
    spoken, words = _spoken(text), _words(text)
    return any(synonym <= words for synonym in _SYNONYMS) or any(
        (len(spoken.split()) > 2 and f" {spoken} " in f" {wording} ")
        or f" {wording} " in f" {spoken} "
        or len(words & own) >= ALIKE * len(words | own)
        for wording, own in _LONGER
    )


def _spoken(text: str) -> str:
    """Case and punctuation make no other text."""
    return " ".join(re.findall(r"[a-z']+", text.lower()))


def _words(text: str) -> frozenset[str]:
    """The words of a text that say something."""
    return frozenset(_spoken(text).split()) - frozenset(_EMPTY.split())


_SYNONYMS = [_words(text) for kinds in WORDINGS.values() for text in kinds[0].split(";")]
_LONGER = [
    (_spoken(text), _words(text))
    for kinds in WORDINGS.values()
    for kind in kinds[1:]
    for text in kind.split(";")
]


def tables(
    space: Space, sounds: Sequence[Sound], rivals: Mapping[str, Scorer] | None = None
) -> list[Table]:
    """`phrasings`, feeling by feeling, and `phrasing_kinds`, kind by kind."""
    by_feeling: list[tuple[Cell, ...]] = []
    by_kind: list[tuple[Cell, ...]] = []
    for corpus, here in judged_corpora(sounds).items():
        questions = ask(feelings(here))
        names = [question.prompt.name for question in questions]
        for name, score in ranked_by(space, rivals or {}).items() if questions else ():
            feeling_cells, kind_cells = _measured(questions, here, score)
            lines = zip([*names, MEAN], feeling_cells, strict=True)
            for feeling, cells in lines:
                for asked, part in zip((WORD, ALL), cells, strict=True):
                    by_feeling.append((corpus, feeling, asked, name, *part))
            for asked, part in zip((WORD, *KINDS, ALL), kind_cells, strict=True):
                by_kind.append((corpus, asked, name, *part))
    if not by_feeling:
        return []
    columns = ("corpus", "prompt", "asked by", "ranked by", *MEASURES)
    kind_columns = ("corpus", "asked by", "ranked by", *MEASURES, "UAR")
    return [
        Table("phrasings", "In other words", _NOTE, columns, tuple(by_feeling)),
        Table("phrasing_kinds", "Kinds of wording", _KINDS, kind_columns, tuple(by_kind)),
    ]


def _measured(
    questions: Sequence[Question], sounds: Sequence[Sound], score: Scorer
) -> tuple[list[list[list[Estimate]]], list[list[Estimate]]]:
    """By feeling (feelings + 1, 2, measures) and by kind (kinds + 2, measures + 1)."""
    scores = _scores([question.prompt.name for question in questions], sounds, score)
    # clips whose label has no wordings cannot be named by them
    worded = [number for number, label in enumerate(labels_of(sounds)) if label in WORDINGS]
    known = [sounds[number] for number in worded]
    labels = np.array(labels_of(known))
    place = np.full(len(sounds), -1)
    place[worded] = np.arange(len(worded))
    right = _named(known, score)

    def statistic(at: Positions) -> Numbers:
        lines = np.array(
            [
                [_measure(line[at], question.relevant[at]) for line in asked]
                for question, asked in zip(questions, scores, strict=True)
            ]
        )  # (feelings, 1 + wordings, measures)
        there = place[at][place[at] >= 0]
        uars = np.array([mean_over_classes(line[there], labels[there]) for line in right])
        return np.concatenate([_by_feeling(lines).ravel(), _by_kind(lines, uars).ravel()])

    flat = estimates(speakers_of(sounds), statistic, DRAWS)
    width = len(MEASURES)
    cut = (len(questions) + 1) * 2 * width
    pairs = [flat[at : at + width] for at in range(0, cut, width)]
    by_kind = [flat[at : at + width + 1] for at in range(cut, len(flat), width + 1)]
    return [pairs[at : at + 2] for at in range(0, len(pairs), 2)], by_kind


def _scores(names: Sequence[str], sounds: Sequence[Sound], score: Scorer) -> Numbers:
    """Scores (feelings, 1 + wordings, n) of each feeling's word and wordings."""
    asked = [[name, *wordings(name)] for name in names]
    flat = score([text for texts in asked for text in texts], sounds)
    return flat.reshape(len(asked), -1, len(sounds))


def _named(sounds: Sequence[Sound], score: Scorer) -> Numbers:
    """The chance (1 + wordings, n) of each clip to be named right, wording by wording."""
    labels, row = label_rows(sounds)
    scores = _scores(labels, sounds, score)  # (labels, 1 + wordings, n)
    return np.stack([shares_named(of_each, row) for of_each in scores.swapaxes(0, 1)])


def _measure(score: Numbers, relevant: NDArray[np.bool_]) -> list[float]:
    if not relevant.any():  # a draw of speakers of whom nobody felt so says nothing
        return [float("nan")] * len(MEASURES)
    return [
        ndcg_at_k(score, relevant),
        precision_at_k(score, relevant),
        average_precision(score, relevant),
    ]


def _by_feeling(lines: Numbers) -> Numbers:
    """(feelings, 1 + wordings, measures) to (feelings + 1, 2, measures): word and wordings."""
    both = np.stack([lines[:, 0], mean_over(lines[:, 1:].swapaxes(0, 1))], axis=1)
    return np.concatenate([both, mean_over(both)[None]])


def _by_kind(lines: Numbers, uars: Numbers) -> Numbers:
    """The same, with UARs (1 + wordings,), to (kinds + 2, measures + 1)."""
    asked = np.concatenate(
        [mean_over(lines), uars[:, None]], axis=1
    )  # (1 + wordings, measures + 1)
    kinds = np.split(asked[1:], len(KINDS))
    return np.stack([asked[0], *(mean_over(kind) for kind in kinds), mean_over(asked[1:])])
