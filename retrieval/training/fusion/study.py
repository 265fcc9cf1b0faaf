"""What transport gains: five ways to name clips from two streams, five folds by speaker."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from retrieval.encoders.frames import Frames
from retrieval.encoders.fused.streams import BuiltinEar, Streams
from retrieval.evaluation.bootstrap import folds
from retrieval.evaluation.clips import Clip, read_table
from retrieval.evaluation.table import Cell, Table
from retrieval.training.course import START, TAGGER
from retrieval.training.ears import start_towers
from retrieval.training.fusion.batches import heard as laid
from retrieval.training.fusion.figures import MEASURES, compared, told
from retrieval.training.fusion.hearing import hear
from retrieval.training.fusion.learning import Lesson, Recipe, Rows, chances, learn
from retrieval.training.fusion.network import WAYS, Way
from retrieval.training.fusion.published import published

Log = Callable[[str], None]

FOLDS = 5

#: Corpora that are measured where a table has them; of a table that has none, all are.
CORPORA = ("deeply_nv", "baby_cry_laugh", "ravdess", "nemo")

#: Differences told, the first less the second.
LESS = tuple(("mata", way) for way in WAYS[:-1])

FULL, QUICK = Recipe(), Recipe(epochs=1)
QUICK_CLIPS, QUICK_DRAWS, DRAWS = 40, 20, 1000

LEAKS = {
    "baby_cry_laugh": (
        " A speaker is a source here, there are five, and each holds one label only: none can be "
        "spared to end by, and the room tells a source as well as a voice does. The figures say "
        "little."
    )
}


@dataclass(frozen=True)
class Course:
    """How much is done: how a network is taught, how many clips of a corpus, how many draws."""

    recipe: Recipe = FULL
    clips: int | None = None
    draws: int = DRAWS


def tables(corpora: Path, teachers: Path, *, log: Log, quick: bool = False) -> list[Table]:
    """A table for each corpus, and what was published.

    Args:
        corpora: as `evaluation.clips.read_table` takes it.
        teachers: folder with the weights that the built-in towers were started from. These were
            told no label, so any speaker can be held out.
        quick: few clips and one epoch, to try the path.
    """
    course = Course(QUICK, QUICK_CLIPS, QUICK_DRAWS) if quick else Course()
    with TemporaryDirectory() as folder:
        streams = start_streams(teachers, Path(folder))
        clips = read_table(corpora, (), None).clips
        found = [table_of(some, streams, course, log) for some in by_corpus(clips).values()]
    return [*(table for table in found if table.rows), published()]


def start_streams(teachers: Path, folder: Path) -> Streams:
    """`speech` and `sound` of the towers as training starts from them."""
    start_towers(teachers / START, teachers / TAGGER, folder).path.rename(folder / "audio.onnx")
    ear = BuiltinEar(Frames(folder), "as the teachers")
    return Streams(("speech", "sound"), (ear,))


def by_corpus(clips: Sequence[Clip]) -> dict[str, list[Clip]]:
    """The corpora to measure, with their clips."""
    there = dict.fromkeys(clip.corpus for clip in clips)
    chosen = [name for name in CORPORA if name in there] or list(there)
    return {name: [clip for clip in clips if clip.corpus == name] for name in chosen}


def labels_of(clips: Sequence[Clip]) -> list[str]:
    """The label of each clip: its feeling if all have one, else its class in the corpus."""
    if all(clip.emotion is not None for clip in clips):
        return [clip.emotion.name for clip in clips if clip.emotion is not None]
    return [clip.raw for clip in clips]


def table_of(clips: Sequence[Clip], streams: Streams, course: Course, log: Log) -> Table:
    """One corpus: every way beside the others; no rows where it cannot be parted by speaker."""
    corpus = clips[0].corpus
    some = clips[:: max(1, len(clips) // course.clips)] if course.clips else clips
    log(f"{corpus}: hearing {len(some)} clips")
    frames = hear([clip.path for clip in some], streams, log)
    kept = [n for n, windows in enumerate(frames) if windows is not None]
    some = [some[n] for n in kept]
    lesson = Lesson(laid([frames[n] or [] for n in kept]), labels_of(some))
    speakers, classes = [clip.speaker for clip in some], sorted(set(lesson.labels))
    if len(set(speakers)) < 2 or len(classes) < 2:
        return _table(corpus, "", ())
    named: dict[str, NDArray[np.int64]] = {}
    for way in WAYS:
        log(f"{corpus}: {told(way, streams.names)}")
        named[way] = named_in_folds(lesson, speakers, way, course.recipe)
    true = [classes.index(label) for label in lesson.labels]
    found = compared(speakers, true, named, len(classes), LESS, course.draws)
    rows: list[tuple[Cell, ...]] = [
        (told(row, streams.names), *cells) for row, cells in found.items()
    ]
    size = f"{len(some)} clips, {len(set(speakers))} speakers, {len(classes)} labels"
    return _table(corpus, size, tuple(rows))


def named_in_folds(
    lesson: Lesson, speakers: Sequence[str], way: Way, recipe: Recipe
) -> NDArray[np.int64]:
    """The number of the label (n,) that each clip is given by who never heard its speaker."""
    classes = np.array(sorted(set(lesson.labels)))
    fold = folds(speakers, FOLDS)
    named = np.empty(len(speakers), dtype=np.int64)
    for number in np.unique(fold):
        asked = np.flatnonzero(fold == number).tolist()
        rows, spared = spare(lesson.labels, fold, int(number))
        learned = learn(lesson, rows, spared, way, recipe, seed=0)
        best = chances(learned, lesson.heard, asked).argmax(axis=1)
        named[asked] = np.searchsorted(classes, np.array(learned.classes)[best])
    return named


def spare(labels: Sequence[str], fold: NDArray[np.int64], number: int) -> tuple[Rows, Rows]:
    """The clips to learn from and those to end by, where the clips of one fold are asked.

    The next fold is spared, if it and the others show the same labels; else the one after, and
    none where there is no such fold.
    """
    rest, label = fold != number, np.array(labels)
    for step in range(1, FOLDS):
        away = fold == (number + step) % FOLDS
        if set(label[away]) == set(label[rest & ~away]):
            return np.flatnonzero(rest & ~away).tolist(), np.flatnonzero(away).tolist()
    return np.flatnonzero(rest).tolist(), []


def _table(corpus: str, size: str, rows: tuple[tuple[Cell, ...], ...]) -> Table:
    note = (
        f"{size}. {FOLDS} folds by speaker; a network that heard three of them, and ended by the "
        "fourth, names the clips of the fifth. Frames of towers that were told no label, windows "
        "of 4 s, one training a fold. Differences are on the same draws of speakers."
        f"{LEAKS.get(corpus, '')}"
    )
    columns = ("named by", *MEASURES)
    return Table(f"fusion_{corpus}", f"Two streams joined: {corpus}", note, columns, rows)
