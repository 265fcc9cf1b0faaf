"""What an evaluation prints."""

import math

import pytest

from retrieval.evaluation.clips import Unheard
from retrieval.evaluation.report import MEASURES, Estimate, Naming, Report, Row


def row(ranked_by: str, first: Estimate) -> Row:
    rest = {name: Estimate(math.nan) for name in MEASURES}
    return Row("toy", "angry", 6, ranked_by, rest | {"ndcg": first})


@pytest.fixture
def report() -> Report:
    naming = Naming("toy", 36, 3, ("angry", "sad"), Estimate(0.75, 0.7, 0.8), 0.5)
    rows = (row("mine", Estimate(0.912, 0.8, 1.0)), row("random", Estimate(0.2)))
    return Report("mine", "f00d", "test", (naming,), rows, 2, (Unheard("x.wav", "empty"),))


def test_text_is_in_columns(report: Report) -> None:
    summary, heading, first, second = report.to_text().split("\n\n")[0].splitlines()
    assert summary == (
        "toy: 36 clips of split test, 3 speakers. "
        "UAR of 2 label prompts .75 [.70, .80], chance .50."
    )
    assert heading.split()[:5] == ["prompt", "clips", "ranked", "by", "nDCG@10"]
    at = heading.index("nDCG@10")
    assert first[at:].split("  ")[0] == ".91 [.80, 1.00]"
    assert second[at:].split() == [".20", "-", "-", "-", "-", "-"]


def test_numbers_are_short() -> None:
    assert str(Estimate(-0.5, -1, 10.0)) == "-.50 [-1.00, 10.00]"
    assert str(Estimate(0.0)) == ".00"
    assert str(Estimate(math.nan)) == "-"


def test_markdown_is_a_table_of_equal_rows(report: Report) -> None:
    lines = [line for line in report.to_markdown().splitlines() if line.startswith("|")]
    assert {line.count("|") for line in lines} == {len(MEASURES) + 4}
    assert lines[2].startswith("| angry | 6 | mine | .91 [.80, 1.00] | - |")
    assert "### toy" in report.to_markdown()


def test_what_was_left_out_is_told(report: Report) -> None:
    for text in (report.to_text(), report.to_markdown()):
        assert "Left out: 2 rows" in text
        assert "Not heard: 1 clips; the first: x.wav: empty" in text


def test_a_row_is_found_by_name(report: Report) -> None:
    assert report.row("toy", "angry", "random").measures["ndcg"].value == 0.2
    with pytest.raises(KeyError):
        report.row("toy", "angry", "loudness")
