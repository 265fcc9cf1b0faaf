"""A space: where projected audio and text can be compared.

A space is two encoders and two heads. An encoder turns sound or words into a raw vector; a head
projects the raw vector to a unit vector in the shared space, where a dot product is the cosine
similarity. Raw audio vectors are what the catalog stores, so training new heads costs an index
rebuild and not one decoded file.

Two identities follow, both sha256 in hexadecimal:

* ``source`` says how raw audio vectors were made (audio encoder, window, hop);
* ``fingerprint`` says what an index holds and which prompts it can answer (source, text encoder,
  heads, name).
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import SpaceError

Vectors = NDArray[np.float32]

# Half-widths of valence and arousal: an interval is never a point, nor wider than the scale.
NARROWEST, WIDEST = 0.05, 2.0


class AudioEncoder(Protocol):
    """Sound to raw vectors. A vector never depends on the other windows of the call."""

    @property
    def name(self) -> str: ...
    @property
    def rate(self) -> int:
        """Sampling rate in hertz that `encode` expects."""
        ...

    @property
    def dim(self) -> int: ...
    @property
    def fingerprint(self) -> str:
        """Changes when a vector could change: weights, preprocessing, precision."""
        ...

    def encode(self, windows: Sequence[Vectors]) -> Vectors:
        """Mono windows, each of shape (samples,) in -1..1, to raw vectors (n, dim)."""
        ...


class TextEncoder(Protocol):
    """Words to raw vectors. A vector never depends on the other texts of the call."""

    @property
    def name(self) -> str: ...
    @property
    def dim(self) -> int: ...
    @property
    def fingerprint(self) -> str: ...

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Texts to raw vectors (n, dim)."""
        ...


@dataclass(frozen=True)
class Layer:
    """One affine layer: weight (inputs, outputs), bias (outputs,)."""

    weight: Vectors
    bias: Vectors


@dataclass(frozen=True)
class Head:
    """A trained projection: affine layers with GELU between them, then length one.

    A head without layers only scales its input to length one, for encoders that already
    share a space.
    """

    layers: tuple[Layer, ...] = ()

    def project(self, raw: Vectors) -> Vectors:
        """Raw vectors (n, inputs) to unit vectors (n, k); a zero vector stays zero."""
        x = np.asarray(raw, dtype=np.float32)  # (n, inputs)
        for number, layer in enumerate(self.layers):
            x = x @ layer.weight + layer.bias  # (n, outputs)
            if number < len(self.layers) - 1:
                x = gelu(x)
        return unit(x)


@dataclass(frozen=True)
class Heads:
    """The trained part of a space on top of its two encoders.

    Attributes:
        audio, text: the projections into the shared space of k dimensions.
        affect: unit vector (k,) to valence and arousal, weight (k, 2); None if not learned.
        spread: unit vector (k,) to the logarithm of how far either may be off, weight (k, 2);
            None if not learned.
        panel: unit vectors (p, k) of reference sounds, balanced over feelings, that tell what
            cosine a prompt reaches with sounds in general; None if there are none.
    """

    audio: Head = Head()
    text: Head = Head()
    affect: Layer | None = None
    panel: Vectors | None = None
    spread: Layer | None = None

    def arrays(self) -> dict[str, Vectors]:
        """Every weight by name, in a fixed order: what `save` writes and what is hashed."""
        named: dict[str, Vectors] = {}
        for side, head in (("audio", self.audio), ("text", self.text)):
            for number, layer in enumerate(head.layers):
                named[f"{side}.{number}.weight"] = layer.weight
                named[f"{side}.{number}.bias"] = layer.bias
        if self.affect is not None:
            named["affect.weight"] = self.affect.weight
            named["affect.bias"] = self.affect.bias
        if self.spread is not None:
            named["spread.weight"] = self.spread.weight
            named["spread.bias"] = self.spread.bias
        if self.panel is not None:
            named["panel"] = self.panel
        return named

    @cached_property
    def fingerprint(self) -> str:
        """sha256 over names, shapes and values."""
        digest = hashlib.sha256()
        for name, array in self.arrays().items():
            digest.update(f"{name}{array.shape}".encode())
            digest.update(np.ascontiguousarray(array, dtype="<f4").tobytes())
        return digest.hexdigest()

    def save(self, path: Path) -> None:
        """Write the weights as an .npz, in half precision where nothing is lost by it."""
        arrays = {name: _compact(array) for name, array in self.arrays().items()}
        with path.open("wb") as file:
            np.savez(file, allow_pickle=False, **arrays)

    @classmethod
    def load(cls, path: Path) -> "Heads":
        """Read what `save` wrote.

        Raises:
            SpaceError: the file is absent, is not an .npz, or lacks a part of a layer.
        """
        try:
            with np.load(path, allow_pickle=False) as file:
                arrays = {name: file[name].astype(np.float32) for name in file.files}
            return cls(
                audio=_head(arrays, "audio"),
                text=_head(arrays, "text"),
                affect=_layer(arrays, "affect") if "affect.weight" in arrays else None,
                panel=arrays.get("panel"),
                spread=_layer(arrays, "spread") if "spread.weight" in arrays else None,
            )
        except (OSError, ValueError, KeyError) as fault:
            raise SpaceError(
                f"the weights of the heads cannot be read: {fault}",
                path=path,
                remedy="install affetto again",
            ) from fault


