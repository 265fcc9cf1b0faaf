"""The command that lays words on a recording."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from retrieval.commands.options import dumps, json_option, library_option

if TYPE_CHECKING:
    from retrieval.recognition.attention.attended import Attended


@click.command()
@click.argument("file", metavar="FILE[@START-END]")
@click.option("--text", help="What is said in it.")
@library_option
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Draw the map there, words against time: .html, or .png with 'affetto[figures]'.",
)
@json_option
def attention(
    file: str, text: str | None, library: Path | None, out: Path | None, as_json: bool
) -> None:
    """When each word of FILE is said, and how much it counts for the feeling.

    What is said is told by --text, by the library, or by a .srt, .vtt or .txt file beside it.
    Up to 10 s are taken at once; longer recordings line by line, where the lines have times.

    \b
      affetto attention take.wav --text "kids are talking by the door" --out map.html
    """
    from retrieval.library import attention_of
    from retrieval.recognition.attention import map as attention_map
    from retrieval.recognition.attention import rows as attention_rows

    if out is not None:
        attention_map.check_path(out)  # before the work
    found: Attended = attention_of(file, library, text=text)
    if found.note:
        click.echo(found.note, err=True)
    click.echo(dumps(attention_rows.record(found)) if as_json else attention_rows.table(found))
    if out is not None:
        attention_map.write(found, out)
        click.echo(f"written: {out}", err=True)
