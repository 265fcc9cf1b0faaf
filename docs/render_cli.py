"""Writes docs/cli.md from the commands themselves: python docs/render_cli.py > docs/cli.md"""

import sys
from collections.abc import Iterator
from pathlib import Path

import click

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import cli
from retrieval import errors

INTRODUCTION = """# The command line

Made from the commands themselves by `python docs/render_cli.py > docs/cli.md`.

Answers go to stdout; progress and notes go to stderr, and progress only to a terminal.
The library is the folder given by `--library`, else by the environment variable
`AFFETTO_LIBRARY`, else the per-user data folder. What `--json` and its kin print is described in
[output.md](output.md), how prompts and filters are written in [search.md](search.md).
"""


def commands(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    """Every command below one, with its full name."""
    yield path, command
    if isinstance(command, click.Group):
        for name in command.commands:
            yield from commands(command.commands[name], f"{path} {name}")


def exit_codes() -> str:
    """The table of exit codes, from the exception tree."""
    rows = ["| code | error | meaning |", "|---|---|---|", "| 0 | | done |"]
    leaves = [
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.RetrievalError)
    ]
    for kind in sorted(leaves, key=lambda kind: kind.code):
        meaning = (kind.__doc__ or "").split("\n", 1)[0].rstrip(".")
        rows.append(f"| {kind.code} | `{kind.__name__}` | {meaning} |")
    rows.append("| 130 | | Stopped by Ctrl-C |")
    return "\n".join(rows)


def render() -> str:
    """The whole page."""
    parts = [INTRODUCTION, "## Exit codes\n", exit_codes(), ""]
    for path, command in commands(cli.affetto, "affetto"):
        context = click.Context(command, info_name=path, terminal_width=88, max_content_width=88)
        parts += [f"## {path}\n", "```text", command.get_help(context), "```", ""]
    return "\n".join(parts)


if __name__ == "__main__":
    print(render(), end="")
