"""The folder of a CLAP model: which files it has, and what they say about it.

The layout is that of Hugging Face: config.json, model.safetensors, tokenizer.json (or vocab.json
and merges.txt). Beside them lie our model.json, and audio.onnx and text.onnx once exported.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from retrieval.errors import MissingExtra, SpaceError

WEIGHTS = "model.safetensors"
AUDIO_GRAPH, TEXT_GRAPH = "audio.onnx", "text.onnx"


@dataclass(frozen=True)
class Card:
    """What model.json and config.json say.

    Attributes:
        folder: of the model.
        name: of the space.
        checkpoint: what the weights are called by those who trained them.
        architecture: of the audio tower, ``HTSAT-tiny`` or ``HTSAT-base``.
        fusion: whether it was trained with feature fusion.
        licence: of the weights.
        dim: dimensions of the shared space.
        words: pieces of text that the weights know.
        sha256: of each file, by name.
    """

    folder: Path
    name: str
    checkpoint: str
    architecture: str
    fusion: bool
    licence: str
    dim: int
    words: int
    sha256: Mapping[str, str]

    @property
    def exported(self) -> bool:
        """Whether both towers are there as ONNX graphs."""
        return all((self.folder / name).is_file() for name in (AUDIO_GRAPH, TEXT_GRAPH))


def read_card(folder: Path) -> Card:
    """Read model.json and config.json, and no weights.

    Raises:
        SpaceError: one of them is absent or lacks something, they contradict one another, or the
            weights are absent.
    """
    about, config = read_json(folder / "model.json"), read_json(folder / "config.json")
    try:
        card = Card(
            folder=folder,
            name=str(about["name"]),
            checkpoint=str(about["checkpoint"]),
            architecture=str(about["architecture"]),
            fusion=bool(about["fusion"]),
            licence=str(about["licence"]),
            dim=int(config.get("projection_dim", 512)),
            words=int(config.get("text_config", {}).get("vocab_size", 50_265)),
            sha256={str(file): str(sha) for file, sha in about["sha256"].items()},
        )
    except (KeyError, TypeError, ValueError, AttributeError) as fault:
        raise broken(folder / "model.json", f"model.json lacks or garbles {fault}") from fault
    if about.get("kind") != "clap" or config.get("model_type") != "clap":
        raise broken(folder, "this is no CLAP model")
    if bool(config.get("audio_config", {}).get("enable_fusion", False)) != card.fusion:
        raise broken(folder, "model.json and config.json do not agree about fusion")
    for needed in (WEIGHTS, *tokenizer_files(folder)):
        if needed not in card.sha256:
            raise broken(folder / "model.json", f"model.json has no sha256 of {needed}")
    return card


def tokenizer_files(folder: Path) -> tuple[str, ...]:
    """The files that hold the tokenizer of this folder.

    Raises:
        SpaceError: there are none.
    """
    for names in (("tokenizer.json",), ("vocab.json", "merges.txt")):
        if all((folder / name).is_file() for name in names):
            return names
    raise broken(folder, "there is no tokenizer.json, nor vocab.json with merges.txt")


def read_json(path: Path) -> dict[str, Any]:
    """An object from a file.

    Raises:
        SpaceError: it cannot be read, or is something else.
    """
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise broken(path, f"{path.name} cannot be read: {fault}") from fault
    if not isinstance(value, dict):
        raise broken(path, f"{path.name} holds no object")
    return value


def broken(path: Path, error: str) -> SpaceError:
    """A fault of an installed model."""
    return SpaceError(
        error, path=path, remedy="affetto models remove NAME, then affetto models pull NAME"
    )


def missing(package: str) -> MissingExtra:
    """A package that the extra brings."""
    return MissingExtra(
        f"CLAP needs {package}, which is not installed", remedy="pip install 'affetto[clap]'"
    )


def first_line(fault: Exception) -> str:
    """What another program said went wrong, without its advice."""
    return f"{type(fault).__name__}: {str(fault).strip().partition(chr(10))[0]}"
