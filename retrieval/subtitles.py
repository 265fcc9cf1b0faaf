"""Lines of text with their times, read from subtitles: SubRip (.srt) and WebVTT (.vtt).

What both have in common is enough to read them: a line with two times and an arrow, then text up
to an empty line. Numbers and names of cues, headers, comments, styles and the settings behind
the times say nothing of what is said, and are passed over, as are tags inside the text.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import unescape

_TIME = r"(?:(\d+):)?(\d{1,2}):(\d\d)[,.](\d{1,3})"
_TIMES = re.compile(rf"\s*{_TIME}\s*-->\s*{_TIME}")
# <i>, </i>, <v Anna>, <c.loud>, <00:01.500>, {\an8}; not the < of "3 < 4".
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<\d[\d:.]*>|\{\\[^}]*\}")


@dataclass(frozen=True)
class Line:
    """A line of text; `start` and `end` in seconds where they are known."""

    text: str
    start: float | None = None
    end: float | None = None


def read_subtitles(content: str) -> list[Line]:
    """The lines of SubRip or WebVTT, in the order of the file; those without text are left out."""
    lines = []
    for times, written in _cues(content.splitlines()):
        text = " ".join(unescape(_TAG.sub("", " ".join(written))).split())
        if text:
            start, end = (_seconds(times.groups()[first : first + 4]) for first in (0, 4))
            lines.append(Line(text, start, end))
    return lines


def _cues(rows: Iterable[str]) -> Iterator[tuple[re.Match[str], list[str]]]:
    """The times of each cue, and the rows of its text."""
    times: re.Match[str] | None = None
    written: list[str] = []
    for row in rows:
        following = _TIMES.match(row)
        if not following and row.strip():
            written.append(row)
            continue
        if times:
            # Without an empty line in between, the number of the next cue stands below the text.
            numbered = following and written and written[-1].strip().isdigit()
            yield times, written[:-1] if numbered else written
        times, written = following, []
    if times:
        yield times, written


def _seconds(groups: tuple[str | None, ...]) -> float:
    hours, minutes, seconds, fraction = groups
    whole = int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0)
    return whole + float(f"0.{fraction}")
