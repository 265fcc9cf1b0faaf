"""docs/encoders.md, done as it says: the code of the page is installed and searched with."""

import json
import re
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

import cli

PAGE = Path(__file__).resolve().parents[2] / "docs" / "encoders.md"


def block(language: str) -> str:
    """The first block of the page in a language."""
    text = PAGE.read_text(encoding="utf-8")
    found = re.search(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found.group(1)


def test_the_space_of_the_page_finds_the_low_tone(
    install: Callable[..., Path],
    write_tone: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (points,) = tomllib.loads(block("toml"))["project"]["entry-points"].values()
    ((name, value),) = points.items()
    module, attribute = value.split(":")
    install(module, block("python"), **{name: attribute})
    for hz in (200, 3000, 7800):
        write_tone(tmp_path / "tones" / f"{hz}.wav", hz=hz, seconds=2.5, rate=16_000)

    def affetto(*words: str) -> str:
        monkeypatch.setattr(sys, "argv", ["affetto", *words])
        cli.main()
        return capsys.readouterr().out

    here = ["--library", str(tmp_path / "library"), "--space", name]
    assert name in affetto("spaces")
    assert "3 ok" in affetto("ingest", str(tmp_path / "tones"), *here)
    low = json.loads(affetto("search", "low", "--json", *here))
    assert Path(low[0]["path"]).stem == "200"
    high = json.loads(affetto("search", "high", "--json", *here))
    assert Path(high[0]["path"]).stem == "7800"
