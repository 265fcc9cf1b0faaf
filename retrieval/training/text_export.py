"""The text tower as the files that the product reads: text.onnx and vocab.txt."""

import warnings
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from retrieval.encoders.text_onnx import OnnxText
from retrieval.training.text_tower import DIM, TextTower

OPSET = 17
PROBES = ("furious", "like someone who just lost their dog", "rain on a tin roof, no emotion")


class _Stored(nn.Module):
    """A matrix kept as int8 with one float32 factor a row, and read as float32."""

    def __init__(self, weight: Tensor) -> None:
        super().__init__()
        factor = weight.abs().amax(dim=1, keepdim=True).clamp(min=1e-12) / 127
        self.register_buffer("factor", factor)
        self.register_buffer("stored", (weight / factor).round().to(torch.int8))

    stored: Tensor
    factor: Tensor


class _StoredLinear(_Stored):
    def __init__(self, layer: nn.Linear) -> None:
        super().__init__(layer.weight.detach())
        self.register_buffer("bias", layer.bias.detach())

    bias: Tensor

    def forward(self, x: Tensor) -> Tensor:
        return x @ (self.stored.float() * self.factor).T + self.bias


class _StoredEmbedding(_Stored):
    def __init__(self, layer: nn.Embedding) -> None:
        super().__init__(layer.weight.detach())

    def forward(self, ids: Tensor) -> Tensor:
        return self.stored[ids].float() * self.factor[ids]


def stored(tower: TextTower) -> TextTower:
    """A copy whose matrices are rounded to int8, row by row; activations stay float32."""
    copy = TextTower(tower.vocabulary, len(tower.blocks))
    copy.load_state_dict(tower.state_dict())
    for block in copy.blocks:
        for name, part in list(block.named_children()):
            if isinstance(part, nn.Linear):
                setattr(block, name, _StoredLinear(part))
    setattr(copy, "words", _StoredEmbedding(copy.words))  # noqa: B010
    setattr(copy, "turn", _StoredLinear(copy.turn))  # noqa: B010
    copy.eval()
    return copy


def export_text(tower: TextTower, folder: Path) -> None:
    """Write text.onnx and vocab.txt and compare what they give with the tower.

    The graph takes `input_ids` and `attention_mask`, int64 (n, t), and gives `vector` float32
    (n, 384) of length one. Weights are int8, arithmetic is float32.

    Raises:
        ValueError: the written graph strays from the tower by more than rounding explains.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.txt").write_text("\n".join(tower.vocabulary) + "\n", encoding="utf-8")
    ids = torch.tensor([[2, 3, 4]])
    free = {0: "n", 1: "t"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter warns of its own future, not of our graph
        torch.onnx.export(
            stored(tower), (ids, torch.ones_like(ids)), str(folder / "text.onnx"),
            input_names=["input_ids", "attention_mask"], output_names=["vector"],
            dynamic_axes={"input_ids": free, "attention_mask": free, "vector": {0: "n"}},
            opset_version=OPSET, do_constant_folding=False, dynamo=False,
        )  # fmt: skip
    _compare(tower, OnnxText(folder / "text.onnx", folder / "vocab.txt"))


def _compare(tower: TextTower, written: OnnxText) -> None:
    rounded = (written.encode(PROBES) - stored(tower).embed(PROBES, batch=1)) ** 2
    cosine = (written.encode(PROBES) * tower.embed(PROBES, batch=1)).sum(axis=1)
    if rounded.max() > 1e-8 or cosine.min() < 0.99 or written.dim != DIM:
        raise ValueError(
            f"text.onnx strays from the tower: cosine {float(np.min(cosine)):.4f}, "
            f"error {float(rounded.max()) ** 0.5:.1e}"
        )
