"""Passages: the parts of a clip that are judged one by one, along what is said in it."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from retrieval.encoders.frames import PASSAGE
from retrieval.spoken.lines import Line

#: Seconds; a shorter part is joined with what follows, as it says too little.
SHORTEST = 1.5

#: A line belongs to a passage that holds this share of it, or that it fills by this share.
SHARE = 0.5

Span = tuple[float, float]


@dataclass(frozen=True)
class Passage:
    """A part of a clip, in seconds, with what is said in it; None where nothing is known."""

    start: float
    end: float
    words: str | None


@dataclass(frozen=True)
class Cut:
    """A clip as passages that follow one another without a gap.

    Attributes:
        passages: in their order.
        words: what is said in the whole; None where nothing is known.
        timed: whether the passages have the words. If not, only the whole has them.
    """

    passages: tuple[Passage, ...]
    words: str | None
    timed: bool


def cut(duration: float, lines: Sequence[Line], readable: Callable[[str], bool]) -> Cut:
    """Cut a clip along the lines of its transcript, or else into equal parts of at most 10 s.

    Words without times are those of a clip of one passage; of a longer one they are those of the
    whole. Parts between the lines are passages too: a voice needs no words.

    Args:
        duration: seconds of the clip, above 0.
        lines: its transcript.
        readable: whether words can be read; those that cannot are left out.
    """
    timed = _timed(duration, lines)
    if timed:
        spans = [part for span in _merged(_spans(duration, timed)) for part in _parts(*span)]
        held = [_read([line.text for line in timed if _holds(*span, line)], readable)
                for span in spans]  # fmt: skip
        words = " ".join(dict.fromkeys(text for text in held if text)) or None
        passages = [Passage(*span, text) for span, text in zip(spans, held, strict=True)]
        return Cut(tuple(passages), words, timed=True)
    words = _read([line.text for line in lines], readable)
    spans = _parts(0.0, duration)
    alone = len(spans) == 1
    return Cut(
        tuple(Passage(*span, words if alone else None) for span in spans), words, timed=alone
    )


@dataclass(frozen=True)
class _Timed:
    """A line with both its times, inside the clip."""

    start: float
    end: float
    text: str


def _timed(duration: float, lines: Sequence[Line]) -> list[_Timed]:
    """Lines by time; none unless all have one. An end that is not known is the next start."""
    known = sorted(
        (line.start, math.inf if line.end is None else line.end, line.text)
        for line in lines
        if line.start is not None and line.start < duration
    )
    if any(line.start is None for line in lines):
        return []
    following = [*(start for start, _, _ in known[1:]), duration]
    timed = []
    for (start, end, text), after in zip(known, following, strict=False):
        end = min(after if math.isinf(end) else end, duration)
        if end > max(start, 0.0):
            timed.append(_Timed(max(start, 0.0), end, text))
    return timed


def _spans(duration: float, lines: Sequence[_Timed]) -> list[Span]:
    """Lines and what lies between them, from the start of the clip to its end."""
    spans: list[Span] = []
    at = 0.0
    for line in lines:
        if line.start > at:
            spans.append((at, line.start))
            at = line.start
        if line.end > at:
            spans.append((at, line.end))
            at = line.end
    return [*spans, (at, duration)] if at < duration else spans


def _merged(spans: Sequence[Span]) -> list[Span]:
    """Short parts joined with what follows them; a short last one with what stands before it."""
    merged: list[Span] = []
    for start, end in spans:
        if merged and merged[-1][1] - merged[-1][0] < SHORTEST:
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    if len(merged) > 1 and merged[-1][1] - merged[-1][0] < SHORTEST:
        (start, _), (_, end) = merged[-2:]
        merged[-2:] = [(start, end)]
    return merged


def _parts(start: float, end: float) -> list[Span]:
    """A part as equal ones of at most 10 s."""
    # What exceeds 10 s by the rounding of a sum alone is not worth a second part.
    count = max(1, math.ceil((end - start) / PASSAGE - 1e-9))
    edges = [start + (end - start) * number / count for number in range(count)]
    return list(zip(edges, [*edges[1:], end], strict=True))


def _holds(start: float, end: float, line: _Timed) -> bool:
    inside = min(end, line.end) - max(start, line.start)
    return inside >= SHARE * min(end - start, line.end - line.start)


def _read(texts: Sequence[str], readable: Callable[[str], bool]) -> str | None:
    text = " ".join(part for one in texts if (part := one.strip()))
    return text if text and readable(text) else None
