"""Text collections: the lines a sound can be matched with, from txt, csv and srt files."""

import csv
import re
from dataclasses import dataclass
from pathlib import Path

from retrieval.errors import PromptError

_TIMES = re.compile(r"(\d+):(\d\d):(\d\d)[,.](\d{1,3})\s*-->\s*(\d+):(\d\d):(\d\d)[,.](\d{1,3})")
TEXT_COLUMNS = ("text", "line", "caption", "transcript", "prompt")


@dataclass(frozen=True)
class Line:
    """One text of a collection; `start` and `end` in seconds when it is a subtitle."""

    text: str
    start: float | None = None
    end: float | None = None


def read_texts(file: Path) -> tuple[Line, ...]:
    """The lines of a text file: .srt by subtitle, .csv and .tsv by row, anything else by line.

    A table is read from the column named like `TEXT_COLUMNS`, or else from its first column.

    Raises:
        PromptError: the file cannot be read, or holds no text.
    """
    try:
        content = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as fault:
        reason = fault.strerror if isinstance(fault, OSError) else "it is not UTF-8 text"
        raise PromptError(f"the texts cannot be read: {reason}", path=file) from fault
    suffix = file.suffix.lower()
    if suffix in (".csv", ".tsv"):
        lines = _table(content, "\t" if suffix == ".tsv" else ",")
    elif suffix == ".srt":
        lines = _subtitles(content)
    else:
        lines = [Line(text.strip()) for text in content.splitlines()]
    kept = tuple(line for line in lines if line.text)
    if not kept:
        raise PromptError("the file holds no text", path=file, remedy="one text a line")
    return kept


def _table(content: str, delimiter: str) -> list[Line]:
    rows = list(csv.reader(content.splitlines(keepends=True), delimiter=delimiter))
    header = [cell.strip().lower() for cell in rows[0]] if rows else []
    named = next((header.index(name) for name in TEXT_COLUMNS if name in header), None)
    column, body = (0, rows) if named is None else (named, rows[1:])
    return [Line(row[column].strip()) for row in body if len(row) > column]


def _subtitles(content: str) -> list[Line]:
    lines = []
    for block in re.split(r"\n\s*\n", content.replace("\r\n", "\n")):
        match = _TIMES.search(block)
        if match is None:
            continue
        numbers = [int(group) for group in match.groups()]
        spoken = re.sub(r"<[^>]+>", "", block[match.end() :])
        text = " ".join(spoken.split())
        lines.append(Line(text, _clock(match, numbers, 0), _clock(match, numbers, 4)))
    return lines


def _clock(match: re.Match[str], numbers: list[int], first: int) -> float:
    hours, minutes, seconds, _ = numbers[first : first + 4]
    fraction = float(f"0.{match.groups()[first + 3]}")
    return hours * 3600 + minutes * 60 + seconds + fraction
