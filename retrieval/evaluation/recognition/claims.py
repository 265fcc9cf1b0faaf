"""What was to be shown, held against the tables: sentences for who reads nothing else."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from retrieval.evaluation.table import Cell, Estimate, Table

Wanted = Mapping[str, Cell | re.Pattern[str]]
Verdict = Literal["shown", "not certain", "missed"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)


@dataclass(frozen=True)
class Claim:
    """One figure that has to lie above a bar, or above another figure of the same table.

    Its whole interval has to; where only the value does, nothing is certain. Where there is no
    interval the value alone counts.

    Attributes:
        said: what it would show, as a sentence without its full stop.
        table, measure: the name of the table, and a column of it.
        row: by column, the cell or a pattern of it, which pick the row; the first that fits.
        rival: the same for the row to be beaten; None for the row itself.
        rival_measure: the column to be beaten; None for `measure`.
        bar: what the figure has to be above, where there is no rival of either kind.
        less: it has to lie below instead.
        called: what is measured, where the heading of the column does not say it.
    """

    said: str
    table: str
    measure: str
    row: Wanted
    rival: Wanted | None = None
    rival_measure: str | None = None
    bar: float = 0.0
    less: bool = False
    called: str = ""

    @property
    def has_rival(self) -> bool:
        return self.rival is not None or self.rival_measure is not None


@dataclass(frozen=True)
class Finding:
    """What became of a claim: its verdict, and the figures as text."""

    claim: Claim
    verdict: Verdict
    figures: str

    def sentence(self) -> str:
        return f"{self.claim.said} ({self.figures})."


def findings(claims: Sequence[Claim], tables: Sequence[Table]) -> Iterator[Finding]:
    """What the tables say of each claim; nothing of one whose figures are not there."""
    by_name = {table.name: table for table in tables}
    for claim in claims:
        table = by_name.get(claim.table)
        found = None if table is None else _judged(claim, table)
        if found is not None:
            yield found


def _judged(claim: Claim, table: Table) -> Finding | None:
    ours = _figure(table, claim.row, claim.measure)
    rival = Estimate(claim.bar)
    if claim.has_rival:
        rival = _figure(table, claim.rival or claim.row, claim.rival_measure or claim.measure)
    if math.isnan(ours.value) or math.isnan(rival.value):
        return None
    sign = -1 if claim.less else 1
    end = ours.high if claim.less else ours.low
    verdict: Verdict = "missed"
    if sign * (ours.value - rival.value) > 0:
        sure = math.isnan(end) or sign * (end - rival.value) > 0
        verdict = "shown" if sure else "not certain"
    is_difference = not claim.has_rival and not claim.bar
    compared = f"more by {ours}" if is_difference else f"{ours} against {rival}"
    return Finding(claim, verdict, f"{claim.called or claim.measure} {compared}")


def _figure(table: Table, wanted: Wanted, measure: str) -> Estimate:
    for record in table.records():
        cell = record.get(measure)
        if all(_fits(record.get(column), value) for column, value in wanted.items()):
            if isinstance(cell, Estimate):
                return cell
            if isinstance(cell, int | float):
                return Estimate(float(cell))
    return Estimate(math.nan)


def _fits(cell: Cell, wanted: Cell | re.Pattern[str]) -> bool:
    if isinstance(wanted, re.Pattern):
        return isinstance(cell, str) and wanted.fullmatch(cell) is not None
    return cell == wanted
