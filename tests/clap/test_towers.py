"""The programs that run a model give the same vectors, the same ones each time, and say nothing."""

import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch

from retrieval.encoders.clap.export import export
from retrieval.encoders.clap.onnx_towers import OnnxAudioTower
from retrieval.encoders.clap.probes import probe_mels
from retrieval.encoders.clap.space import clap_space
from retrieval.encoders.clap.torch_towers import BATCH, TorchTowers
from retrieval.errors import SpaceError

TEXTS = ["rain", "engine", "a crowd shouts in anger", "", "violin " * 60]


@pytest.fixture(scope="module")
def by_torch(model):
    return clap_space(model)


@pytest.fixture(scope="module")
def by_onnx(exported):
    return clap_space(exported)


def test_graphs_give_the_vectors_of_the_model(by_torch, by_onnx, windows):
    sound, heard = by_torch.audio.encode(windows), by_onnx.audio.encode(windows)
    np.testing.assert_allclose(heard, sound, rtol=0, atol=1e-5)
    text, read = by_torch.text.encode(TEXTS), by_onnx.text.encode(TEXTS)
    np.testing.assert_allclose(read, text, rtol=0, atol=1e-5)
    assert by_torch.fingerprint == by_onnx.fingerprint


@pytest.mark.parametrize("engine", ["by_torch", "by_onnx"])
def test_a_vector_does_not_depend_on_its_neighbours(engine, windows, request):
    space = request.getfixturevalue(engine)
    together = space.audio.encode(windows)
    np.testing.assert_array_equal(space.audio.encode(windows[::-1])[::-1], together)
    np.testing.assert_array_equal(space.audio.encode(windows[2:3])[0], together[2])
    texts = space.text.encode(TEXTS)
    alone = np.concatenate([space.text.encode([text]) for text in TEXTS])
    np.testing.assert_allclose(alone, texts, rtol=0, atol=2e-6)


def test_threads_that_come_first_give_the_same_bits(exported, by_onnx, windows):
    wanted = by_onnx.audio.encode(windows)
    fresh = clap_space(exported)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda window: fresh.audio.encode([window])[0], windows))
    np.testing.assert_array_equal(np.stack(found), wanted)


def test_torch_keeps_the_threads_it_had(by_torch, windows):
    before = torch.get_num_threads()
    by_torch.audio.encode(windows[:1])
    assert torch.get_num_threads() == before


def test_a_batch_for_a_gpu_is_filled_up_and_cut_again(model):
    towers, mels = TorchTowers(model), probe_mels(fusion=False)
    seen = []
    encode = towers.model.get_audio_features
    towers.model.get_audio_features = lambda mel, **rest: (
        seen.append(len(mel)) or encode(mel, **rest)
    )
    batched = towers._audio(mels, BATCH)
    assert seen == [BATCH]
    np.testing.assert_allclose(batched, towers.audio(mels), rtol=0, atol=1e-5)


def test_nothing_to_encode(by_onnx):
    assert by_onnx.audio.encode([]).shape == by_onnx.text.encode([]).shape == (0, 512)


@pytest.mark.parametrize("samples", [np.zeros(0), np.zeros(480_001), np.zeros((2, 9))])
def test_windows_that_do_not_fit(by_onnx, samples):
    with pytest.raises(ValueError, match="is not mono of up to 480000"):
        by_onnx.audio.encode([samples.astype(np.float32)])


def test_a_search_with_graphs_imports_no_torch_and_prints_nothing(exported):
    code = f"""
import sys, pathlib, numpy
from retrieval.encoders.clap.space import clap_space
space = clap_space(pathlib.Path({str(exported)!r}))
space.text.encode(["rain"])
space.audio.encode([numpy.ones(9000, numpy.float32)])
heavy = {{"torch", "transformers", "onnx", "laion_clap", "librosa"}} & set(sys.modules)
sys.exit(f"imported {{heavy}}" if heavy else 0)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_transformers_prints_nothing(model):
    code = f"""
import pathlib, numpy
from retrieval.encoders.clap.space import clap_space
space = clap_space(pathlib.Path({str(model)!r}))
space.text.encode(["rain"])
space.audio.encode([numpy.ones(9000, numpy.float32)])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_space_is_light_until_it_is_used(model, monkeypatch):
    monkeypatch.setattr("retrieval.encoders.clap.space.TorchTowers", None)
    space = clap_space(model)
    assert (space.window, space.hop, space.dim, space.audio.rate) == (10.0, 5.0, 512, 48_000)
    assert (space.name, space.licence, len(space.fingerprint)) == ("clap", "CC0-1.0", 64)


def test_graphs_that_are_broken_or_of_something_else(exported, tmp_path):
    (tmp_path / "audio.onnx").write_bytes(b"no graph")
    with pytest.raises(SpaceError, match="the graph cannot be read"):
        OnnxAudioTower(tmp_path)
    for name in ("text.onnx", "text.onnx.data"):
        shutil.copy(exported / name, tmp_path / name)
    (tmp_path / "text.onnx").rename(tmp_path / "audio.onnx")
    with pytest.raises(SpaceError, match="does not take 'mel'"):
        OnnxAudioTower(tmp_path)


def test_graphs_that_differ_are_not_left_behind(model, monkeypatch, tmp_path):
    folder = Path(shutil.copytree(model, tmp_path / "differs"))
    before = sorted(folder.iterdir())
    monkeypatch.setattr("retrieval.encoders.clap.graph._FOLDS", 2)
    with pytest.raises(SpaceError, match="graphs of the model cannot be made"):
        export(folder)
    assert sorted(folder.iterdir()) == before
