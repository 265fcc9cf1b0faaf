"""A transcript as lines, and its forms: one text, JSON, SubRip, WebVTT, and lines for people."""

import json
from collections.abc import Iterable, Iterator
from html import escape

from retrieval.subtitles import Line

__all__ = ["Line", "joined", "to_json", "to_srt", "to_text", "to_vtt"]


def joined(lines: Iterable[Line]) -> str:
    """All lines as one text; empty where nothing is said."""
    return " ".join(" ".join(line.text.split()) for line in lines if line.text.strip())


def to_text(lines: Iterable[Line]) -> str:
    """A line each, behind its times where they are known."""
    return "\n".join(f"{_range(line)}{line.text}" for line in lines)


def to_json(path: str, lines: Iterable[Line], origin: str) -> str:
    """One object: the path, who wrote the lines, and start, end and text of each."""
    rows = [
        {"start": _rounded(line.start), "end": _rounded(line.end), "text": line.text}
        for line in lines
    ]
    record = {"path": path, "origin": origin, "lines": rows}
    return json.dumps(record, ensure_ascii=False, indent=2)


def to_srt(lines: Iterable[Line]) -> str:
    """Subtitles in SubRip; lines without times are left out."""
    cues = [
        f"{number}\n{_clock(start, ',')} --> {_clock(end, ',')}\n{text}\n"
        for number, (start, end, text) in enumerate(_timed(lines), 1)
    ]
    return "\n".join(cues)


def to_vtt(lines: Iterable[Line]) -> str:
    """Subtitles in WebVTT; lines without times are left out."""
    cues = [
        f"{_clock(start, '.')} --> {_clock(end, '.')}\n{escape(text, quote=False)}\n"
        for start, end, text in _timed(lines)
    ]
    return "\n".join(["WEBVTT\n", *cues])


def _timed(lines: Iterable[Line]) -> Iterator[tuple[float, float, str]]:
    for line in lines:
        if line.start is not None and line.end is not None:
            yield line.start, line.end, line.text


def _range(line: Line) -> str:
    if line.start is None or line.end is None:
        return ""
    return f"{line.start:8.2f}-{line.end:<8.2f}  "


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)


def _clock(seconds: float, mark: str) -> str:
    """Seconds as ``01:02:03,250``, with the mark that the format wants before milliseconds."""
    whole, thousandths = divmod(round(seconds * 1000), 1000)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}{mark}{thousandths:03d}"
