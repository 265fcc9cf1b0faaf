"""A network as the two graphs between which POT makes the plan."""

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from retrieval.encoders.fused.audio import CROSSING, EARS
from retrieval.training.export import OPSET
from retrieval.training.fusion.network import WIDTH, Crossing, Network, Side


class _Ears(nn.Module):
    """The frames of one window (t, d) and (u, e) to those that can be compared."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, one: Tensor, other: Tensor) -> tuple[Tensor, Tensor]:
        first, second = self.network.hear((_whole(one), _whole(other)))
        return first.frames[0], second.frames[0]


class _Crossing(nn.Module):
    """Frames that can be compared, (t, k) and (u, k), and the plan (t, u), to the vector."""

    def __init__(self, crossing: Crossing) -> None:
        super().__init__()
        self.crossing = crossing

    def forward(self, first: Tensor, second: Tensor, plan: Tensor) -> Tensor:
        return self.crossing(_whole(first), _whole(second), plan.unsqueeze(0))[0]


def write_graphs(network: Network, dims: tuple[int, int], folder: Path) -> None:
    """Write ears.onnx and crossing.onnx of a network that joins two streams.

    Args:
        dims: of the frames of either stream.
    """
    one, other = torch.zeros(5, dims[0]), torch.zeros(3, dims[1])
    axes = {"one": {0: "t"}, "other": {0: "u"}, "first": {0: "t"}, "second": {0: "u"}}
    inputs = {"one": one, "other": other}
    _write(_Ears(network), inputs, ["first", "second"], axes, folder / EARS)
    first, second = torch.zeros(5, WIDTH), torch.zeros(3, WIDTH)
    inputs = {"first": first, "second": second, "plan": torch.full((5, 3), 1 / 15)}
    axes = {"first": {0: "t"}, "second": {0: "u"}, "plan": {0: "t", 1: "u"}}
    _write(_Crossing(network.crossing), inputs, ["vector"], axes, folder / CROSSING)


def _write(
    module: nn.Module,
    inputs: Mapping[str, Tensor],
    outputs: Sequence[str],
    axes: Mapping[str, dict[int, str]],
    path: Path,
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter warns of its own future, not of our graph
        torch.onnx.export(
            module.eval(), tuple(inputs.values()), str(path), input_names=list(inputs),
            output_names=outputs, dynamic_axes=axes, opset_version=OPSET, dynamo=False,
        )  # fmt: skip


def _whole(frames: Tensor) -> Side:
    """One window in which every frame is real."""
    return Side(frames.unsqueeze(0), torch.ones_like(frames[:, 0], dtype=torch.bool).unsqueeze(0))
