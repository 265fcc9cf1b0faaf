"""What several commands share: options, and how answers are printed."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])
FORMATS = ("json", "ndjson", "csv", "m3u")
library_option = click.option(
    "--library",
    envvar="AFFETTO_LIBRARY",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the library; also AFFETTO_LIBRARY. Default: the per-user data folder.",
)
space_option = click.option(
    "--space",
    default="affetto",
    show_default=True,
    help="Space to work in; `affetto spaces` lists them.",
)
spaces_option = click.option(
    "--space",
    default="affetto",
    show_default=True,
    help="Space to ask, or several, as affetto,clap; `words` searches names, tags, labels and "
    "transcripts, `said` the meaning of transcripts.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
jobs_option = click.option(
    "-j", "--jobs", type=click.IntRange(1), help="Clips worked on at a time; by default all cores."
)
transcripts_option = click.option(
    "--transcripts",
    metavar="COLUMN",
    help="Column that holds what is said; by default one named transcript or text.",
)
# What searches by words and by example share.
_ANSWER_OPTIONS = (
    click.option(
        "--relative",
        metavar="LABEL",
        help="Judge each clip against those with its value of LABEL, as speaker, or with "
        "`folder` against those of its folder. For many clips of each voice.",
    ),
    click.option(
        "-k",
        "k",
        type=click.IntRange(1),
        default=10,
        show_default=True,
        help="How many hits; more than there are means all.",
    ),
    click.option(
        "--where",
        multiple=True,
        metavar="EXPR",
        help="Only clips for which this holds, as speaker=07 or duration<10; "
        "may be given several times.",
    ),
    click.option(
        "--path",
        "paths",
        multiple=True,
        metavar="GLOB",
        help="Only clips whose path matches, as '*/takes/*'.",
    ),
    click.option("--min-score", type=click.FloatRange(0, 1), help="Only hits this good."),
    click.option("--windows", is_flag=True, help="Every window, not the best of each clip."),
    click.option(
        "--collapse/--no-collapse",
        default=True,
        show_default=True,
        help="Fold near-duplicates into the best of them.",
    ),
    click.option(
        "--sort",
        metavar="NAME",
        help="Order those hits by a column, label or tag of their clips, as duration or mismatch; "
        "-NAME falls. The rank still tells the fit.",
    ),
    click.option("--diverse", is_flag=True, help="Prefer hits unlike one another."),
    click.option(
        "--diversity",
        type=click.FloatRange(0, 1),
        metavar="SHARE",
        help="How much, 0 to 1; 0.3 with --diverse.",
    ),
    *(
        click.option(f"--{name}", "style", flag_value=name, help=f"Print {name.upper()}.")
        for name in FORMATS
    ),
)


def answer_options(command: Command) -> Command:
    for option in reversed(_ANSWER_OPTIONS):
        command = option(command)
    return command


def print_lines(text: str) -> None:
    if text:  # no hits as NDJSON are no line, and not an empty one
        click.echo(text)


def dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
