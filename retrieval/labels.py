"""Labels and transcripts from a CSV file, matched to clips by path."""

import csv
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from retrieval.errors import PromptError

PATH_COLUMNS = ("path", "file", "filename", "clip")
TRANSCRIPT_COLUMNS = ("transcript", "text")


@dataclass(frozen=True)
class LabelTable:
    """What a CSV file says of clips.

    Attributes:
        labels: label values by name, by the absolute path of the clip.
        transcripts: text by absolute path.
        unmatched: paths of the file that no known clip has.
    """

    labels: dict[str, dict[str, str]]
    transcripts: dict[str, str]
    unmatched: tuple[str, ...]


def read_labels(
    file: Path,
    known: Iterable[str],
    roots: Sequence[Path] = (),
    transcript_column: str | None = None,
) -> LabelTable:
    """Read a CSV file with a header and a column of paths.

    Every other column becomes a label; an empty cell says nothing. A relative path is looked
    for beside the CSV file, below each root and beside it; failing that, the one clip is taken
    whose path ends so.

    Args:
        file: comma-, semicolon- or tab-separated, UTF-8.
        known: absolute paths of the clips of the library.
        roots: folders that were ingested.
        transcript_column: stored as text; by default a column named like `TRANSCRIPT_COLUMNS`.

    Raises:
        PromptError: the file cannot be read, or has no column of paths.
    """
    rows, columns = _rows(file)
    path_column = _column(columns, PATH_COLUMNS)
    if path_column is None:
        raise PromptError(
            "the table has no column of paths",
            path=file,
            remedy=f"name one of its columns {' or '.join(PATH_COLUMNS)}",
        )
    text_column = _text_column(file, columns, transcript_column)
    places = [file.resolve().parent, file.absolute().parent]
    places += [place for root in roots for place in (root.absolute(), root.absolute().parent)]
    table = LabelTable({}, {}, ())
    clips, unmatched = _by_name(known), []
    for row in rows:
        clip = _match(row.get(path_column) or "", places, clips)
        if clip is None:
            unmatched.append(row.get(path_column) or "")
            continue
        skip = {path_column, text_column}
        table.labels[clip] = {
            name.strip(): value.strip()
            for name, value in row.items()
            if name and name not in skip and isinstance(value, str) and value.strip()
        }
        if text_column and (row.get(text_column) or "").strip():
            table.transcripts[clip] = row[text_column].strip()
    return LabelTable(table.labels, table.transcripts, tuple(unmatched))


def _rows(file: Path) -> tuple[list[dict[str, str]], list[str]]:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as fault:
        reason = fault.strerror if isinstance(fault, OSError) else "it is not UTF-8 text"
        raise PromptError(f"the table cannot be read: {reason}", path=file) from fault
    header = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=header.count)
    reader = csv.DictReader(text.splitlines(keepends=True), delimiter=delimiter)
    return list(reader), list(reader.fieldnames or [])


def _column(columns: Sequence[str], names: Sequence[str]) -> str | None:
    by_name = {column.strip().lower(): column for column in reversed(columns) if column}
    return next((by_name[name] for name in names if name in by_name), None)


def _text_column(file: Path, columns: Sequence[str], asked: str | None) -> str | None:
    if asked is None:
        return _column(columns, TRANSCRIPT_COLUMNS)
    found = _column(columns, [asked.lower()])
    if found is None:
        raise PromptError(
            f"the table has no column {asked!r}",
            path=file,
            remedy=f"its columns are: {', '.join(columns)}",
        )
    return found


def _by_name(clips: Iterable[str]) -> dict[str, set[str]]:
    named: dict[str, set[str]] = {}
    for clip in clips:
        named.setdefault(os.path.basename(clip), set()).add(clip)
    return named


def _match(path: str, places: Sequence[Path], clips: dict[str, set[str]]) -> str | None:
    named = clips.get(os.path.basename(path), set())
    for place in places:
        candidate = os.path.normpath(place / path)
        if candidate in named:
            return candidate
    tail = "/" + path.replace(os.sep, "/").removeprefix("./").lstrip("/")
    ending = [clip for clip in named if clip.replace(os.sep, "/").endswith(tail)]
    return ending[0] if len(ending) == 1 else None
