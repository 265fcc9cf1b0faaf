"""One recording, or some seconds of it, recognised; it need not be in a library."""

import os
from collections.abc import Sequence
from dataclasses import replace

from retrieval.audio import blocks
from retrieval.encoders.audio_onnx import RATE
from retrieval.prompt import Excerpt
from retrieval.recognition.judging import Judged, judged, later, voices_of
from retrieval.recognition.passages import cut
from retrieval.recognition.senses import Senses
from retrieval.spoken.lines import Line
from retrieval.spoken.sidecars import read_sidecar, sidecar_of
from retrieval.windows import Meter


def recognise_file(excerpt: Excerpt, lines: Sequence[Line], senses: Senses) -> Judged:
    """Decode a recording twice, first for its length, and judge it.

    Args:
        lines: what is said in the excerpt, their times in seconds of the recording.

    Raises:
        AudioError: the file cannot be used, or is silent or too short.
    """
    start, meter = excerpt.start, Meter(RATE)
    for _ in meter.through(blocks(excerpt.path, RATE, start=start, end=excerpt.end)):
        pass
    parts = cut(
        meter.check(excerpt.path).duration,
        [_earlier(line, start) for line in lines],
        senses.readable,
    )
    voices = voices_of(excerpt.path, parts.passages, senses, start)
    return later(judged(os.path.abspath(excerpt.path), parts, voices, senses), start)


def lines_beside(excerpt: Excerpt) -> tuple[Line, ...]:
    """What the sidecar of a recording says of an excerpt.

    Of a part of the recording only lines with times can be said to belong to it.

    Raises:
        PromptError: the sidecar cannot be read.
    """
    sidecar = sidecar_of(excerpt.path)
    lines = () if sidecar is None else read_sidecar(sidecar)
    return within(excerpt, lines)


def within(excerpt: Excerpt, lines: Sequence[Line]) -> tuple[Line, ...]:
    """Those of the lines of a recording whose middle lies in an excerpt."""
    if excerpt.start == 0 and excerpt.end is None:
        return tuple(lines)
    return tuple(line for line in lines if _is_within(excerpt, line))


def _is_within(excerpt: Excerpt, line: Line) -> bool:
    if line.start is None:
        return False
    middle = line.start if line.end is None else (line.start + line.end) / 2
    return excerpt.start <= middle and (excerpt.end is None or middle < excerpt.end)


def _earlier(line: Line, seconds: float) -> Line:
    if line.start is None:
        return line
    end = None if line.end is None else line.end - seconds
    return replace(line, start=line.start - seconds, end=end)
