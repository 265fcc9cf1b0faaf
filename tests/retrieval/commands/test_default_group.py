"""A command with subcommands: the first word decides, and nothing else changes."""

import click
import pytest
from click.testing import CliRunner, Result

from retrieval.commands.default_group import DefaultGroup


@click.group()
def tool() -> None:
    """The tool above."""


@tool.group(cls=DefaultGroup)
@click.argument("corpora", required=False)
@click.option("--quick", is_flag=True, help="Try the path.")
def train(corpora: str | None, quick: bool) -> None:
    """Train what there is."""
    click.echo(f"train {corpora} {quick}")


@train.command()
@click.argument("out")
@click.option("--streams", help="Two of them.")
def fusion(out: str, streams: str | None) -> None:
    """Train a fused space."""
    click.echo(f"fusion {out} {streams}")


def run(*words: str) -> Result:
    return CliRunner().invoke(tool, words, prog_name="tool")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("train", "train None False"),
        ("train here", "train here False"),
        ("train here --quick", "train here True"),
        ("train --quick here", "train here True"),
        ("train ./fusion", "train ./fusion False"),
        ("train -- fusion", "train fusion False"),
        ("train fusion there", "fusion there None"),
        ("train fusion --streams a,b there", "fusion there a,b"),
        ("train fusion fusion", "fusion fusion None"),
    ],
)
def test_the_first_word_decides(words: str, said: str) -> None:
    result = run(*words.split())
    assert (result.exit_code, result.output) == (0, f"{said}\n")


def test_help_of_the_command_lists_its_options_and_its_subcommands() -> None:
    said = run("train", "--help").output
    assert said.startswith(
        "Usage: tool train [OPTIONS] [CORPORA]\n       tool train COMMAND [ARGS]"
    )
    assert "--quick" in said and "Train what there is." in said
    assert "fusion  Train a fused space." in said


def test_help_of_a_subcommand_is_its_own() -> None:
    said = run("train", "fusion", "--help").output
    assert said.startswith("Usage: tool train fusion [OPTIONS] OUT\n")
    assert "--streams" in said and "--quick" not in said


@pytest.mark.parametrize(
    ("words", "usage"),
    [
        ("train here there", "tool train --help"),
        ("train --slow", "tool train --help"),
        ("train fusion", "tool train fusion --help"),
        ("train fusion there --quick", "tool train fusion --help"),
    ],
)
def test_a_mistake_points_to_the_help_of_what_was_asked(words: str, usage: str) -> None:
    result = run(*words.split())
    assert result.exit_code == 2 and usage in result.output


def test_without_subcommands_it_looks_like_any_command() -> None:
    plain = click.Command("train", params=train.params, help=train.help)
    bare = DefaultGroup("train", params=train.params, help=train.help)
    helps = [one.get_help(click.Context(one, info_name="train")) for one in (plain, bare)]
    assert helps[0] == helps[1]
