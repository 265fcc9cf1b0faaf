"""A recogniser of random weights, small, with a text encoder that draws vectors from texts."""

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np

from retrieval.recognition.networks import OUTPUTS
from retrieval.recognition.recogniser import Recogniser
from retrieval.space import Vectors

FRAMES = {"speech": 6, "sound": 4}
CHANNELS = {"speech": 4, "sound": 2}
TEXT, HIDDEN = 5, 3
STATE = 2 * sum(CHANNELS.values())


class Drawn:
    """A vector for each text, drawn from the text itself."""

    name = "drawn"
    dim = TEXT
    fingerprint = "drawn-1"

    def encode(self, texts: Sequence[str]) -> Vectors:
        seeds = [int.from_bytes(hashlib.sha256(text.encode()).digest()[:4]) for text in texts]
        found = [np.random.default_rng(seed).standard_normal(TEXT) for seed in seeds]
        return np.array(found, dtype=np.float32).reshape(-1, TEXT)


def arrays(seed: int = 0) -> dict[str, Vectors]:
    """Random weights by name."""
    rng = np.random.default_rng(seed)
    shapes: dict[str, tuple[int, ...]] = {}
    for name, width in FRAMES.items():
        shapes[f"{name}.project.weight"] = (width, CHANNELS[name])
        shapes[f"{name}.project.bias"] = (CHANNELS[name],)
        shapes[f"{name}.attend"] = (CHANNELS[name], 2)
    inputs = {
        "voice": STATE, "words": TEXT, "early": STATE + TEXT, "hybrid": 2 * HIDDEN + 2 * OUTPUTS,
    }  # fmt: skip
    for name, width in inputs.items():
        shapes |= {f"{name}.0.weight": (width, HIDDEN), f"{name}.0.bias": (HIDDEN,)}
        shapes |= {f"{name}.1.weight": (HIDDEN, OUTPUTS), f"{name}.1.bias": (OUTPUTS,)}
    shapes |= {f"late.{name}": (OUTPUTS,) for name in ("voice", "words", "bias")}
    return {
        name: rng.standard_normal(shape).astype(np.float16).astype(np.float32)
        for name, shape in shapes.items()
    }


def recogniser(fusion: str = "late", seed: int = 0) -> Recogniser:
    return Recogniser(arrays(seed), Drawn(), "audio-1", fusion)


def frames(seed: int = 0, count: int = 7) -> Mapping[str, Vectors]:
    rng = np.random.default_rng(seed)
    return {
        name: rng.standard_normal((count, width)).astype(np.float32)
        for name, width in FRAMES.items()
    }
