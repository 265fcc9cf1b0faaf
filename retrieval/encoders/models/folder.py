"""The folder of installed models: which there are, whether they are whole, and how they go.

    models/clap/                the Hugging Face layout, and what we know of it in model.json
      config.json model.safetensors tokenizer.json ... [audio.onnx text.onnx]
      model.json
    models/clap+affetto/        heads that `affetto train --space clap` made
    models/speech+sound.fusion/ two streams, joined by `affetto train fusion`

A model is published whole, by renaming its folder (pulling.py), and nothing is ever fetched when it
is used.
"""

import json
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from retrieval.encoders.fused.transport import no_pot
from retrieval.errors import MissingExtra, SpaceError
from retrieval.folders import data_folder

CARD = "model.json"
GRAPHS = ("audio.onnx", "text.onnx")

Kind = Literal["clap", "heads", "fusion"]

INSTALL_CLAP = "pip install 'affetto[clap]'"

# What we trained ourselves, and how.
_OURS: Mapping[str, str] = {"heads": "affetto train", "fusion": "affetto train fusion"}

# What the safetensors need, and what the ONNX graphs need, besides the core.
_TORCH, _ONNX = ("torch", "transformers"), ("tokenizers",)

_NAME = re.compile(r"(?!\.)[A-Za-z0-9+._-]+")


@dataclass(frozen=True)
class Model:
    """An installed model.

    Attributes:
        name: of the space, and of the folder.
        folder: where it lies.
        kind: "clap" for two towers, "heads" for heads on another space, "fusion" for two streams.
        checkpoint: what it was made from; of heads the name of their base, of a fusion those of
            its streams with a comma between.
        architecture, fusion: of the audio tower; empty and false where we trained it.
        licence: of the weights.
        origin: where it was fetched, in words.
        sha256: of every file, by its name, in hexadecimal; empty for heads.
        verified: whether the checkpoint is a published one, known by its sha256.
    """

    name: str
    folder: Path
    kind: Kind
    checkpoint: str
    architecture: str
    fusion: bool
    licence: str
    origin: str
    sha256: Mapping[str, str]
    verified: bool

    @property
    def bytes(self) -> int:
        """Of its files, on disk."""
        return sum(file.stat().st_size for file in self.folder.iterdir() if file.is_file())

    def save(self) -> None:
        """Write model.json into its folder."""
        facts = {
            "name": self.name,
            "kind": self.kind,
            "checkpoint": self.checkpoint,
            "architecture": self.architecture,
            "fusion": self.fusion,
            "licence": self.licence,
            "origin": self.origin,
            "sha256": dict(self.sha256),
            "verified": self.verified,
        }
        text = json.dumps(facts, ensure_ascii=False, indent=2) + "\n"
        (self.folder / CARD).write_text(text, encoding="utf-8")


def models_folder() -> Path:
    """Where models lie: ``AFFETTO_MODELS``, else a folder in the per-user data folder."""
    chosen = os.environ.get("AFFETTO_MODELS")
    return Path(chosen).expanduser() if chosen else data_folder() / "models"


def model_folders() -> list[Path]:
    """The folders of the models folder that could hold a model, by name."""
    try:
        inside = sorted(models_folder().iterdir())
    except OSError:  # there is none
        return []
    return [one for one in inside if one.is_dir() and not one.name.startswith(".")]


def installed() -> list[Model]:
    """The installed models, by name; folders that hold none are left out."""
    found = []
    for folder in model_folders():
        try:
            found.append(read_model(folder))
        except SpaceError:
            continue  # `affetto spaces` and `affetto models check` tell of it
    return found


def model(name: str) -> Model:
    """The installed model of a name.

    Raises:
        SpaceError: it is not installed, or its model.json cannot be read.
    """
    folder = models_folder() / name
    if not _NAME.fullmatch(name) or not folder.is_dir():
        raise SpaceError(
            f"the model {name!r} is not installed", remedy=f"affetto models pull {name}"
        )
    return read_model(folder)


def read_model(folder: Path) -> Model:
    """The model in a folder.

    Raises:
        SpaceError: model.json is absent or broken.
    """
    card = folder / CARD
    if not card.is_file():
        raise SpaceError(
            "this folder has no model.json, so it was not installed by affetto",
            path=folder,
            remedy="move it elsewhere, then affetto models pull NAME --from that folder",
        )
    try:
        facts: dict[str, Any] = json.loads(card.read_text(encoding="utf-8"))
        kind: Kind = facts["kind"] if facts["kind"] in _OURS else "clap"
        ours, files = kind in _OURS, {} if kind == "heads" else facts["sha256"]
        return Model(
            name=folder.name,
            folder=folder,
            kind=kind,
            checkpoint=_made_from(kind, facts),
            architecture="" if ours else str(facts["architecture"]),
            fusion=not ours and bool(facts["fusion"]),
            licence=str(facts["licence"]),
            origin=_OURS[kind] if ours else str(facts["origin"]),
            sha256={str(name): str(digest) for name, digest in files.items()},
            verified=ours or bool(facts["verified"]),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as fault:
        raise SpaceError(
            f"model.json cannot be read: {type(fault).__name__}: {fault}",
            path=card,
            remedy=f"affetto models remove {folder.name}, then pull it again",
        ) from fault


def _made_from(kind: Kind, facts: Mapping[str, Any]) -> str:
    if kind == "fusion":
        return ",".join(facts["streams"])
    return str(facts["base" if kind == "heads" else "checkpoint"])


def require_engine(one: Model) -> None:
    """Refuse a model that nothing installed here can run; nothing is imported to find out.

    Raises:
        MissingExtra: neither torch and transformers, nor ONNX graphs and tokenizers, are there; or
            POT is not, for a space of two streams.
    """
    if one.kind == "fusion":
        if not has_packages(("ot",)):
            raise no_pot()
        return
    graphs = all((one.folder / name).is_file() for name in GRAPHS)
    if one.kind == "heads" or has_packages(_TORCH) or (graphs and has_packages(_ONNX)):
        return
    raise MissingExtra(
        f"the model {one.name!r} is installed, and the packages that run it are not",
        remedy=INSTALL_CLAP,
    )


def has_packages(names: tuple[str, ...]) -> bool:
    """Whether packages are installed; none of them is imported."""
    return all(find_spec(name) is not None for name in names)


def remove(name: str) -> None:
    """Delete an installed model; libraries keep the vectors that it made.

    Raises:
        SpaceError: there is no such model, or its folder cannot be deleted.
    """
    folder = models_folder() / name
    if not folder.is_dir() or not _NAME.fullmatch(name):
        model(name)
    leaving = folder.with_name(f".{name}.removed")
    try:
        # Renamed first: a model is there whole or not at all, even when this is stopped half-way.
        shutil.rmtree(leaving, ignore_errors=True)
        folder.rename(leaving)
        shutil.rmtree(leaving)
    except OSError as fault:
        raise SpaceError(
            f"the model cannot be deleted: {fault.strerror}",
            path=folder,
            remedy="give yourself the right to write there",
        ) from fault


def check_name(name: str) -> None:
    """Refuse what cannot name a model.

    Raises:
        SpaceError: it holds other signs than letters, digits and + . _ -, or is taken.
    """
    if not _NAME.fullmatch(name) or name in RESERVED or name.endswith("+affetto"):
        raise SpaceError(
            f"a model cannot be named {name!r}",
            remedy="letters, digits and . _ - make a name; affetto and words are taken",
        )


# The built-in space, and what searches call the words in names, tags and transcripts.
RESERVED = ("affetto", "words")
