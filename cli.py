"""The command line of Affetto: its name, its version, and what happens when something fails.

Answers go to stdout, progress and notes to stderr. Errors are one line on stderr and an exit
code (retrieval/errors.py lists them); with --json or --ndjson they are one JSON object. The
commands are in retrieval/commands.
"""

import io
import json
import os
import sys
from typing import Any

import click

from retrieval.commands import (
    asking,
    attending,
    evaluating,
    keeping,
    making,
    measuring,
    recognising,
    spaces,
    speaking,
)
from retrieval.errors import PromptError, RetrievalError

COMMANDS = (
    asking.search, asking.similar, asking.describe,
    keeping.ingest, keeping.embed, keeping.label, keeping.texts, keeping.rebuild, keeping.status,
    keeping.verify,
    spaces.spaces, spaces.models,
    measuring.features, evaluating.evaluate, measuring.align,
    recognising.recognise, recognising.mismatch, attending.attention,
    speaking.transcribe,
    making.train, making.study,
)  # fmt: skip


def main() -> None:
    """Run a command and leave with its exit code, never with a traceback for a known fault."""
    if isinstance(sys.stdout, io.TextIOWrapper) and not sys.stdout.isatty():
        sys.stdout.reconfigure(encoding="utf-8")
    try:
        # Not affetto.main(), which answers Ctrl-C and a closed pipe in its own way.
        with affetto.make_context("affetto", sys.argv[1:]) as context:
            affetto.invoke(context)
        sys.stdout.flush()
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except RetrievalError as fault:
        _complain(str(fault), fault.facts())
        sys.exit(fault.code)
    except click.ClickException as fault:
        misused = PromptError(fault.format_message().rstrip("."), remedy=_help_of(fault))
        _complain(str(misused), misused.facts())
        sys.exit(misused.code)
    except (click.Abort, KeyboardInterrupt):
        stopped = "stopped; what was finished is kept"
        _complain(stopped, {"error": stopped, "path": None, "remedy": None, "code": 130})
        sys.exit(130)
    except BrokenPipeError:  # the reader of a pipe, such as head, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)


def _complain(line: str, facts: dict[str, Any]) -> None:
    machine = "--json" in sys.argv or "--ndjson" in sys.argv
    click.echo(json.dumps(facts) if machine else f"affetto: {line}", err=True)


def _help_of(fault: click.ClickException) -> str:
    context = fault.ctx if isinstance(fault, click.UsageError) else None
    return f"{context.command_path if context else 'affetto'} --help"


def _print_version(context: click.Context, _option: click.Parameter, asked: bool) -> None:
    if not asked or context.resilient_parsing:
        return
    from importlib.metadata import PackageNotFoundError, version

    from retrieval.formats import CONTRACT

    try:
        number = version("affetto")
    except PackageNotFoundError:  # python cli.py in a checkout
        number = "(not installed)"
    click.echo(f"affetto {number} (output contract {CONTRACT})")
    context.exit()


@click.group(context_settings={"help_option_names": ["-h", "--help"]}, invoke_without_command=True)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Show the version, and that of the output contract.",
)
@click.pass_context
def affetto(context: click.Context) -> None:
    """Find sound by how it feels.

    Point it at a folder of recordings, then ask:

    \b
      affetto ingest ~/recordings
      affetto search "bitter, holding back tears"
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


for _command in COMMANDS:
    affetto.add_command(_command)


if __name__ == "__main__":
    main()
