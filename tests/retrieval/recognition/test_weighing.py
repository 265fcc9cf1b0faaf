"""Words by what they do to a text, for a judge that adds up a small lexicon."""

from collections.abc import Sequence

import numpy as np
import pytest

from retrieval.encoders.builtin import load_builtin
from retrieval.encoders.wordpiece import WordPiece
from retrieval.recognition.judgement import EMOTIONS, Judgement
from retrieval.recognition.recogniser import load_recogniser
from retrieval.recognition.weighing import Weighed, weigh

LEXICON = {"hate": -0.8, "wonderful": 0.6, "mess": -0.4, "fine": 0.25, "don't": -0.5, "café": 0.3}


def leaning(odds: float) -> Judgement:
    """Happy to sad as the exponential of `odds` to one."""
    chances = np.zeros(len(EMOTIONS))
    chances[[EMOTIONS.index("happy"), EMOTIONS.index("sad")]] = np.exp([odds, 0]) / 2
    return Judgement(chances, 0.0, 0.0)


class Judge:
    """Remembers what it was asked, one list a call."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    def __call__(self, texts: Sequence[str]) -> list[Judgement]:
        self.asked.append(list(texts))
        return [leaning(self._sum(text)) for text in texts]

    def _sum(self, text: str) -> float:
        words = text.casefold().replace(".", " ").replace("!", " ").replace(",", " ").split()
        return sum(LEXICON.get(word, 0.0) for word in words)


@pytest.fixture
def judge() -> Judge:
    return Judge()


def test_the_words_that_move_it_most_come_first(judge: Judge) -> None:
    found = weigh("I hate this wonderful mess.", judge)
    assert [one.word for one in found] == ["hate", "wonderful", "mess", "I", "this"]
    assert [one.start_char for one in found] == [2, 12, 22, 0, 7]
    assert [one.weight for one in found] == pytest.approx([-0.8, 0.6, -0.4, 0, 0])
    (asked,) = judge.asked
    assert asked[0] == "I hate this wonderful mess."
    assert sorted(asked[1:]) == sorted(
        [
            "hate this wonderful mess.",
            "I this wonderful mess.",
            "I hate wonderful mess.",
            "I hate this mess.",
            "I hate this wonderful .",
        ]
    )


def test_a_word_said_twice_is_left_out_twice_and_listed_once(judge: Judge) -> None:
    first, *others = weigh("Fine! I am fine, FINE.", judge)
    assert (first.word, first.start_char) == ("Fine", 0)
    assert first.weight == pytest.approx(0.75)
    assert [one.word for one in others] == ["I", "am"]
    assert "! I am ," in judge.asked[0][1]


@pytest.mark.parametrize("text", ["", "   ", "...!?", "— :( _"])
def test_without_words_nothing_is_asked(text: str, judge: Judge) -> None:
    assert weigh(text, judge) == []
    assert not judge.asked


def test_a_single_word_carries_all(judge: Judge) -> None:
    assert weigh("Wonderful!", judge) == [Weighed("Wonderful", 0, pytest.approx(0.6))]
    assert judge.asked == [["Wonderful!"]]


def test_equal_weights_keep_the_order_of_the_text(judge: Judge) -> None:
    assert [one.word for one in weigh("so it goes on", judge)] == ["so", "it", "goes", "on"]


@pytest.mark.parametrize(
    "text, words",
    [
        ("Don’t—please—go", ["Don’t", "please", "go"]),  # a curly apostrophe, and dashes
        ("half-hearted 'well'", ["half-hearted", "well"]),
        ("café 24/7 #wow_ok", ["café", "24", "7", "wow", "ok"]),
    ],
)
def test_what_is_a_word(text: str, words: list[str], judge: Judge) -> None:
    found = sorted(weigh(text, judge), key=lambda one: one.start_char)
    assert [one.word for one in found] == words
    assert all(text[one.start_char :].startswith(one.word) for one in found)


def test_a_space_that_is_left_before_a_full_stop_is_not_read() -> None:
    tower = load_builtin().text
    pieces: WordPiece = tower._parts()[0]  # type: ignore[attr-defined]
    assert pieces.numbers("I hate this .", 128) == pieces.numbers("I hate this.", 128)


@pytest.mark.parametrize(
    "text, first, sign",
    [
        ("I hate this wonderful mess", "hate", -1),
        ("I don't like this at all.", "don't", -1),
        ("This is not good.", "not", -1),
        ("Oh that's brilliant. Really brilliant.", "brilliant", 1),
    ],
)
def test_the_built_in_recogniser_weighs_as_a_reader_would(text: str, first: str, sign: int) -> None:
    recogniser = load_recogniser()

    def judge(texts: Sequence[str]) -> list[Judgement]:
        return [recogniser.judge(None, state).both for state in recogniser.read(texts)]

    found = weigh(text, judge)
    assert (found[0].word, np.sign(found[0].weight)) == (first, sign)
    assert {one.word: one.weight for one in found}.get("wonderful", 1) > 0
