"""Runs every command of docs/align.md, in order, in one fresh library."""

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

import cli
from retrieval.evaluation.findings import LEVEL
from retrieval.evaluation.grouping import MOST

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "align.md").read_text(encoding="utf-8")


def test_every_command_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("AFFETTO_LIBRARY", str(tmp_path / "library"))
    blocks = re.findall(r"```sh\n(.*?)```", PAGE, flags=re.DOTALL)
    ingest, *aligns = [line for block in blocks for line in block.splitlines()]
    assert len(aligns) == 2
    for line in (ingest, *aligns):
        program, *arguments = shlex.split(line)
        assert program == "affetto"
        result = CliRunner().invoke(cli.affetto, arguments, catch_exceptions=False)
        assert result.exit_code == 0, f"{line}\n{result.output}"
        assert line == ingest or "Text and sound meet beyond chance" in result.stdout


def test_the_page_has_the_figures_of_the_code() -> None:
    assert f"Of more than {MOST} clips" in PAGE
    assert f"below {LEVEL:.2f}".replace("0.", ".") in PAGE
