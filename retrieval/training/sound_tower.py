"""The second audio tower: what speech encoders miss, music and the sounds of people and things.

A log-mel spectrogram and inverted residual blocks (MobileNetV3, Howard et al. 2019), in the shape
of EfficientAT's mn04_as (Schmid et al. 2023), a tagger of one million parameters whose released
weights are where training starts. A raw vector holds mean and standard deviation over time of four
depths, because early depths know how a voice sounds and late ones what the sound is, and the mean
of the last layer.
"""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from retrieval.training.audio_tower import dft_kernels, moments

RATE = 16_000
STEP = 160
TAPS = 400  # of the window; 25 ms
N_FFT = 512
MELS = 128
TOP = 15_000.0  # hertz; the bands above 8 kHz stay empty at our rate, as they do in dull recordings
LEVEL = 0.1  # the RMS that every window is scaled to
QUIETEST = 1e-4  # RMS; what is quieter is not amplified any further
PREEMPHASIS = 0.97


@dataclass(frozen=True)
class Shape:
    """One inverted residual block.

    Attributes:
        wide: channels between its two pointwise convolutions.
        kernel, stride: of the depthwise convolution between them.
        out: channels.
        squeezed: width of the gate that weighs channels by their mean; 0 for none.
        hard: hard swish instead of ReLU.
    """

    wide: int
    kernel: int
    stride: int
    out: int
    squeezed: int = 0
    hard: bool = True


FIRST = 8
LAST = 384
SHAPES = (
    Shape(8, 3, 1, 8, hard=False),
    Shape(24, 3, 2, 16, hard=False),
    Shape(32, 3, 1, 16, hard=False),
    Shape(32, 5, 2, 16, 8, hard=False),
    Shape(48, 5, 1, 16, 16, hard=False),
    Shape(48, 5, 1, 16, 16, hard=False),
    Shape(96, 3, 2, 32),
    Shape(80, 3, 1, 32),
    Shape(72, 3, 1, 32),
    Shape(72, 3, 1, 32),
    Shape(192, 3, 1, 48, 48),
    Shape(272, 3, 1, 48, 72),
    Shape(272, 5, 2, 64, 72),
    Shape(384, 5, 1, 64, 96),
    Shape(384, 5, 1, 64, 96),
)
HEARD = (4, 10, 12, 14)  # blocks whose channels are part of the raw vector


