"""Commands that evaluate: how well a space hears, and how well feelings are recognised."""

from pathlib import Path
from typing import Literal

import click

from retrieval.commands.default_group import DefaultGroup
from retrieval.commands.options import jobs_option, json_option


@click.group(cls=DefaultGroup)
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
@jobs_option
@json_option
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

    CORPORA is a folder with a clips.csv, or a CSV file, with columns path, emotion, speaker, or the
    folder of a published corpus: IEMOCAP, ASVP-ESD, JNV, VIVAE (docs/measuring.md).
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
            tell=line.tell,
        )
    if out is not None:
        found.save(out)
    text = found.to_json() if as_json else found.to_markdown() if markdown else found.to_text()
    click.echo(text.rstrip("\n"))


@evaluate.command("recognition")
@click.argument("corpora", type=click.Path(path_type=Path))
@click.option(
    "--split",
    type=click.Choice(["test", "val"]),
    default="test",
    show_default=True,
    help="Of the clips and of the sentences.",
)
@click.option(
    "--study",
    "studies",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="JSON of affetto study recognition, to show after the others; may be given several times.",
)
@click.option("--fused", metavar="SPACE", help="A fused space, to tell what it costs as well.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Also write a page and its JSON there.",
)
@json_option
def evaluate_recognition(
    corpora: Path,
    split: Literal["test", "val"],
    studies: tuple[Path, ...],
    fused: str | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """How well feelings are recognised in the voices and words of CORPORA.

    By voice, by words, by both; where words and voice disagree; what is transcribed; and what each
    step costs. The papers' own figures stand beside it. CORPORA also holds labels/, the sentences
    with a feeling that voices are paired with.
    """
    from retrieval.evaluation import report
    from retrieval.evaluation.recognition import gathering
    from retrieval.screen import ProgressLine

    tables = [table for study in studies for table in report.read_study(study)]
    with ProgressLine() as line:
        found = gathering.evaluate(corpora, split, tables, fused=fused, tell=line.tell)
    if out is not None:
        found.save(out)
    click.echo((found.to_json() if as_json else found.to_text()).rstrip("\n"))
