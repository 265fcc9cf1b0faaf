"""What joins two streams of frames: the network after MATA, and the lesser ones beside it.

Phukan et al. (ICASSP 2025, arXiv 2409.14221) carry the features of one encoder over to those of
another by optimal transport, join them with their own, and let 8 heads of attention look at the
opposite stream. There the plan couples the clips of a batch; here it couples the frames of one
window, so that a vector is that of its window alone.

Every way is made of the same parts, so that one differs from the next by what its name says:

    frames -> two convolutions -> [joined with what was carried over] -> dense
           -> [attention to the opposite stream, residual, LayerNorm] -> mean and maximum over time
           -> dense 128 (the vector) -> classes

The dense layer before the mean is needed. The weights that arrive are uniform, so the mean over
time of what was carried over is the mean of the stream that it comes from, whatever the plan.
"""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

Way = Literal["first", "second", "concatenation", "transport", "mata"]
WAYS: tuple[Way, ...] = ("first", "second", "concatenation", "transport", "mata")

CHANNELS, WIDTH = 64, 120  # of the convolutions; the paper's
HEADS, DIM = 8, 128  # of the attention; of the vector


@dataclass(frozen=True)
class Side:
    """What one stream brings to a batch.

    Attributes:
        frames: (n, t, d), filled up with zeros.
        there: (n, t) whether a frame is one.
    """

    frames: Tensor
    there: Tensor


class Ear(nn.Module):
    """Frames of a stream (n, t, d) to frames that can be compared with another's (n, t, WIDTH)."""

    def __init__(self, dim: int, dropout: float) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(dim))
        self.register_buffer("scale", torch.ones(dim))
        self.first = nn.Conv1d(dim, CHANNELS, 3, padding=1)
        self.second = nn.Conv1d(CHANNELS, WIDTH, 3, padding=1)
        self.dropout = nn.Dropout1d(dropout)  # the same values of all frames of a window

    def forward(self, frames: Tensor, there: Tensor) -> Tensor:
        real = there.unsqueeze(2)  # (n, t, 1)
        # What fills up is zero before each convolution, as what lies beyond the ends is.
        x = (frames - self.mean) * self.scale * real  # (n, t, d)
        x = self.dropout(x.transpose(1, 2)).transpose(1, 2)
        x = nn.functional.gelu(self.first(x.transpose(1, 2)).transpose(1, 2)) * real
        return nn.functional.gelu(self.second(x.transpose(1, 2)).transpose(1, 2)) * real


