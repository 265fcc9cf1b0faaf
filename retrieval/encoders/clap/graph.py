"""The audio tower of CLAP as one straight graph, for export.

HTS-AT (Chen et al. 2022) is a Swin transformer over a spectrogram folded into a square picture.
Written for one window of ten seconds, everything that depends on shapes alone becomes a constant:
the bicubic stretch to 1024 frames is a matrix, the batch norm a factor and a shift, and rolling,
cutting into windows and merging patches are each one gather of rows. The weights are those of
transformers' ClapModel, and tests hold both to the same vectors.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from retrieval.encoders.clap.mel import BANDS, FRAMES

Tensor = Any

_STRETCHED = 1024  # frames
_SIDE = 256  # of the picture
_FOLDS = _STRETCHED // _SIDE  # stretches of time that lie below one another in the picture


def audio_tower(model: Any) -> Callable[[Tensor], Tensor]:
    """A function from a spectrogram (1, 1, 1001, 64) to a unit vector (1, dim).

    Args:
        model: a ClapModel in evaluation mode, on the processor.
    """
    from torch.nn import functional

    encoder = model.audio_model.audio_encoder
    norm = encoder.batch_norm
    factor = norm.weight / (norm.running_var + norm.eps).sqrt()  # (64,)
    shift = norm.bias - norm.running_mean * factor
    stretch = _stretch()  # (1024, 1001)
    stages = [_stage(layer) for layer in encoder.layers]

    def forward(mel: Tensor) -> Tensor:
        x = stretch @ (mel.view(FRAMES, BANDS) * factor + shift)  # (1024, 64)
        x = x.view(_FOLDS, _SIDE, BANDS).permute(0, 2, 1).reshape(1, 1, _SIDE, _SIDE)
        x = encoder.patch_embed.proj(x).flatten(2)[0].T  # (patches, channels)
        x = encoder.patch_embed.norm(x)
        for stage in stages:
            x = stage(x)
        pooled = encoder.norm(x).mean(0, keepdim=True)  # (1, features)
        return functional.normalize(model.audio_projection(pooled), dim=-1)

    return forward


def _stretch() -> Tensor:
    """The bicubic interpolation of 1001 frames to 1024 as a matrix (1024, 1001)."""
    import torch

    return torch.nn.functional.interpolate(
        torch.eye(FRAMES)[None, None], (_STRETCHED, FRAMES), mode="bicubic", align_corners=True
    )[0, 0]


def _stage(layer: Any) -> Callable[[Tensor], Tensor]:
    """Blocks of one width, and the merging of four patches into one where another stage follows."""
    blocks = [_block(block) for block in layer.blocks]
    merging = layer.downsample
    quarters = _quarters(layer.blocks[0].input_resolution[0]) if merging else None

    def forward(x: Tensor) -> Tensor:
        for block in blocks:
            x = block(x)
        if quarters is None:
            return x
        return merging.reduction(merging.norm(x[quarters].view(len(quarters) // 4, -1)))

    return forward


def _block(block: Any) -> Callable[[Tensor], Tensor]:
    """Attention within windows, then a network for each patch."""
    from torch.nn import functional

    attend = _attention(block)

    def forward(x: Tensor) -> Tensor:  # (patches, channels)
        x = x + attend(block.layernorm_before(x))
        inner = functional.gelu(block.intermediate.dense(block.layernorm_after(x)))
        return x + block.output.dense(inner)

    return forward


@dataclass(frozen=True)
class _Windows:
    """Patches (side, side), numbered row by row, in the order of their windows of size x size."""

    side: int
    size: int
    shift: int

    @property
    def count(self) -> int:
        return (self.side // self.size) ** 2

    def order(self) -> Tensor:
        """The number of the patch at each place (side * side,)."""
        import torch

        picture = torch.arange(self.side**2).view(self.side, self.side)
        rolled = torch.roll(picture, (-self.shift, -self.shift), (0, 1))
        along = self.side // self.size
        return rolled.view(along, self.size, along, self.size).permute(0, 2, 1, 3).reshape(-1)


def _attention(block: Any) -> Callable[[Tensor], Tensor]:
    import torch
    from torch.nn import functional

    block.set_shift_and_window_size(block.input_resolution)
    cut = _Windows(block.input_resolution[0], int(block.window_size), int(block.shift_size))
    order = cut.order()
    back = torch.argsort(order)
    inner, heads = block.attention.self, block.attention.self.num_attention_heads
    shape = (cut.count, cut.size**2, 3, heads, inner.attention_head_size)
    weight, bias = _query_key_value(inner)
    position = _position(block, cut)

    def forward(x: Tensor) -> Tensor:  # (patches, channels)
        parts = functional.linear(x[order], weight, bias).view(shape)
        query, key, value = parts.permute(2, 0, 3, 1, 4).unbind(0)  # (windows, heads, patches, d)
        shares = torch.softmax(query @ key.transpose(-1, -2) + position, dim=-1)
        mixed = (shares @ value).permute(0, 2, 1, 3).reshape(len(order), -1)
        return block.attention.output.dense(mixed)[back]

    return forward


def _query_key_value(inner: Any) -> tuple[Tensor, Tensor]:
    """Three layers as one; the query is scaled in advance."""
    import torch

    scale = 1 / math.sqrt(inner.attention_head_size)
    weights = [inner.query.weight * scale, inner.key.weight, inner.value.weight]
    biases = [inner.query.bias * scale, inner.key.bias, inner.value.bias]
    return torch.cat(weights), torch.cat(biases)


def _position(block: Any, cut: _Windows) -> Tensor:
    """What is added to the scores: the learned bias, and a wall between what was rolled together.

    (1 or windows, heads, patches, patches)
    """
    import torch

    inner, patches = block.attention.self, cut.size**2
    table = inner.relative_position_bias_table[inner.relative_position_index.view(-1)]
    bias = table.view(patches, patches, -1).permute(2, 0, 1)[None]
    wall = block.get_attn_mask(cut.side, cut.side, torch.float32, "cpu")
    return bias if wall is None else bias + wall[:, None]


def _quarters(side: int) -> Tensor:
    """The four patches of each square of 2 x 2, square by square (side * side,)."""
    import torch

    picture = torch.arange(side**2).view(side, side)
    corners = [picture[row::2, column::2] for column in (0, 1) for row in (0, 1)]
    return torch.stack(corners, dim=-1).reshape(-1)
