"""The command about what is said: transcripts from sidecars and from a speech recogniser."""

import os
from pathlib import Path
from typing import Any

import click

from retrieval.commands.options import dumps, jobs_option, json_option, library_option, print_lines
from retrieval.errors import PromptError


@click.command()
@click.argument("file", required=False, metavar="[FILE[@START-END]|LIBRARY]")
@library_option
@click.option(
    "--where", multiple=True, metavar="EXPR", help="Only clips for which this holds, as in search."
)
@click.option("--again", is_flag=True, help="Hear clips again that the recogniser has heard.")
@jobs_option
@json_option
@click.option("--srt", "style", flag_value="srt", help="Print FILE as SubRip subtitles.")
@click.option("--vtt", "style", flag_value="vtt", help="Print FILE as WebVTT subtitles.")
def transcribe(
    file: str | None,
    library: Path | None,
    where: tuple[str, ...],
    again: bool,
    jobs: int | None,
    as_json: bool,
    style: str | None,
) -> None:
    """What is said, as lines with times; English only.

    Of FILE; or of the library, where every clip that has no transcript is given one, from the
    text file beside it, else by hearing it. Needs the extra: pip install 'affetto[asr]'.

    \b
      affetto transcribe take.wav
      affetto transcribe interview.mp3 --srt > interview.srt
      affetto transcribe --where language=en
    """
    if file is not None and not os.path.isdir(file):
        if where or again:
            raise PromptError("--where and --again are for a library", remedy="leave FILE out")
        _print_file(file, "json" if as_json else style)
    elif style is not None:
        raise PromptError(f"--{style} prints one FILE, and none was named", remedy="name one")
    else:
        folder = Path(file) if file else library
        _fill_library(folder, where, as_json, again=again, jobs=jobs)


def _print_file(file: str, style: str | None) -> None:
    from retrieval.prompt import parse_excerpt
    from retrieval.spoken import lines as forms
    from retrieval.spoken.asr import asr_name, transcribe_file

    excerpt, origin = parse_excerpt(file), asr_name()
    said = transcribe_file(excerpt.path, excerpt.start, excerpt.end)
    if style == "json":
        click.echo(forms.to_json(os.path.abspath(excerpt.path), said, origin))
    elif style is not None:
        click.echo((forms.to_srt if style == "srt" else forms.to_vtt)(said), nl=False)
    else:
        print_lines(forms.to_text(said))
    if not said:
        click.echo("No words were made out.", err=True)


def _fill_library(folder: Path | None, where: tuple[str, ...], as_json: bool, **how: Any) -> None:
    from retrieval.filters import parse_filters
    from retrieval.library import Library
    from retrieval.screen import ProgressLine, failure_line, note_line, summary_text

    with Library(folder) as opened, ProgressLine() as line:
        summary = opened.transcribe(parse_filters(where), progress=line.show, **how)
    if as_json:
        click.echo(dumps(summary.record()))
        return
    for failure in summary.failed:
        click.echo(failure_line(failure), err=True)
    for note in summary.notes:
        click.echo(note_line(note), err=True)
    click.echo(summary_text(summary))
