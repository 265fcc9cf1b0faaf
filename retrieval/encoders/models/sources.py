"""Where a model is taken from: the hub, a folder in the Hugging Face layout, a zip of it, a .pt.

Whatever it is becomes a `Delivery`: small files in a working folder, and weights that nobody has
opened yet.
"""

import shutil
import zipfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from retrieval.encoders.models.checkpoints import (
    CONFIG,
    DEFAULT,
    PICKLED,
    SAFETENSORS,
    TOKENIZER,
    TOKENIZER_FILES,
    Checkpoint,
    known_checkpoint,
)
from retrieval.encoders.models.fetching import NotThere, Watch, fetch, hub, sha256_of
from retrieval.encoders.models.folder import INSTALL_CLAP, has_packages
from retrieval.errors import MissingExtra, SpaceError

_PICKLES = (".pt", ".pth", ".ckpt")
_LAYOUT = (CONFIG, *TOKENIZER_FILES, SAFETENSORS, PICKLED)


@dataclass(frozen=True)
class Delivery:
    """What a model is built from.

    Attributes:
        weights: model.safetensors, or a pickled file that must not be opened unchecked.
        sha256: of the weights.
        files: folder of config.json and the tokenizer; a .pt has no config.json.
        origin: where it comes from, in words.
    """

    weights: Path
    sha256: str
    files: Path
    origin: str

    @property
    def pickled(self) -> bool:
        """Whether the weights could run code when they are opened carelessly."""
        return self.weights.suffix != ".safetensors"

    @property
    def config(self) -> Path | None:
        """config.json of the Hugging Face layout; None for a .pt."""
        path = self.files / CONFIG
        return path if path.is_file() else None


def from_hub(
    checkpoint: Checkpoint, files: Path, *, tokenizer: Path | None, watch: Watch | None
) -> Delivery:
    """Fetch a published checkpoint into the folder `files`.

    Raises:
        SpaceError: as `fetch` does; among others when the weights are not those of the table.
        MissingExtra: the weights are pickled, and what converts them is not installed.
    """
    if checkpoint.layout == "pt":
        require_converter()
        take_tokenizer(files, tokenizer, watch)
    else:
        _fetch_layout(checkpoint, files, watch)
        if tokenizer:
            take_tokenizer(files, tokenizer, watch)
    weights, sha256 = _fetch_weights(checkpoint, files, watch)
    origin = f"{hub()}/{checkpoint.repository} at {checkpoint.revision[:8]}"
    return Delivery(weights, sha256, files, origin)


def from_path(source: Path, files: Path) -> Delivery:
    """Take a model from this machine; of a .pt, the tokenizer is still to come.

    Raises:
        SpaceError: it does not exist, is neither of the forms, or lacks weights or config.json.
    """
    if source.is_dir():
        weights = _copy_layout(source, files)
    elif source.suffix == ".zip":
        weights = _unpack_layout(source, files)
    elif source.is_file() and source.suffix in _PICKLES:
        weights = source
    else:
        what = "is no model" if source.exists() else "does not exist"
        raise SpaceError(
            f"it {what}",
            path=source,
            remedy="a .pt of laion_clap, a folder with config.json and model.safetensors, "
            "or a .zip of such a folder can be taken",
        )
    return Delivery(weights, sha256_of(weights), files, f"the file {source.name}")


def take_tokenizer(files: Path, folder: Path | None, watch: Watch | None) -> None:
    """Put a RoBERTa tokenizer into `files`: that of a folder, else the published one.

    Raises:
        SpaceError: the folder holds none, or it cannot be fetched.
    """
    if folder is not None:
        if not has_tokenizer(folder):
            raise SpaceError(
                "there is no tokenizer in this folder",
                path=folder,
                remedy="it needs tokenizer.json, or vocab.json and merges.txt",
            )
        _copy(folder, files, TOKENIZER_FILES)
        return
    default = known_checkpoint(DEFAULT)
    for file, sha256 in TOKENIZER.items():
        try:
            place = files / file
            fetch(default.repository, default.revision, file, place, sha256=sha256, watch=watch)
        except SpaceError as fault:
            raise SpaceError(
                f"a .pt has no tokenizer of its own, and it cannot be fetched: {fault.error}",
                path=fault.path,
                remedy="give the folder of a RoBERTa tokenizer: --tokenizer FOLDER",
            ) from fault


