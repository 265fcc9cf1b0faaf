import hashlib
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from retrieval.encoders.text_onnx import OnnxText
from retrieval.errors import SpaceError

WEIGHTS = Path(str(files("retrieval"))) / "weights" / "affetto"
TEXTS = ("sad", "like someone who just lost their dog", "", "a" * 300, "日本", "rain on a tin roof")


@pytest.fixture(scope="module")
def encoder() -> OnnxText:
    return OnnxText(WEIGHTS / "text.onnx", WEIGHTS / "vocab.txt")


def test_vectors_are_finite_and_of_length_one(encoder: OnnxText) -> None:
    vectors = encoder.encode(TEXTS)
    assert vectors.shape == (len(TEXTS), encoder.dim)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_a_vector_does_not_depend_on_the_other_texts(encoder: OnnxText) -> None:
    together = encoder.encode(TEXTS)
    for text, vector in zip(TEXTS, together, strict=True):
        assert encoder.encode([text]).tobytes() == vector.tobytes()
    assert encoder.encode(TEXTS[::-1])[::-1].tobytes() == together.tobytes()


def test_no_text_gives_no_vector(encoder: OnnxText) -> None:
    assert encoder.encode([]).shape == (0, encoder.dim)


def test_case_accents_and_space_do_not_matter(encoder: OnnxText) -> None:
    assert encoder.encode(["  Café\tCRY "]).tobytes() == encoder.encode(["cafe cry"]).tobytes()


def test_what_comes_after_the_longest_text_is_not_read(encoder: OnnxText) -> None:
    long = "sad " * 126
    assert encoder.encode([long + "happy"]).tobytes() == encoder.encode([long]).tobytes()


@pytest.mark.parametrize(
    ("text", "near", "far"),
    [
        ("like someone who just lost their dog", "sad", "happy"),
        ("furious", "very angry", "very calm"),
        ("not angry", "calm", "furious"),
        ("not happy", "unhappy", "joyful"),
        ("someone weeping", "crying", "laughing"),
        ("an infant wails", "a baby crying", "a clock ticking"),
    ],
)
def test_meaning_and_feeling(encoder: OnnxText, text: str, near: str, far: str) -> None:
    vector, close, distant = encoder.encode([text, near, far])
    assert vector @ close > vector @ distant


def test_the_fingerprint_is_of_both_files(encoder: OnnxText, tmp_path: Path) -> None:
    both = (WEIGHTS / "text.onnx").read_bytes() + (WEIGHTS / "vocab.txt").read_bytes()
    assert encoder.fingerprint == hashlib.sha256(both).hexdigest()
    (tmp_path / "vocab.txt").write_text("[UNK]\n[CLS]\n[SEP]\n", encoding="utf-8")
    other = OnnxText(WEIGHTS / "text.onnx", tmp_path / "vocab.txt")
    assert other.fingerprint != encoder.fingerprint


def test_broken_files_are_named(tmp_path: Path) -> None:
    absent = OnnxText(tmp_path / "text.onnx", WEIGHTS / "vocab.txt")
    with pytest.raises(SpaceError) as fault:
        absent.encode(["sad"])
    assert fault.value.path == str(tmp_path / "text.onnx")
    with pytest.raises(SpaceError):
        _ = absent.fingerprint
    (tmp_path / "text.onnx").write_bytes(b"not a graph")
    with pytest.raises(SpaceError):
        OnnxText(tmp_path / "text.onnx", WEIGHTS / "vocab.txt").encode(["sad"])
    (tmp_path / "vocab.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(SpaceError) as fault:
        OnnxText(WEIGHTS / "text.onnx", tmp_path / "vocab.txt").encode(["sad"])
    assert fault.value.path == str(tmp_path / "vocab.txt")
