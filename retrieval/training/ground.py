"""The ground of a study: every clip heard in every way, and what all trials share."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from retrieval.encoders.builtin import load_folder
from retrieval.space import Vectors
from retrieval.training import ears
from retrieval.training.captions import captions
from retrieval.training.clips import Clip, load_clips
from retrieval.training.course import START, TAGGER
from retrieval.training.figures import SPEECH
from retrieval.training.heads import HEADS
from retrieval.training.joint import Recipe
from retrieval.training.material import Embed
from retrieval.training.reader import reading_once
from retrieval.training.sentences import sentences
from retrieval.training.teacher import teacher_vectors
from retrieval.training.trial import Exam, Lesson, Listener, Raw, examine

Log = Callable[[str], None]

WINDOW = 4.0  # seconds, where windows are not what is tried
WINDOWS = (2.0, WINDOW, 6.0)
BINS = 1024  # of the bag of words

#: Ears: the towers that training starts from, by windows of `WINDOW`; the space's towers; plain
#: measures; the start joined with these; the start hearing worn copies, and clean and worn ones.
#: Beside them stand the parts of the start, by the names of `ears.parts_of`.
START_EAR, SPACE_EAR, SPECTRAL, JOINED = "start", "space", "spectral", "start and spectral"
WORN, BOTH = "worn", "clean and worn"

#: Readers of texts: the space's own, its teacher, and a bag of words.
OWN, MINILM, BAG = "own", "MiniLM", "bag of words"


@dataclass(frozen=True)
class Plan:
    """How much is tried.

    Attributes:
        steps, batch: of each training.
        seeds: trainings of each loss.
        sentences: open sentences a feeling and source.
        draws: of the bootstrap.
        thin: every so manieth clip and caption is taken.
    """

    steps: int = 400
    batch: int = 192
    seeds: int = 2
    sentences: int = 300
    draws: int = 300
    thin: int = 1


@dataclass(frozen=True)
class Ground:
    """What all trials share.

    Attributes:
        clips: of every corpus and split.
        raw: the windows of each clip by ear, and by `by_window` for `WINDOWS`.
        embeds: what reads texts, by name.
        lesson: captions and recipe.
    """

    clips: Sequence[Clip]
    raw: Mapping[str, Raw]
    embeds: Mapping[str, Embed]
    lesson: Lesson
    plan: Plan

    def rows(self, wanted: Callable[[Clip], bool]) -> list[int]:
        """The numbers of the clips for which something holds."""
        return [number for number, clip in enumerate(self.clips) if wanted(clip)]

    def pick(self, rows: Sequence[int], ear: str) -> tuple[list[Clip], list[Vectors]]:
        """Some clips, and what an ear hears in them."""
        return [self.clips[row] for row in rows], [self.raw[ear][row] for row in rows]

    def teach(
        self,
        rows: Sequence[int],
        ear: str = START_EAR,
        text: str = OWN,
        lesson: Lesson | None = None,
        seed: int = 0,
    ) -> Listener:
        """Heads trained on some clips."""
        return (lesson or self.lesson).teach(*self.pick(rows, ear), self.embeds[text], seed)

    def exams(self, listener: Listener, ear: str = START_EAR) -> list[Exam]:
        """The test speakers of each corpus of speech."""
        return [
            examine(listener, listener.hear(*self.pick(rows, ear))) for rows in self.test_rows()
        ]

    def test_rows(self) -> list[list[int]]:
        """The clips of test speakers of each corpus of speech that has any."""
        found = [
            self.rows(lambda clip: clip.split == "test" and is_fair(clip, corpus))  # noqa: B023
            for corpus in SPEECH
        ]
        return [rows for rows in found if rows]


def is_fair(clip: Clip, corpus: str) -> bool:
    """Whether a clip is of a corpus, and its sentence does not tell the feeling."""
    return clip.corpus == corpus and "text_confound" not in clip.flags


def by_window(seconds: float) -> str:
    """The name of the ear that hears by the start in windows of this length."""
    return START_EAR if seconds == WINDOW else f"start, {seconds:g} s"


def prepare(corpora: Path, teachers: Path, space: Path, plan: Plan, log: Log) -> Ground:
    """Hear every clip in every way; half of the time of a study."""
    opened = load_folder(space)
    log("reading the recordings")
    clips = load_clips(corpora)[:: plan.thin]
    raw: dict[str, Raw] = {}
    with TemporaryDirectory() as folder:
        start = ears.start_towers(teachers / START, teachers / TAGGER, Path(folder)).encode
        for seconds in WINDOWS:
            log(f"hearing by the start, windows of {seconds:g} s")
            raw[by_window(seconds)] = ears.hear_all(start, clips, seconds)
        log("hearing worn copies")
        raw[WORN] = ears.hear_all(start, clips, WINDOW, ears.worn_out)
    raw |= ears.parts_of(raw[START_EAR])
    log("hearing by the space and by plain measures")
    raw[SPACE_EAR] = ears.hear_all(opened.audio.encode, clips, WINDOW)
    raw[SPECTRAL] = ears.hear_all(ears.spectra, clips, WINDOW)
    raw[JOINED] = ears.side_by_side(raw[START_EAR], raw[SPECTRAL])
    raw[BOTH] = ears.both_of(raw[START_EAR], raw[WORN])
    embeds = {
        OWN: reading_once(opened.text.encode),
        MINILM: reading_once(teacher_vectors),
        BAG: bag_of_words,
    }
    recipe = replace(Recipe(), **HEADS, head_steps=plan.steps, head_batch=plan.batch)
    spoken = sentences(corpora / "labels", plan.sentences)
    return Ground(clips, raw, embeds, Lesson(captions()[:: plan.thin], spoken, recipe), plan)


def bag_of_words(texts: Sequence[str]) -> Vectors:
    """Unit vectors (n, BINS) that say which words and pairs of words occur, by hashing."""
    from sklearn.feature_extraction.text import HashingVectorizer

    vectorizer = HashingVectorizer(n_features=BINS, ngram_range=(1, 2))
    return np.asarray(vectorizer.transform(texts).toarray(), dtype=np.float32)
