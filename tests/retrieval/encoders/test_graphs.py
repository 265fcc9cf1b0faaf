"""Graphs are opened in one way, whoever asks."""

from pathlib import Path

import numpy as np
import pytest

from retrieval.encoders.graphs import open_graph

WEIGHTS = Path(__file__).parents[3] / "retrieval" / "weights" / "affetto" / "audio.onnx"


def test_bytes_and_paths_open_the_same_graph_on_one_thread() -> None:
    samples = np.sin(np.arange(16_000) / 20).astype(np.float32)
    entries = {"session.disable_prepacking": "1"}
    opened = [open_graph(WEIGHTS.read_bytes()), open_graph(str(WEIGHTS), entries)]
    for session in opened:
        options = session.get_session_options()
        assert (options.intra_op_num_threads, options.inter_op_num_threads) == (1, 1)
    assert options.get_session_config_entry("session.disable_prepacking") == "1"
    one, other = (session.run(None, {"samples": samples})[0] for session in opened)
    np.testing.assert_allclose(one, other, atol=1e-5)


def test_what_is_no_graph_is_refused() -> None:
    with pytest.raises(Exception, match=r"(?i)protobuf|model"):
        open_graph(b"not a graph")
