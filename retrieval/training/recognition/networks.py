"""The networks of `retrieval/recognition/networks.py` as they are trained."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from retrieval.recognition.networks import OUTPUTS, TINY
from retrieval.recognition.recogniser import STREAMS
from retrieval.space import Vectors

TEXT = 384  # numbers of a text vector


@dataclass(frozen=True)
class Basis:
    """Principal components, scaled: frames minus mean (d,), times matrix (d, k)."""

    mean: Vectors
    matrix: Vectors

    def reduce(self, frames: NDArray[np.floating]) -> NDArray[np.float16]:
        """Frames (t, d) to (t, k)."""
        return np.asarray((frames - self.mean) @ self.matrix, dtype=np.float16)


class Attention(nn.Module):
    """`Pooling` of frames that a basis has reduced; the basis becomes part of the first layer."""

    def __init__(self, width: int, channels: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.project = nn.Linear(width, channels)
        self.attend = nn.Linear(channels, heads, bias=False)
        self.drop = nn.Dropout(dropout)

    def forward(self, frames: Tensor, there: Tensor) -> Tensor:
        """Frames (b, t, k), and which of them are there (b, t), to pooled vectors (b, 2 p)."""
        kept = self.drop(torch.ones(len(frames), 1, frames.shape[2]))  # the same at all times
        hidden = nn.functional.gelu(self.project(frames * kept))  # (b, t, p)
        scores = self.attend(hidden).masked_fill(~there.unsqueeze(2), -torch.inf)
        share = scores.softmax(dim=1)  # (b, t, heads)
        parts = hidden.unflatten(2, (share.shape[2], -1))  # (b, t, heads, p / heads)
        mean = torch.einsum("bth,bthc->bhc", share, parts)
        square = torch.einsum("bth,bthc->bhc", share, parts**2)
        spread = ((square - mean**2).clamp(min=0) + TINY).sqrt()
        return torch.cat([mean.flatten(1), spread.flatten(1)], dim=1)

    def arrays(self, name: str, basis: Basis) -> dict[str, Vectors]:
        """The weights for frames as they are."""
        weight = basis.matrix @ _array(self.project.weight.T)  # (d, p)
        return {
            f"{name}.project.weight": weight,
            f"{name}.project.bias": _array(self.project.bias) - basis.mean @ weight,
            f"{name}.attend": _array(self.attend.weight.T),
        }


class Decision(nn.Module):
    """`Network` of two layers, with the standardising of its inputs and a temperature.

    Both become part of the layers that `arrays` gives.
    """

    mean: Tensor
    scale: Tensor
    temperature: Tensor

    def __init__(self, inputs: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(inputs))
        self.register_buffer("scale", torch.ones(inputs))
        self.register_buffer("temperature", torch.ones(()))
        self.first, self.last = nn.Linear(inputs, hidden), nn.Linear(hidden, OUTPUTS)
        self.before, self.drop = nn.Dropout(dropout), nn.Dropout(dropout)

    def hidden(self, x: Tensor) -> Tensor:
        """Inputs (n, d) to what the last layer is given (n, hidden)."""
        x = self.before((x - self.mean) / self.scale)
        return nn.functional.gelu(self.first(x))

    def forward(self, x: Tensor) -> Tensor:
        """Inputs (n, d) to outputs (n, 10)."""
        outputs = self.last(self.drop(self.hidden(x)))
        return torch.cat([outputs[:, :-2] / self.temperature, outputs[:, -2:]], dim=1)

    def standardise(self, x: Tensor) -> None:
        """Take mean and spread from inputs (n, d) like those to come."""
        self.mean.copy_(x.mean(dim=0))
        self.scale.copy_(x.std(dim=0) + 1e-3)

    def arrays(self, name: str) -> dict[str, Vectors]:
        weight = self.first.weight / self.scale  # (hidden, d)
        cool = torch.ones(OUTPUTS)
        cool[:-2] = self.temperature
        return {
            f"{name}.0.weight": _array(weight.T),
            f"{name}.0.bias": _array(self.first.bias - weight @ self.mean),
            f"{name}.1.weight": _array((self.last.weight / cool[:, None]).T),
            f"{name}.1.bias": _array(self.last.bias / cool),
        }


class VoiceNetwork(nn.Module):
    """Frames of both streams to the state of a voice, and the state to outputs."""

    def __init__(
        self, widths: Mapping[str, int], channels: Mapping[str, int], heads: int, hidden: int,
        dropout: float,
    ) -> None:  # fmt: skip
        super().__init__()
        self.speech, self.sound = (
            Attention(widths[name], channels[name], heads, dropout) for name in STREAMS
        )
        self.decide = Decision(2 * sum(channels.values()), hidden, dropout)

    def state(self, frames: Sequence[tuple[Tensor, Tensor]]) -> Tensor:
        """Frames (b, t, k), and which are there (b, t), of speech and sound to states (b, s)."""
        speech, sound = frames
        return torch.cat([self.speech(*speech), self.sound(*sound)], dim=1)

    def arrays(self, bases: Mapping[str, Basis]) -> dict[str, Vectors]:
        """The weights for frames as they are, by the names of the runtime."""
        return {
            **self.speech.arrays("speech", bases["speech"]),
            **self.sound.arrays("sound", bases["sound"]),
            **self.decide.arrays("voice"),
        }


def padded(clips: Sequence[NDArray[np.floating]]) -> tuple[Tensor, Tensor]:
    """Frames (t, d) of clips as (b, longest, d), and which of them are there (b, longest)."""
    longest = max(len(frames) for frames in clips)
    stacked = np.zeros((len(clips), longest, clips[0].shape[1]), dtype=np.float32)
    there = np.zeros(stacked.shape[:2], dtype=bool)
    for row, frames in enumerate(clips):
        stacked[row, : len(frames)], there[row, : len(frames)] = frames, True
    return torch.from_numpy(stacked), torch.from_numpy(there)


def _array(tensor: Tensor) -> Vectors:
    return tensor.detach().numpy().astype(np.float32)


class Late(nn.Module):
    """What the voice says, corrected by what the words say as far as they say anything."""

    def __init__(self) -> None:
        super().__init__()
        self.voice = nn.Parameter(torch.full((OUTPUTS,), 0.3))
        self.words = nn.Parameter(torch.full((OUTPUTS,), 0.5))
        self.bias = nn.Parameter(torch.zeros(OUTPUTS))

    def forward(self, said: Tensor, read: Tensor) -> Tensor:
        """What voice and words say (n, 10), as `told` puts it, to outputs (n, 10)."""
        telling = 1 - read[:, :1].exp()  # (n, 1), the chance that the words are not neutral
        return said + telling * (read * self.words - said * self.voice + self.bias)

    def arrays(self) -> dict[str, Vectors]:
        """The weights by the names of the runtime."""
        parts = {"voice": self.voice, "words": self.words, "bias": self.bias}
        return {f"late.{name}": _array(part) for name, part in parts.items()}


def told(outputs: Tensor) -> Tensor:
    """`retrieval.recognition.networks.told`: log-chances, then valence and arousal (n, 10)."""
    return torch.cat([outputs[:, :-2].log_softmax(dim=1), outputs[:, -2:].clamp(-1, 1)], dim=1)
