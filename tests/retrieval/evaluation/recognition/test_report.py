"""The report as JSON, as a page and as text."""

from pathlib import Path

import pytest

from retrieval.errors import PromptError
from retrieval.evaluation.recognition import report
from retrieval.evaluation.recognition.claims import Claim
from retrieval.evaluation.recognition.report import OPENING, PAGE, RECORD, Report
from retrieval.evaluation.table import WIDTH, Estimate, Table

TABLE = Table("ways", "By voice and by words", "A note.", ("way", "UAR"), (
    ("voice", Estimate(0.5, 0.4, 0.6)), ("words", Estimate(float("nan"))),
))  # fmt: skip
REPORT = Report("f" * 64, "test", (TABLE,), ("transcripts: not installed",))


def test_what_is_written_is_read_again() -> None:
    again = Report.from_json(REPORT.to_json())
    assert again.to_json() == REPORT.to_json()
    assert (again.fingerprint, again.split, again.notes) == ("f" * 64, "test", REPORT.notes)


def test_the_page_opens_in_plain_words_and_says_what_was_left_out() -> None:
    page = REPORT.to_markdown("recognition.json")
    assert page.startswith("# Recognition\n\nA voice can say something else than its words.")
    assert "Left out:\n\n- transcripts: not installed" in page
    assert "Clips of split test. Brackets: 95 %" in page
    assert "[recognition.json](recognition.json)" in page
    assert "## By voice and by words\n\nA note." in page
    bare = Report("f" * 64, "val", ()).to_markdown()
    assert "Brackets" not in bare and "Left out" not in bare and "json" not in bare


def test_what_was_missed_stands_apart_from_what_was_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    claims = [
        Claim(f"It is above {bar}", "ways", "UAR", {"way": "voice"}, bar=bar)
        for bar in (0.3, 0.45, 0.6)
    ]
    monkeypatch.setattr(report, "PROMISES", claims)
    page = REPORT.to_markdown()
    told = [
        "What was to be shown, and was:\n\n- It is above 0.3 (UAR .50 [.40, .60] against .30).",
        "What seems so, but lies within what chance does:\n\n- It is above 0.45",
        "What was to be shown, and was missed:\n\n- It is above 0.6",
        "UAR and UA are the share of clips named right",
    ]
    places = [page.index(one) for one in told]
    assert places == sorted(places)


def test_for_a_terminal_the_tables_are_columns() -> None:
    text = REPORT.to_text()
    assert "voice  .50 [.40, .60]" in text and "|" not in text
    head = text.split("\n\n\n")[0].splitlines()
    assert max(map(len, head)) <= WIDTH
    assert " ".join(" ".join(head).split()).startswith(f"Recognition {OPENING}")


def test_it_is_saved_as_a_page_and_its_record(tmp_path: Path) -> None:
    REPORT.save(tmp_path / "new")
    assert (tmp_path / "new" / RECORD).read_text() == REPORT.to_json() + "\n"
    assert (tmp_path / "new" / PAGE).read_text() == REPORT.to_markdown(RECORD)


def test_a_folder_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(PromptError, match="cannot be written"):
        REPORT.save(tmp_path / "file")
