"""A table in every form in which it is printed or kept."""

import json
import math
from dataclasses import replace

import pytest

from retrieval.evaluation.table import Estimate, Table, from_plain

TABLE = Table(
    "toy",
    "Toys",
    "What was played with.",
    ("corpus", "ranked by", "clips", "nDCG@10", "tau-b"),
    (
        ("ravdess", "mine", 6, Estimate(0.912, 0.8, 1.0), -0.1234),
        ("ravdess", "random", 6, Estimate(0.2), math.nan),
        ("nemo", "a|b", 6, Estimate(math.nan), None),
    ),
)


def test_numbers_are_short() -> None:
    assert str(Estimate(-0.5, -1, 10.0)) == "-.50 [-1.00, 10.00]"
    assert str(Estimate(0.0)) == ".00"
    assert str(Estimate(math.nan)) == "-"


def test_text_is_in_columns_and_does_not_repeat_itself() -> None:
    title, note, blank, heading, *lines = TABLE.to_text().splitlines()
    assert (title, note, blank) == ("Toys", "What was played with.", "")
    assert heading.split() == ["corpus", "ranked", "by", "clips", "nDCG@10", "tau-b"]
    assert lines[0].split("  ")[:1] == ["ravdess"]
    assert lines[0].endswith(".91 [.80, 1.00]  -.123")
    assert lines[1].lstrip().startswith("random")  # the corpus is that of the line above
    assert lines[1].split() == ["random", "6", ".20", "-"]
    at = heading.index("nDCG@10")
    assert [line[at - 1 : at + 1] for line in lines] == [" .", " .", " -"]


def test_a_row_that_says_the_same_keeps_its_last_cell() -> None:
    twice = Table("toy", "", "", ("a", "b"), (("x", 1), ("x", 1)))
    assert twice.to_text().splitlines()[-1].split() == ["1"]


def test_long_notes_are_broken_for_a_terminal() -> None:
    told = replace(TABLE, note="long words " * 30).to_text()
    assert max(map(len, told.splitlines())) <= 100


def test_markdown_is_a_table_of_equal_rows() -> None:
    text = TABLE.to_markdown()
    assert text.startswith("What was played with.\n\n| corpus |")
    lines = [line for line in text.splitlines() if line.startswith("|")]
    assert lines[1] == "| --- | --- | --- | --- | --- |"
    assert lines[2] == "| ravdess | mine | 6 | .91 [.80, 1.00] | -.123 |"
    assert lines[4] == r"| nemo | a\|b | 6 | - | - |"


def test_a_table_survives_json_but_for_what_is_not_defined() -> None:
    plain = json.loads(json.dumps(TABLE.to_plain(), allow_nan=False))
    assert plain["rows"][0][3] == {"value": 0.912, "low": 0.8, "high": 1.0}
    assert plain["rows"][1][3:] == [{"value": 0.2, "low": None, "high": None}, None]
    again = from_plain(plain)
    assert again.rows[0] == TABLE.rows[0]
    assert again.to_markdown() == TABLE.to_markdown()
    assert again.to_text() == TABLE.to_text()


def test_records_are_by_column() -> None:
    assert TABLE.records()[1]["ranked by"] == "random"


def test_means_stand_for_the_prompts_where_there_are_means() -> None:
    rows = (("angry", 0.1), ("mean", 0.2), ("sad", 0.3), ("mean", 0.4))
    asked = Table("toy", "", "", ("prompt", "UAR"), rows)
    assert asked.means().rows == (("mean", 0.2), ("mean", 0.4))
    assert TABLE.means() is TABLE
    named = replace(asked, columns=("label", "UAR"))
    assert named.means() is named


def test_a_row_has_a_cell_for_each_column() -> None:
    with pytest.raises(ValueError, match="table toy: a row has 2 cells for 5 columns"):
        replace(TABLE, rows=(("ravdess", 1),))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"title": None}, "a table has no title"),
        ({"columns": "abc"}, "columns is a list"),
        ({"columns": [1]}, "columns is a list"),
        ({"rows": {}}, "rows is a list of lists"),
        ({"rows": [["x", True, 6, 1, 2]]}, "True is no cell"),
        ({"rows": [["x", [], 6, 1, 2]]}, r"\[\] is no cell"),
        ({"rows": [["x", {"value": "high"}, 6, 1, 2]]}, "is no cell"),
        ({"rows": [["x"]]}, "1 cells for 5 columns"),
    ],
)
def test_what_is_no_table_is_refused(change: dict[str, object], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        from_plain(TABLE.to_plain() | change)


def test_something_else_is_no_table() -> None:
    with pytest.raises(ValueError, match="a table is an object"):
        from_plain(["rows"])
