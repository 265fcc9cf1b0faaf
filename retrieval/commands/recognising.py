"""Commands that recognise emotions: what voices and words say, and where they disagree."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from retrieval.commands.options import jobs_option, json_option, library_option
from retrieval.errors import PromptError

if TYPE_CHECKING:
    from retrieval.library import Library

_file_argument = click.argument("file", required=False, metavar="[FILE[@START-END]|LIBRARY]")
_passages_option = click.option(
    "--passages", is_flag=True, help="Passage by passage: at most 10 s each, along the transcript."
)
_text_option = click.option(
    "--text", metavar="TEXT", help="What is said in FILE; by default its sidecar tells."
)
_where_option = click.option(
    "--where", multiple=True, metavar="EXPR", help="Only clips for which this holds, as in search."
)
_csv_option = click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")

NO_WORDS = (
    "No English words are known here that could be compared with a voice. They come from "
    "affetto transcribe, affetto label CSV, files as take.srt and take.txt beside take.wav, or "
    "for one file --text."
)


@click.command()
@_file_argument
@library_option
@_passages_option
@_text_option
@_where_option
@jobs_option
@json_option
@_csv_option
def recognise(
    file: str | None,
    library: Path | None,
    passages: bool,
    text: str | None,
    where: tuple[str, ...],
    jobs: int | None,
    as_json: bool,
    as_csv: bool,
) -> None:
    """Emotion, valence and arousal, by the voice, by the words, and by both.

    Of FILE; or of the library, where what lacks is recognised first and kept, so that searches can
    be filtered and sorted by it.

    \b
      affetto recognise take.wav
      affetto recognise take.wav --text "I am fine."
      affetto recognise --csv > emotions.csv
      affetto search bitter --where recognised=sad --sort -confidence
    """
    from retrieval.annotating import recognise_alone
    from retrieval.filters import parse_filters
    from retrieval.library import Library
    from retrieval.recognition import recognised_rows as rows
    from retrieval.recognition.senses import builtin_senses
    from retrieval.screen import short_path

    if _is_file(file, where, text):
        whole, *parts = recognise_alone(str(file), text, builtin_senses())
        made = [rows.row(one) for one in (parts if passages else (whole,))]
    else:
        filters = parse_filters(where)
        with Library(Path(file) if file else library) as opened:
            _bring_level(opened, jobs)
            made = [rows.row(one) for one in opened.recognised(filters, passages=passages)]
    if as_json or as_csv:
        click.echo(rows.to_json(made) if as_json else rows.to_csv(made))
    elif len(made) == 1 and not passages:
        click.echo(rows.one_text(made[0]))
    elif made:
        click.echo(rows.table_text([one | {"path": short_path(one["path"])} for one in made]))


@click.command()
@_file_argument
@library_option
@_passages_option
@_text_option
@click.option("-k", "k", type=click.IntRange(1), default=10, show_default=True, help="How many.")
@_where_option
@jobs_option
@json_option
@_csv_option
def mismatch(
    file: str | None,
    library: Path | None,
    passages: bool,
    text: str | None,
    k: int,
    where: tuple[str, ...],
    jobs: int | None,
    as_json: bool,
    as_csv: bool,
) -> None:
    """Where words and voice feel opposite: sarcasm, brave faces.

    Ranks the clips of the library by the chance that the words are pleasant and the voice is not,
    or the other way round, with the words that weigh most. Only English words can be read.

    \b
      affetto mismatch
      affetto mismatch --passages --where speaker=07 -k 30
      affetto mismatch take.wav --text "What a lovely day."
      affetto search bitter --where "mismatch>0.5"
    """
    from retrieval.annotating import mismatches_alone
    from retrieval.filters import parse_filters
    from retrieval.library import Library
    from retrieval.recognition import recognised_rows as rows
    from retrieval.recognition.senses import builtin_senses
    from retrieval.screen import short_path

    if _is_file(file, where, text):
        found = mismatches_alone(str(file), text, builtin_senses(), k, passages=passages)
    else:
        filters = parse_filters(where)
        with Library(Path(file) if file else library) as opened:
            _bring_level(opened, jobs)
            found = opened.mismatches(filters, k=k, passages=passages)
    if not found:
        click.echo(NO_WORDS, err=True)
    made = [rows.mismatch_row(one) for one in found]
    if as_json:
        click.echo(rows.to_json(made))
    elif as_csv:
        click.echo(rows.to_csv(made, (*rows.COLUMNS, *rows.PART)))
    elif made:
        click.echo(rows.mismatch_text([one | {"path": short_path(one["path"])} for one in made]))


def _is_file(file: str | None, where: tuple[str, ...], text: str | None) -> bool:
    """Whether a recording is asked for, and not a library; refuses options of the other."""
    if file is None or os.path.isdir(file):
        if text is not None:
            raise PromptError("--text says what is said in a FILE", remedy="name the file")
        return False
    if where:
        raise PromptError("--where chooses clips of a library", remedy="leave FILE out")
    return True


def _bring_level(library: "Library", jobs: int | None) -> None:
    from retrieval.screen import ProgressLine, failure_line, summary_text

    with ProgressLine() as line:
        summary = library.recognise(jobs=jobs, progress=line.show)
    for failure in summary.failed:
        click.echo(failure_line(failure), err=True)
    if summary.ok or summary.failed:
        click.echo(summary_text(summary), err=True)
