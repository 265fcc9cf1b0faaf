"""The command line of Affetto: parse, call the library, print.

Answers go to stdout, progress and notes to stderr. Errors are one line on stderr and an exit
code (retrieval/errors.py lists them); with --json or --ndjson they are one JSON object.
"""

import io
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from retrieval.errors import Faulty, NothingIngested, PromptError, RetrievalError, Unsafe

if TYPE_CHECKING:
    from retrieval.query import Answer, Wanted

Command = TypeVar("Command", bound=Callable[..., Any])

FORMATS = ("json", "ndjson", "csv", "m3u")


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


_library_option = click.option(
    "--library",
    envvar="AFFETTO_LIBRARY",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the library; also AFFETTO_LIBRARY. Default: the per-user data folder.",
)
_space_option = click.option(
    "--space",
    default="affetto",
    show_default=True,
    help="Space to work in; `affetto spaces` lists them.",
)
_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_jobs_option = click.option(
    "-j", "--jobs", type=click.IntRange(1), help="Clips worked on at a time; by default all cores."
)
_transcripts_option = click.option(
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


def _answer_options(command: Command) -> Command:
    for option in reversed(_ANSWER_OPTIONS):
        command = option(command)
    return command


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


@affetto.command()
@click.argument("folders", nargs=-1, required=True, metavar="FOLDER...")
@_library_option
@_space_option
@click.option(
    "--labels",
    "tables",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="CSV",
    help="Attach the columns of this table to the clips as labels.",
)
@_transcripts_option
@_jobs_option
@click.option("--retry-failed", is_flag=True, help="Try unchanged files again that failed.")
@click.option("--prune", is_flag=True, help="Forget clips whose files are gone.")
@click.option("--force", is_flag=True, help="Prune even more than half of the library.")
@_json_option
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
    as_json: bool,
) -> None:
    """Take in every recording of FOLDER... that is new or has changed."""
    from retrieval.formats import label_record
    from retrieval.labels import read_labels
    from retrieval.library import Library
    from retrieval.screen import ProgressLine, failure_line, label_note, summary_text

    for table in tables:  # a table that cannot be read is better known before the work
        read_labels(table, ())
    refused = None
    with Library(library, create=True) as opened:
        with ProgressLine() as line:
            summary = opened.ingest(
                folders, space=space, jobs=jobs, retry_failed=retry_failed, progress=line.show
            )
        roots = [Path(folder).expanduser() for folder in folders]
        labelled = [opened.label(one, roots=roots, transcript=transcripts) for one in tables]
        try:
            pruned = opened.prune(anyway=force) if prune else 0
        except Unsafe as fault:
            pruned, refused = 0, fault
    if as_json:
        notes = [label_record(*one) for one in zip(tables, labelled, strict=True)]
        click.echo(_dumps(summary.record() | {"labels": notes, "pruned": pruned}))
    else:
        for failure in summary.failed:
            click.echo(failure_line(failure), err=True)
        for table, read in zip(tables, labelled, strict=True):
            click.echo(label_note(table, read), err=True)
        click.echo(summary_text(summary, pruned))
    if refused:
        raise refused
    if summary.nothing:
        raise NothingIngested(
            "no clip could be taken in", remedy="affetto status tells each file and its reason"
        )


@affetto.command()
@click.argument("table", type=click.Path(path_type=Path), metavar="CSV")
@_library_option
@_transcripts_option
def label(table: Path, library: Path | None, transcripts: str | None) -> None:
    """Attach the columns of CSV to clips as labels, without embedding anything again."""
    from retrieval.library import Library
    from retrieval.screen import label_note

    with Library(library) as opened:
        click.echo(label_note(table, opened.label(table, transcript=transcripts)))


@affetto.command()
@click.argument("prompt", nargs=-1, required=True)
@_library_option
@_space_option
@_answer_options
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
    """
    from retrieval.library import Library

    with Library(library) as opened:
        answer = opened.search(prompt, _wanted(**wanted), space=space, relative=relative)
    _print_answer(answer, style)


@affetto.command()
@click.argument("file", metavar="FILE[@START-END]")
@_library_option
@_space_option
@_answer_options
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


@affetto.command()
@click.argument("file", metavar="FILE[@START-END]")
@_library_option
@_space_option
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
@_json_option
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
        _print_lines(formats.to_json(records) if as_json else formats.to_ndjson(records))
    else:
        click.echo(screen.description_table(description, timeline))


@affetto.group(invoke_without_command=True)
@click.pass_context
def texts(context: click.Context) -> None:
    """Collections of texts that `describe` chooses from."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@texts.command("add")
