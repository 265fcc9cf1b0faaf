"""Clips of a table as a recogniser hears them, and how often it is right about them."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from retrieval.audio import read
from retrieval.encoders.frames import PASSAGE
from retrieval.errors import AudioError
from retrieval.evaluation.bootstrap import Positions, estimates
from retrieval.evaluation.clips import Clip
from retrieval.evaluation.metrics import concordance, unweighted_average_recall
from retrieval.evaluation.pairs import prior
from retrieval.evaluation.table import Estimate
from retrieval.recognition.judgement import EMOTIONS
from retrieval.recognition.networks import softmax
from retrieval.recognition.recogniser import Recogniser
from retrieval.space import TextEncoder, Vectors

RATE = 16000
MEASURES = ("UAR", "macro-F1", "accuracy", "valence CCC", "arousal CCC")

#: Parts into which confidences are cut for the calibration error.
PARTS = 10

#: Texts that a thread takes at a time.
PORTION = 256

Hear = Callable[[Vectors], Mapping[str, Vectors]]
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Voices:
    """Clips of speech with an emotion that the recogniser can name.

    Attributes:
        clips: n of them.
        samples: of each, (m,) at 16 kHz in -1..1, at most 10 s.
        states: (n, s), what the recogniser keeps of each.
    """

    clips: tuple[Clip, ...]
    samples: tuple[Vectors, ...]
    states: Vectors

    @property
    def emotions(self) -> list[str]:
        """The emotion of each clip."""
        return [named(clip) for clip in self.clips]

    @property
    def speakers(self) -> list[str]:
        """Who is heard in each clip; names of two corpora never meet."""
        return [f"{clip.corpus}/{clip.speaker}" for clip in self.clips]

    def pick(self, rows: Sequence[int]) -> "Voices":
        """Some of them, in the order of these rows."""
        clips, samples = [self.clips[row] for row in rows], [self.samples[row] for row in rows]
        return replace(
            self, clips=tuple(clips), samples=tuple(samples), states=self.states[list(rows)]
        )

    def corpora(self) -> dict[str, list[int]]:
        """The rows of each corpus, in the order of the table."""
        found: dict[str, list[int]] = {}
        for row, clip in enumerate(self.clips):
            found.setdefault(clip.corpus, []).append(row)
        return found


def named(clip: Clip) -> str:
    """The emotion of a clip, "" where the recogniser has no name for it."""
    name = clip.emotion.name if clip.emotion is not None else ""
    return name if name in EMOTIONS else ""


def listened(clips: Sequence[Clip], recogniser: Recogniser, hear: Hear) -> Voices:
    """Decode and hear the clips of speech that can be judged; what cannot be read is left out."""
    spoken = [clip for clip in clips if clip.kind == "speech" and named(clip)]
    with ThreadPoolExecutor() as pool:
        found = list(pool.map(_samples, spoken))
    pairs = [(clip, sound) for clip, sound in zip(spoken, found, strict=True) if sound is not None]
    samples = tuple(sound for _, sound in pairs)
    return Voices(tuple(clip for clip, _ in pairs), samples, states(samples, recogniser, hear))


def states(samples: Sequence[Vectors], recogniser: Recogniser, hear: Hear) -> Vectors:
    """Sounds (m,) as states of voices (n, s), by several threads."""
    with ThreadPoolExecutor() as pool:
        found = list(pool.map(lambda sound: recogniser.hear(hear(sound)), samples))
    return np.stack(found) if found else np.empty((0, 0), dtype=np.float32)


def encoded(text: TextEncoder, texts: Sequence[str]) -> Vectors:
    """Texts as vectors (n, d), by several threads; their order is kept."""
    portions = [texts[start : start + PORTION] for start in range(0, len(texts), PORTION)]
    with ThreadPoolExecutor() as pool:
        found = list(pool.map(text.encode, portions))
    return np.concatenate(found) if found else np.empty((0, text.dim), dtype=np.float32)


def measured(outputs: Vectors, voices: Voices, n: int = 1000) -> list[Estimate]:
    """`MEASURES` of outputs (clips, 10), with intervals over speakers.

    Valence and arousal are compared with the priors of the emotion, as no clip was rated.
    """
    truth, affect = _truth(voices)

    def statistic(rows: Positions) -> Numbers:
        return measures(outputs[rows], truth[rows], affect[rows])

    return estimates(voices.speakers, statistic, n)


def measures(outputs: Vectors, truth: NDArray[np.int64], affect: Numbers) -> Numbers:
    """`MEASURES` (5,) of outputs (n, 10).

    Macro-F1 is the mean over the emotions in `truth` (n,) of 2 TP / (2 TP + FP + FN).
    """
    told = outputs[:, : len(EMOTIONS)].argmax(axis=1)  # (n,)
    at = np.clip(outputs[:, len(EMOTIONS) :], -1, 1)  # (n, 2)
    return np.array(
        [
            unweighted_average_recall(truth, told),
            macro_f1(truth, told),
            (told == truth).mean(),
            concordance(at[:, 0], affect[:, 0]),
            concordance(at[:, 1], affect[:, 1]),
        ]
    )


def macro_f1(truth: NDArray[np.int64], told: NDArray[np.int64]) -> float:
    """The mean over the classes in `truth` (n,) of 2 TP / (2 TP + FP + FN), 0..1."""
    scores = []
    for name in np.unique(truth):
        right = ((truth == name) & (told == name)).sum()
        scores.append(2 * right / ((truth == name).sum() + (told == name).sum()))
    return float(np.mean(scores))


def recall(outputs: Vectors, voices: Voices, names: Sequence[str] = EMOTIONS) -> Estimate:
    """UAR of outputs (clips, 10), with its interval over speakers.

    Args:
        names: the emotions that may be named.
    """
    allowed = np.array([name in names for name in EMOTIONS])
    told = np.where(allowed, outputs[:, : len(EMOTIONS)], -np.inf).argmax(axis=1)  # (n,)
    truth = _truth(voices)[0]

    def statistic(rows: Positions) -> float:
        return unweighted_average_recall(truth[rows], told[rows])

    return _one(voices, statistic)


def confidence(outputs: Vectors) -> Numbers:
    """The chance of the likeliest emotion of each output, (n,)."""
    return np.asarray(softmax(outputs[:, : len(EMOTIONS)]).max(axis=1), dtype=np.float64)


def calibration_error(outputs: Vectors, voices: Voices) -> Estimate:
    """Expected calibration error, 0..1, with its interval over speakers.

    Confidences are cut into `PARTS` of equal width; in each the mean confidence is compared with
    the share that is right, and the differences are averaged by how many fall there (Naeini et
    al. 2015).
    """
    sure = confidence(outputs)
    right = outputs[:, : len(EMOTIONS)].argmax(axis=1) == _truth(voices)[0]
    part = np.minimum((sure * PARTS).astype(int), PARTS - 1)

    def statistic(rows: Positions) -> float:
        gap = np.bincount(part[rows], sure[rows] - right[rows], PARTS)
        return float(np.abs(gap).sum()) / len(rows)

    return _one(voices, statistic)


def _one(voices: Voices, statistic: Callable[[Positions], float]) -> Estimate:
    return estimates(voices.speakers, lambda rows: [statistic(rows)])[0]


def _truth(voices: Voices) -> tuple[NDArray[np.int64], Numbers]:
    emotions = voices.emotions
    truth = np.array([EMOTIONS.index(name) for name in emotions], dtype=np.int64)
    return truth, np.array([prior(name) for name in emotions], dtype=np.float64)


def _samples(clip: Clip) -> Vectors | None:
    try:
        return read(clip.path, RATE, end=PASSAGE)
    except AudioError:
        return None
