"""Commands about spaces and the models behind them."""

from pathlib import Path
from typing import Any

import click

from retrieval.commands.options import dumps, json_option
from retrieval.errors import Faulty


@click.command()
@json_option
def spaces(as_json: bool) -> None:
    """The spaces that can be used here, and how to get those that cannot."""
    from retrieval.encoders.registry import list_spaces
    from retrieval.listings import spaces_text

    listings = list_spaces()
    records = [listing.record() for listing in listings]
    click.echo(dumps(records) if as_json else spaces_text(listings))


@click.group(invoke_without_command=True)
@click.pass_context
def models(context: click.Context) -> None:
    """Models of other spaces: fetched once, then used without a network."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@models.command("pull")
@click.argument("name")
@click.option(
    "--from",
    "source",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A .pt, or a folder (or .zip) in the Hugging Face layout, instead of the hub.",
)
@click.option(
    "--tokenizer",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="RoBERTa tokenizer for a .pt; by default it is fetched from the hub.",
)
@click.option(
    "--unknown",
    is_flag=True,
    help="Take a pickled checkpoint that is not known by its sha256; only if you trust it.",
)
@click.option("--like", metavar="NAME", help="Checkpoint whose architecture an unknown .pt has.")
@click.option(
    "--onnx/--no-onnx",
    default=None,
    help="Add ONNX graphs, which answer without torch; by default where that is possible.",
)
def models_pull(name: str, **wanted: Any) -> None:
    """Install the model NAME of `affetto models list`, from the hub or from a file."""
    from retrieval.encoders.models.pulling import pull
    from retrieval.listings import pulled_note, pulled_text
    from retrieval.screen import ProgressLine

    with ProgressLine() as line:
        made = pull(name, watch=line.fetched, **wanted)
    if note := pulled_note(made):
        click.echo(note, err=True)
    click.echo(pulled_text(made))


@models.command("list")
@json_option
def models_list(as_json: bool) -> None:
    """The published checkpoints and the installed models."""
    from retrieval.encoders.models.folder import installed
    from retrieval.listings import model_records, models_text

    there = installed()
    click.echo(dumps(model_records(there)) if as_json else models_text(there))


@models.command("check")
@click.argument("name", required=False)
@json_option
def models_check(name: str | None, as_json: bool) -> None:
    """Read the files of NAME, or of all models, again, load them, and try their towers."""
    from retrieval.encoders.models.checking import check_models
    from retrieval.listings import checked_text
    from retrieval.screen import several

    checked = check_models(name)
    click.echo(dumps([one.record() for one in checked]) if as_json else checked_text(checked))
    faults = sum(one.fault is not None for one in checked)
    if faults:
        raise Faulty(
            f"{several(faults, 'fault')} in the models", remedy="what mends each stands beside it"
        )


@models.command("remove")
@click.argument("name")
def models_remove(name: str) -> None:
    """Delete the installed model NAME; libraries keep its vectors."""
    from retrieval.encoders.models.folder import remove

    remove(name)
    click.echo(f"{name} is removed")
