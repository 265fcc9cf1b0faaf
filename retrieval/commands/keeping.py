"""Commands that keep a library: what lies in it, and whether it is whole."""

from pathlib import Path

import click

from retrieval.commands.options import (
    dumps,
    jobs_option,
    json_option,
    library_option,
    space_option,
    transcripts_option,
)
from retrieval.errors import Faulty, NothingIngested, Unsafe


@click.command()
@click.argument("folders", nargs=-1, required=True, metavar="FOLDER...")
@library_option
@space_option
@click.option(
    "--labels",
    "tables",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="CSV",
    help="Attach the columns of this table to the clips as labels.",
)
@transcripts_option
@jobs_option
@click.option("--retry-failed", is_flag=True, help="Try unchanged files again that failed.")
@click.option("--prune", is_flag=True, help="Forget clips whose files are gone.")
@click.option("--force", is_flag=True, help="Prune even more than half of the library.")
@click.option(
    "--recognise", is_flag=True, help="Recognise emotions; a library keeps that up once it has any."
)
@json_option
def ingest(
    folders: tuple[str, ...],
    library: Path | None,
    space: str,
    tables: tuple[Path, ...],
    transcripts: str | None,
    jobs: int | None,
    retry_failed: bool,
    prune: bool,
    force: bool,
    recognise: bool,
    as_json: bool,
) -> None:
    """Take in every recording of FOLDER... that is new or has changed."""
    from retrieval.formats import label_record
    from retrieval.labels import read_labels
    from retrieval.library import Library
    from retrieval.screen import ProgressLine, failure_line, label_note, note_line, summary_text

    for table in tables:  # a table that cannot be read is better known before the work
        read_labels(table, ())
    refused = None
    with Library(library, create=True) as opened:
        with ProgressLine() as line:
            summary = opened.ingest(
                folders,
                space=space,
                jobs=jobs,
                retry_failed=retry_failed,
                recognise=recognise,
                progress=line.show,
            )
        roots = [Path(folder).expanduser() for folder in folders]
        labelled = [opened.label(one, roots=roots, transcript=transcripts) for one in tables]
        try:
            pruned = opened.prune(anyway=force) if prune else 0
        except Unsafe as fault:
            pruned, refused = 0, fault
    if as_json:
        notes = [label_record(*one) for one in zip(tables, labelled, strict=True)]
        click.echo(dumps(summary.record() | {"labels": notes, "pruned": pruned}))
    else:
        for failure in summary.failed:
            click.echo(failure_line(failure), err=True)
        for note in summary.notes:
            click.echo(note_line(note), err=True)
        for table, read in zip(tables, labelled, strict=True):
            click.echo(label_note(table, read), err=True)
        click.echo(summary_text(summary, pruned))
    if refused:
        raise refused
    if summary.nothing:
        raise NothingIngested(
            "no clip could be taken in", remedy="affetto status tells each file and its reason"
        )


@click.command()
@library_option
@click.option("--space", required=True, help="Space to add; `affetto spaces` lists them.")
@jobs_option
@json_option
def embed(library: Path | None, space: str, jobs: int | None, as_json: bool) -> None:
    """Add a space to the library from the files it knows.

    What has its vectors in that space is left as it is.
    """
    from retrieval.library import Library
    from retrieval.screen import ProgressLine, failure_line, summary_text

    with Library(library) as opened, ProgressLine() as line:
        summary = opened.embed(space, jobs=jobs, progress=line.show)
    if as_json:
        click.echo(dumps(summary.record()))
    else:
        for failure in summary.failed:
            click.echo(failure_line(failure), err=True)
        click.echo(summary_text(summary))
    if summary.nothing:
        raise NothingIngested(
            "no clip could be embedded", remedy="affetto status tells each file and its reason"
        )


@click.command()
@click.argument("table", type=click.Path(path_type=Path), metavar="CSV")
@library_option
@transcripts_option
def label(table: Path, library: Path | None, transcripts: str | None) -> None:
    """Attach the columns of CSV to clips as labels, without embedding anything again."""
    from retrieval.library import Library
    from retrieval.screen import label_note

    with Library(library) as opened:
        click.echo(label_note(table, opened.label(table, transcript=transcripts)))


@click.command()
@library_option
@space_option
@click.option("--re-embed", is_flag=True, help="From the files instead of the stored vectors.")
@jobs_option
def rebuild(library: Path | None, space: str, re_embed: bool, jobs: int | None) -> None:
    """Make the index anew, from stored vectors; searches go on meanwhile.

    Brings features and recognised emotions level, too, where the library has them.
    """
    from retrieval.library import Library
    from retrieval.screen import (
        ProgressLine,
        failure_line,
        level_text,
        note_line,
        several,
        summary_text,
    )

    with Library(library) as opened, ProgressLine() as line:
        made = opened.rebuild(space=space, re_embed=re_embed, jobs=jobs, progress=line.show)
    if made.summary:
        for failure in made.summary.failed:
            click.echo(failure_line(failure), err=True)
        click.echo(summary_text(made.summary))
    for note in made.level.notes:
        click.echo(note_line(note), err=True)
    if level := level_text(made.level):
        click.echo(level)
    click.echo(f"{several(made.windows, 'window')} in the index of {space}")


@click.command()
@library_option
@json_option
def status(library: Path | None, as_json: bool) -> None:
    """What the library holds, what failed and why, and the state of each index."""
    from retrieval.library import Library
    from retrieval.reporting import status_text

    with Library(library) as opened:
        state = opened.status()
    click.echo(dumps(state.record()) if as_json else status_text(state))


@click.command()
@library_option
@click.option("--fix", is_flag=True, help="Mend what can be mended.")
@click.option("--quick", is_flag=True, help="Compare size and time of files, not their content.")
@json_option
def verify(library: Path | None, fix: bool, quick: bool, as_json: bool) -> None:
    """Hold database, indexes and files against one another."""
    from retrieval.library import Library
    from retrieval.reporting import faults_text
    from retrieval.screen import several

    with Library(library) as opened:
        faults = opened.verify(fix=fix, hashes=not quick)
    click.echo(dumps([fault.record() for fault in faults]) if as_json else faults_text(faults))
    left = sum(not fault.mended for fault in faults)
    if left:
        remedy = "what mends each stands beside it" if fix else "affetto verify --fix"
        raise Faulty(f"{several(left, 'fault')} in the library", remedy=remedy)


@click.group(invoke_without_command=True)
@click.pass_context
def texts(context: click.Context) -> None:
    """Collections of texts that `describe` chooses from."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@texts.command("add")
@click.argument("name")
@click.argument("file", type=click.Path(path_type=Path))
@library_option
def texts_add(name: str, file: Path, library: Path | None) -> None:
    """Add the lines of FILE (.txt, .csv, .srt, .vtt) as the collection NAME, or replace it."""
    from retrieval.library import Library
    from retrieval.screen import several

    with Library(library, create=True) as opened:
        count = opened.add_texts(name, file)
    click.echo(f"{several(count, 'text')} in the collection {name}")


@texts.command("list")
@library_option
def texts_list(library: Path | None) -> None:
    """The collections of the library, with their sizes."""
    from retrieval.library import Library

    with Library(library) as opened:
        for name, count in opened.collections().items():
            click.echo(f"{name}\t{count}")
