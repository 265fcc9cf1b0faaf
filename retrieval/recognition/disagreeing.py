"""Where words and voice disagree most, and which words do it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from retrieval.audio import blocks
from retrieval.encoders.audio_onnx import LONGEST, RATE
from retrieval.errors import AudioError
from retrieval.recognition.judgement import Judgement
from retrieval.recognition.senses import Judge, Senses
from retrieval.recognition.spans import contradiction
from retrieval.recognition.weighing import Weighed, weigh
from retrieval.records import Recognition

#: Words of a text that are weighed; the tower reads no more than about as many.
WEIGHED = 100


@dataclass(frozen=True)
class Disagreement:
    """A clip, or a passage of it, whose words and voice can be compared.

    Attributes:
        found: what was recognised in it.
        start, end: seconds; where they disagree most.
        weighed: the words of that part, those that move its valence most first.
    """

    found: Recognition
    start: float
    end: float
    weighed: tuple[Weighed, ...]


def disagreements(
    found: Iterable[Recognition], passages: Iterable[Recognition], k: int, senses: Senses
) -> list[Disagreement]:
    """The k clips or passages that disagree most, most first; those without words are left out.

    Args:
        found: what is ranked: whole clips or passages.
        passages: of the same clips, to tell where a whole clip disagrees most; none where
            passages are ranked.
    """
    where: dict[str, Recognition] = {}
    for one in passages:
        best = where.get(one.path)
        if one.mismatch is not None and (best is None or one.mismatch > (best.mismatch or 0.0)):
            where[one.path] = one
    ranked = sorted(
        (one for one in found if one.mismatch is not None),
        key=lambda one: (-(one.mismatch or 0.0), one.path, one.start),
    )
    return [_weighed(one, where.get(one.path, one), senses) for one in ranked[:k]]


def _weighed(found: Recognition, part: Recognition, senses: Senses) -> Disagreement:
    text = " ".join((part.words or "").split()[:WEIGHED])

    def read(texts: Sequence[str]) -> list[Judgement]:
        return _words(texts, senses.judge)

    start, end = _narrowed(part, senses, read([part.words or ""])[0])
    return Disagreement(found, start, end, tuple(weigh(text, read)))


def _words(texts: Sequence[str], judge: Judge) -> list[Judgement]:
    """What each text says alone."""
    judged = [judge.judge(None, state).words for state in judge.read(texts)]
    return [one for one in judged if one is not None]


def _narrowed(part: Recognition, senses: Senses, words: Judgement) -> tuple[float, float]:
    """The seconds of a passage in which its voice contradicts its words most.

    All of what is longer than a passage, and of what cannot be heard now.
    """
    if round((part.end - part.start) * RATE) > LONGEST:
        return part.start, part.end
    try:
        heard = list(blocks(part.path, RATE, start=part.start, end=part.end))
    except AudioError:  # the file is gone, or has changed
        return part.start, part.end
    if not heard:
        return part.start, part.end
    frames = senses.frames(np.concatenate(heard)[:LONGEST])
    start, end = contradiction(frames, senses.judge, words)
    return part.start + start, min(part.start + end, part.end)
