"""Both towers of a CLAP model as ONNX graphs: a search then needs neither torch nor seconds."""

import tempfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from retrieval.encoders.clap.files import (
    AUDIO_GRAPH,
    TEXT_GRAPH,
    first_line,
    missing,
    read_card,
)
from retrieval.encoders.clap.graph import audio_tower
from retrieval.encoders.clap.mel import BANDS, FRAMES
from retrieval.encoders.clap.onnx_towers import OnnxAudioTower, OnnxTextTower
from retrieval.encoders.clap.probes import TOLERANCE, difference, probe_mels, probe_numbers
from retrieval.encoders.clap.torch_towers import TorchTowers, quiet
from retrieval.encoders.clap.words import Pieces
from retrieval.errors import SpaceError

_OPSET = 17
_TEXT_WEIGHTS = f"{TEXT_GRAPH}.data"


def export(folder: Path) -> None:
    """Add audio.onnx, and text.onnx with text.onnx.data, to a model.

    Args:
        folder: of the model, with model.json.

    Raises:
        SpaceError: the model is broken, or the graphs give other vectors than it does.
        MissingExtra: torch, transformers, safetensors or onnx is not installed.
    """
    fusion, towers = read_card(folder).fusion, TorchTowers(folder)
    if find_spec("onnx") is None:
        raise missing("onnx")
    mels, numbers = probe_mels(fusion=fusion), probe_numbers(Pieces(folder))
    wanted = towers.audio(mels), towers.text(numbers)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".graphs.") as name:
        bench = Path(name)
        try:
            _write_graphs(towers.model.cpu(), bench)
        except Exception as fault:  # torch and onnx share no public root
            raise _failed(folder, f"cannot be made: {first_line(fault)}") from fault
        largest = difference(wanted, (OnnxAudioTower(bench)(mels), OnnxTextTower(bench)(numbers)))
        if not largest <= TOLERANCE:
            raise _failed(folder, f"give other vectors than it: they differ by {largest:.1e}")
        for graph in (AUDIO_GRAPH, TEXT_GRAPH, _TEXT_WEIGHTS):
            (bench / graph).chmod(0o644)  # some are made for their owner only
            (bench / graph).replace(folder / graph)


def _failed(folder: Path, error: str) -> SpaceError:
    return SpaceError(
        f"graphs of the model {error}",
        path=folder,
        remedy="install it without graphs, or try another version of torch",
    )


def _write_graphs(model: Any, bench: Path) -> None:
    import onnx
    import torch

    traced = bench / "traced.onnx"
    with quiet(), torch.inference_mode():
        _trace(model, audio_tower(model), torch.zeros(1, 1, FRAMES, BANDS), "mel", traced)
        traced.replace(bench / AUDIO_GRAPH)
        ids = torch.from_numpy(np.array([[0, 5, 6, 2]] * 2, dtype=np.int64))
        _trace(model, _text_tower(model), ids, "ids", traced, free={0: "texts", 1: "pieces"})
    # Beside the graph, where they are mapped and not read.
    onnx.save(
        onnx.load(traced),
        bench / TEXT_GRAPH,
        save_as_external_data=True,
        location=_TEXT_WEIGHTS,
    )


def _text_tower(model: Any) -> Callable[[Any], Any]:
    import torch

    def forward(ids: Any) -> Any:
        given = model.get_text_features(ids, attention_mask=torch.ones_like(ids))
        return given.pooler_output

    return forward


def _trace(
    model: Any,
    forward: Callable[[Any], Any],
    example: Any,
    takes: str,
    path: Path,
    *,
    free: dict[int, str] | None = None,
) -> None:
    """Write a function of one tensor as a graph; the axes in `free` may have any length."""
    import torch

    module = torch.nn.Module()
    module.model, module.forward = model, forward
    torch.onnx.export(
        module.eval(),
        (example,),
        str(path),
        input_names=[takes],
        output_names=["vector"],
        dynamic_axes={takes: free, "vector": {0: free[0]}} if free else None,
        opset_version=_OPSET,
        dynamo=False,  # the other exporter needs onnxscript
    )
