"""A converted checkpoint gives the vectors that laion_clap gives from the same file."""

import json
import os

import numpy as np
import pytest
import torch

from retrieval.encoders.clap.convert import convert, read_checkpoint
from retrieval.encoders.clap.laion import load_checkpoint
from retrieval.encoders.clap.space import clap_space
from retrieval.errors import SpaceError

TEXTS = ["rain", "nervous laughter in a crowd", "", "violin " * 60, "an engine; a shout!", "étude"]


def assert_same(ours, theirs):
    """To 1e-4 in each number, and to .9999 in the cosine."""
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-4)
    assert (ours * theirs).sum(axis=1).min() > 0.9999


def test_the_same_sounds_get_the_same_vectors(model, laion, windows):
    ours = clap_space(model).audio.encode(windows)
    assert ours.shape == (4, 512) and ours.dtype == np.float32
    assert_same(ours, laion.audio(windows))
    assert (ours @ ours.T - np.eye(4)).max() < 0.999  # no two are one


def test_the_same_texts_get_the_same_vectors(model, laion):
    ours = clap_space(model).text.encode(TEXTS)
    assert_same(ours, laion.text(TEXTS))
    assert (ours @ ours.T - np.eye(len(TEXTS))).max() < 0.99


def test_a_checkpoint_with_fusion(fused, installer, tmp_path, windows):
    folder = installer(fused, tmp_path / "fused")
    theirs = load_checkpoint(fused.path, folder, architecture="HTSAT-tiny", fusion=True)
    space = clap_space(folder)
    assert_same(space.audio.encode(windows), theirs.audio(windows))
    assert_same(space.text.encode(TEXTS), theirs.text(TEXTS))


def test_the_larger_architecture(base, installer, tmp_path, windows):
    folder = installer(base, tmp_path / "base")
    theirs = load_checkpoint(base.path, folder, architecture="HTSAT-base", fusion=False)
    assert_same(clap_space(folder).audio.encode(windows[1:2]), theirs.audio(windows[1:2]))


@pytest.fixture
def changed(tiny, tmp_path):
    """The checkpoint with its state changed by a function, as a new file."""

    def change(edit):
        state = read_checkpoint(tiny.path)
        edit(state)
        path = tmp_path / "changed.pt"
        torch.save(state, path)
        return path

    return change


def attempt(checkpoint, tiny, tmp_path, **what):
    shape = {"architecture": "HTSAT-tiny", "fusion": False, **what}
    convert(checkpoint, tiny.tokenizer, tmp_path / "out", **shape)


def test_prefixes_and_other_values_of_a_checkpoint_do_not_matter(tmp_path):
    weights = {"a.weight": torch.ones(2), "b": torch.zeros(3)}
    wrapped = {"state_dict": {f"module.{name}": one for name, one in weights.items()}}
    wrapped |= {"epoch": 4, "accuracy": np.float64(0.5), "step": np.int64(3)}
    for number, whole in enumerate((weights, wrapped)):
        torch.save(whole, tmp_path / f"{number}.pt")
        assert read_checkpoint(tmp_path / f"{number}.pt").keys() == weights.keys()


def test_weights_that_lack_are_named(changed, tiny, tmp_path):
    path = changed(lambda state: state.pop("audio_branch.layers.1.blocks.0.mlp.fc1.bias"))
    with pytest.raises(SpaceError, match=r"lacks weights: .*layers\.1\.blocks\.0\.intermediate"):
        attempt(path, tiny, tmp_path)


def test_weights_that_are_unknown_are_named(changed, tiny, tmp_path):
    path = changed(lambda state: state.update({"audio_branch.novelty.weight": torch.ones(1)}))
    with pytest.raises(SpaceError, match=r"has not: audio_branch\.novelty\.weight"):
        attempt(path, tiny, tmp_path)


def test_another_architecture_than_stated(tiny, tmp_path):
    with pytest.raises(SpaceError, match=r"lacks weights: .* and \d+ more"):
        attempt(tiny.path, tiny, tmp_path, architecture="HTSAT-base")
    with pytest.raises(SpaceError, match=r"lacks weights: .*patch_embed"):
        attempt(tiny.path, tiny, tmp_path, fusion=True)
    with pytest.raises(SpaceError, match="no architecture 'PANN-14'"):
        attempt(tiny.path, tiny, tmp_path, architecture="PANN-14")


def test_weights_of_another_shape(changed, tiny, tmp_path):
    path = changed(lambda state: state.update({"audio_projection.0.weight": torch.ones(512, 9)}))
    with pytest.raises(SpaceError, match=r"other shapes .*: audio_projection\.linear1\.weight"):
        attempt(path, tiny, tmp_path)


def test_another_spectrogram_is_refused(changed, tiny, tmp_path):
    path = changed(lambda state: state["audio_branch.logmel_extractor.melW"].mul_(2))
    with pytest.raises(SpaceError, match="other mel bands"):
        attempt(path, tiny, tmp_path)


class Trap:
    def __reduce__(self):
        return os.mkdir, (self.where,)


def test_nothing_of_a_checkpoint_is_executed(tiny, tmp_path):
    Trap.where = str(tmp_path / "sprung")
    torch.save({"state_dict": {"a": torch.ones(1)}, "extra": Trap()}, tmp_path / "trap.pt")
    with pytest.raises(SpaceError, match="plain weights"):
        attempt(tmp_path / "trap.pt", tiny, tmp_path)
    assert not (tmp_path / "sprung").exists()


def test_what_is_no_checkpoint(tiny, tmp_path):
    (tmp_path / "text.pt").write_text("hello")
    with pytest.raises(SpaceError, match="cannot be read as plain weights"):
        attempt(tmp_path / "text.pt", tiny, tmp_path)
    torch.save({"epoch": 1}, tmp_path / "empty.pt")
    with pytest.raises(SpaceError, match="holds no weights"):
        attempt(tmp_path / "empty.pt", tiny, tmp_path)


def test_a_tokenizer_larger_than_the_network(tiny, changed, tmp_path):
    words = "text_branch.embeddings.word_embeddings.weight"
    path = changed(lambda state: state.update({words: state[words][:1100]}))
    with pytest.raises(SpaceError, match="the network knows 1100"):
        attempt(path, tiny, tmp_path)


def test_the_folder_says_what_it_is(model):
    config = json.loads((model / "config.json").read_text())
    assert config["model_type"] == "clap" and config["text_config"]["num_hidden_layers"] == 2
    assert config["text_config"]["layer_norm_eps"] == 1e-5
    assert (model / "model.safetensors").stat().st_mode & 0o044  # others may read it
