"""The networks of the recogniser, as arrays: frames to the state of a voice, states to outputs.

Everything runs on numpy alone. An output (n, 10) is the logits of the eight emotions, then valence
and arousal; logits are calibrated, so that their softmax are chances.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from retrieval.recognition.judgement import EMOTIONS, Judgement
from retrieval.space import Layer, Vectors, gelu

#: Emotions, then valence and arousal.
OUTPUTS = len(EMOTIONS) + 2

#: Added to a variance before its root is taken.
TINY = 1e-4


@dataclass(frozen=True)
class Pooling:
    """Frames to one vector by attention: the frames that matter count more.

    Attributes:
        project: a layer from a frame (d,) to p channels, behind it GELU.
        attend: (p, heads), what each head looks for; p is a multiple of the heads.
    """

    project: Layer
    attend: Vectors

    def pool(self, frames: Vectors) -> Vectors:
        """Frames (t, d), t above 0, to mean and standard deviation of every channel (2 p,).

        Each head weighs the frames by a softmax over time and sums up its own share of the
        channels (attentive statistics pooling, Okabe et al. 2018, with heads).
        """
        x = np.asarray(frames, dtype=np.float32)
        hidden = gelu(x @ self.project.weight + self.project.bias)  # (t, p)
        share = softmax((hidden @ self.attend).T)  # (heads, t)
        parts = hidden.reshape(len(hidden), len(share), -1)  # (t, heads, p / heads)
        mean = np.einsum("ht,thc->hc", share, parts)  # (heads, p / heads)
        square = np.einsum("ht,thc->hc", share, parts**2)
        spread = np.sqrt(np.maximum(square - mean**2, 0) + TINY)
        return np.concatenate([mean.ravel(), spread.ravel()]).astype(np.float32)


@dataclass(frozen=True)
class Network:
    """Affine layers with GELU between them."""

    layers: tuple[Layer, ...]

    def hidden(self, x: Vectors) -> Vectors:
        """What the last layer is given, (n, hidden), from inputs (n, d)."""
        for layer in self.layers[:-1]:
            x = gelu(x @ layer.weight + layer.bias)
        return x

    def __call__(self, x: Vectors) -> Vectors:
        """Outputs (n, 10) from inputs (n, d)."""
        last = self.layers[-1]
        return np.asarray(self.hidden(x) @ last.weight + last.bias, dtype=np.float32)


def softmax(x: Vectors) -> Vectors:
    """Chances along the last axis; they sum to 1."""
    raised = np.exp(x - x.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True), dtype=np.float32)


def told(outputs: Vectors) -> Vectors:
    """Outputs (n, 10) as log-chances of the emotions, then valence and arousal in -1..1."""
    logits = outputs[:, : len(EMOTIONS)]  # (n, 8)
    top = logits.max(axis=1, keepdims=True)
    chances = logits - top - np.log(np.exp(logits - top).sum(axis=1, keepdims=True))
    return np.concatenate([chances, np.clip(outputs[:, len(EMOTIONS) :], -1, 1)], axis=1)


def judgement(output: Vectors) -> Judgement:
    """One output (10,) as chances, valence and arousal."""
    valence, arousal = np.clip(output[len(EMOTIONS) :], -1, 1)
    return Judgement(softmax(output[: len(EMOTIONS)]), float(valence), float(arousal))


def layer(arrays: Mapping[str, Vectors], name: str) -> Layer:
    """The layer of this name. KeyError: a part of it is absent."""
    return Layer(arrays[f"{name}.weight"], arrays[f"{name}.bias"])


def network(arrays: Mapping[str, Vectors], name: str, depth: int = 2) -> Network:
    """The network of this name with so many layers. KeyError: a part of it is absent."""
    return Network(tuple(layer(arrays, f"{name}.{number}") for number in range(depth)))
