from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.special import erf

from retrieval.errors import SpaceError
from retrieval.space import Head, Heads, Layer, Space, Vectors, gelu, unit


class Ears:
    name, rate, dim, fingerprint = "ears", 16_000, 6, "e1"

    def encode(self, windows: Sequence[Vectors]) -> Vectors:
        return np.stack([np.resize(window, 6) for window in windows])


class Reader:
    name, dim, fingerprint = "reader", 3, "r1"

    def encode(self, texts: Sequence[str]) -> Vectors:
        return np.array([[len(text), 1, 2] for text in texts], dtype=np.float32)


def layer(inputs: int, outputs: int, seed: int = 0) -> Layer:
    rng = np.random.default_rng(seed)
    weight = rng.normal(size=(inputs, outputs)).astype(np.float32)
    return Layer(weight, rng.normal(size=outputs).astype(np.float32))


def heads() -> Heads:
    return Heads(
        audio=Head((layer(6, 5), layer(5, 4, 1))),
        text=Head((layer(3, 4, 2),)),
        affect=layer(4, 2, 3),
        panel=unit(np.eye(4, dtype=np.float32)),
        spread=layer(4, 2, 4),
    )


@pytest.fixture
def placed() -> Space:
    return Space("test", "for tests", "CC0", 5.0, 2.5, Ears(), Reader(), heads())


def test_gelu_is_exact() -> None:
    x = np.linspace(-6, 6, 1001, dtype=np.float32)
    np.testing.assert_allclose(gelu(x), x * (1 + erf(x / np.sqrt(2))) / 2, atol=2e-6)


def test_a_head_is_its_layers_with_gelu_between_and_length_one() -> None:
    raw = np.random.default_rng(5).normal(size=(7, 6)).astype(np.float32)
    first, second = heads().audio.layers
    hidden = raw @ first.weight + first.bias
    hidden = hidden * (1 + erf(hidden / np.sqrt(2))) / 2
    expected = hidden @ second.weight + second.bias
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    np.testing.assert_allclose(heads().audio.project(raw), expected, atol=1e-5)


def test_a_head_without_layers_scales_and_zero_stays_zero() -> None:
    np.testing.assert_allclose(Head().project(np.array([[3, 4]])), [[0.6, 0.8]])
    assert not Head().project(np.zeros((1, 2), dtype=np.float32)).any()


def test_saved_heads_come_back_with_the_same_fingerprint(tmp_path: Path) -> None:
    heads().save(tmp_path / "heads.npz")
    loaded = Heads.load(tmp_path / "heads.npz")
    assert loaded.fingerprint == heads().fingerprint
    for name, array in heads().arrays().items():
        np.testing.assert_array_equal(loaded.arrays()[name], array)


def test_weights_are_halved_only_where_nothing_is_lost(tmp_path: Path) -> None:
    weight = np.array([[0.5, -2.0]], np.float32)
    for bias, kept in (([1.0, 0.25], np.float16), ([0.1, 1e6], np.float32)):
        layer = Layer(weight, np.array(bias, np.float32))
        Heads(audio=Head((layer,))).save(tmp_path / "heads.npz")
        with np.load(tmp_path / "heads.npz") as file:
            assert file["audio.0.weight"].dtype == np.float16
            assert file["audio.0.bias"].dtype == kept
        np.testing.assert_array_equal(
            Heads.load(tmp_path / "heads.npz").audio.layers[0].bias, layer.bias
        )


def test_heads_of_an_earlier_training_load_and_have_no_spread(tmp_path: Path) -> None:
    earlier = replace(heads(), spread=None)
    earlier.save(tmp_path / "heads.npz")
    loaded = Heads.load(tmp_path / "heads.npz")
    assert loaded.spread is None
    assert loaded.fingerprint == earlier.fingerprint != heads().fingerprint


def test_broken_heads_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "heads.npz"
    with pytest.raises(SpaceError):
        Heads.load(path)
    path.write_bytes(b"not an archive")
    with pytest.raises(SpaceError):
        Heads.load(path)
    np.savez(path, **{"audio.0.weight": np.ones((2, 2))})
    with pytest.raises(SpaceError, match="bias"):
        Heads.load(path)


def test_source_follows_the_audio_side_only(placed: Space) -> None:
    assert replace(placed, heads=Heads()).source == placed.source
    assert replace(placed, name="other").source == placed.source
    assert replace(placed, window=4.0).source != placed.source
    assert replace(placed, hop=1.0).source != placed.source


def test_fingerprint_follows_every_part(placed: Space) -> None:
    changed = Heads(heads().audio, heads().text, None, heads().panel)
    prints = {
        one.fingerprint
        for one in (
            placed,
            replace(placed, heads=changed),
            replace(placed, name="other"),
            replace(placed, window=4.0),
        )
    }
    assert len(prints) == 4
    assert replace(placed, description="other words").fingerprint == placed.fingerprint


def test_placing(placed: Space) -> None:
    audio = placed.place_audio(placed.audio.encode([np.ones(9, np.float32)]))
    text = placed.place_text(["calm", "angry"])
    assert (audio.shape, text.shape, placed.dim) == ((1, 4), (2, 4), 4)
    np.testing.assert_allclose(np.linalg.norm(text, axis=1), 1, rtol=1e-6)


def test_affect_is_clipped_and_unknown_without_a_head(placed: Space) -> None:
    vectors = unit(np.random.default_rng(0).normal(size=(50, 4)).astype(np.float32))
    affect = placed.affect(vectors)
    raw = vectors @ heads().affect.weight + heads().affect.bias
    np.testing.assert_allclose(affect, np.clip(raw, -1, 1), rtol=1e-6)
    assert np.isnan(replace(placed, heads=Heads()).affect(vectors)).all()


def test_spread_is_a_width_within_bounds_and_unknown_without_a_head(placed: Space) -> None:
    vectors = unit(np.random.default_rng(0).normal(size=(50, 4)).astype(np.float32))
    widths = np.exp(vectors @ heads().spread.weight + heads().spread.bias)
    np.testing.assert_allclose(placed.spread(vectors), np.clip(widths, 0.05, 2), rtol=1e-5)
    huge = Layer(np.zeros((4, 2), np.float32), np.array([900, -900], np.float32))
    wide = replace(placed, heads=replace(heads(), spread=huge)).spread(vectors[:1])
    np.testing.assert_allclose(wide, [[2, 0.05]], rtol=1e-6)
    assert np.isnan(replace(placed, heads=Heads()).spread(vectors)).all()
    assert replace(placed, heads=Heads()).spread(vectors).shape == (50, 2)