@click.argument("name")
@click.argument("file", type=click.Path(path_type=Path))
@_library_option
def texts_add(name: str, file: Path, library: Path | None) -> None:
    """Add the lines of FILE (.txt, .csv, .srt) as the collection NAME, or replace it."""
    from retrieval.library import Library
    from retrieval.screen import several

    with Library(library, create=True) as opened:
        count = opened.add_texts(name, file)
    click.echo(f"{several(count, 'text')} in the collection {name}")


@texts.command("list")
@_library_option
def texts_list(library: Path | None) -> None:
    """The collections of the library, with their sizes."""
    from retrieval.library import Library

    with Library(library) as opened:
        for name, count in opened.collections().items():
            click.echo(f"{name}\t{count}")


@affetto.command()
@_library_option
@_space_option
@click.option("--re-embed", is_flag=True, help="From the files instead of the stored vectors.")
@_jobs_option
def rebuild(library: Path | None, space: str, re_embed: bool, jobs: int | None) -> None:
    """Make the index anew, from stored vectors; searches go on meanwhile."""
    from retrieval.library import Library
    from retrieval.screen import ProgressLine, failure_line, several, summary_text

    with Library(library) as opened, ProgressLine() as line:
        made = opened.rebuild(space=space, re_embed=re_embed, jobs=jobs, progress=line.show)
    if made.summary:
        for failure in made.summary.failed:
            click.echo(failure_line(failure), err=True)
        click.echo(summary_text(made.summary))
    click.echo(f"{several(made.windows, 'window')} in the index of {space}")


@affetto.command()
@_library_option
@_json_option
def status(library: Path | None, as_json: bool) -> None:
    """What the library holds, what failed and why, and the state of each index."""
    from retrieval.library import Library
    from retrieval.screen import status_text

    with Library(library) as opened:
        state = opened.status()
    click.echo(_dumps(state.record()) if as_json else status_text(state))


@affetto.command()
@_library_option
@click.option("--fix", is_flag=True, help="Mend what can be mended.")
@click.option("--quick", is_flag=True, help="Compare size and time of files, not their content.")
@_json_option
def verify(library: Path | None, fix: bool, quick: bool, as_json: bool) -> None:
    """Hold database, indexes and files against one another."""
    from retrieval.library import Library
    from retrieval.screen import faults_text, several

    with Library(library) as opened:
        faults = opened.verify(fix=fix, hashes=not quick)
    click.echo(_dumps([fault.record() for fault in faults]) if as_json else faults_text(faults))
    left = sum(not fault.mended for fault in faults)
    if left:
        remedy = "what mends each stands beside it" if fix else "affetto verify --fix"
        raise Faulty(f"{several(left, 'fault')} in the library", remedy=remedy)


@affetto.command()
@_json_option
def spaces(as_json: bool) -> None:
    """The spaces that can be used here."""
    from retrieval.encoders.registry import list_spaces
    from retrieval.screen import spaces_text

    listings = list_spaces()
    records = [listing.record() for listing in listings]
    click.echo(_dumps(records) if as_json else spaces_text(listings))


