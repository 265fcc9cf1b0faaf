"""Filters: which clips may answer, as a person writes it and as SQL.

An expression is a name, an operator and a value: ``speaker=07``, ``duration<10``,
``path=*/takes/*``. `|` between values means any of them. What a name means is decided in
retrieval/columns.py.
"""

import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Float, and_, exists, func, not_, or_, select

from retrieval.columns import COLUMNS, UNITS_PER_SECOND, WHOLE, Attribute, Kind, label_of, number
from retrieval.errors import PromptError
from retrieval.tables import Clip, Label

_EXPRESSION = re.compile(r"\s*([^=!<>~]+?)\s*(!=|!~|>=|<=|==|=|~|>|<)\s*(.*?)\s*", re.DOTALL)
_ORDER: dict[str, Callable[[Any, Any], ColumnElement[bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
OPERATORS = ("=", "!=", "~", "!~", *_ORDER)

_ALLOWED: dict[Kind, tuple[str, ...]] = {
    "number": ("=", "!=", *_ORDER),
    "date": ("=", "!=", *_ORDER),
    "text": ("=", "!=", "~", "!~"),
    "code": ("=", "!=", "~", "!~"),
    "path": ("=", "!=", "~", "!~"),
}


@dataclass(frozen=True)
class Condition:
    """One comparison; what it means is decided by `name` (retrieval/columns.py).

    Attributes:
        name: a name of `COLUMNS`, ``label.NAME``, ``tag.NAME`` or the name of a label.
        operator: one of `OPERATORS`; ``~`` is "contains", whatever the case.
        values: any of them for ``=`` and ``~``, none of them for ``!=`` and ``!~``; one
            number or date for the rest.

    Raises:
        PromptError: the three do not go together.
    """

    name: str
    operator: str
    values: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.values or not all(self.values):
            raise _unreadable(self, "there is no value to compare with")
        if self.operator not in OPERATORS:
            raise _unreadable(self, f"there is no operator {self.operator!r}")
        if self.operator in _ORDER and len(self.values) > 1:
            raise _unreadable(self, f"{self.operator} takes one value")
        self.clause()

    @property
    def label(self) -> str | None:
        """The name of the label that is compared, if it is one."""
        return label_of(self.name)

    def clause(self) -> ColumnElement[bool]:
        """The comparison in SQL, over the tables clips and sounds joined."""
        negative = self.operator.startswith("!")
        positive = self.operator.removeprefix("!") if negative else self.operator
        if self.name in COLUMNS:
            found = self._column(positive)
        elif self.name.startswith("tag."):
            found = self._tag(positive)
        else:
            found = self._label(positive)
        # Something unknown (NULL) is not equal to anything: it stays when that is left out.
        return not_(func.coalesce(found, False)) if negative else found

    def _column(self, positive: str) -> ColumnElement[bool]:
        kind, column = COLUMNS[self.name]
        if self.operator not in _ALLOWED[kind]:
            raise _unreadable(self, f"{self.name} is compared with {' '.join(_ALLOWED[kind])}")
        compared = self._compared(kind, column, positive)
        whole = WHOLE.get(column.class_)
        return compared if whole is None else exists().where(whole, compared)

    def _compared(self, kind: Kind, column: Attribute, positive: str) -> ColumnElement[bool]:
        if kind == "path" and positive == "=":
            return or_(*(path_clause(value) for value in self.values))
        if kind == "number":
            return self._numeric(column, positive)
        if kind == "date":
            return or_(*(self._date(column, positive, value) for value in self.values))
        if kind == "code" and positive == "=":
            return func.upper(column).in_([value.upper() for value in self.values])
        return self._textual(column, positive)

    def _label(self, positive: str) -> ColumnElement[bool]:
        compared = self._free(Label.value, positive)
        return exists().where(Label.clip_id == Clip.id, Label.name == self.label, compared)

    def _tag(self, positive: str) -> ColumnElement[bool]:
        tags = func.json_each(Clip.tags).table_valued("key", "value", name="tag")
        named = func.lower(tags.c.key) == self.name.removeprefix("tag.").lower()
        return exists(select(1).select_from(tags).where(named, self._free(tags.c.value, positive)))

    def _free(self, column: ColumnElement[Any] | Any, positive: str) -> ColumnElement[bool]:
        """Compare a value of unknown type: as a number where an order is asked for."""
        if positive in _ORDER:
            return self._numeric(func.affetto_number(column, type_=Float), positive)
        return self._textual(column, positive)

    def _numeric(self, column: ColumnElement[Any] | Any, positive: str) -> ColumnElement[bool]:
        numbers = [number(value) for value in self.values]
        for value, read in zip(self.values, numbers, strict=True):
            if read is None:
                raise _unreadable(self, f"{value!r} is not a number")
        if positive in _ORDER:
            return _ORDER[positive](column, numbers[0])
        return column.in_(numbers)

    def _date(
        self, column: ColumnElement[Any] | Any, positive: str, value: str
    ) -> ColumnElement[bool]:
        """A date stands for all its seconds: the day, month or year is before, in or after."""
        try:
            first, after = span(value)
        except (ValueError, OverflowError) as fault:
            raise _unreadable(self, f"{value!r} is not a date like 2026-01-31") from fault
        scale = UNITS_PER_SECOND[self.name]
        first, after = first * scale, after * scale
        inside: dict[str, ColumnElement[bool]] = {
            "<": column < first,
            ">=": column >= first,
            "<=": column < after,
            ">": column >= after,
            "=": and_(column >= first, column < after),
        }
        return inside[positive]

    def _textual(self, column: ColumnElement[Any] | Any, positive: str) -> ColumnElement[bool]:
        if positive == "=":
            return column.in_(self.values)
        return or_(*(func.affetto_contains(column, value) == 1 for value in self.values))


@dataclass(frozen=True)
class Filters:
    """Which clips may answer.

    Attributes:
        conditions: all of them must hold.
        paths: globs, as after ``path=``; one of them must match, if there are any.
        include_missing: whether clips answer whose files are gone.
    """

    conditions: tuple[Condition, ...] = ()
    paths: tuple[str, ...] = ()
    include_missing: bool = False

    def names(self) -> tuple[str, ...]:
        """The names of all that is compared."""
        return tuple(one.name for one in self.conditions)

    def clauses(self) -> list[ColumnElement[bool]]:
        """What must all be true in SQL, over the tables clips and sounds joined."""
        clauses = [condition.clause() for condition in self.conditions]
        if self.paths:
            clauses.append(or_(*(path_clause(glob) for glob in self.paths)))
        if not self.include_missing:
            clauses.append(Clip.missing_since.is_(None))
        return clauses


def parse_where(expression: str) -> Condition:
    """Read one filter expression.

    Raises:
        PromptError: it cannot be read; the error says what can.
    """
    match = _EXPRESSION.fullmatch(expression)
    if match is None:
        raise PromptError(
            f"the filter {expression!r} cannot be read: it is not a name, an operator and a value",
            remedy=_REMEDY,
        )
    name, sign, value = match.groups()
    values = tuple(part.strip() for part in value.split("|"))
    return Condition(name, "=" if sign == "==" else sign, values)


def parse_filters(
    where: Sequence[str] = (), paths: Sequence[str] = (), *, include_missing: bool = False
) -> Filters:
    """Read filter expressions, which must all hold, and globs, of which one must match.

    Raises:
        PromptError: an expression cannot be read.
    """
    return Filters(tuple(parse_where(one) for one in where), tuple(paths), include_missing)


def path_clause(glob: str) -> ColumnElement[bool]:
    """Whether the path of a clip matches: ``*`` any characters, slashes too; ``?`` one; ``[a-z]``.

    Stored paths are absolute, so a glob that starts within one may match anywhere below.
    """
    expanded = str(Path(glob).expanduser()) if glob.startswith("~") else glob
    if not Path(expanded).is_absolute() and not expanded.startswith("*"):
        expanded = f"*/{expanded}"
    return Clip.path.op("GLOB", is_comparison=True)(expanded.replace("[!", "[^"))


def span(date: str) -> tuple[float, float]:
    """The first second of a local day, month or year, and the first after it (since 1970, UTC).

    Raises:
        ValueError: the text is not ``2026``, ``2026-01`` or ``2026-01-31``.
    """
    for form, step in (("%Y-%m-%d", "day"), ("%Y-%m", "month"), ("%Y", "year")):
        try:
            first = datetime.strptime(date, form)
        except ValueError:
            continue
        if step == "day":
            after = first + timedelta(days=1)
        elif step == "month":
            after = (first + timedelta(days=31)).replace(day=1)
        else:
            after = first.replace(year=first.year + 1)
        return first.timestamp(), after.timestamp()
    raise ValueError(f"{date!r} is not a date")


_REMEDY = (
    f"write NAME OPERATOR VALUE, with one of {' '.join(OPERATORS)}; a name is a label or one of "
    f"{', '.join(COLUMNS)}"
)


def _unreadable(condition: Condition, why: str) -> PromptError:
    shown = f"{condition.name}{condition.operator}{'|'.join(condition.values)}"
    return PromptError(f"the filter {shown!r} cannot be read: {why}", remedy=_REMEDY)
