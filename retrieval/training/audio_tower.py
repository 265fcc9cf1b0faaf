"""The audio tower: samples to one raw vector, as a torch module that exports to ONNX.

Log-mel spectrogram, two convolutions, two transformer blocks, then mean and standard deviation
over time of both blocks: the first knows less of what is said, and carries over better to corpora
that were never heard. The shape is that of the first half of Whisper's tiny encoder (Radford et al.
2022), so that its released weights can be the starting point of training. Two things differ: a
window is first scaled to a common peak, so that recording gain does not matter, and pooling over
time of the last block can learn which frames to listen to.
"""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

RATE = 16_000
N_FFT = 400
STEP = 160
MELS = 80
QUIETEST_PEAK = 1e-4  # -80 dBFS: what is quieter is not amplified any further
SPEECH_PEAK = 1.5  # log10 of the loudest band in well recorded speech
LONGEST = 10.0  # seconds; the positional embedding reaches no further


class LogMel(nn.Module):
    """Samples (b, n) at 16 kHz to log-mel frames (b, 80, n // 160).

    The scale is Whisper's: power spectrum, 80 Slaney bands, log10, clamped to the window's
    maximum - 8, (x + 4) / 4; but the maximum is moved to that of well recorded speech. The
    spectrum is a convolution, which every ONNX runtime has.
    """

    def __init__(self) -> None:
        super().__init__()
        hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(N_FFT) / N_FFT)  # (400,)
        kernels = torch.from_numpy(dft_kernels(hann, N_FFT))  # (402, 1, 400)
        self.register_buffer("kernels", kernels, persistent=False)
        self.register_buffer("bands", torch.from_numpy(mel_bands()), persistent=False)

    def forward(self, samples: Tensor) -> Tensor:
        peak = samples.abs().amax(dim=1, keepdim=True)  # (b, 1)
        level = samples / peak.clamp(min=QUIETEST_PEAK)  # (b, n)
        padded = functional.pad(level, (N_FFT // 2, N_FFT // 2))  # (b, n + 400)
        waves = functional.conv1d(padded.unsqueeze(1), self.kernels, stride=STEP)  # (b, 402, t+1)
        cosine, sine = waves[:, :, :-1].chunk(2, dim=1)  # (b, 201, t) each
        power = cosine * cosine + sine * sine  # (b, 201, t)
        bands = torch.matmul(self.bands, power)  # (b, 80, t)
        levels = bands.clamp(min=1e-10).log10()  # (b, 80, t)
        loudest = levels.amax(dim=(1, 2), keepdim=True)  # (b, 1, 1)
        return ((levels - loudest).clamp(min=-8.0) + 4.0 + SPEECH_PEAK) / 4.0


class Attention(nn.Module):
    """Multi-head self-attention over (b, t, width); names follow the released weights."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width, bias=False)
        self.value = nn.Linear(width, width)
        self.out = nn.Linear(width, width)

    def forward(self, x: Tensor, absent: Tensor | None) -> Tensor:
        query, key, value = (self._split(part(x)) for part in (self.query, self.key, self.value))
        scores = torch.matmul(query, key.transpose(-1, -2)) * key.shape[-1] ** -0.5  # (b, h, t, t)
        if absent is not None:
            scores = scores.masked_fill(absent[:, None, None, :], -1e4)
        mixed = torch.matmul(scores.softmax(dim=-1), value)  # (b, h, t, width / h)
        return self.out(mixed.transpose(1, 2).flatten(2))  # (b, t, width)

    def _split(self, x: Tensor) -> Tensor:
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)  # (b, h, t, width / h)


class Block(nn.Module):
    """One pre-norm transformer block over (b, t, width)."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.attn_ln = nn.LayerNorm(width)
        self.attn = Attention(width, heads)
        self.mlp_ln = nn.LayerNorm(width)
        self.mlp = nn.Sequential(
            nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width)
        )

    def forward(self, x: Tensor, absent: Tensor | None) -> Tensor:
        x = x + self.attn(self.attn_ln(x), absent)
        return x + self.mlp(self.mlp_ln(x))


class Pooling(nn.Module):
    """Frames (b, t, width) to weighted mean and standard deviation over time (b, 2 width).

    The weight of a frame is learned (attentive statistics pooling, Okabe et al. 2018) and starts
    out equal for all frames.
    """

    def __init__(self, width: int, hidden: int = 64) -> None:
        super().__init__()
        self.inner = nn.Linear(width, hidden)
        self.outer = nn.Linear(hidden, 1)
        nn.init.zeros_(self.outer.weight)
        nn.init.zeros_(self.outer.bias)

    def forward(self, x: Tensor, absent: Tensor | None) -> Tensor:
        scores = self.outer(torch.tanh(self.inner(x)))  # (b, t, 1)
        if absent is not None:
            scores = scores.masked_fill(absent.unsqueeze(-1), -1e4)
        weights = scores.softmax(dim=1)  # (b, t, 1)
        mean = (weights * x).sum(dim=1, keepdim=True)  # (b, 1, width)
        variance = (weights * (x - mean).square()).sum(dim=1)  # (b, width)
        return torch.cat([mean.squeeze(1), (variance + 1e-6).sqrt()], dim=1)  # (b, 2 width)


class AudioTower(nn.Module):
    """Samples (b, n) at 16 kHz in -1..1 to raw vectors (b, 2 blocks width).

    Args:
        width: of the transformer, a multiple of `heads`.
        heads: attention heads.
        blocks: transformer blocks.
    """

    def __init__(self, width: int = 384, heads: int = 6, blocks: int = 2) -> None:
        super().__init__()
        self.width = width
        self.mel = LogMel()
        self.conv1 = nn.Conv1d(MELS, width, 3, padding=1)
        self.conv2 = nn.Conv1d(width, width, 3, stride=2, padding=1)
        positions = int(LONGEST * RATE / STEP / 2)
        self.positional_embedding = nn.Parameter(torch.zeros(positions, width))
        nn.init.normal_(self.positional_embedding, std=0.02)
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(blocks))
        self.pool = Pooling(width)

    @property
    def dim(self) -> int:
        """Dimensions of the raw vector."""
        return 2 * self.width * len(self.blocks)

    def forward(self, samples: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Samples (b, n), of which the first lengths (b,) of each row are real, to (b, dim)."""
        frames = None if lengths is None else lengths.div(STEP, rounding_mode="floor")
        return self.encode(self.mel(samples), frames)

    def encode(self, mel: Tensor, frames: Tensor | None = None) -> Tensor:
        """Log-mel (b, 80, t), of which the first frames (b,) are real, to raw vectors (b, dim).

        A row gives the same vector alone as in a longer, padded batch.
        """
        absent = None if frames is None else ~_present(frames, mel.shape[2])  # (b, t)
        x = functional.gelu(self.conv1(_without(mel, absent)))  # (b, width, t)
        x = functional.gelu(self.conv2(_without(x, absent)))  # (b, width, t / 2)
        x = x.transpose(1, 2)  # (b, t / 2, width)
        x = x + self.positional_embedding[: x.shape[1]]
        halved = None if absent is None else absent[:, ::2]  # (b, t / 2)
        early: list[Tensor] = []
        for block in list(self.blocks)[:-1]:
            x = block(x, halved)
            early.append(moments(x, halved))
        return torch.cat([self.pool(self.blocks[-1](x, halved), halved), *early], dim=1)

    def lower(self) -> list[nn.Parameter]:
        """What learns late and slowly: convolutions, positions and all blocks but the last."""
        parts = (self.conv1, self.conv2, *list(self.blocks)[:-1])
        return [self.positional_embedding, *(p for part in parts for p in part.parameters())]

    def upper(self) -> list[nn.Parameter]:
        """The last block."""
        return list(self.blocks[-1].parameters())

    def start_from(self, checkpoint: Path) -> None:
        """Take the weights of the Whisper tiny.en excerpt as the starting point.

        Raises:
            ValueError: the checkpoint lacks a weight of this tower or has one of another shape.
        """
        with np.load(checkpoint) as file:
            weights = {name: torch.from_numpy(file[name].astype(np.float32)) for name in file.files}
        positions = len(self.positional_embedding)
        weights["positional_embedding"] = weights["positional_embedding"][:positions]
        lacking, unknown = self.load_state_dict(weights, strict=False)
        odd = [name for name in lacking if not name.startswith("pool.")] + list(unknown)
        if odd:
            raise ValueError(f"{checkpoint} does not fit this tower: {', '.join(odd)}")


def moments(x: Tensor, absent: Tensor | None) -> Tensor:
    """Mean and standard deviation (b, 2 width) over time of frames (b, t, width)."""
    present = torch.ones_like(x[:, :, :1]) if absent is None else (~absent).unsqueeze(2).float()
    count = present.sum(dim=1)  # (b, 1)
    mean = (x * present).sum(dim=1) / count  # (b, width)
    variance = ((x - mean.unsqueeze(1)).square() * present).sum(dim=1) / count
    return torch.cat([mean, (variance + 1e-6).sqrt()], dim=1)


def mel_bands() -> NDArray[np.float32]:
    """The 80 triangular bands of Slaney's Auditory Toolbox (80, 201), each of area one."""
    edges = _slaney_hertz(np.linspace(0.0, _slaney_mel(RATE / 2), MELS + 2))  # (82,)
    bins = np.fft.rfftfreq(N_FFT, 1 / RATE)  # (201,)
    slopes = edges[:, None] - bins[None, :]  # (82, 201)
    width = np.diff(edges)[:, None]  # (81, 1)
    rising, falling = -slopes[:-2] / width[:-1], slopes[2:] / width[1:]
    triangles = np.maximum(0.0, np.minimum(rising, falling))  # (80, 201)
    area = 2.0 / (edges[2:] - edges[:-2])  # (80,)
    return np.asarray(triangles * area[:, None], dtype=np.float32)


# Slaney's scale is linear to 1000 Hz (3 mel for 200 Hz) and logarithmic above (27 steps to 6.4).
_BREAK_HERTZ, _BREAK_MEL, _LOG_STEP = 1000.0, 15.0, np.log(6.4) / 27.0


def _slaney_mel(hertz: float) -> float:
    if hertz < _BREAK_HERTZ:
        return 3.0 * hertz / 200.0
    return float(_BREAK_MEL + np.log(hertz / _BREAK_HERTZ) / _LOG_STEP)


def _slaney_hertz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    logarithmic = _BREAK_HERTZ * np.exp(_LOG_STEP * (mel - _BREAK_MEL))
    return np.where(mel < _BREAK_MEL, 200.0 * mel / 3.0, logarithmic)


def dft_kernels(window: NDArray[np.float64], size: int) -> NDArray[np.float32]:
    """Windowed cosines and sines (size + 2, 1, taps) of a DFT of `size` points."""
    angle = 2 * np.pi * np.outer(np.arange(size // 2 + 1), np.arange(len(window))) / size
    waves = np.concatenate([np.cos(angle), np.sin(angle)]) * window  # (size + 2, taps)
    return waves[:, None, :].astype(np.float32)


def _present(frames: Tensor, total: int) -> Tensor:
    return torch.arange(total, device=frames.device)[None, :] < frames[:, None]  # (b, t)


def _without(x: Tensor, absent: Tensor | None) -> Tensor:
    return x if absent is None else x.masked_fill(absent.unsqueeze(1), 0.0)
