"""Columns: what is known of a clip by name, and how it is reached in SQL.

A name is one of `COLUMNS`, or else a label; ``label.NAME`` reaches a label that has the name of a
column, ``tag.NAME`` a tag that was read from the file. Filters compare columns
(retrieval/filters.py), and answers are sorted by them (retrieval/arranging.py).
"""

import math
from collections.abc import Callable
from typing import Any, Literal

from sqlalchemy import ColumnElement, Double, and_, func, select
from sqlalchemy.orm import InstrumentedAttribute

from retrieval.tables import Base, Clip, Feature, Label, Recognised, Sound

Kind = Literal["number", "date", "text", "code", "path"]
Attribute = InstrumentedAttribute[Any]
Value = str | float | None

# Name, what it is compared as (a code is a text whose case does not count), and where it stands.
COLUMNS: dict[str, tuple[Kind, Attribute]] = {
    "duration": ("number", Sound.duration),
    "loudness": ("number", Sound.loudness),
    "peak": ("number", Sound.peak),
    "rate": ("number", Clip.rate),
    "channels": ("number", Clip.channels),
    "size": ("number", Clip.size),
    "date": ("date", Clip.mtime_ns),
    "added": ("date", Clip.added_at),
    "path": ("path", Clip.path),
    "format": ("code", Clip.format),
    "subtype": ("code", Clip.subtype),
    "hash": ("text", Sound.hash),
    "transcript": ("text", Clip.transcript),
}


def _names(table: type[Base], without: set[str]) -> tuple[str, ...]:
    return tuple(one.name for one in table.__table__.columns if one.name not in without)


# What `affetto features` measures of whole sounds (docs/features.md).
FEATURES = _names(Feature, {*COLUMNS, "id", "sound_id", "method", "start", "end"})
COLUMNS |= {name: ("number", getattr(Feature, name)) for name in FEATURES}
# What `affetto recognise` recognises in whole clips (docs/recognising.md).
RECOGNISED = _names(Recognised, {"id", "clip_id", "recogniser", "start", "end", "words", "state"})
for _name in RECOGNISED:
    _column: Attribute = getattr(Recognised, _name)
    COLUMNS[_name] = ("number" if isinstance(_column.type, Double) else "code", _column)

# Which rows of the tables beside clips and sounds are about a clip as a whole.
WHOLE: dict[Any, ColumnElement[bool]] = {
    Feature: and_(Feature.sound_id == Sound.id, Feature.start.is_(None)),
    Recognised: and_(Recognised.clip_id == Clip.id, Recognised.start.is_(None)),
}
UNITS_PER_SECOND = {"date": 1e9, "added": 1.0}


def label_of(name: str) -> str | None:
    """The name of the label that a name means, if it means one."""
    if name in COLUMNS or name.startswith("tag."):
        return None
    return name.removeprefix("label.")


def value_of(name: str) -> ColumnElement[Any]:
    """What a name has for a clip, in SQL, over the tables clips and sounds joined.

    Dates are in seconds since 1970.
    """
    label = label_of(name)
    if label is not None:
        found = select(Label.value).where(Label.clip_id == Clip.id, Label.name == label)
        return found.scalar_subquery()
    if name.startswith("tag."):
        tags = func.json_each(Clip.tags).table_valued("key", "value", name="tag")
        named = func.lower(tags.c.key) == name.removeprefix("tag.").lower()
        return select(tags.c.value).select_from(tags).where(named).limit(1).scalar_subquery()
    column = COLUMNS[name][1]
    whole = WHOLE.get(column.class_)
    if whole is None:
        return column / UNITS_PER_SECOND[name] if name in UNITS_PER_SECOND else column.expression
    return select(column).where(whole).limit(1).scalar_subquery()


def number(text: object) -> float | None:
    """A label value as a number; None if it is none. SQLite calls it ``affetto_number``."""
    try:
        value = float(str(text))
    except ValueError:
        return None
    return None if math.isnan(value) else value


def contains(text: object, part: str) -> bool:
    """Whether a text contains another, whatever the case, in any script (``affetto_contains``)."""
    return text is not None and part.casefold() in str(text).casefold()


# What SQLite must be taught on every connection: name, number of arguments, function.
FUNCTIONS: tuple[tuple[str, int, Callable[..., float | bool | None]], ...] = (
    ("affetto_number", 1, number),
    ("affetto_contains", 2, contains),
)
