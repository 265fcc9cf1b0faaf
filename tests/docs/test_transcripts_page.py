"""docs/transcripts.md names commands that exist, and the figures of the code."""

import re
import shlex
from pathlib import Path

import cli
from retrieval.spoken import asr, loops, sidecars, speech, stretches

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "transcripts.md").read_text(encoding="utf-8")


def test_every_command_and_option_exists() -> None:
    blocks = re.findall(r"```sh\n(.*?)```", PAGE, flags=re.DOTALL)
    lines = [line.split(" > ")[0] for block in blocks for line in block.splitlines()]
    commands = [shlex.split(line) for line in lines if line.startswith("affetto ")]
    assert len(commands) >= 7
    for _, name, *words in commands:
        known = {option for one in cli.affetto.commands[name].params for option in one.opts}
        assert {word for word in words if word.startswith("-")} <= known, name


def test_the_page_has_the_figures_of_the_code() -> None:
    assert f"noise over it, {asr.FAINT:g} dB below" in PAGE
    assert speech.LEAST == asr.AGREEING == 0.5
    assert "sure for half a second" in PAGE
    assert "differs in more than half of its words" in PAGE
    assert loops.OFTEN == {1: 6, 2: 4}
    assert "One word six times in a row, or a phrase four times" in PAGE
    assert loops.WORTH == 4
    assert f"More than {loops.FASTEST:g} words a second" in PAGE
    assert loops.SHORTEST == 0.25
    assert (
        f"stretches of up to {stretches.LONGEST:g} s, cut at the quietest place of the last "
        f"{stretches.SEARCHED:g} s" in PAGE
    )
    assert asr.MODEL in PAGE


def test_the_page_has_the_order_of_the_sidecars() -> None:
    first, second, third = sidecars.SUFFIXES
    assert f"`{first}` comes before `{second}`, and `{second}` before `{third}`" in PAGE
