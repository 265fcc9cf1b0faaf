"""The reader: a real architecture with random weights, read as it would be read from a teacher."""

import warnings
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the extra [train]")
pytest.importorskip("sentence_transformers", reason="needs the extra [train]")

import torch

from retrieval.space import unit
from retrieval.training.reader import NAME, principal, sentence_reader

PIECES = ("<s>", "<pad>", "</s>", "[UNK]", "<mask>", "sad", "happy", "##ier", "a", "voice", "rain")
TEXTS = ["sad", "a happy voice", "a sad voice", "sadder rain", "rain"]


@pytest.fixture(scope="module")
def teachers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a tiny MPNet of random weights under the reader's name."""
    from transformers import MPNetConfig, MPNetModel, MPNetTokenizerFast

    folder = tmp_path_factory.mktemp("teachers")
    (folder / "vocab.txt").write_text("\n".join(PIECES) + "\n")
    torch.manual_seed(0)
    config = MPNetConfig(
        vocab_size=len(PIECES) + 1, hidden_size=24, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=32, max_position_embeddings=40,
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its own making
        from sentence_transformers import SentenceTransformer, models

        MPNetModel(config).save_pretrained(folder / "plain")
        MPNetTokenizerFast(str(folder / "vocab.txt")).save_pretrained(folder / "plain")
        words = models.Transformer(str(folder / "plain"), max_seq_length=32)
        pooling = models.Pooling(24, pooling_mode="mean")
        SentenceTransformer(modules=[words, pooling], device="cpu").save(str(folder / NAME))
    return folder


def test_texts_are_read_by_the_model_in_the_folder(teachers: Path) -> None:
    from sentence_transformers import SentenceTransformer

    read = sentence_reader(teachers)(TEXTS)
    with torch.no_grad():
        whole = SentenceTransformer(str(teachers / NAME), device="cpu").encode(TEXTS)
    assert read.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(read, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(read, unit(whole), atol=1e-5)
    assert np.linalg.matrix_rank(read) == len(TEXTS)


def test_principal_directions_keep_cosines_where_there_are_no_more() -> None:
    rng = np.random.default_rng(0)
    flat = rng.standard_normal((40, 5)) @ rng.standard_normal((5, 12))
    vectors = unit(flat.astype(np.float32))
    kept = vectors @ principal(vectors, 5)
    assert kept.shape == (40, 5)
    np.testing.assert_allclose(kept @ kept.T, vectors @ vectors.T, atol=1e-5)
    # With fewer directions the nearest to it by least squares (Eckart and Young 1936).
    fewer = vectors @ principal(vectors, 3)
    lost = np.linalg.svd(vectors, compute_uv=False)[3:]
    assert np.square(vectors).sum() - np.square(fewer).sum() == pytest.approx(
        np.square(lost).sum(), rel=1e-3
    )
