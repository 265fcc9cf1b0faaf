"""Commands that ask a library: by words, by example, and what a sound says."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from retrieval.commands.options import (
    answer_options,
    json_option,
    library_option,
    print_lines,
    space_option,
    spaces_option,
)

if TYPE_CHECKING:
    from retrieval.query import Answer, Wanted


@click.command()
@click.argument("prompt", nargs=-1, required=True)
@library_option
@spaces_option
@answer_options
def search(
    prompt: tuple[str, ...],
    library: Path | None,
    space: str,
    relative: str | None,
    style: str | None,
    **wanted: Any,
) -> None:
    """Rank clips by PROMPT.

    \b
      affetto search bitter, holding back tears
      affetto search calm + "warm voice" - 0.5:music
      affetto search tense + ./take3.wav@12-15 --where speaker=07 -k 30
      affetto search feeling:ominous what:"low drone" - 0.5:what:music
      affetto search --space affetto,clap nervous laughter in a crowd

    feeling:, what:, said:, words: and the name of a space send their words to what knows about
    them; without, they go to every space of --space.
    """
    from retrieval.library import Library

    with Library(library) as opened:
        answer = opened.search(prompt, _wanted(**wanted), space=space, relative=relative)
    _print_answer(answer, style)


@click.command()
@click.argument("file", metavar="FILE[@START-END]")
@library_option
@spaces_option
@answer_options
def similar(
    file: str,
    library: Path | None,
    space: str,
    relative: str | None,
    style: str | None,
    **wanted: Any,
) -> None:
    """Rank clips by their likeness to a recording, or to some seconds of it."""
    from retrieval.library import Library

    with Library(library) as opened:
        answer = opened.similar(file, _wanted(**wanted), space=space, relative=relative)
    _print_answer(answer, style)


@click.command()
@click.argument("file", metavar="FILE[@START-END]")
@library_option
@space_option
@click.option(
    "-k",
    "k",
    type=click.IntRange(1),
    default=5,
    show_default=True,
    help="How many terms, and lines of each collection.",
)
@click.option("--timeline", is_flag=True, help="Window by window.")
@click.option(
    "--texts",
    "collections",
    multiple=True,
    metavar="NAME",
    help="Only this text collection; all that were added by default.",
)
@json_option
@click.option("--ndjson", is_flag=True, help="Print the same objects, a line each.")
def describe(
    file: str,
    library: Path | None,
    space: str,
    k: int,
    timeline: bool,
    collections: tuple[str, ...],
    as_json: bool,
    ndjson: bool,
) -> None:
    """The feelings, and the lines of text collections, that fit FILE best.

    FILE need not be in the library, and there need not be a library.
    """
    from retrieval import formats, screen
    from retrieval.library import describe_file

    description = describe_file(
        file, library, k=k, timeline=timeline, space=space, collections=collections or None
    )
    records = formats.description_records(description, timeline)
    if as_json or ndjson:
        print_lines(formats.to_json(records) if as_json else formats.to_ndjson(records))
    else:
        click.echo(screen.description_table(description, timeline))


def _wanted(
    where: tuple[str, ...],
    paths: tuple[str, ...],
    diverse: bool,
    diversity: float | None,
    **rest: Any,
) -> "Wanted":
    from retrieval.filters import parse_filters
    from retrieval.query import Wanted

    balance = diversity if diversity is not None else 0.3 if diverse else None
    return Wanted(filters=parse_filters(where, paths), diverse=balance, **rest)


def _print_answer(answer: "Answer", style: str | None) -> None:
    from retrieval import formats, screen

    for note in (*answer.notes, screen.answer_note(answer)):
        if note:
            click.echo(note, err=True)
    if style is None and answer.folded:
        click.echo(screen.folded_note(answer), err=True)
    records = [formats.hit_record(hit) for hit in answer.hits]
    if style == "m3u":
        print_lines(formats.to_m3u(answer.hits))
    elif style is not None:
        print_lines(getattr(formats, f"to_{style}")(records))
    else:
        print_lines(screen.hits_table(answer.hits) if answer.hits else "")
