"""Words alone, held against labels and ratings that are known."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from retrieval.errors import PromptError
from retrieval.evaluation.pairs import Sentence
from retrieval.evaluation.rated_sentences import Rated, read_rated
from retrieval.evaluation.recognising_words import ratings_table, words_alone
from retrieval.evaluation.table import Estimate
from retrieval.recognition.judgement import EMOTIONS
from retrieval.recognition.networks import OUTPUTS
from retrieval.recognition.recogniser import Recogniser
from retrieval.space import Vectors
from tests.retrieval.recognition.made_recogniser import HIDDEN, TEXT, recogniser


class Lexicon:
    """Reads a text as its length in words, up to how many the vector has room for."""

    name, dim, fingerprint = "lexicon", TEXT, "lexicon-1"

    def encode(self, texts: Sequence[str]) -> Vectors:
        return np.array([[len(text.split())] * TEXT for text in texts], dtype=np.float32)


@pytest.fixture
def counting() -> Recogniser:
    """Texts of one word are happy, longer ones sad; valence falls and arousal rises with length."""
    made = recogniser()
    first, second = np.zeros((TEXT, HIDDEN), np.float32), np.zeros((HIDDEN, OUTPUTS), np.float32)
    first[0, 0] = 1
    happy, sad = EMOTIONS.index("happy"), EMOTIONS.index("sad")
    second[0, [happy, sad, -2, -1]] = -1.0, 1.0, -0.1, 0.1
    bias = np.full(OUTPUTS, -9, np.float32)
    bias[[happy, sad, -2, -1]] = 1.5, -1.5, 0.0, 0.0
    words = {
        "words.0.weight": first, "words.0.bias": np.zeros(HIDDEN, np.float32),
        "words.1.weight": second, "words.1.bias": bias,
    }  # fmt: skip
    return replace(made, arrays={**made.arrays, **words}, text=Lexicon())


def said(text: str, emotion: str) -> Sentence:
    return Sentence(text, emotion, 0.0, "goemotions")


def test_shares_of_labels_that_are_named(counting: Recogniser) -> None:
    told = [
        said("great", "happy"),
        said("no no no", "sad"),
        said("so bad now", "happy"),
        said("the same again", "sad"),
    ]
    table = words_alone(counting, {"goemotions": told})
    (row,) = table.records()
    assert (row["count"], row["chance UAR"]) == (4, 0.5)
    right = [row[name] for name in ("UAR", "macro-F1", "accuracy")]
    assert all(isinstance(one, Estimate) for one in right)
    # happy: one of two named, none wrongly so; sad: both, and one too many.
    expected = (0.75, (2 / 3 + 4 / 5) / 2, 0.75)
    assert [one.value for one in right if isinstance(one, Estimate)] == pytest.approx(expected)


def test_ratings_are_compared_by_rank(counting: Recogniser) -> None:
    rated = [Rated("a " * count, 5 - count**2 / 10, 1 + count / 10) for count in range(1, 7)]
    (row,) = ratings_table(counting, rated).records()
    for side in ("valence", "arousal"):
        found = row[f"{side} Spearman"]
        assert isinstance(found, Estimate) and found.value == pytest.approx(1)
    against = [Rated(one.text, 6 - one.valence, one.arousal) for one in rated]
    found = ratings_table(counting, against).records()[0]["valence Spearman"]
    assert isinstance(found, Estimate) and found.value == pytest.approx(-1)


def test_rated_sentences_keep_to_their_split(tmp_path: Path) -> None:
    folder = tmp_path / "labels" / "emobank"
    folder.mkdir(parents=True)
    rows = ["split,V,A,text", "dev,3.5,2,held out", "test,4,1,shown", f"test,3,3,{'long ' * 41}"]
    (folder / "emobank.csv").write_text("\n".join(rows), encoding="utf-8")
    assert read_rated(tmp_path, "test") == [Rated("shown", 4.0, 1.0)]
    assert read_rated(tmp_path / "clips.csv", "val") == [Rated("held out", 3.5, 2.0)]


def test_sentences_without_ratings_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PromptError, match="rated sentences"):
        read_rated(tmp_path, "test")
