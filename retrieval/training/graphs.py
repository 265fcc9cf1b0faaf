"""ONNX graphs put together and made smaller."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, compose, helper, numpy_helper

SMALL = 1024  # values; a tensor of fewer stays as it is


def side_by_side(towers: Sequence[Path], out: Path) -> None:
    """Write one graph that gives the vectors of several for the same samples, end to end.

    Every graph takes `samples` (n,) and gives `vector` (dim,). Weights are stored in half
    precision, in which the released ones came, and are used in single; what spectra are made
    with is no weight, but a constant of the graph, and stays as it is.
    """
    models = [
        compose.add_prefix(onnx.load(str(tower)), f"tower{number}/")
        for number, tower in enumerate(towers)
    ]
    nodes: list[onnx.NodeProto] = []
    weights: list[onnx.TensorProto] = []
    opsets: dict[str, int] = {}
    for number, model in enumerate(models):
        nodes.append(helper.make_node("Identity", ["samples"], [f"tower{number}/samples"]))
        nodes += model.graph.node
        weights += model.graph.initializer
        opsets |= {opset.domain: opset.version for opset in model.opset_import}
    ends = [f"tower{number}/vector" for number in range(len(models))]
    nodes.append(helper.make_node("Concat", ends, ["vector"], axis=0))
    dim = sum(model.graph.output[0].type.tensor_type.shape.dim[0].dim_value for model in models)
    graph = helper.make_graph(
        nodes,
        "towers",
        [helper.make_tensor_value_info("samples", TensorProto.FLOAT, ["n"])],
        [helper.make_tensor_value_info("vector", TensorProto.FLOAT, [dim])],
        weights,
    )
    joined = helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid(domain, number) for domain, number in opsets.items()],
        ir_version=min(model.ir_version for model in models),
    )
    halve(joined.graph)
    onnx.checker.check_model(joined)
    onnx.save(joined, str(out))


def halve(graph: onnx.GraphProto) -> None:
    """Store every large tensor in half precision; a cast, done once, makes it single again."""
    large = [
        tensor
        for tensor in graph.initializer
        if tensor.data_type == TensorProto.FLOAT and np.prod(tensor.dims) >= SMALL
    ]
    casts = []
    for tensor in large:
        half = numpy_helper.to_array(tensor).astype(np.float16)
        name, tensor_name = tensor.name, f"{tensor.name}/half"
        tensor.CopyFrom(numpy_helper.from_array(half, tensor_name))
        casts.append(helper.make_node("Cast", [tensor_name], [name], to=TensorProto.FLOAT))
    kept = list(graph.node)
    del graph.node[:]
    graph.node.extend([*casts, *kept])
