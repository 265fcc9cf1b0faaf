"""`affetto evaluate recognition` and `affetto study recognition` on the command line."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import cli
from retrieval import training
from retrieval.evaluation.recognition import gathering
from retrieval.evaluation.recognition.report import PAGE, RECORD, Report
from retrieval.evaluation.table import Table

STUDY = {"name": "fusions", "title": "Fusions", "note": "", "columns": ["UAR"], "rows": [[0.5]]}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What reaches the room below; it answers with the studies it was given."""
    calls: list[Any] = []

    def evaluate(corpora: Path, split: str, studies: Sequence[Table], **_: object) -> Report:
        calls.append((corpora, split))
        return Report("f" * 64, split, tuple(studies))

    monkeypatch.setattr(gathering, "evaluate", evaluate)
    monkeypatch.setattr(
        training, "study_recognition", lambda *places, **options: calls.append((places, options))
    )
    return calls


def affetto(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: object
) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "argv", ["affetto", *map(str, words)])
    try:
        cli.main()
    except SystemExit as left:
        code = int(left.code or 0)
    else:
        code = 0
    said = capsys.readouterr()
    return code, said.out, said.err


def test_a_report_is_printed_and_saved_with_what_a_study_found(
    tmp_path: Path,
    asked: list[Any],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    study, out = tmp_path / "study.json", tmp_path / "docs"
    study.write_text(json.dumps({"tables": [STUDY]}))
    words = ["evaluate", "recognition", "here", "--study", study, "--out", out]
    code, said, _ = affetto(monkeypatch, capsys, *words, "--json")
    assert code == 0 and asked == [(Path("here"), "test")]
    assert json.loads(said) == json.loads((out / RECORD).read_text())
    assert "## Fusions" in (out / PAGE).read_text()
    code, said, _ = affetto(monkeypatch, capsys, *words[:-2], "--split", "val")
    assert code == 0 and asked[1] == (Path("here"), "val")
    assert said.startswith("Recognition\n") and "Fusions\n" in said


def test_a_study_that_cannot_be_read_is_told_before_anything_is_measured(
    tmp_path: Path,
    asked: list[Any],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    gone = tmp_path / "gone.json"
    words = ["evaluate", "recognition", "here", "--study", gone]
    code, said, told = affetto(monkeypatch, capsys, *words)
    assert (code, said, asked) == (2, "", [])
    assert told.count("\n") == 1 and "the study cannot be read" in told


def test_a_study_takes_three_places_and_parts(
    asked: list[Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["study", "recognition", "c", "t", "f.json", "--only", "fusion", "--quick"]
    assert affetto(monkeypatch, capsys, *words)[0] == 0
    ((places, options),) = asked
    assert places == (Path("c"), Path("t"), Path("f.json"))
    assert options.pop("log") and options == {"only": ("fusion",), "quick": True}
    code, _, told = affetto(monkeypatch, capsys, *words[:5], "--only", "transport")
    assert code == 2 and "affetto study recognition --help" in told


def test_a_folder_of_the_same_name_is_evaluated_as_before(
    tmp_path: Path,
    asked: list[Any],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "recognition").mkdir()
    monkeypatch.chdir(tmp_path)
    code, _, told = affetto(monkeypatch, capsys, "evaluate", "./recognition")
    assert code == 2 and "no clips.csv is here" in told and asked == []