@affetto.command()
@click.argument("corpora", type=click.Path(path_type=Path))
@click.option(
    "--space",
    default="affetto",
    show_default=True,
    help="What is evaluated: a space or its folder.",
)
@click.option(
    "--beside",
    multiple=True,
    metavar="SPACE",
    help="Another space, or its folder, to compare with; may be given several times.",
)
@click.option(
    "--corpus",
    "names",
    multiple=True,
    metavar="NAME",
    help="Only this corpus of the table; may be given several times.",
)
@click.option(
    "--split", default="test", show_default=True, help="Rows of this split; all takes every row."
)
@click.option(
    "--study",
    "studies",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="JSON with tables made elsewhere, to show after the others; may be given several times.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Also write a page, its JSON and its figures there; needs pip install 'affetto[figures]'.",
)
@_jobs_option
@_json_option
@click.option("--markdown", is_flag=True, help="Print Markdown.")
@click.option("--trust", is_flag=True, help="Which score can be trusted, instead of how it ranks.")
def evaluate(
    corpora: Path,
    space: str,
    beside: tuple[str, ...],
    names: tuple[str, ...],
    split: str,
    studies: tuple[Path, ...],
    out: Path | None,
    jobs: int | None,
    as_json: bool,
    markdown: bool,
    trust: bool,
) -> None:
    """How well a space hears CORPORA, next to chance and to simpler rankings.

    CORPORA is a folder with a clips.csv, or a CSV file, with the columns path, emotion, speaker
    and, where there are several, corpus and split.
    """
    from retrieval.evaluation import figures, hearing, report
    from retrieval.screen import ProgressLine

    if out is not None:
        figures.check_extra()  # before minutes of hearing
    chosen, others = hearing.choose_spaces(space, beside)
    tables = [table for study in studies for table in report.read_study(study)]
    with ProgressLine() as line:
        found = hearing.evaluate(
            chosen,
            corpora,
            names=names,
            split=None if split == "all" else split,
            beside=others,
            studies=tables,
            only_trust=trust,
            jobs=jobs,
            watch=line.count,
        )
    if out is not None:
        found.save(out)
    text = found.to_json() if as_json else found.to_markdown() if markdown else found.to_text()
    click.echo(text.rstrip("\n"))


@affetto.command()
@_library_option
@_space_option
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
@_json_option
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


@affetto.command()
@click.argument("corpora", type=click.Path(path_type=Path))
@click.argument("teachers", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--seed", type=int, default=0, show_default=True, help="Same seed, same space.")
@click.option("--epochs", type=click.IntRange(1), help="Instead of the recipe's own number.")
@click.option(
    "--loss",
    type=click.Choice(["sce", "supcon", "rnc"]),
    default="rnc",
    show_default=True,
    help="Cross entropy with a clip's own captions; contrast with all that is true of it; or that "
    "and Rank-N-Contrast.",
)
@click.option(
    "--without",
    multiple=True,
    metavar="CORPUS",
    help="Learn nothing from this corpus and test on the whole of it; may be given several times.",
)
@click.option(
    "--text",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Take the text tower of this space as it is.",
)
@click.option(
    "--audio",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Take the audio tower of this space as it is; the heads are trained anew.",
)
@click.option("--quick", is_flag=True, help="Toy towers and a few steps, to try the path.")
def train(
    corpora: Path,
    teachers: Path,
    out: Path,
    text: Path | None,
    audio: Path | None,
    seed: int,
    epochs: int | None,
    loss: str,
    without: tuple[str, ...],
    quick: bool,
) -> None:
    """Train the built-in space from CORPORA and TEACHERS into the folder OUT.

    Needs the extra: pip install 'affetto[train]'.
    """
    from retrieval import training

    training.train(
        corpora,
        teachers,
        out,
        text=text,
        audio=audio,
        seed=seed,
        epochs=epochs,
        loss=loss,
        without=without,
        quick=quick,
        log=lambda line: click.echo(line, err=True),
    )


@affetto.command()
@click.argument("corpora", type=click.Path(path_type=Path))
@click.argument("teachers", type=click.Path(path_type=Path))
@click.argument("space", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE")
@click.option("--quick", is_flag=True, help="Few clips and a few steps, to try the path.")
def study(corpora: Path, teachers: Path, space: Path, out: Path, quick: bool) -> None:
    """Compare what the space in the folder SPACE is made of, into FILE.

    Losses, corpora, texts, windows and more, by small trainings on CORPORA; then
    affetto evaluate --study FILE shows it. Needs the extra: pip install 'affetto[train]'.
    """
    from retrieval import training

    training.make_study(
        corpora,
        teachers,
        space,
        out,
        quick=quick,
        log=lambda line: click.echo(line, err=True),
    )


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

    note = screen.answer_note(answer)
    if note:
        click.echo(note, err=True)
    if style is None and answer.folded:
        click.echo(screen.folded_note(answer), err=True)
    records = [formats.hit_record(hit) for hit in answer.hits]
    if style == "m3u":
        _print_lines(formats.to_m3u(answer.hits))
    elif style is not None:
        _print_lines(getattr(formats, f"to_{style}")(records))
    else:
        _print_lines(screen.hits_table(answer.hits) if answer.hits else "")


def _print_lines(text: str) -> None:
    if text:  # no hits as NDJSON are no line, and not an empty one
        click.echo(text)


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


if __name__ == "__main__":
    main()
