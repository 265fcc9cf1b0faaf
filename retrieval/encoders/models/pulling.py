"""Installing a model: taken, judged before it is opened, brought into one layout, published whole.

Pickled weights can run code when they are opened, so their sha256 is compared with that of the
published checkpoints first, and then they are read as weights only. What is not published is
taken only when the caller says so.
"""

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from retrieval.encoders.models.checkpoints import (
    CONFIG,
    SAFETENSORS,
    TOKENIZER_FILES,
    Checkpoint,
    checkpoint_with,
    find_checkpoint,
    known_checkpoint,
)
from retrieval.encoders.models.fetching import Watch, sha256_of
from retrieval.encoders.models.folder import Model, check_name, has_packages, model, models_folder
from retrieval.encoders.models.sources import (
    Delivery,
    from_hub,
    from_path,
    has_tokenizer,
    require_converter,
    take_tokenizer,
)
from retrieval.errors import SpaceError

# Width of the first layer of the audio tower, by which config.json tells the two apart.
_ARCHITECTURES = {96: "HTSAT-tiny", 128: "HTSAT-base"}
_EXPORTER = ("torch", "transformers", "onnx")


def pull(
    name: str,
    source: Path | None = None,
    *,
    tokenizer: Path | None = None,
    unknown: bool = False,
    like: str | None = None,
    onnx: bool | None = None,
    watch: Watch | None = None,
) -> Model:
    """Install a model; nothing is left of one that fails.

    Args:
        name: of a checkpoint of the LAION-CLAP family, or, with `source`, any other.
        source: a .pt, a folder in the Hugging Face layout or a zip of one; the hub if None.
        tokenizer: folder of a RoBERTa tokenizer for a .pt; the published one if None.
        unknown: take pickled weights whose sha256 is not that of a published checkpoint.
        like: the checkpoint whose architecture an unknown .pt has.
        onnx: add ONNX graphs of both towers; where the packages for it are there, if None.
        watch: called while files are fetched.

    Raises:
        SpaceError: the name is taken, the hub or the source fails, or the weights are refused.
        MissingExtra: the weights must be converted, and the packages for it are not installed.
    """
    published = find_checkpoint(name)
    space = published.name if published else name
    _require_free(space)
    shape = known_checkpoint(like) if like else published
    with _bench(space) as bench:
        files, made = bench / "files", bench / "model"
        files.mkdir()
        made.mkdir()
        if source is None:
            wanted = _publicly_known(name, unknown)
            delivery = from_hub(wanted, files, tokenizer=tokenizer, watch=watch)
        else:
            delivery = from_path(source, files)
        verified = _judge(delivery, published, unknown, source)
        architecture, fusion = _shape_of(delivery, shape)
        if source is not None and (tokenizer or not delivery.config):
            take_tokenizer(files, tokenizer, watch)
        _build(delivery, made, architecture, fusion)
        trusted = published if verified or source is None else None
        facts = Model(
            name=space,
            folder=made,
            kind="clap",
            checkpoint=published.checkpoint if published else delivery.weights.stem,
            architecture=architecture,
            fusion=fusion,
            licence=trusted.licence if trusted else "not known",
            origin=delivery.origin,
            sha256=_hashes(made),
            verified=verified,
        )
        _finish(facts, onnx)
        made.rename(models_folder() / space)
    return model(space)


def convert_checkpoint(
    checkpoint: Path, tokenizer: Path, out: Path, *, architecture: str, fusion: bool
) -> None:
    """A .pt that was judged, to the Hugging Face layout."""
    # Imported here, because it needs torch.
    from retrieval.encoders.clap.convert import convert

    convert(checkpoint, tokenizer, out, architecture=architecture, fusion=fusion)


def convert_pickled(weights: Path, out: Path) -> None:
    """A pytorch_model.bin that was judged, to safetensors; names and values stay."""
    # Imported here, because it needs torch.
    from retrieval.encoders.models.pickled import to_safetensors

    to_safetensors(weights, out)


def export_graphs(folder: Path) -> None:
    """Add audio.onnx and text.onnx to a model in the Hugging Face layout."""
    # Imported here, because it needs torch.
    from retrieval.encoders.clap.export import export

    export(folder)


def _require_free(space: str) -> None:
    check_name(space)
    if (models_folder() / space).exists():
        raise SpaceError(
            f"the model {space!r} is there already",
            path=models_folder() / space,
            remedy=f"affetto models remove {space}",
        )