@dataclass(frozen=True)
class Space:
    """Two encoders and two heads under one name.

    Attributes:
        name: letters, digits, ``.``, ``_``, ``+`` or ``-``; also the folder of its index.
        description: one line for people.
        licence: of the weights.
        window, hop: seconds; how clips are cut before they are encoded.
        fitting: the cosine from which the best clip fits a prompt of words; None if it was not
            measured.
        lead: by how many standard deviations a feeling must fit a sound better than "neutral"
            does to stand out; None if it was not measured.
    """

    name: str
    description: str
    licence: str
    window: float
    hop: float
    audio: AudioEncoder
    text: TextEncoder
    heads: Heads
    fitting: float | None = None
    lead: float | None = None

    @cached_property
    def source(self) -> str:
        """Identity of raw audio vectors made by this space (sha256, hexadecimal)."""
        return _sha256(self.audio.fingerprint, repr(self.window), repr(self.hop))

    @cached_property
    def fingerprint(self) -> str:
        """Identity of the space (sha256, hexadecimal)."""
        return _sha256(self.name, self.source, self.text.fingerprint, self.heads.fingerprint)

    @property
    def dim(self) -> int:
        """Dimensions of the shared space."""
        layers = self.heads.audio.layers
        return int(layers[-1].weight.shape[1]) if layers else self.audio.dim

    def place_audio(self, raw: Vectors) -> Vectors:
        """Raw audio vectors (n, audio.dim) to unit vectors (n, dim)."""
        return self.heads.audio.project(raw)

    def place_text(self, texts: Sequence[str]) -> Vectors:
        """Texts to unit vectors (n, dim)."""
        return self.heads.text.project(self.text.encode(texts))

    def affect(self, vectors: Vectors) -> Vectors:
        """Unit vectors (n, dim) to valence and arousal (n, 2) in -1..1; nan if not learned."""
        if self.heads.affect is None:
            return np.full((len(vectors), 2), np.nan, dtype=np.float32)
        layer = self.heads.affect
        values: Vectors = vectors @ layer.weight + layer.bias  # (n, 2)
        return np.clip(values, -1.0, 1.0)

    def spread(self, vectors: Vectors) -> Vectors:
        """Half-widths (n, 2) of the 90 % intervals of valence and arousal; nan if not learned.

        Nine in ten labels of such sounds lie so close to what `affect` says; .05 to 2.
        """
        if self.heads.spread is None:
            return np.full((len(vectors), 2), np.nan, dtype=np.float32)
        layer = self.heads.spread
        logarithm: Vectors = vectors @ layer.weight + layer.bias  # (n, 2)
        # Clipped before exp, which could overflow.
        return np.exp(np.clip(logarithm, np.log(NARROWEST), np.log(WIDEST))).astype(np.float32)


def _compact(array: Vectors) -> NDArray[np.floating]:
    with np.errstate(over="ignore"):
        half = array.astype(np.float16)
    return half if np.array_equal(half.astype(np.float32), array) else array.astype(np.float32)


def unit(vectors: Vectors) -> Vectors:
    """Scale each row of (n, d) to length one; a zero row stays zero."""
    x = np.asarray(vectors, dtype=np.float32)
    length = np.linalg.norm(x, axis=-1, keepdims=True)  # (n, 1)
    return np.asarray(x / np.maximum(length, np.finfo(np.float32).tiny), dtype=np.float32)


# Abramowitz and Stegun 7.1.26: erf to 1.5e-7, so that the core needs no scipy.
_ERF = (0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429)


def gelu(x: Vectors) -> Vectors:
    """Gaussian error linear unit, x Phi(x) (Hendrycks and Gimpel 2016), element by element."""
    z = np.abs(x) / np.sqrt(np.float32(2))
    t = 1 / (1 + np.float32(0.3275911) * z)
    tail = np.zeros_like(t)
    for coefficient in reversed(_ERF):
        tail = (tail + np.float32(coefficient)) * t
    erf = np.sign(x) * (1 - tail * np.exp(-z * z))
    return np.asarray(x * (1 + erf) / 2, dtype=np.float32)


def _layer(arrays: dict[str, Vectors], name: str) -> Layer:
    return Layer(arrays[f"{name}.weight"], arrays[f"{name}.bias"])


def _head(arrays: dict[str, Vectors], side: str) -> Head:
    count = sum(name.startswith(f"{side}.") and name.endswith(".weight") for name in arrays)
    return Head(tuple(_layer(arrays, f"{side}.{number}") for number in range(count)))


def _sha256(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
