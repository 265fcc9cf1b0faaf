"""laion_clap itself: imported quietly, offline, and compared with what Affetto runs."""

import shutil
import sys

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from retrieval.encoders.clap.convert import read_checkpoint
from retrieval.encoders.clap.laion import load_checkpoint
from retrieval.encoders.clap.space import check


def test_it_leaves_nothing_behind(laion):
    assert laion.module is not None
    for name in ("torchvision", "PIL"):
        # a stand-in has any name in it
        assert not hasattr(sys.modules.get(name), "no_such_thing")
    assert not any("laion_clap" in entry for entry in sys.path)
    assert "torchaudio" not in sys.modules


def test_a_checkpoint_without_the_table_of_positions(tiny, model, laion, tmp_path, capfd):
    state = read_checkpoint(tiny.path)
    state.pop("text_branch.embeddings.position_ids", None)
    torch.save(state, tmp_path / "older.pt")
    again = load_checkpoint(tmp_path / "older.pt", model, architecture="HTSAT-tiny", fusion=False)
    np.testing.assert_array_equal(again.text(["rain"]), laion.text(["rain"]))
    assert capfd.readouterr() == ("", "")


def test_check_compares_every_program(exported, capfd):
    lines = check(exported)
    assert [line.split(":")[0] for line in lines] == [
        "random", "tokenizer", "transformers", "onnxruntime", "onnxruntime", "laion_clap",
        "laion_clap",
    ]  # fmt: skip
    assert lines[0] == "random: HTSAT-tiny, no fusion, 512 dimensions, licence CC0-1.0"
    assert float(lines[-1].split()[-1]) < 1e-4
    assert capfd.readouterr() == ("", "")


def test_check_finds_graphs_of_other_weights(exported, tmp_path):
    folder = tmp_path / "other"
    shutil.copytree(exported, folder)
    state = load_file(folder / "model.safetensors")
    state["audio_projection.linear2.bias"] += 0.5
    save_file(state, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(Exception, match="onnxruntime gives other vectors than transformers"):
        check(folder)
