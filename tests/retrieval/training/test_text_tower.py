from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the extra [train]")
pytest.importorskip("onnx", reason="needs the extra [train]")

import torch

from retrieval.encoders.text_onnx import OnnxText
from retrieval.training.text_export import export_text, stored
from retrieval.training.text_tower import DIM, TextTower, batches_by_length, padded

PIECES = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "sad", "##der", "not", "angry", "a", "voice", "rain")
TEXTS = ("sad", "not angry", "a sadder voice", "rain", "unheard of words")


@pytest.fixture(scope="module")
def tower() -> TextTower:
    torch.manual_seed(0)
    return TextTower(PIECES, layers=2).eval()


def test_padding_does_not_change_a_vector(tower: TextTower) -> None:
    ids, mask = padded([[2, 4, 3], [2, 8, 4, 5, 9, 3]])
    both = tower(ids, mask)
    alone = tower(*padded([[2, 4, 3]]))
    assert both.shape == (2, DIM)
    torch.testing.assert_close(both[:1], alone)
    torch.testing.assert_close(both.norm(dim=1), torch.ones(2))


def test_the_order_of_words_matters(tower: TextTower) -> None:
    vectors = tower.embed(["not angry", "angry not"])
    assert vectors[0] @ vectors[1] < 0.9999


def test_embed_keeps_the_order_of_the_texts(tower: TextTower) -> None:
    one_by_one = np.concatenate([tower.embed([text]) for text in TEXTS])
    np.testing.assert_allclose(tower.embed(TEXTS, batch=2), one_by_one, atol=1e-5)


def test_a_saved_tower_loads_as_it_was(tower: TextTower, tmp_path: Path) -> None:
    tower.save(tmp_path / "tower.pt")
    again = TextTower.load(tmp_path / "tower.pt")
    assert again.vocabulary == tower.vocabulary
    np.testing.assert_allclose(again.embed(TEXTS), tower.embed(TEXTS), atol=2e-3)


def test_stored_weights_are_off_by_half_a_step_at_most(tower: TextTower) -> None:
    weight = tower.blocks[0].inner.weight
    layer = stored(tower).blocks[0].inner
    error = (layer.stored.float() * layer.factor - weight).abs()
    assert (error <= layer.factor * 0.5001).all()


def test_the_exported_graph_is_the_tower(tower: TextTower, tmp_path: Path) -> None:
    export_text(tower, tmp_path)
    encoder = OnnxText(tmp_path / "text.onnx", tmp_path / "vocab.txt")
    vectors = encoder.encode(TEXTS)
    assert encoder.dim == DIM
    np.testing.assert_allclose(vectors, stored(tower).embed(TEXTS), atol=1e-5)
    assert ((vectors * tower.embed(TEXTS)).sum(axis=1) > 0.999).all()
    parameters = sum(parameter.numel() for parameter in tower.parameters())
    assert (tmp_path / "text.onnx").stat().st_size < 1.5 * parameters  # a byte a weight


def test_batches_hold_every_row_once_and_similar_lengths() -> None:
    tokens = [[0] * length for length in (5, 1, 3, 2, 4)]
    assert list(batches_by_length(tokens, 2)) == [[1, 3], [2, 4], [0]]