def has_tokenizer(folder: Path) -> bool:
    """Whether a folder holds a RoBERTa tokenizer, in either of its two forms."""
    there = {name for name in TOKENIZER_FILES if (folder / name).is_file()}
    return "tokenizer.json" in there or {"vocab.json", "merges.txt"} <= there


def require_converter() -> None:
    """Refuse to begin what could not be finished.

    Raises:
        MissingExtra: torch, transformers or safetensors is not installed.
    """
    if not has_packages(("torch", "transformers", "safetensors")):
        raise MissingExtra(
            "the weights are pickled, and converting them needs packages that are not installed",
            remedy=INSTALL_CLAP,
        )


def _fetch_layout(checkpoint: Checkpoint, files: Path, watch: Watch | None) -> None:
    place = checkpoint.repository, checkpoint.revision
    fetch(*place, CONFIG, files / CONFIG, watch=watch)
    for file in TOKENIZER_FILES:
        with suppress(NotThere):  # some are left out by some, and one form is enough
            fetch(*place, file, files / file, watch=watch)


def _fetch_weights(checkpoint: Checkpoint, files: Path, watch: Watch | None) -> tuple[Path, str]:
    place = checkpoint.repository, checkpoint.revision
    if checkpoint.layout == "hf":
        with suppress(NotThere):
            path = files / SAFETENSORS
            return path, fetch(*place, SAFETENSORS, path, watch=watch)
        require_converter()
    path = files / checkpoint.weights
    return path, fetch(*place, checkpoint.weights, path, sha256=checkpoint.sha256, watch=watch)


def _copy_layout(source: Path, files: Path) -> Path:
    """Copy the small files and safetensors; pickled weights stay where they are."""
    _require_layout(source, {name for name in _LAYOUT if (source / name).is_file()})
    _copy(source, files, (CONFIG, *TOKENIZER_FILES, SAFETENSORS))
    copied = files / SAFETENSORS
    return copied if copied.is_file() else source / PICKLED


def _unpack_layout(source: Path, files: Path) -> Path:
    """Unpack the files of the layout by name, so that no other path of the zip is ever written."""
    try:
        with zipfile.ZipFile(source) as archive:
            names = [PurePosixPath(name) for name in archive.namelist()]
            top = next((name.parent for name in names if name.name == CONFIG), PurePosixPath())
            inside = {name.name for name in names if name.parent == top and name.name in _LAYOUT}
            _require_layout(source, inside)
            for name in inside - ({PICKLED} if SAFETENSORS in inside else set()):
                with archive.open(str(top / name)) as packed, (files / name).open("wb") as file:
                    shutil.copyfileobj(packed, file)
    except zipfile.BadZipFile as fault:
        raise SpaceError(
            f"the zip cannot be read: {fault}", path=source, remedy="copy or fetch it again"
        ) from fault
    return files / (SAFETENSORS if SAFETENSORS in inside else PICKLED)


def _require_layout(source: Path, there: set[str]) -> None:
    if CONFIG not in there:
        raise SpaceError(
            f"there is no {CONFIG} in it",
            path=source,
            remedy="the whole folder of the model is needed, as the hub has it",
        )
    if not there & {SAFETENSORS, PICKLED}:
        raise SpaceError(
            f"there are no weights in it, neither {SAFETENSORS} nor {PICKLED}",
            path=source,
            remedy="the whole folder of the model is needed, as the hub has it",
        )


def _copy(source: Path, target: Path, names: tuple[str, ...]) -> None:
    for name in names:
        if (source / name).is_file():
            shutil.copyfile(source / name, target / name)
