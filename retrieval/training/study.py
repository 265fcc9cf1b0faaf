"""The study: what a space owes to its tower, texts, losses, corpora, windows and worn copies.

Every row is a trial of its own (`trial.py`): heads trained from random weights on vectors of
towers that stay as they are. Most trials hear by the towers that training starts from, which were
never told a label of these corpora.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

import numpy as np

from retrieval.evaluation.bench import mean_over
from retrieval.evaluation.bootstrap import Positions, estimates
from retrieval.evaluation.bootstrap import folds as folds_of
from retrieval.evaluation.groups import less_their_speaker
from retrieval.evaluation.metrics import average_precision, random_average_precision
from retrieval.evaluation.table import MEAN, Cell, Estimate, Table
from retrieval.training import ears, text_exam
from retrieval.training import ground as ways
from retrieval.training.clips import Clip
from retrieval.training.figures import SPEECH
from retrieval.training.ground import Ground, Plan, by_window, is_fair, prepare
from retrieval.training.joint import LOSSES
from retrieval.training.trial import (
    MEASURES,
    Exam,
    Listener,
    Numbers,
    Statistic,
    examine,
    judge,
    over_corpora,
    speakers_in,
)

Log = Callable[[str], None]
Row = tuple[Cell, ...]

FULL = Plan()
QUICK = Plan(steps=10, batch=48, seeds=1, sentences=10, draws=20, thin=17)

VOICELESS = "deeply_nv"
FOLDS = 5

#: What else a training of losses pulls at: as in the recipe, or nothing.
SIDES = {"with side tasks": {}, "alone": {"affect": 0.0, "classes": 0.0, "open": 0.0}}
#: Differences told, the first less the second.
LESS = (("rnc", "sce"), ("rnc", "supcon"))

#: What heads are taught on.
CORPORA: Mapping[str, Callable[[Clip], bool]] = {
    "all": lambda _: True,
    "speech": lambda clip: clip.kind == "speech",
    SPEECH[0]: lambda clip: clip.corpus == SPEECH[0],
}


@dataclass(frozen=True)
class Way:
    """What heads are taught on, by which ear and text encoder, and the ear of the test."""

    corpora: str = "all"
    ear: str = ways.START_EAR
    test: str = ways.START_EAR
    text: str = ways.OWN


#: The rows of the ablations: the part that is changed, to what, and the way.
WAYS = (
    *(
        ("features", ear, Way(ear=ear, test=ear))
        for ear in (ways.START_EAR, *ears.PARTS, ways.SPACE_EAR, ways.SPECTRAL, ways.JOINED)
    ),
    *(("text", text, Way(text=text)) for text in (ways.OWN, ways.MINILM, ways.BAG)),
    *(("corpora", corpora, Way(corpora)) for corpora in CORPORA),
    *(
        ("window", f"{seconds:g} s", Way(ear=by_window(seconds), test=by_window(seconds)))
        for seconds in ways.WINDOWS
    ),
    *(
        ("augmentation", f"{ear}, tested {tested}", Way(ear=name, test=test))
        for tested, test in (("clean", ways.START_EAR), ("worn", ways.WORN))
        for ear, name in (("clean", ways.START_EAR), (ways.BOTH, ways.BOTH))
    ),
)

HOW = (
    "Heads trained on vectors of towers that stay as they are, half a minute each: less is found "
    "than by towers that were trained with their heads."
)
ON_TEST = "Test speakers; nothing whose sentence tells the feeling; UAR by the mean window."
OF_ALL = "Means over corpora; intervals over the speakers of all of them."


def run_study(
    corpora: Path, teachers: Path, space: Path, out: Path, *, plan: Plan = FULL, log: Log
) -> None:
    """See `retrieval.training.make_study`."""
    tables = []
    ground = prepare(corpora, teachers, space, plan, log)
    read = text_exam.tables(corpora / "labels", space, ground.embeds)
    for table in chain(read, answers(ground, log)):
        tables.append(table.to_plain())
        # After each, so that an interrupted study keeps what it found.
        text = json.dumps({"tables": tables}, indent=1, ensure_ascii=False, allow_nan=False)
        out.write_text(text + "\n", encoding="utf-8")


def answers(ground: Ground, log: Log) -> Iterator[Table]:
    """Table by table; none for a question that the clips cannot answer."""
    for line, ask in (
        ("a corpus left out", left_out),
        ("sounds without words, in folds", folds),
        ("losses", losses),
        ("parts", ablations),
    ):
        log(line)
        table = ask(ground)
        if table.rows:
            yield table


def left_out(ground: Ground) -> Table:
    """Train on the other corpora, test on the whole of the one left out, by prompt alone."""
    rows: list[Row] = []
    for corpus in SPEECH:
        whole = ground.rows(lambda clip: is_fair(clip, corpus))  # noqa: B023
        rest = ground.rows(lambda clip: clip.corpus != corpus and clip.split != "test")  # noqa: B023
        if not whole or not rest:
            continue
        listener = ground.teach(rest)
        sounds = listener.hear(*ground.pick(whole, ways.START_EAR))
        for name, heard in (("no", sounds), ("yes", less_their_speaker(sounds))):
            exam = examine(listener, heard)
            labels = len(set(exam.labels.tolist()))
            count = (len(heard), len(set(exam.speakers)), labels, 1 / labels)
            rows.append((corpus, name, *count, *judge([exam], ground.plan.draws)))
    columns = (
        "corpus", "speaker taken away", "clips", "speakers", "labels", "chance UAR", *MEASURES,
    )  # fmt: skip
    note = (
        f"{HOW} The towers that training starts from. Learned from every other corpus, without "
        "its test speakers, and judged on the whole of the one left out. Speaker taken away: the "
        "mean of each speaker was, as a library may that has many clips of one voice."
    )
    return Table("left_out", "A corpus left out of training", note, columns, tuple(rows))


def folds(ground: Ground) -> Table:
    """Sounds without words, five folds of speakers: every class is a prompt."""
    here = ground.rows(lambda clip: clip.corpus == VOICELESS)
    note = (
        f"{HOW} The towers that training starts from. {VOICELESS}, {FOLDS} folds by speaker, each "
        "judged by heads that learned from the other folds and the other corpora; AP within a "
        "fold, mean over folds; the AP of the mean is the mAP. Intervals over speakers."
    )
    columns = ("prompt", "clips", "AP", "random AP")
    rows = tuple(_fold_rows(ground, here)) if here else ()
    return Table("folds", "Sounds without words, in folds", note, columns, rows)


def _fold_rows(ground: Ground, here: Sequence[int]) -> Iterator[Row]:
    true = np.array([ground.clips[row].sound for row in here])
    speaker = [ground.clips[row].speaker for row in here]
    fold = folds_of(speaker, FOLDS)  # (n,)
    classes = np.unique(true).tolist()
    scores = _in_folds(ground, here, fold, classes)  # (classes, n)
    relevant = true == np.array(classes)[:, None]  # (classes, n)

    def statistic(at: Positions) -> Numbers:
        parts = [at[fold[at] == number] for number in range(FOLDS)]
        found = mean_over([_precisions(scores[:, part], relevant[:, part]) for part in parts])
        return np.append(found, mean_over(found[:, None]))  # (classes + 1,)

    found = estimates(speaker, statistic, ground.plan.draws)
    counts = relevant.sum(axis=1).tolist()
    chances = [random_average_precision(count, len(here)) for count in counts]
    yield from zip(classes, counts, found[:-1], chances, strict=True)
    yield (MEAN, len(here), found[-1], float(np.mean(chances)))


def _in_folds(
    ground: Ground, here: Sequence[int], fold: Positions, classes: Sequence[str]
) -> Numbers:
    """Scores (classes, n) of the clips `here` by heads that learned from the other folds."""
    others = ground.rows(lambda clip: clip.corpus != VOICELESS and is_learned(clip))
    rows = np.array(here)
    scores = np.empty((len(classes), len(here)))
    for number in np.unique(fold):
        listener = ground.teach([*others, *rows[fold != number].tolist()])
        judged = ground.pick(rows[fold == number].tolist(), ways.START_EAR)
        scores[:, fold == number] = listener.scores(classes, listener.hear(*judged))
    return scores


def _precisions(scores: Numbers, relevant: Numbers) -> list[float]:
    """AP by class, both (classes, n); nan for a class without clips."""
    pairs = zip(scores, relevant, strict=True)
    return [average_precision(score, wanted) for score, wanted in pairs]


def losses(ground: Ground) -> Table:
    """Plain contrast, contrast by meaning, and Rank-N-Contrast, as means over seeds."""
    rows: list[Row] = []
    for sides, without in SIDES.items() if ground.test_rows() else ():
        taught = {loss: _seeds(ground, {**changes, **without}) for loss, changes in LOSSES.items()}
        corpora = [exam.corpus for exam in taught["rnc"][0]]
        for corpus in (*corpora, MEAN):
            chosen = {
                loss: [[exam for exam in exams if corpus in (exam.corpus, MEAN)] for exams in seeds]
                for loss, seeds in taught.items()
            }
            rows += [(corpus, sides, *row) for row in _compared(chosen, ground.plan.draws)]
    note = (
        f"{HOW} The towers that training starts from; mean over {ground.plan.seeds} seeds. sce: "
        "symmetric cross entropy between a clip and its own two captions; supcon: contrast with "
        "every text that is true of it; rnc: that and Rank-N-Contrast over valence and arousal. "
        "Side tasks: classes, valence and arousal, open sentences. Differences are paired: both "
        f"on the same draw of speakers. {ON_TEST} {OF_ALL}"
    )
    columns = ("corpus", "trained", "loss", *MEASURES)
    return Table("losses", "Losses compared", note, columns, tuple(rows))


def _seeds(ground: Ground, changes: Mapping[str, object]) -> list[list[Exam]]:
    """The exams of each seed after training with a changed recipe."""
    recipe = replace(ground.lesson.recipe, **changes)  # type: ignore[arg-type]  # by name
    lesson = replace(ground.lesson, recipe=recipe)
    learned = ground.rows(is_learned)
    return [
        ground.exams(ground.teach(learned, lesson=lesson, seed=seed))
        for seed in range(ground.plan.seeds)
    ]


def _compared(taught: Mapping[str, Sequence[Sequence[Exam]]], draws: int) -> list[Row]:
    """Each loss, and the differences: all of them on the same draws of speakers."""
    by_loss = {loss: [over_corpora(exams) for exams in seeds] for loss, seeds in taught.items()}

    def statistic(at: Positions) -> Numbers:
        found = {loss: _mean_of(seeds, at) for loss, seeds in by_loss.items()}
        apart = [found[one] - found[other] for one, other in LESS]
        return np.concatenate([*found.values(), *apart])

    first = next(iter(taught.values()))[0]
    flat = estimates(speakers_in(first), statistic, draws)
    names = [*taught, *(f"{one} less {other}" for one, other in LESS)]
    width = len(MEASURES)
    return [(name, *flat[n * width : (n + 1) * width]) for n, name in enumerate(names)]


def _mean_of(statistics: Sequence[Statistic], at: Positions) -> Numbers:
    return np.asarray(np.mean([one(at) for one in statistics], axis=0), dtype=np.float64)


def ablations(ground: Ground) -> Table:
    """One part changed at a time; what several rows share is trained and judged once."""
    listeners: dict[tuple[str, str, str], Listener] = {}
    judged: dict[tuple[str, str, str, str], list[Estimate]] = {}
    rows: list[Row] = []
    for part, variant, way in WAYS if ground.test_rows() else ():
        learned, exam = (way.corpora, way.ear, way.text), (way.corpora, way.ear, way.text, way.test)
        if learned not in listeners:
            clips = ground.rows(lambda clip: is_learned(clip) and CORPORA[way.corpora](clip))  # noqa: B023
            listeners[learned] = ground.teach(clips, way.ear, way.text)
        if exam not in judged:
            exams = ground.exams(listeners[learned], way.test)
            judged[exam] = judge(exams, ground.plan.draws)
        rows.append((part, variant, *judged[exam]))
    note = (
        f"{HOW} One part changed at a time; the rest is the towers that training starts from, the "
        f"space's own text tower, all corpora and windows of {ways.WINDOW:g} s. The space's towers "
        "were trained on these corpora (not on the test speakers); start and spectral are joined "
        "window by window; worn: speed, room and noise changed at random. In other words: mean "
        f"over held-out wordings. {ON_TEST} {OF_ALL}"
    )
    return Table("ablations", "Parts changed", note, ("part", "variant", *MEASURES), tuple(rows))


def is_learned(clip: Clip) -> bool:
    """Whether a clip is one to train on."""
    return clip.split == "train"