class SoundMel(nn.Module):
    """Samples (b, n) at 16 kHz to log-mel frames (b, 128, n // 160).

    The scale is that of mn04_as: pre-emphasis .97, frames of 25 ms every 10 ms, power, 128 bands
    on Kaldi's mel scale from 0 to 15 kHz, (log(x + 1e-5) + 4.5) / 5; but every window is first
    scaled to one RMS, so that recording gain does not matter. Digital silence, with which batches
    are padded, has no part in it.
    """

    def __init__(self) -> None:
        super().__init__()
        kernels = torch.from_numpy(dft_kernels(np.hanning(TAPS), N_FFT))  # (514, 1, 400)
        self.register_buffer("kernels", kernels, persistent=False)
        self.register_buffer("bands", torch.from_numpy(mel_bands()), persistent=False)

    def forward(self, samples: Tensor) -> Tensor:
        sounding = (samples != 0).sum(dim=1, keepdim=True).clamp(min=1)  # (b, 1)
        power = samples.square().sum(dim=1, keepdim=True) / sounding  # (b, 1)
        level = samples * (LEVEL / power.sqrt().clamp(min=QUIETEST))  # (b, n)
        ends = (TAPS // 2, TAPS // 2)
        padded = functional.pad(level.unsqueeze(1), ends, mode="reflect")  # (b, 1, n + 400)
        waves = functional.conv1d(padded, self.kernels, stride=STEP)  # (b, 514, t + 1)
        cosine, sine = waves[:, :, :-1].chunk(2, dim=1)  # (b, 257, t) each
        bands = torch.matmul(self.bands, cosine * cosine + sine * sine)  # (b, 128, t)
        return ((bands + 1e-5).log() + 4.5) / 5.0


class Gate(nn.Module):
    """Squeeze and excitation (Hu et al. 2018) over (b, channels, f, t)."""

    def __init__(self, channels: int, squeezed: int) -> None:
        super().__init__()
        self.down = nn.Linear(channels, squeezed)
        self.up = nn.Linear(squeezed, channels)

    def forward(self, x: Tensor) -> Tensor:
        weight = self.up(self.down(x.mean(dim=(2, 3))).relu()).sigmoid()  # (b, channels)
        return x * weight[:, :, None, None]


class Inverted(nn.Module):
    """One inverted residual block over (b, channels, f, t)."""

    def __init__(self, channels: int, shape: Shape) -> None:
        super().__init__()
        self.bends = functional.hardswish if shape.hard else functional.relu
        grows = shape.wide != channels
        self.widen = nn.Conv2d(channels, shape.wide, 1) if grows else None
        self.depth = nn.Conv2d(
            shape.wide, shape.wide, shape.kernel, shape.stride, shape.kernel // 2, groups=shape.wide
        )
        self.gate = Gate(shape.wide, shape.squeezed) if shape.squeezed else None
        self.narrow = nn.Conv2d(shape.wide, shape.out, 1)
        self.around = shape.stride == 1 and shape.out == channels

    def forward(self, x: Tensor) -> Tensor:
        wide = x if self.widen is None else self.bends(self.widen(x))
        wide = self.bends(self.depth(wide))
        if self.gate is not None:
            wide = self.gate(wide)
        out = self.narrow(wide)
        return x + out if self.around else out


class SoundTower(nn.Module):
    """Samples (b, n) at 16 kHz in -1..1 to raw vectors (b, dim)."""

    def __init__(self) -> None:
        super().__init__()
        self.mel = SoundMel()
        self.first = nn.Conv2d(1, FIRST, 3, 2, 1)
        sizes = [FIRST, *(shape.out for shape in SHAPES)]
        self.blocks = nn.ModuleList(map(Inverted, sizes[:-1], SHAPES))
        self.last = nn.Conv2d(sizes[-1], LAST, 1)

    @property
    def dim(self) -> int:
        """Dimensions of the raw vector."""
        return 2 * sum(SHAPES[number].out for number in HEARD) + LAST

    def forward(self, samples: Tensor) -> Tensor:
        """Samples (b, n), all of them real, to raw vectors (b, dim)."""
        return self.encode(self.mel(samples))

    def encode(self, mel: Tensor, frames: Tensor | None = None) -> Tensor:
        """Log-mel (b, 128, t), of which the first frames (b,) are real, to raw vectors (b, dim).

        What follows the real frames is left out of means and deviations; it is heard a little
        where it touches them, so only training pads.
        """
        total = mel.shape[2]
        x = functional.hardswish(self.first(mel.unsqueeze(1)))  # (b, 8, 64, t / 2)
        parts: list[Tensor] = []
        for number, block in enumerate(self.blocks):
            x = block(x)  # (b, c, f, t / stride)
            if number in HEARD:
                parts.append(over_time(x, frames, total))  # (b, 2 c)
        last = over_time(functional.hardswish(self.last(x)), frames, total)  # (b, 768)
        return torch.cat([*parts, last[:, :LAST]], dim=1)  # (b, dim)

    def lower(self) -> list[nn.Parameter]:
        """What learns late and slowly: all up to the tenth block."""
        return [*self.first.parameters(), *(p for b in self.blocks[:10] for p in b.parameters())]

    def upper(self) -> list[nn.Parameter]:
        """The other parameters."""
        return [*(p for b in self.blocks[10:] for p in b.parameters()), *self.last.parameters()]

    def start_from(self, checkpoint: Path) -> None:
        """Take the weights of mn04_as from an ONNX file, in which they lie in our order.

        Raises:
            ValueError: the file holds other layers.
        """
        layers = [one for one in self.modules() if isinstance(one, (nn.Conv2d, nn.Linear))]
        given = list(_layers_in(checkpoint))[: len(layers)]
        shapes = [tuple(layer.weight.shape) for layer in layers]
        if [weight.shape for weight, _ in given] != shapes:
            raise ValueError(f"{checkpoint} does not fit this tower")
        with torch.no_grad():
            for layer, (weight, bias) in zip(layers, given, strict=True):
                layer.weight.copy_(torch.from_numpy(weight.copy()))
                layer.bias.copy_(torch.from_numpy(bias.copy()))


def halfway(one: SoundTower, other: SoundTower) -> SoundTower:
    """The tower whose weights lie between those of two.

    Between where training began and where it ended, what was learned is kept, and less of what
    was known is lost (Wortsman et al. 2022).
    """
    between = deepcopy(one)
    ends = other.state_dict()
    between.load_state_dict({name: (w + ends[name]) / 2 for name, w in one.state_dict().items()})
    return between


def over_time(x: Tensor, frames: Tensor | None, total: int) -> Tensor:
    """Mean and deviation (b, 2 c) over time of (b, c, f, t), of which the real frames count."""
    columns = x.mean(dim=2).transpose(1, 2)  # (b, t, c)
    return moments(columns, _absent(frames, total, columns.shape[1]))


def _absent(frames: Tensor | None, total: int, count: int) -> Tensor | None:
    """Which of `count` columns (b, count) hold nothing of the first frames (b,) of `total`."""
    if frames is None:
        return None
    ends = (frames * count / total).ceil().clamp(min=1.0)  # (b,)
    return torch.arange(count, device=frames.device)[None, :] >= ends[:, None]


def _layers_in(checkpoint: Path) -> Iterator[tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """Weight and bias of each convolution and each dense layer of an ONNX graph, in its order."""
    import onnx
    from onnx import numpy_helper

    graph = onnx.load(str(checkpoint)).graph
    known = {tensor.name: tensor for tensor in graph.initializer}
    known |= {
        node.output[0]: node.attribute[0].t for node in graph.node if node.op_type == "Constant"
    }
    for node in graph.node:
        if node.op_type in ("Conv", "Gemm"):
            weight, bias = (numpy_helper.to_array(known[name]) for name in node.input[1:3])
            yield weight, bias


def mel_bands() -> NDArray[np.float32]:
    """128 triangles on Kaldi's mel scale (128, 257), with the pre-emphasis in them.

    The tagger learned at 32 kHz with twice the samples in a frame; bins lie at the same hertz
    here, and a sum over half the samples has a quarter of the power.
    """
    edges = np.linspace(0.0, _mel(np.array(TOP)), MELS + 2)  # (130,)
    bins = np.arange(N_FFT // 2 + 1) * RATE / N_FFT  # (257,)
    slopes = (_mel(bins)[None, :] - edges[:, None]) / np.diff(edges)[0]  # (130, 257)
    triangles = np.maximum(0.0, np.minimum(slopes[:-2], -slopes[2:]))  # (128, 257)
    # One sample of pre-emphasis at 32 kHz.
    emphasis = np.abs(1 - PREEMPHASIS * np.exp(-1j * np.pi * bins / RATE)) ** 2  # (257,)
    return np.asarray(4.0 * triangles * emphasis, dtype=np.float32)


def _mel(hertz: NDArray[np.float64]) -> NDArray[np.float64]:
    return 1127.0 * np.log1p(hertz / 700.0)
