"""Commands that measure: features of a voice, and how labels group."""

import os
from pathlib import Path
from typing import Any

import click

from retrieval.commands.options import jobs_option, json_option, library_option, space_option
from retrieval.errors import PromptError


@click.command()
@click.argument("file", required=False, metavar="[FILE[@START-END]|LIBRARY]")
@library_option
@click.option("--windows", is_flag=True, help="Window by window: 3 s, every 1.5 s.")
@click.option(
    "--where", multiple=True, metavar="EXPR", help="Only clips for which this holds, as in search."
)
@jobs_option
@json_option
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
@click.option(
    "--parquet",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write Parquet there; needs pip install 'affetto[parquet]'.",
)
def features(
    file: str | None,
    library: Path | None,
    windows: bool,
    where: tuple[str, ...],
    jobs: int | None,
    as_json: bool,
    as_csv: bool,
    parquet: Path | None,
) -> None:
    """Pitch, loudness, pauses, rate, roughness and more, as numbers.

    Of FILE; or of the library, where what lacks is measured first and kept, so that searches can
    be filtered by it. Needs the extra: pip install 'affetto[features]'.

    \b
      affetto features take.wav
      affetto features --csv > voices.csv
      affetto search pleading --where "pitch_median>220"
    """
    from retrieval.features import rows
    from retrieval.screen import short_path

    if parquet is not None:
        rows.check_parquet()  # before the work
    if file is not None and not os.path.isdir(file):
        if where:
            raise PromptError("--where chooses clips of a library", remedy="leave FILE out")
        found = _features_of(file, windows)
    else:
        found = _features_in(Path(file) if file else library, windows, where, jobs)
    if parquet is not None:
        rows.write_parquet(found, parquet)
    elif as_json or as_csv:
        click.echo(rows.to_json(found) if as_json else rows.to_csv(found))
    elif len(found) == 1 and not windows:
        click.echo(rows.one_text(found[0]))
    elif found:
        click.echo(rows.table_text([one | {"path": short_path(one["path"])} for one in found]))


def _features_of(file: str, windows: bool) -> list[dict[str, Any]]:
    from retrieval.features.readings import read_features
    from retrieval.features.rows import row
    from retrieval.prompt import parse_excerpt

    excerpt = parse_excerpt(file)
    read = read_features(excerpt.path, excerpt.start, excerpt.end)
    path = os.path.abspath(excerpt.path)
    return [row(path, one) for one in (read.windows if windows else (read.whole,))]


def _features_in(
    library: Path | None, windows: bool, where: tuple[str, ...], jobs: int | None
) -> list[dict[str, Any]]:
    from retrieval.features.rows import row
    from retrieval.filters import parse_filters
    from retrieval.library import Library
    from retrieval.screen import ProgressLine, failure_line, summary_text

    filters = parse_filters(where)
    with Library(library) as opened:
        with ProgressLine() as line:
            summary = opened.measure_features(jobs=jobs, progress=line.show)
        found = [row(*one) for one in opened.features(filters, windows=windows)]
    for failure in summary.failed:
        click.echo(failure_line(failure), err=True)
    if summary.ok or summary.failed:
        click.echo(summary_text(summary), err=True)
    return found


@click.command()
@library_option
@space_option
@click.option(
    "--by",
    default="emotion",
    show_default=True,
    metavar="LABEL",
    help="The label whose values make the groups.",
)
@click.option(
    "--prompts",
    multiple=True,
    metavar="GROUP=TEXT",
    help="The text of a group, by default its name; TEXT alone is placed beside the others. "
    "May be given several times.",
)
@click.option(
    "--within",
    metavar="LABEL",
    help="Shuffle labels only among clips with the same value of this label, as speaker.",
)
@click.option(
    "--where", multiple=True, metavar="EXPR", help="Only clips for which this holds, as in search."
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write align.json, align.html and align.png there.",
)
@click.option(
    "--permutations",
    type=click.IntRange(1),
    default=999,
    show_default=True,
    help="How often labels are shuffled for a p-value.",
)
@click.option(
    "--seed", type=click.IntRange(0), default=0, show_default=True, help="Same seed, same p-values."
)
@json_option
def align(
    library: Path | None,
    space: str,
    where: tuple[str, ...],
    out: Path | None,
    as_json: bool,
    **asked: Any,
) -> None:
    """Do clips with one label group together, and with the text of it?

    \b
      affetto label clips.csv
      affetto align --out report
      affetto align --by emotion --within speaker --prompts "sad=someone who lost a friend"
    """
    from retrieval.evaluation import alignment, atlas, findings, record
    from retrieval.filters import parse_filters
    from retrieval.library import Library

    question = alignment.Asked(filters=parse_filters(where), **asked)
    with Library(library) as opened:
        found = alignment.align(opened.ground(space), question)
    if found.unworded:
        click.echo(findings.unworded_note(found), err=True)
    click.echo((record.to_json(found) if as_json else findings.to_text(found)).rstrip("\n"))
    if out is not None:
        for note in atlas.write(found, out):
            click.echo(note, err=True)
