"""The parts of the report, put together."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from retrieval.errors import MissingExtra, PromptError
from retrieval.evaluation.recognition.gathering import Asked, Part, evaluate
from retrieval.evaluation.recognition.published import published
from retrieval.evaluation.table import Table
from retrieval.recognition.recogniser import load_recogniser

HERE = Path("corpora")


def table(name: str) -> Table:
    return Table(name, name.title(), "", ("way", "UAR"), (("voice", 0.5),))


def good(asked: Asked) -> Iterable[Table]:
    assert (asked.corpora, asked.split, asked.fused) == (HERE, "val", "fused")
    asked.note("three clips were silent")
    yield table("good")


def absent(_: Asked) -> Iterable[Table]:
    raise MissingExtra("no recogniser of speech is installed", remedy="pip install it")


def test_parts_come_in_order_then_studies_then_the_papers() -> None:
    parts: dict[str, Part] = {"one": good, "two": absent}
    told: list[str] = []
    found = evaluate(HERE, "val", [table("study")], fused="fused", parts=parts, tell=told.append)
    names = [one.name for one in found.tables]
    assert names[:2] == ["good", "study"]
    assert names[2:] == [one.name for one in published()]
    assert found.notes == (
        "three clips were silent",
        "two: no recogniser of speech is installed (pip install it)",
    )
    assert told == ["one (1/2)", "two (2/2)"]
    assert (found.split, found.fingerprint) == ("val", load_recogniser().fingerprint)


def test_a_fault_of_a_part_is_not_hidden() -> None:
    def broken(_: Asked) -> Iterable[Table]:
        raise ValueError("no such column")

    with pytest.raises(ValueError, match="no such column"):
        evaluate(HERE, parts={"one": broken})


def unlabelled(_: Asked) -> Iterable[Table]:
    raise PromptError("there are no labelled sentences", path=HERE / "labels")


def test_a_part_without_sentences_is_left_out() -> None:
    found = evaluate(HERE, "val", fused="fused", parts={"one": unlabelled, "two": good})
    assert found.tables[0].name == "good"
    assert found.notes[0].startswith("one: corpora/labels: there are no labelled sentences")


def test_a_table_that_no_part_can_use_is_a_fault() -> None:
    with pytest.raises(PromptError, match="no labelled"):
        evaluate(HERE, "val", parts={"one": unlabelled, "two": unlabelled})
