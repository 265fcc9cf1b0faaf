"""Runs every command of docs/quickstart.md, in order, in one fresh library."""

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

import cli

ROOT = Path(__file__).resolve().parents[2]


def commands() -> list[str]:
    page = (ROOT / "docs" / "quickstart.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```sh\n(.*?)```", page, flags=re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line.strip()]


def test_every_command_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("AFFETTO_LIBRARY", str(tmp_path / "library"))
    lines = commands()
    assert len(lines) >= 12
    for line in lines:
        program, *arguments = shlex.split(line)
        assert program == "affetto"
        result = CliRunner().invoke(cli.affetto, arguments, catch_exceptions=False)
        assert result.exit_code == 0, f"{line}\n{result.output}"
        assert result.stdout.strip(), f"{line} printed nothing"