class Attention(nn.Module):
    """What frames (n, t, WIDTH) find in those of the opposite stream (n, u, WIDTH), by 8 heads.

    Vaswani et al. 2017, "Attention Is All You Need". Written out, because torch's own module is
    exported for one length alone.
    """

    def __init__(self) -> None:
        super().__init__()
        self.parts = nn.ModuleList(nn.Linear(WIDTH, WIDTH) for _ in range(3))
        self.out = nn.Linear(WIDTH, WIDTH)

    def forward(self, own: Tensor, opposite: Tensor, there: Tensor) -> Tensor:
        query, key, value = (
            part(frames).unflatten(2, (HEADS, WIDTH // HEADS)).transpose(1, 2)
            for part, frames in zip(self.parts, (own, opposite, opposite), strict=True)
        )  # (n, heads, t or u, 15)
        seen = nn.functional.scaled_dot_product_attention(
            query, key, value, attn_mask=there[:, None, None, :]
        )
        return self.out(seen.transpose(1, 2).flatten(2))


class Arm(nn.Module):
    """What one stream goes through: a dense layer, and a look at the opposite stream."""

    def __init__(self, width: int, *, attends: bool, dropout: float) -> None:
        super().__init__()
        self.join = nn.Sequential(nn.Linear(width, WIDTH), nn.GELU(), nn.Dropout(dropout))
        self.attention = Attention() if attends else None
        self.norm = nn.LayerNorm(WIDTH)

    def cross(self, own: Tensor, opposite: Tensor, there: Tensor) -> Tensor:
        """Joined frames (n, t, WIDTH) after a look at those of the opposite stream (n, u, WIDTH).

        Args:
            there: (n, u) which of the opposite frames are any.
        """
        if self.attention is None:
            return own
        return self.norm(own + self.attention(own, opposite, there))


class Crossing(nn.Module):
    """Heard frames of both streams and the plan between them to a vector (n, DIM)."""

    def __init__(self, way: Way, dropout: float) -> None:
        super().__init__()
        self.way = way
        self.carries = way in ("transport", "mata")
        width = 2 * WIDTH if self.carries else WIDTH
        self.used = {"first": (0,), "second": (1,)}.get(way, (0, 1))
        self.arms = nn.ModuleList(
            Arm(width, attends=way == "mata", dropout=dropout) for _ in self.used
        )
        self.dense = nn.Sequential(
            nn.Dropout(dropout), nn.Linear(2 * WIDTH * len(self.used), DIM), nn.GELU()
        )

    def forward(self, one: Side, other: Side, plan: Tensor) -> Tensor:
        sides = [(one, other)[number] for number in self.used]
        frames = self.joined([side.frames for side in sides], plan)
        opposite = (1, 0) if len(sides) == 2 else (0,)
        pooled = [
            pool(arm.cross(frames[n], frames[m], sides[m].there), sides[n].there)
            for n, (arm, m) in enumerate(zip(self.arms, opposite, strict=True))
        ]
        return self.dense(torch.cat(pooled, dim=1))

    def joined(self, heard: list[Tensor], plan: Tensor) -> list[Tensor]:
        """The frames of each side, with what was carried over to them."""
        if self.carries:
            carried = (over(plan, heard[1]), over(plan.transpose(1, 2), heard[0]))
            heard = [torch.cat(pair, dim=2) for pair in zip(heard, carried, strict=True)]
        return [arm.join(frames) for arm, frames in zip(self.arms, heard, strict=True)]


class Network(nn.Module):
    """Ears, crossing and classes.

    Args:
        dims: of the frames of either stream.
        classes: how many.
        dropout: share of values left out in training.
    """

    def __init__(self, way: Way, dims: tuple[int, int], classes: int, dropout: float) -> None:
        super().__init__()
        self.crossing = Crossing(way, dropout)
        used = self.crossing.used  # what is not used has no ear
        self.ears = nn.ModuleDict({str(number): Ear(dims[number], dropout) for number in used})
        self.classes = nn.Sequential(nn.Dropout(dropout), nn.Linear(DIM, classes))

    def hear(self, sides: tuple[Side, Side]) -> tuple[Side, Side]:
        """Frames as the streams give them to frames that can be compared."""
        one, other = (
            Side(self.ears[str(number)](side.frames, side.there), side.there)
            if str(number) in self.ears
            else side
            for number, side in enumerate(sides)
        )
        return one, other


def over(plan: Tensor, frames: Tensor) -> Tensor:
    """What arrives at each frame of one stream from another's (n, u, d), as a mean: (n, t, d).

    Args:
        plan: (n, t, u); the rows of frames that are none hold zeros.
    """
    arriving = plan.sum(dim=2, keepdim=True).clamp_min(torch.finfo(plan.dtype).tiny)  # (n, t, 1)
    return (plan / arriving) @ frames


def pool(frames: Tensor, there: Tensor) -> Tensor:
    """Mean and maximum over time (n, 2 d) of frames (n, t, d), of those that are any (n, t)."""
    real = there.unsqueeze(2)  # (n, t, 1)
    mean = (frames * real).sum(dim=1) / real.sum(dim=1)
    most = frames.masked_fill(~real, -torch.inf).amax(dim=1)
    return torch.cat([mean, most], dim=1)