@contextmanager
def _bench(name: str) -> Iterator[Path]:
    """A folder beside the models to work in, which is gone afterwards, whatever happens."""
    try:
        models_folder().mkdir(parents=True, exist_ok=True)
        bench = Path(tempfile.mkdtemp(prefix=f".{name}.", dir=models_folder()))
    except OSError as fault:
        raise SpaceError(
            f"the folder of models cannot be written: {fault.strerror}",
            path=models_folder(),
            remedy="set AFFETTO_MODELS to a folder that you may write to",
        ) from fault
    try:
        yield bench
    except OSError as fault:
        raise SpaceError(
            f"the model cannot be installed: {fault.strerror or fault}",
            path=fault.filename or models_folder(),
            remedy="make room, or set AFFETTO_MODELS to a folder on another disk",
        ) from fault
    finally:
        shutil.rmtree(bench, ignore_errors=True)


def _publicly_known(name: str, unknown: bool) -> Checkpoint:
    """The checkpoint to fetch; one without a sha256 is refused before it is fetched."""
    wanted = known_checkpoint(name)
    if wanted.sha256 is None and not unknown:
        raise SpaceError(
            f"no sha256 of {wanted.weights} is published that it could be compared with, and a "
            "pickled file can run code",
            remedy=f"if you trust {wanted.repository}: affetto models pull {name} --unknown",
        )
    return wanted


def _judge(
    delivery: Delivery, published: Checkpoint | None, unknown: bool, source: Path | None
) -> bool:
    """Whether the weights are a published checkpoint.

    Raises:
        SpaceError: they are pickled and are not, and `unknown` is false.
    """
    if published and delivery.sha256 == published.sha256:
        return True
    if not delivery.pickled or unknown:
        return False
    another = checkpoint_with(delivery.sha256)
    if another:
        raise SpaceError(
            f"this is another checkpoint, {another.checkpoint}",
            path=source,
            remedy=f"affetto models pull {another.name} --from {source}",
        )
    raise SpaceError(
        f"its sha256, {delivery.sha256}, is none of the published checkpoints, and a pickled "
        "file can run code; it was not opened",
        path=source,
        remedy="model.safetensors is safe; if you trust this file, add --unknown",
    )


def _shape_of(delivery: Delivery, shape: Checkpoint | None) -> tuple[str, bool]:
    """Architecture and fusion: of config.json where there is one, else of the checkpoint."""
    if delivery.config:
        try:
            audio = json.loads(delivery.config.read_text(encoding="utf-8"))["audio_config"]
            width = int(audio.get("patch_embeds_hidden_size", 96))
            return _ARCHITECTURES.get(width, f"HTSAT of width {width}"), bool(
                audio.get("enable_fusion", False)
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as fault:
            raise SpaceError(
                f"{CONFIG} is not that of a CLAP model: {type(fault).__name__}: {fault}",
                path=delivery.weights.parent,
                remedy="the whole folder of the model is needed, as the hub has it",
            ) from fault
    if shape is None:
        raise SpaceError(
            "which architecture this .pt has is not known",
            path=delivery.weights,
            remedy="name a checkpoint of the same architecture, as --like clap-630k-audioset",
        )
    return shape.architecture, shape.fusion


def _build(delivery: Delivery, made: Path, architecture: str, fusion: bool) -> None:
    """The model in the Hugging Face layout, with safetensors, in the folder `made`."""
    if delivery.pickled:
        require_converter()
    if delivery.config is None:
        convert_checkpoint(
            delivery.weights, delivery.files, made, architecture=architecture, fusion=fusion
        )
    else:
        for name in (CONFIG, *TOKENIZER_FILES):
            if (delivery.files / name).is_file():
                (delivery.files / name).rename(made / name)
        if delivery.pickled:
            convert_pickled(delivery.weights, made / SAFETENSORS)
        else:
            delivery.weights.rename(made / SAFETENSORS)
    if not has_tokenizer(made):
        raise SpaceError(
            "the model has no tokenizer",
            remedy="give the folder of a RoBERTa tokenizer: --tokenizer FOLDER",
        )


def _finish(facts: Model, onnx: bool | None) -> None:
    """model.json and, where they are wanted, the graphs, which are made from a whole model."""
    facts.save()
    if onnx or (onnx is None and has_packages(_EXPORTER)):
        export_graphs(facts.folder)
        replace(facts, sha256=_hashes(facts.folder)).save()


def _hashes(folder: Path) -> dict[str, str]:
    """sha256 of every file of a model but its model.json, by name."""
    files = sorted(file for file in folder.iterdir() if file.is_file())
    return {file.name: sha256_of(file) for file in files if file.name != "model.json"}
