"""`affetto study recognition`: parts, one after the other, into one file."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from retrieval.errors import PromptError
from retrieval.evaluation.report import read_study
from retrieval.evaluation.table import Table
from retrieval.training.studies import Log, Part, run_studies

CORPORA, TEACHERS = Path("corpora"), Path("teachers")


class Counting:
    """A part whose one table tells how often it was made."""

    def __init__(self, name: str, fault: Exception | None = None) -> None:
        self.name, self.fault, self.times = name, fault, 0

    def __call__(self, corpora: Path, teachers: Path, quick: bool, _log: Log) -> Iterable[Table]:
        assert (corpora, teachers, quick) == (CORPORA, TEACHERS, True)
        if self.fault:
            raise self.fault
        self.times += 1
        return [Table(self.name, self.name, "", ("times",), ((self.times,),))]


def run(out: Path, parts: dict[str, Part], *only: str) -> list[tuple[str, object]]:
    run_studies(CORPORA, TEACHERS, out, only, quick=True, parts=parts)
    return [(table.name, table.rows[0][0]) for table in read_study(out)]


def test_one_part_is_made_again_and_the_other_stays(tmp_path: Path) -> None:
    parts: dict[str, Part] = {"one": Counting("one"), "two": Counting("two")}
    out = tmp_path / "new" / "study.json"
    assert run(out, parts) == [("one", 1), ("two", 1)]
    assert run(out, parts, "two") == [("one", 1), ("two", 2)]
    assert run(out, parts) == [("one", 2), ("two", 3)]
    assert [file.name for file in out.parent.iterdir()] == ["study.json"]


def test_what_was_done_before_a_fault_is_kept(tmp_path: Path) -> None:
    out = tmp_path / "study.json"
    parts: dict[str, Part] = {"one": Counting("one"), "two": Counting("two", ValueError("no"))}
    with pytest.raises(ValueError, match="no"):
        run(out, parts)
    assert run(out, {"two": Counting("two")}, "two") == [("one", 1), ("two", 1)]


def test_another_file_is_not_overwritten_by_one_part(tmp_path: Path) -> None:
    out = tmp_path / "notes.json"
    out.write_text("[]")
    with pytest.raises(PromptError, match="the study cannot be read"):
        run(out, {"one": Counting("one")}, "one")
    assert out.read_text() == "[]"


def test_a_place_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(PromptError, match="the study cannot be written"):
        run(tmp_path / "file" / "study.json", {"one": Counting("one")})
