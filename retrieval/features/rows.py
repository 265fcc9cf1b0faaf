"""Features as tables: for people, JSON, CSV and Parquet. docs/features.md is the contract."""

import csv
import io
import json
import math
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from retrieval.errors import MissingExtra, PromptError
from retrieval.features.measures import UNITS
from retrieval.features.readings import Reading

Row = dict[str, Any]

COLUMNS = ("path", "start", "end", *UNITS)

#: What fits on a line of a terminal.
SHORT = (
    "pitch_median",
    "pitch_range",
    "speaking_rate",
    "loudness",
    "silence_share",
    "jitter",
    "shimmer",
    "hnr",
    "tilt",
    "brightness",
)

#: Decimals that are shown; more than a measurement is worth, fewer than a float holds.
DIGITS = 4


def row(path: str, reading: Reading) -> Row:
    """One range of seconds of a recording as plain values; what is not known is None."""
    values = asdict(reading.features)
    times = {"path": path, "start": round(reading.start, 3), "end": round(reading.end, 3)}
    return times | {name: _plain(values[name]) for name in UNITS}


def to_json(rows: Sequence[Row]) -> str:
    """One array of objects."""
    return json.dumps(list(rows), ensure_ascii=False, indent=2, allow_nan=False)


def to_csv(rows: Sequence[Row]) -> str:
    """A table with a header; what is not known is empty."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().rstrip("\n")


def check_parquet() -> None:
    """Refuse at once what could not be written later.

    Raises:
        MissingExtra: pyarrow is not installed.
    """
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError as error:
        raise MissingExtra(
            "Parquet needs an optional package", remedy="pip install 'affetto[parquet]', or --csv"
        ) from error


def write_parquet(rows: Sequence[Row], file: Path) -> None:
    """Write a table whose columns carry their units as metadata; what is not known is null.

    Raises:
        MissingExtra: pyarrow is not installed.
        PromptError: the file cannot be written.
    """
    check_parquet()
    import pyarrow
    import pyarrow.parquet

    kinds = {"path": pyarrow.string(), "pause_count": pyarrow.int64()}
    units = {"start": "s", "end": "s"} | UNITS
    fields = [
        pyarrow.field(
            name, kinds.get(name, pyarrow.float64()), metadata={"unit": units.get(name, "")}
        )
        for name in COLUMNS
    ]
    table = pyarrow.Table.from_pylist(list(rows), schema=pyarrow.schema(fields))
    try:
        pyarrow.parquet.write_table(table, file)
    except OSError as error:
        raise PromptError(
            f"cannot be written: {error.strerror or error}", path=file, remedy="choose another file"
        ) from error


def one_text(one: Row) -> str:
    """One recording: a feature a line, with its unit."""
    width = max(map(len, UNITS))
    return "\n".join(f"{name:<{width}} {_shown(name, one):>9}  {UNITS[name]}" for name in UNITS)


def table_text(rows: Sequence[Row]) -> str:
    """Several rows: times and the features that say most, then the path."""
    head = f"{'seconds':>15}" + "".join(f" {name:>{_wide(name)}}" for name in SHORT) + "  clip"
    lines = [head]
    for one in rows:
        times = f"{one['start']:.1f}-{one['end']:.1f}"
        cells = "".join(f" {_shown(name, one):>{_wide(name)}}" for name in SHORT)
        lines.append(f"{times:>15}{cells}  {one['path']}")
    return "\n".join(lines)


def _wide(name: str) -> int:
    return max(8, len(name))


def _plain(value: float) -> float | int | None:
    if not math.isfinite(value):
        return None
    return value if isinstance(value, int) else round(value, DIGITS)


def _shown(name: str, one: Row) -> str:
    value = one[name]
    if value is None:
        return "-"
    if isinstance(value, int):
        return str(value)
    return f"{value:.3f}" if UNITS[name] == "share" else f"{value:.1f}"
