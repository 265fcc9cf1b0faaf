"""Commands that make spaces."""

from pathlib import Path
from typing import Any

import click

from retrieval.commands.default_group import DefaultGroup
from retrieval.commands.options import library_option


@click.group(cls=DefaultGroup)
@click.argument("corpora", type=click.Path(path_type=Path), required=False)
@click.argument("teachers", type=click.Path(path_type=Path), required=False)
@click.argument("out", type=click.Path(path_type=Path), required=False)
@click.option("--space", help="Train heads for this space, and nothing else.")
@library_option
@click.option(
    "--labels-from",
    default="emotion",
    show_default=True,
    metavar="LABEL",
    help="With --space: the label that says what is heard.",
)
@click.option(
    "--out",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="With --space: write the heads there, and not among the installed models.",
)
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
    help="Take the audio towers of this space as they are; the heads are trained anew.",
)
@click.option("--quick", is_flag=True, help="Toy towers and a few steps, to try the path.")
@click.pass_context
def train(
    context: click.Context,
    /,
    space: str | None,
    library: Path | None,
    labels_from: str,
    folder: Path | None,
    seed: int,
    loss: str,
    quick: bool,
    **towers: Any,
) -> None:
    """Train the built-in space from CORPORA and TEACHERS into the folder OUT.

    With --space instead of them: train heads for any space on the vectors and labels of the
    library, which hears nothing again. They make the space SPACE+affetto.

    Needs the extra: pip install 'affetto[train]'.
    """
    from retrieval import training

    _check_train(context)
    common: dict[str, Any] = {
        "seed": seed, "loss": loss, "quick": quick, "log": lambda line: click.echo(line, err=True),
    }  # fmt: skip
    if space is None:
        training.train(**towers, **common)
        return
    from retrieval.library import Library

    with Library(library) as opened:
        training.make_heads(opened, space, out=folder, labels_from=labels_from, **common)


def _check_train(context: click.Context) -> None:
    """Refuse a mixture of the two ways to train, and half of either."""
    command_line = click.core.ParameterSource.COMMANDLINE
    given = {name for name in context.params if context.get_parameter_source(name) is command_line}
    places = {"corpora", "teachers", "out"}
    towers = places | {"epochs", "without", "text", "audio"}
    if "space" in given:
        fits = given.isdisjoint(towers)
    else:
        fits = places <= given and given.isdisjoint({"library", "labels_from", "folder"})
    if not fits:
        raise click.UsageError(
            "train takes CORPORA, TEACHERS and OUT, with --epochs, --without, --text and --audio; "
            "or --space, with --library, --labels-from and --out",
            context,
        )


@train.command("fusion")
@click.option(
    "--streams",
    required=True,
    metavar="A,B",
    help="Two of: speech, sound (what the towers of the built-in space hear), or any spaces.",
)
@library_option
@click.option(
    "--labels-from",
    default="emotion",
    show_default=True,
    metavar="LABEL",
    help="The label that says what is heard.",
)
@click.option("--name", help="Of the new space; by default A+B.fusion.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Write the space there, and not among the installed models.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Same seed, same space.")
@click.option("--quick", is_flag=True, help="A few steps, to try the path.")
def train_fusion(library: Path | None, streams: str, **wanted: Any) -> None:
    """Join two streams of frames to one space, taught by the labelled clips of the library.

    The files are heard for it. affetto embed --space NAME then takes the library into the space.

    Needs the extras: pip install 'affetto[train,fusion]'.
    """
    from retrieval import training
    from retrieval.library import Library

    names = [name.strip() for name in streams.split(",")]
    with Library(library) as opened:
        made = training.make_fusion(
            opened, names, log=lambda line: click.echo(line, err=True), **wanted
        )
    if wanted["out"] is None:
        click.echo(f"next: affetto embed --space {made.name}", err=True)


@train.command("alignment")
@click.argument("corpora", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(file_okay=False, path_type=Path))
@click.option("--seed", type=int, default=0, show_default=True, help="Same seed, same aligner.")
@click.option("--epochs", type=click.IntRange(1), default=24, show_default=True, help="At most.")
@click.option("--quick", is_flag=True, help="Few clips and one epoch, to try the path.")
def train_alignment(corpora: Path, out: Path, **wanted: Any) -> None:
    """Train the aligner of words and speech on CORPORA, into the folder OUT.

    Needs the extra: pip install 'affetto[train]'.
    """
    from retrieval import training

    training.make_aligner(corpora, out, log=lambda line: click.echo(line, err=True), **wanted)


@train.command("recognition")
@click.argument("corpora", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(file_okay=False, path_type=Path))
@click.option("--seed", type=int, default=0, show_default=True, help="Same seed, same recogniser.")
@click.option("--quick", is_flag=True, help="Few clips and a few steps, to try the path.")
def train_recogniser(corpora: Path, out: Path, **wanted: Any) -> None:
    """Train the recogniser of emotion, from voice and words on CORPORA, into the folder OUT.

    Needs the extra: pip install 'affetto[train]'.
    """
    from retrieval import training

    training.make_recogniser(corpora, out, log=lambda line: click.echo(line, err=True), **wanted)


@click.group(cls=DefaultGroup)
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


@study.command("recognition")
@click.argument("corpora", type=click.Path(path_type=Path))
@click.argument("teachers", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE")
@click.option(
    "--only",
    multiple=True,
    type=click.Choice(["alignment", "fusion"]),
    help="Make this part anew, and leave the other tables of FILE; may be given several times.",
)
@click.option("--quick", is_flag=True, help="Few clips and a few steps, to try the path.")
def study_recognition(
    corpora: Path, teachers: Path, out: Path, only: tuple[str, ...], quick: bool
) -> None:
    """Compare ways to recognise, into FILE.

    Words aligned with a voice, and streams fused, beside simpler ways, by trainings on CORPORA;
    then affetto evaluate recognition --study FILE shows it. Needs the extras: pip install
    'affetto[train,fusion]'.
    """
    from retrieval import training

    training.study_recognition(
        corpora,
        teachers,
        out,
        only=only,
        quick=quick,
        log=lambda line: click.echo(line, err=True),
    )
