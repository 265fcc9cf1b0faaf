"""Graphs in ONNX, run on one thread: what comes out is the same whatever the number of workers."""

from collections.abc import Mapping
from typing import Any


def open_graph(graph: bytes | str, entries: Mapping[str, str] | None = None) -> Any:
    """A session of onnxruntime.

    Args:
        graph: the bytes of a model, or the path of one whose weights lie in a file beside it.
        entries: of the configuration of the session, by their keys.

    Raises:
        Exception: this is no such graph; onnxruntime's own errors share no public root.
    """
    # Imported here, because a search by stored vectors never needs it.
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    for key, value in (entries or {}).items():
        options.add_session_config_entry(key, value)
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
