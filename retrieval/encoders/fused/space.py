"""A space that `affetto train fusion` made, from its folder.

ears.onnx crossing.onnx     the graphs (audio.py)
heads.npz                   from the vectors to the space of the built-in text tower
model.json                  where it comes from, and what it was made with
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from retrieval.encoders.builtin import load_builtin
from retrieval.encoders.fused.audio import CROSSING, EARS, FusedAudio, broken
from retrieval.encoders.fused.streams import Load, open_streams
from retrieval.errors import SpaceError
from retrieval.space import Heads, Space, Vectors

CARD, HEADS = "model.json", "heads.npz"
KIND = "fusion"
FILES = (EARS, CROSSING, HEADS)

#: Seconds of a window, and from one to the next.
WINDOW, HOP = 4.0, 2.0

_NEEDED = (
    "streams", "made_with", "text", "description", "licence", "window", "hop", "fitting", "lead",
)  # fmt: skip


def fused_name(streams: Sequence[str]) -> str:
    """What a space of two streams is called if nobody says."""
    return f"{'+'.join(streams)}.fusion"  # what ends with +affetto would be heads


def streams_of(folder: Path) -> tuple[str, ...] | None:
    """The names of the streams of a fused space; None if the folder holds none."""
    try:
        facts = json.loads((folder / CARD).read_text(encoding="utf-8"))
        return tuple(map(str, facts["streams"])) if facts["kind"] == KIND else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def load_fused(folder: Path, load: Load) -> Space:
    """The space in a folder; its name is that of the folder.

    Args:
        load: from the name of a space to the space, for streams that are spaces.

    Raises:
        SpaceError: a file is absent or broken, a stream is not installed, or a stream or the text
            tower is not what it was when the space was made.
    """
    facts = _facts(folder)
    streams = open_streams(facts["streams"], load)
    text = load_builtin().text
    if [list(streams.fingerprints), text.fingerprint] != [facts["made_with"], facts["text"]]:
        raise SpaceError(
            f"the space was made with other versions of {' and '.join(streams.names)}, or of the "
            "built-in text tower",
            path=folder,
            remedy=f"affetto train fusion --streams {','.join(streams.names)}",
        )
    return Space(
        name=folder.resolve().name,
        description=facts["description"],
        licence=facts["licence"],
        window=float(facts["window"]),
        hop=float(facts["hop"]),
        audio=FusedAudio(folder, streams),
        text=text,
        heads=Heads.load(folder / HEADS),
        fitting=facts["fitting"],
        lead=facts["lead"],
    )


def check_fused(folder: Path, load: Load) -> list[str]:
    """Load the space and try it; what was found.

    Raises:
        SpaceError: it cannot be loaded, or gives the same vector for two sounds, or no numbers.
        MissingExtra: POT, or what a stream needs, is not installed.
    """
    space = load_fused(folder, load)
    silence, noise = space.audio.encode(_probes(space.audio.rate))
    if not np.isfinite([silence, noise]).all() or np.allclose(silence, noise):
        raise broken(folder, ValueError("noise and silence sound alike to it"))
    names = " and ".join(_facts(folder)["streams"])
    return [f"{names} joined to {space.audio.dim} values", f"a space of {space.dim} dimensions"]


def _probes(rate: int) -> list[Vectors]:
    noise = np.random.default_rng(0).standard_normal(round(WINDOW * rate)).astype(np.float32)
    return [np.zeros_like(noise), np.clip(0.1 * noise, -1, 1)]


def _facts(folder: Path) -> dict[str, Any]:
    """What model.json says, with all that is asked of it."""
    try:
        facts = json.loads((folder / CARD).read_text(encoding="utf-8"))
        if not isinstance(facts, dict):
            raise ValueError("it is no object")
        for name in _NEEDED:
            facts[name]
        return facts
    except (OSError, ValueError, KeyError) as fault:
        raise broken(folder / CARD, fault) from fault
