from functools import cache
from random import Random

import pytest

from retrieval.spoken.words import difference, placed_words, word_errors, words_of


def test_words_as_they_are_spoken() -> None:
    assert words_of("Don’t — DON'T, 'go' at 9:30!") == ["don't", "don't", "go", "at", "9", "30"]
    assert words_of("Życie jest pełne") == ["życie", "jest", "pełne"]
    assert words_of("♪♪ ... ??") == []


@pytest.mark.parametrize(
    ("said", "heard", "errors"),
    [
        ("kids are talking", "kids are talking", 0),
        ("kids are talking by the door", "kids talking by a door", 2),
        ("", "you know", 2),
        ("you know", "", 2),
        ("a b c d", "b c d a", 2),
    ],
)
def test_known_numbers_of_errors(said: str, heard: str, errors: int) -> None:
    assert word_errors(said.split(), heard.split()) == errors


def test_errors_are_the_fewest_there_are() -> None:
    """Beside the definition, which tries everything."""

    @cache
    def fewest(said: str, heard: str) -> int:
        if not said or not heard:
            return len(said) + len(heard)
        here = fewest(said[1:], heard[1:]) + (said[0] != heard[0])
        return min(here, fewest(said[1:], heard) + 1, fewest(said, heard[1:]) + 1)

    dice = Random(0)
    for _ in range(200):
        said, heard = ("".join(dice.choices("abc", k=dice.randrange(8))) for _ in range(2))
        assert word_errors(said, heard) == fewest(said, heard)


def test_where_words_begin() -> None:
    assert placed_words("Oh, don’t: la-la") == [("oh", 0), ("don't", 4), ("la", 11), ("la", 14)]


def test_difference_is_a_share_of_the_longer_text() -> None:
    assert difference("Fail better.", "fell better") == 0.5
    assert difference("one", "one two three four") == 0.75
    assert difference("", "...") == 0
    assert difference("", "one") == 1
