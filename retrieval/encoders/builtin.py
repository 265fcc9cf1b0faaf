"""The built-in space `affetto`: our own weights, in the wheel, run by onnxruntime."""

import json
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from retrieval.encoders.audio_onnx import OnnxAudio
from retrieval.encoders.text_onnx import OnnxText
from retrieval.errors import SpaceError
from retrieval.space import Heads, Space

BUILTIN = "affetto"


def load_builtin() -> Space:
    """The space that comes with the program.

    Raises:
        SpaceError: its weights are absent or broken.
    """
    return load_folder(Path(str(files("retrieval"))) / "weights" / BUILTIN)


def load_folder(folder: Path) -> Space:
    """A space from a folder that `affetto train` wrote.

    Raises:
        SpaceError: a file of the folder is absent or broken.
    """
    try:
        card = json.loads((folder / "space.json").read_text(encoding="utf-8"))
        return Space(
            name=card["name"],
            description=card["description"],
            licence=card["licence"],
            window=float(card["window"]),
            hop=float(card["hop"]),
            audio=OnnxAudio(folder / "audio.onnx"),
            text=OnnxText(folder / "text.onnx", folder / "vocab.txt"),
            heads=Heads.load(folder / "heads.npz"),
            fitting=_measured(card, "fitting"),
            lead=_measured(card, "lead"),
        )
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise SpaceError(
            f"the weights of the space cannot be read: {fault}",
            path=folder,
            remedy="install affetto again",
        ) from fault


def _measured(card: Mapping[str, Any], name: str) -> float | None:
    """A number that spaces of an earlier training lack."""
    value = card.get(name)
    return None if value is None else float(value)
