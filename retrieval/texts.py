"""Text collections: the lines a sound can be matched with, from txt, csv, srt and vtt files."""

import csv
from pathlib import Path

from retrieval.errors import PromptError
from retrieval.subtitles import Line, read_subtitles

__all__ = ["TEXT_COLUMNS", "Line", "read_texts"]

TEXT_COLUMNS = ("text", "line", "caption", "transcript", "prompt")


def read_texts(file: Path) -> tuple[Line, ...]:
    """The lines of a text file: subtitles by cue, .csv and .tsv by row, anything else by line.

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
    elif suffix in (".srt", ".vtt"):
        lines = read_subtitles(content)
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
