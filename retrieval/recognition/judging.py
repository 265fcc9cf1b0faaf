"""A clip judged: its passages heard once, then voice and words put to the recogniser."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from retrieval.audio import blocks
from retrieval.encoders.audio_onnx import LONGEST, RATE
from retrieval.errors import AudioError
from retrieval.recognition.judgement import Judgement, Recognised, whole
from retrieval.recognition.mismatch import mismatch
from retrieval.recognition.passages import Cut, Passage
from retrieval.recognition.senses import Judge, Senses
from retrieval.records import Recognition
from retrieval.space import Vectors
from retrieval.windows import SILENCE

#: The state of a voice; None where a passage is silent.
Voice = Vectors | None


@dataclass(frozen=True)
class Judged:
    """A clip as a whole and by its passages, those that are silent and without words left out.

    `voices` are the states (s,) of the passages, so that new words need no new hearing.
    """

    whole: Recognition
    passages: tuple[Recognition, ...]
    voices: tuple[Voice, ...]


def voices_of(
    path: str | Path, passages: Sequence[Passage], senses: Senses, start: float = 0.0
) -> tuple[Voice, ...]:
    """Decode a clip, passage by passage, and hear each; never more than one is held.

    Args:
        passages: in seconds after `start`, one after the other without a gap.
        start: seconds of the recording.

    Raises:
        AudioError: the file cannot be used, or all of it is silent.
    """
    ends = [round(passage.end * RATE) for passage in passages]
    end = start + passages[-1].end
    samples = _pieces(blocks(path, RATE, start=start, end=end), ends)
    voices = tuple(
        senses.judge.hear(senses.frames(piece)) if _sounds(piece) else None for piece in samples
    )
    if all(voice is None for voice in voices):
        raise AudioError("silent: there is no voice to hear", path=path)
    return voices


def judged(path: str, cut: Cut, voices: Sequence[Voice], senses: Senses) -> Judged:
    """A clip from the states of its passages and from its words."""
    read = _reader(cut, senses.judge)
    parts: list[tuple[Passage, Recognised, Voice]] = []
    for passage, voice in zip(cut.passages, voices, strict=True):
        if voice is not None or passage.words is not None:
            words = read.get(passage.words)
            parts.append((passage, senses.judge.judge(voice, words), voice))
    each = [one for _, one, _ in parts]
    if not cut.timed and cut.words is not None:
        each = [senses.judge.judge(voice, read[cut.words]) for _, _, voice in parts]
    seconds = [passage.end - passage.start for passage, _, _ in parts]
    span = Passage(cut.passages[0].start, cut.passages[-1].end, cut.words)
    passages = tuple(_recognition(path, passage, one) for passage, one, _ in parts)
    found = _recognition(path, span, whole(each, seconds))
    if cut.timed:
        found = replace(found, mismatch=_mean_mismatch(passages))
    return Judged(found, passages, voices=tuple(voice for _, _, voice in parts))


def _mean_mismatch(passages: Sequence[Recognition]) -> float | None:
    """That of the passages that have words and a voice, by duration; None without any.

    Not that of the mean judgements: they no longer know which words went with which voice.
    """
    known = [(one.mismatch, one.end - one.start) for one in passages if one.mismatch is not None]
    if not known:
        return None
    values, seconds = np.array(known).T  # (n,) each
    return float(np.average(values, weights=seconds))


def later(found: Judged, seconds: float) -> Judged:
    """The same of an excerpt, whose times are those of the recording it was taken from."""

    def moved(one: Recognition) -> Recognition:
        return replace(one, start=one.start + seconds, end=one.end + seconds)

    return replace(found, whole=moved(found.whole), passages=tuple(map(moved, found.passages)))


def _reader(cut: Cut, judge: Judge) -> dict[str | None, Vectors]:
    """The state (r,) of every text of a clip."""
    given = [cut.words] if not cut.timed else [passage.words for passage in cut.passages]
    texts = [text for text in dict.fromkeys(given) if text is not None]
    return dict(zip(texts, judge.read(texts), strict=True)) if texts else {}


def _recognition(path: str, passage: Passage, one: Recognised) -> Recognition:
    voice, words = one.voice, one.words
    return Recognition(
        path=path,
        start=passage.start,
        end=passage.end,
        words=passage.words,
        fusion=one.fusion,
        recognised=one.both.emotion,
        confidence=one.both.confidence,
        valence=one.both.valence,
        arousal=one.both.arousal,
        **_alone("voice", voice),
        **_alone("words", words),
        mismatch=mismatch(voice, words) if voice and words else None,
    )


def _alone(name: str, one: Judgement | None) -> dict[str, Any]:
    """What voice or words say without the other."""
    return {
        f"{name}_emotion": one.emotion if one else None,
        f"{name}_valence": one.valence if one else None,
        f"{name}_arousal": one.arousal if one else None,
    }


def _pieces(samples: Iterable[Vectors], ends: Sequence[int]) -> Iterator[Vectors]:
    """A stream cut at some samples, each piece (n,) of at most 10 s; empty ones where it ends."""
    stream, held, at = iter(samples), np.empty(0, dtype=np.float32), 0
    for end in ends:
        while at + len(held) < end and (block := next(stream, None)) is not None:
            held = np.concatenate([held, block])
        piece, held = held[: end - at], held[end - at :]
        yield piece[:LONGEST]  # a sample more comes of rounding
        at = end


def _sounds(piece: Vectors) -> bool:
    """Whether a piece is louder than silence, by its mean: a resampler rings at edges."""
    return len(piece) > 0 and float(np.sqrt(np.mean(piece**2))) >= 10 ** (SILENCE / 20)
