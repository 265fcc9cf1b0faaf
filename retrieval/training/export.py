"""What training made, written as the files that a space is loaded from."""

import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from retrieval.space import Head, Heads, Layer, Space, Vectors
from retrieval.training.audio_tower import RATE
from retrieval.training.clips import Clip
from retrieval.training.joint import Joint, Tower

OPSET = 17
PANEL = 300


class _OneWindow(nn.Module):
    """The tower as the product calls it: samples (n,) to vector (dim,)."""

    def __init__(self, tower: Tower) -> None:
        super().__init__()
        self.tower = tower

    def forward(self, samples: Tensor) -> Tensor:
        return self.tower(samples.unsqueeze(0))[0]


def write_audio(tower: Tower, path: Path, *, int8: bool = True) -> None:
    """Write an audio tower as ONNX, with the matrices of the blocks as int8 if asked."""
    window = torch.zeros(5 * RATE)
    full = path.with_suffix(".fp32.onnx")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter warns of its own future, not of our graph
        torch.onnx.export(
            _OneWindow(tower.eval()), (window,), str(full if int8 else path),
            input_names=["samples"], output_names=["vector"], dynamic_axes={"samples": {0: "n"}},
            opset_version=OPSET, dynamo=False,
        )  # fmt: skip
    _say_dim(full if int8 else path, tower.dim)
    if int8:
        from onnxruntime.quantization import QuantType, quantize_dynamic

        quantize_dynamic(
            full, path, op_types_to_quantize=["MatMul"], weight_type=QuantType.QInt8,
            per_channel=True,
        )  # fmt: skip
        full.unlink()


def _say_dim(path: Path, dim: int) -> None:
    """Write the length of the vector into the graph: the exporter cannot always tell it."""
    import onnx

    model = onnx.load(str(path))
    model.graph.output[0].type.tensor_type.shape.dim[0].dim_value = dim
    onnx.save(model, str(path))


def heads_of(model: Joint, panel: NDArray[np.float32] | None) -> Heads:
    """The heads as plain arrays; standardising the raw vectors becomes part of the audio head."""
    factor = model.norm.weight / (model.norm.running_var + model.norm.eps).sqrt()  # (dim,)
    shift = model.norm.bias - model.norm.running_mean * factor  # (dim,)
    weight = model.audio.weight * factor  # (k, dim)
    bias = model.audio.bias + model.audio.weight @ shift  # (k,)
    text = [layer for layer in model.text if isinstance(layer, nn.Linear)]
    return Heads(
        audio=Head((_layer(weight, bias),)),
        text=Head(tuple(_layer(layer.weight, layer.bias) for layer in text)),
        affect=_layer(model.affect.weight, model.affect.bias),
        panel=panel,
    )


def panel_from(space: Space, clips: Sequence[Clip], heard: Sequence[Vectors], seed: int) -> Vectors:
    """Unit vectors of one window each of train clips, balanced over corpora and labels."""
    order = np.random.default_rng(seed).permutation(len(clips))
    units = space.place_audio(np.stack([heard[number][0] for number in order]))
    return panel_of(units, [f"{clips[n].corpus} {clips[n].label}" for n in order])


def panel_of(
    units: NDArray[np.float32], groups: Sequence[str], size: int = PANEL
) -> NDArray[np.float32]:
    """About `size` unit vectors (p, k), as evenly as possible over the groups of their clips."""
    members: dict[str, list[int]] = {}
    for number, group in enumerate(groups):
        members.setdefault(group, []).append(number)
    chosen: list[int] = []
    depth = 0
    while len(chosen) < size and any(len(rows) > depth for rows in members.values()):
        chosen += [rows[depth] for _, rows in sorted(members.items()) if len(rows) > depth]
        depth += 1
    return units[sorted(chosen[:size])].astype(np.float16).astype(np.float32)


def _layer(weight: Tensor, bias: Tensor) -> Layer:
    """Weights are rounded to half precision, in which they are stored."""
    half = weight.detach().numpy().T.astype(np.float16)
    return Layer(half.astype(np.float32), bias.detach().numpy().copy())
