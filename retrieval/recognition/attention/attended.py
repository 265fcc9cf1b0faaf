"""A recording and what is said in it, laid on one another: passage by passage."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from retrieval.audio import read
from retrieval.catalog import Catalog
from retrieval.encoders.frames import PASSAGE
from retrieval.errors import PromptError
from retrieval.prompt import Excerpt, parse_excerpt
from retrieval.recognition.attention.aligner import HOP, LETTERS, Aligner, Alignment, load_aligner
from retrieval.recognition.attention.word_times import by_letters, sounding
from retrieval.space import Vectors
from retrieval.spoken.lines import Line, joined
from retrieval.spoken.sidecars import read_sidecar, sidecar_of
from retrieval.spoken.stored import lines_of
from retrieval.spoken.words import words_of

#: Samples of a frame.
_FRAME = 1280


@dataclass(frozen=True)
class Attended:
    """A recording with its words on it; one alignment a passage, in the order of time."""

    path: str
    passages: tuple[Alignment, ...]

    @property
    def note(self) -> str:
        """What should be known of the times; "" where nothing."""
        if all(one.times_by != LETTERS for one in self.passages):
            return ""
        return (
            "Some of these words were never heard in training: where they look says little, and "
            "times are shared out by letters."
        )


def attended(file: str, catalog: Catalog | None = None, text: str | None = None) -> Attended:
    """Lay what is said in ``FILE`` or ``FILE@start-end`` on its sound, by the built-in aligner.

    Args:
        catalog: may know what is said in it. text: what is said in it, before anyone else.

    Raises:
        AudioError: the recording cannot be used.
        PromptError: nobody says what is said in it, or it does not fit; see `attend`.
        SpaceError: the aligner is absent or broken.
    """
    excerpt = parse_excerpt(file)
    lines = transcript(excerpt.path, text, catalog)
    return attend(excerpt, lines, load_aligner())


def attend(excerpt: Excerpt, lines: Sequence[Line], aligner: Aligner) -> Attended:
    """Lay what is said in a recording, or a part of it, on the sound.

    Up to 10 s are taken as one passage with all its words. What is longer is taken line by line,
    each with the sound between its own times; so it is with an excerpt of a recording whose lines
    have times, of which those inside count.

    Args:
        lines: what is said in the excerpt; with times of the recording, of which some may lie
            outside.

    Raises:
        AudioError: the recording cannot be used.
        PromptError: nothing is said, there are more words than fit, or more than 10 s would have
            to be taken at once.
    """
    passages = tuple(
        _passage(excerpt.path, part, words, aligner) for part, words in _parts(excerpt, lines)
    )
    if not passages:
        raise PromptError(
            "no words are known of it", path=excerpt.path, remedy='say them: --text "..."'
        )
    return Attended(os.path.abspath(excerpt.path), passages)


def transcript(path: Path, text: str | None, catalog: Catalog | None) -> tuple[Line, ...]:
    """What is said in a recording: as told, else as the library has it, else from a sidecar.

    Raises:
        PromptError: nobody says it, or the sidecar cannot be read.
    """
    if text is not None:
        return (Line(text),)
    known = catalog.known().get(os.path.abspath(path)) if catalog is not None else None
    if catalog is not None and known is not None:
        stored = lines_of(catalog, [known.clip_id])
        if known.clip_id in stored:
            return stored[known.clip_id]
    beside = sidecar_of(path)
    if beside is None:
        raise PromptError(
            "nobody says what is said in it",
            path=path,
            remedy='--text "...", a .srt, .vtt or .txt file beside it, or a library that has its '
            "transcript (affetto label, affetto transcribe)",
        )
    return read_sidecar(beside)


def _parts(excerpt: Excerpt, lines: Sequence[Line]) -> Iterator[tuple[Excerpt, list[str]]]:
    """The excerpts that are taken at once, each with its words."""
    samples = read(excerpt.path, 16_000, excerpt.start, excerpt.end)
    seconds = len(samples) / 16_000
    timed = [line for line in lines if line.start is not None and line.end is not None]
    whole = excerpt.start == 0 and excerpt.end is None
    if seconds <= PASSAGE and (whole or not timed):
        words = words_of(joined(lines))
        if words:
            yield Excerpt(excerpt.path, excerpt.start, excerpt.start + seconds), words
        return
    if len(timed) < len(lines):
        raise PromptError(
            f"{seconds:.1f} s are too long to be taken at once, and the lines have no times",
            path=excerpt.path,
            remedy=f"take up to {PASSAGE:g} s as FILE@START-END, or put a .srt file beside it",
        )
    for line in timed:
        yield from _cue(line, excerpt, excerpt.start + seconds)


def _cue(line: Line, excerpt: Excerpt, last: float) -> Iterator[tuple[Excerpt, list[str]]]:
    words = words_of(line.text)
    start, end = float(line.start or 0), min(float(line.end or 0), last)
    if not words or start < excerpt.start or end <= start:
        return
    if end - start > PASSAGE:
        raise PromptError(
            f"the line from {start:g} to {end:g} s is longer than {PASSAGE:g} s",
            path=excerpt.path,
            remedy="divide it in the .srt file, or name a part of it as FILE@START-END",
        )
    yield Excerpt(excerpt.path, start, end), words


def _passage(path: Path, part: Excerpt, words: Sequence[str], aligner: Aligner) -> Alignment:
    samples = read(path, aligner.frames.rate, part.start, part.end)
    speech = aligner.frames.hear(samples[: round(PASSAGE * aligner.frames.rate)])["speech"]
    if len(words) > len(speech):
        raise PromptError(
            f"{len(words)} words do not fit into {len(speech) * HOP:.1f} s",
            path=path,
            remedy="say with --text only what is heard in it",
        )
    found = aligner.align(speech, words, part.start)
    found = replace(found, loudness=_loudness(samples, len(speech)))
    if aligner.knows(words):
        return found
    # Words that were never heard look anywhere: measured, docs/attention.md.
    times = part.start + by_letters(words, *sounding(samples, aligner.frames.rate))
    return replace(found, times=times, times_by=LETTERS)


def _loudness(samples: Vectors, frames: int) -> Vectors:
    """The level (frames,) of each frame in dBFS, at least -100."""
    square = np.zeros(frames * _FRAME, dtype=np.float64)
    square[: len(samples)] = samples[: len(square)].astype(np.float64) ** 2
    power = square.reshape(frames, _FRAME).mean(axis=1)
    return np.asarray(10 * np.log10(np.maximum(power, 1e-10)), dtype=np.float32)
