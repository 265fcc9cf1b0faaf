"""The page of what is recognised belongs to its record, and to the weights that ship."""

from pathlib import Path

from retrieval.evaluation.recognition.claims import findings
from retrieval.evaluation.recognition.promises import PROMISES
from retrieval.evaluation.recognition.report import PAGE, RECORD, Report
from retrieval.recognition.recogniser import load_recogniser

DOCS = Path(__file__).resolve().parents[2] / "docs"


def record() -> Report:
    return Report.from_json((DOCS / RECORD).read_text(encoding="utf-8"))


def test_the_page_says_what_was_recorded() -> None:
    page = (DOCS / PAGE).read_text(encoding="utf-8")
    assert page == record().to_markdown(RECORD), (
        "docs/recognition.md is behind: python docs/render_recognition.py"
    )


def test_the_record_is_of_the_recogniser_that_ships() -> None:
    assert record().fingerprint == load_recogniser().fingerprint, (
        "measured with another: affetto evaluate recognition CORPORA --study FILE --out docs"
    )


def test_every_claim_on_a_table_of_the_record_finds_its_figures() -> None:
    tables = {table.name for table in record().tables}
    asked = {claim.said for claim in PROMISES if claim.table in tables}
    assert asked == {one.claim.said for one in findings(PROMISES, record().tables)} != set()
