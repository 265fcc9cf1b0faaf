"""Texts are read once: within a run, and from one run to the next."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from retrieval.space import Vectors
from retrieval.training import kept_reader
from retrieval.training.kept_reader import KeptReader

TEXTS = [f"text {number}" for number in range(300)]


class Numbers:
    """A text to its number; remembers what it was given."""

    name, dim = "numbers", 2

    def __init__(self, fingerprint: str = "numbers/1") -> None:
        self.fingerprint = fingerprint
        self.calls: list[list[str]] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.calls.append(list(texts))
        return np.array([[int(text.split()[1]), 1] for text in texts], dtype=np.float32)


def test_every_text_is_read_once_and_in_batches(tmp_path: Path) -> None:
    encoder, lines = Numbers(), list[str]()
    reader = KeptReader(encoder, tmp_path, lines.append)
    assert (reader.name, reader.dim, reader.fingerprint) == ("numbers", 2, "numbers/1")
    vectors = reader.encode([*TEXTS, "text 7", *TEXTS])
    assert vectors[:, 0].tolist() == [*range(300), 7, *range(300)]
    assert [len(call) for call in encoder.calls] == [128, 128, 44]
    assert lines == ["texts read: 300/300"]
    assert reader.encode([]).shape == (0, 2)


def test_the_next_run_reads_nothing(tmp_path: Path) -> None:
    wanted = KeptReader(Numbers(), tmp_path, print).encode(TEXTS)
    again = Numbers()
    np.testing.assert_array_equal(KeptReader(again, tmp_path, print).encode(TEXTS), wanted)
    assert again.calls == []
    other = Numbers("numbers/2")
    KeptReader(other, tmp_path, print).encode(TEXTS[:3])
    assert other.calls == [TEXTS[:3]]
    assert len(list(tmp_path.iterdir())) == 1  # three texts are not worth a file


def test_what_was_read_before_a_stop_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_reader, "KEEP", kept_reader.BATCH)

    class Stopped(Numbers):
        def encode(self, texts: Sequence[str]) -> Vectors:
            if len(self.calls) == 2:
                raise KeyboardInterrupt
            return super().encode(texts)

    with pytest.raises(KeyboardInterrupt):
        KeptReader(Stopped(), tmp_path, lambda _: None).encode(TEXTS)
    again = Numbers()
    KeptReader(again, tmp_path, lambda _: None).encode(TEXTS)
    assert again.calls == [TEXTS[256:]]


def test_a_broken_file_is_read_anew(tmp_path: Path) -> None:
    KeptReader(Numbers(), tmp_path, print).encode(TEXTS)
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:100])
    again = Numbers()
    assert KeptReader(again, tmp_path, print).encode(TEXTS[:1]).tolist() == [[0, 1]]
    assert again.calls == [TEXTS[:1]]
