"""One table of an evaluation, as data, as JSON, as Markdown and as text."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from operator import eq
from textwrap import wrap

#: What stands in a column of prompts for the mean over them.
MEAN = "mean"

#: Characters of a line of text in a terminal.
WIDTH = 100

#: What JSON can hold of a table or a cell.
Plain = str | int | float | None | list["Plain"] | dict[str, "Plain"]


@dataclass(frozen=True)
class Estimate:
    """A measure with its 95 % interval; nan where there is none."""

    value: float
    low: float = math.nan
    high: float = math.nan

    def __str__(self) -> str:
        if math.isnan(self.value):
            return "-"
        if math.isnan(self.low):
            return _short(self.value, 2)
        return f"{_short(self.value, 2)} [{_short(self.low, 2)}, {_short(self.high, 2)}]"


Cell = str | int | float | Estimate | None


@dataclass(frozen=True)
class Table:
    """What one question to the space has shown.

    Attributes:
        name: its key in the JSON, in snake_case.
        title: its heading.
        note: what is measured, on what, and how to read it; one or two sentences.
        columns: (m,) headings.
        rows: (n, m) cells; None and nan for what is not defined.

    Raises:
        ValueError: a row has not one cell for each column.
    """

    name: str
    title: str
    note: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                reason = f"{len(row)} cells for {len(self.columns)} columns"
                raise ValueError(f"table {self.name}: a row has {reason}")

    def records(self) -> list[dict[str, Cell]]:
        """Every row as its cells by column."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]

    def means(self) -> "Table":
        """The rows of `MEAN` alone, for who reads in haste; the same table if it has none."""
        at = [number for number, column in enumerate(self.columns) if column == "prompt"]
        rows = tuple(row for row in self.rows if any(row[number] == MEAN for number in at))
        return replace(self, rows=rows) if rows else self

    def to_plain(self) -> dict[str, Plain]:
        """What `from_plain` reads, ready for JSON; what is not defined is None."""
        return {
            "name": self.name,
            "title": self.title,
            "note": self.note,
            "columns": list(self.columns),
            "rows": [[_plain(cell) for cell in row] for row in self.rows],
        }

    def to_markdown(self) -> str:
        """The note and the table, without the title and without a line break at the end."""
        lines = [_bar(self.columns), _bar(["---"] * len(self.columns)), *map(_bar, self._cells())]
        return "\n\n".join([self.note, "\n".join(lines)])

    def to_text(self) -> str:
        """Title, note and columns for a terminal; what the row above says already is left blank."""
        table = [list(self.columns), *_without_repeats(self._cells())]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
            for line in table
        ]
        return "\n".join([self.title, *wrap(self.note, WIDTH), "", *lines])

    def _cells(self) -> list[list[str]]:
        return [[_written(cell) for cell in row] for row in self.rows]


def from_plain(data: object) -> Table:
    """The table that `Table.to_plain` wrote.

    Raises:
        ValueError: this is no table; the message says why.
    """
    if not isinstance(data, Mapping):
        raise ValueError("a table is an object with name, title, note, columns and rows")
    name, title, note = (_text(data, key) for key in ("name", "title", "note"))
    columns, rows = data.get("columns"), data.get("rows")
    if not isinstance(columns, list) or not all(isinstance(column, str) for column in columns):
        raise ValueError(f"table {name}: columns is a list of headings")
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise ValueError(f"table {name}: rows is a list of lists of cells")
    cells = tuple(tuple(_cell(name, cell) for cell in row) for row in rows)
    return Table(name, title, note, tuple(columns), cells)


def _text(data: Mapping[str, object], key: str) -> str:
    value = data.get(key)
    if not isinstance(value, str):
        raise ValueError(f"a table has no {key}")
    return value


def _cell(table: str, value: object) -> Cell:
    if isinstance(value, Mapping):
        bounds = [value.get(key) for key in ("value", "low", "high")]
        if all(bound is None or _is_number(bound) for bound in bounds):
            return Estimate(*(math.nan if bound is None else float(bound) for bound in bounds))
    elif value is None or isinstance(value, str) or _is_number(value):
        return value  # type: ignore[return-value]  # narrowed by _is_number
    raise ValueError(f"table {table}: {value!r} is no cell")


def _without_repeats(lines: Sequence[list[str]]) -> Iterator[list[str]]:
    above: list[str] = []
    for line in lines:
        same = sum(takewhile(bool, map(eq, line[:-1], above)))
        yield [""] * same + line[same:]
        above = line


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _plain(cell: Cell) -> Plain:
    """JSON has no nan."""
    if isinstance(cell, Estimate):
        bounds = {"value": cell.value, "low": cell.low, "high": cell.high}
        return {key: _plain(bound) for key, bound in bounds.items()}
    return None if isinstance(cell, float) and math.isnan(cell) else cell


def _written(cell: Cell) -> str:
    if cell is None:
        return "-"
    if isinstance(cell, float):
        return "-" if math.isnan(cell) else _short(cell, 3)
    return str(cell)


def _short(value: float, places: int) -> str:
    """A few decimals; a table of fractions is wide enough without their zeros."""
    sign, digits = "-" if value < 0 else "", f"{abs(value):.{places}f}"
    return sign + digits.removeprefix("0")


def _bar(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
