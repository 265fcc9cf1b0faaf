"""Claims held against tables."""

import math
import re

import pytest

from retrieval.evaluation.recognition.claims import Claim, findings
from retrieval.evaluation.table import Cell, Estimate, Table

SAID = "Both are better than the voice alone"


def table(*rows: tuple[Cell, ...]) -> Table:
    return Table("fusions", "Fusions", "", ("way", "clips", "UAR"), rows)


def claim(bar: float = 0.0, rival: dict[str, Cell] | None = None) -> Claim:
    return Claim(SAID, "fusions", "UAR", {"way": "both"}, rival, bar=bar)


@pytest.mark.parametrize(
    ("ours", "verdict"),
    [
        (Estimate(0.8, 0.75, 0.85), "shown"),
        (Estimate(0.72, 0.65, 0.8), "not certain"),
        (Estimate(0.7, 0.65, 0.8), "missed"),
    ],
)
def test_a_row_is_held_against_its_rival(ours: Estimate, verdict: str) -> None:
    here = table(("voice", 9, Estimate(0.7, 0.6, 0.8)), ("both", 9, ours))
    (found,) = findings([claim(rival={"way": "voice"})], [here])
    assert found.verdict == verdict
    assert found.sentence() == f"{SAID} (UAR {ours} against .70 [.60, .80])."


def test_without_a_rival_there_is_a_bar_and_without_an_interval_the_value() -> None:
    (found,) = findings([claim(bar=0.5)], [table(("both", 9, 0.6))])
    assert (found.verdict, found.figures) == ("shown", "UAR .60 against .50")
    (less,) = findings([claim()], [table(("both", 9, Estimate(-0.1, -0.2, 0.1)))])
    assert (less.verdict, less.figures) == ("missed", "UAR more by -.10 [-.20, .10]")


@pytest.mark.parametrize(
    ("ours", "verdict"),
    [
        (Estimate(0.1, 0.05, 0.15), "shown"),
        (Estimate(0.18, 0.1, 0.25), "not certain"),
        (Estimate(0.2, 0.1, 0.25), "missed"),
    ],
)
def test_less_may_be_better(ours: Estimate, verdict: str) -> None:
    alarms = Claim("Few alarms", "fusions", "UAR", {"way": "both"}, bar=0.2, less=True)
    (found,) = findings([alarms], [table(("both", 9, ours))])
    assert found.verdict == verdict


@pytest.mark.parametrize(
    "here",
    [
        Table("others", "", "", ("way", "clips", "UAR"), (("both", 9, 0.6),)),
        table(("voice", 9, 0.6)),
        table(("both", 9, None)),
        table(("both", 9, Estimate(math.nan))),
        Table("fusions", "", "", ("way", "F1"), (("both", 0.6),)),
    ],
)
def test_what_was_not_measured_is_not_judged(here: Table) -> None:
    assert list(findings([claim()], [here])) == []


def test_a_pattern_picks_the_row_and_a_column_may_be_the_rival() -> None:
    here = Table(
        "fusions", "", "", ("way", "UAR", "space"),
        (("voice", 0.5, 0.9), ("hybrid *", 0.8, 0.7), ("late *", 0.1, 0.1)),
    )  # fmt: skip
    answer = re.compile(r"\w+ \*")
    starred = Claim(SAID, "fusions", "UAR", {"way": answer}, rival_measure="space", called="recall")
    (found,) = findings([starred], [here])
    assert (found.verdict, found.figures) == ("shown", "recall .80 against .70")


def test_a_rival_that_is_not_there_leaves_the_claim_open() -> None:
    assert list(findings([claim(rival={"way": "voice"})], [table(("both", 9, 0.6))])) == []
