"""The page of what the built-in space hears belongs to its record and its figures."""

import re
from pathlib import Path

from retrieval.encoders.builtin import load_builtin
from retrieval.evaluation.report import FOLDER, PAGE, RECORD, Hearing

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_page_says_what_was_recorded() -> None:
    record = (DOCS / FOLDER / RECORD).read_text(encoding="utf-8")
    page = (DOCS / PAGE).read_text(encoding="utf-8")
    assert page == Hearing.from_json(record).to_markdown(FOLDER), (
        "docs/hearing.md is behind: python docs/render_hearing.py"
    )


def test_the_record_is_of_the_space_that_ships() -> None:
    record = Hearing.from_json((DOCS / FOLDER / RECORD).read_text(encoding="utf-8"))
    assert record.fingerprint == load_builtin().fingerprint, (
        "heard by another space: affetto evaluate CORPORA --out docs"
    )


def test_every_figure_is_there_and_none_is_left_over() -> None:
    shown = set(re.findall(r"!\[.*?\]\((.*?)\)", (DOCS / PAGE).read_text(encoding="utf-8")))
    there = {f"{FOLDER}/{file.name}" for file in (DOCS / FOLDER).glob("*.svg")}
    assert shown == there != set()
