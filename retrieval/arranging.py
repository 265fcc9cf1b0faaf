"""An answer as it was asked for: hits with what the catalog knows of them, sorted by it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from retrieval import questions
from retrieval.catalog import Catalog
from retrieval.columns import COLUMNS, UNITS_PER_SECOND, Value, number
from retrieval.query import Answer, Hit

#: What hits say of their clips in a library where something was recognised.
SHOWN = ("recognised", "confidence", "mismatch")


def arranged(catalog: Catalog, answer: Answer, sort: str | None) -> Answer:
    """The same hits, with what was recognised in their clips, sorted where that was asked for.

    Args:
        sort: as `retrieval.query.Wanted` has it.
    """
    with catalog.reading() as db:
        shown = SHOWN if questions.is_recognised(db) else ()
    name = None if sort is None else sort.removeprefix("-")
    asked = [*shown, *(() if name is None else (name,))]
    if not asked or not answer.hits:
        return answer
    found = catalog.values_of(asked, {hit.path for hit in answer.hits})
    hits: Sequence[Hit] = [
        replace(hit, known={one: found[one].get(hit.path) for one in shown}) for hit in answer.hits
    ]
    if sort is not None and name is not None:
        hits = _sorted(hits, name, found[name], falling=sort.startswith("-"))
    return replace(answer, hits=tuple(hits))


def _sorted(
    hits: Sequence[Hit], name: str, values: Mapping[str, Value], *, falling: bool
) -> list[Hit]:
    """Hits by a value of their clips; equal ones as they fit, unknown ones last."""
    known = [hit for hit in hits if values.get(hit.path) is not None]
    order = _order(name, [values[hit.path] for hit in known])
    known.sort(key=lambda hit: order(values[hit.path]), reverse=falling)
    unknown = [hit for hit in hits if values.get(hit.path) is None]
    return [
        replace(hit, known={**hit.known, "sort": _plain(name, values.get(hit.path))})
        for hit in (*known, *unknown)
    ]


def _order(name: str, values: Sequence[Value]) -> Callable[[Value], Any]:
    """What values are compared as: numbers, also those written as labels, or text."""
    if name not in COLUMNS and all(number(value) is not None for value in values):
        return number
    return lambda value: value.casefold() if isinstance(value, str) else value


def _plain(name: str, value: Value) -> Value:
    """A value as it is shown: a date as local time, as in 2026-01-31T12:00:00."""
    if name in UNITS_PER_SECOND and isinstance(value, (int, float)):
        return datetime.fromtimestamp(value).isoformat(timespec="seconds")
    return value
