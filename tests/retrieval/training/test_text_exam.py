import numpy as np
import pytest

pytest.importorskip("sklearn", reason="needs the extra [train]")

from retrieval.space import Head, Heads, Layer, Space
from retrieval.training.text_exam import LADDERS, MOST, ladders, sentences_read, tables

WORDS = {"joyful": (1.0, 0.2), "dreadful": (-1.0, 0.4), "calm": (0.4, -0.8), "plain": (0.0, 0.0)}
NAMES = ("joy", "fear", "sadness", "neutral")


def embed(texts):
    """A vector says which of the words occur, and nothing else."""
    return np.array([[float(word in text) for word in WORDS] for text in texts], np.float32)


@pytest.fixture
def labels(tmp_path):
    rng = np.random.default_rng(0)
    (tmp_path / "emobank").mkdir()
    (tmp_path / "goemotions").mkdir()
    (tmp_path / "goemotions" / "labels.txt").write_text("\n".join(NAMES) + "\n")
    rows = ["id,split,V,A,D,text"]
    for number in range(60):
        word = list(WORDS)[number % 4]
        valence, arousal = WORDS[word]
        split = "train" if number < 40 else "test"
        dominance = rng.normal(3, 0.3)  # nothing in the text tells it
        rows.append(f"{number},{split},{3 + valence},{3 + arousal},{dominance:.3f},{word} {number}")
    (tmp_path / "emobank" / "emobank.csv").write_text("\n".join(rows) + "\n")
    for part in ("train", "test"):
        lines = [f"{word} {n}\t{label}\tx" for n in range(9) for label, word in enumerate(WORDS)]
        lines.append("two at once\t0,1\tx")
        (tmp_path / "goemotions" / f"{part}.tsv").write_text("\n".join(lines) + "\n")
    return tmp_path


def test_what_a_vector_tells_is_read_and_what_it_hides_is_not(labels):
    deaf = lambda texts: np.ones((len(texts), 2), np.float32)  # noqa: E731
    read = sentences_read(labels, {"words": embed, "deaf": deaf}).records()
    by_name = {row["text encoder"]: row for row in read}
    assert by_name["words"]["EmoBank r V"] > 0.99 and by_name["words"]["EmoBank r A"] > 0.99
    assert abs(by_name["words"]["EmoBank r D"]) < 0.7
    assert by_name["words"]["GoEmotions accuracy"] == by_name["words"]["GoEmotions UAR"] == 1
    assert by_name["deaf"]["GoEmotions UAR"] == by_name["chance"]["GoEmotions UAR"] == 0.25
    assert by_name["chance"]["GoEmotions accuracy"] == 0.25
    assert "36 test sentences" in sentences_read(labels, {"words": embed}).note
    assert MOST >= 60


class Lengths:
    """Texts to their place in a list of known ones, so that order is known."""

    name, dim, fingerprint = "lengths", 1, "x"

    def encode(self, texts):
        known = {step: place for _, _, steps in LADDERS for place, step in enumerate(steps)}
        return np.array([[known[text]] for text in texts], np.float32)


def made_space(slope):
    # the text head turns a place on the ladder into an angle; the affect head reads its sine
    bend = Layer(np.array([[0.0, 0.3]], np.float32), np.array([1.0, 0.0], np.float32))
    read = Layer(np.array([[0, 0], [slope, slope]], np.float32), np.zeros(2, np.float32))
    heads = Heads(text=Head((bend,)), affect=read)
    return Space("made", "", "", 1.0, 1.0, Lengths(), Lengths(), heads)


@pytest.mark.parametrize("slope", [0.5, -0.5])
def test_ladders_tell_which_way_the_steps_lead(slope):
    rows = ladders(made_space(slope)).records()
    assert len(rows) == len(LADDERS)
    for row, (axis, sign, steps) in zip(rows, LADDERS, strict=True):
        assert row["steps"] == " < ".join(steps) and row["axis"].startswith(axis)
        assert row["in order"] == ("2 of 2" if sign * slope > 0 else "0 of 2")


def test_without_the_sentences_there_is_no_table(tmp_path):
    assert tables(tmp_path, tmp_path, {}) == []
