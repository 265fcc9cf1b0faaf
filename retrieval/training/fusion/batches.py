"""Windows of two streams as batches: filled up to one length, with what is real marked."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from retrieval.space import Vectors
from retrieval.training.fusion.network import Side

Pair = tuple[Vectors, Vectors]  # frames (t, d) and (u, e) of one window


@dataclass(frozen=True)
class Heard:
    """The windows of clips, as frames of both streams.

    Attributes:
        windows: of all clips, clip by clip.
        clip: the number of the clip of each window.
    """

    windows: Sequence[Pair]
    clip: Sequence[int]

    def of(self, clips: Sequence[int]) -> list[int]:
        """The numbers of the windows of some clips."""
        wanted = set(clips)
        return [number for number, clip in enumerate(self.clip) if clip in wanted]


def heard(clips: Sequence[Sequence[Pair]]) -> Heard:
    """Clips, each a list of windows, laid end to end."""
    numbers = [number for number, windows in enumerate(clips) for _ in windows]
    return Heard([window for windows in clips for window in windows], numbers)


def batch(windows: Sequence[Pair]) -> tuple[Side, Side]:
    """Windows as one batch."""
    one, other = (_filled([window[side] for window in windows]) for side in (0, 1))
    return one, other


def moments(windows: Sequence[Pair], side: int) -> Pair:
    """The mean (d,) of the frames of one stream, and 1 over their deviation (d,)."""
    frames = np.concatenate([window[side] for window in windows])  # (frames, d)
    return frames.mean(axis=0), 1 / (frames.std(axis=0) + 1e-6)


def _filled(frames: Sequence[Vectors]) -> Side:
    lengths = torch.tensor([len(one) for one in frames])
    tensors = [torch.from_numpy(np.ascontiguousarray(one)) for one in frames]
    filled = torch.nn.utils.rnn.pad_sequence(tensors, batch_first=True)  # (n, t, d)
    return Side(filled, torch.arange(filled.shape[1]) < lengths[:, None])
