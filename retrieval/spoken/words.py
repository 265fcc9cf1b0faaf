"""Words of a text as they are spoken, and how many of them differ between two texts."""

import re
from collections.abc import Sequence

# Letters and digits of any script, and the apostrophe inside a word.
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")


def words_of(text: str) -> list[str]:
    """The words in small letters, without punctuation; ``don't`` is one."""
    return [word for word, _ in placed_words(text)]


def placed_words(text: str) -> list[tuple[str, int]]:
    """The words, each with the position in the text at which it begins."""
    found = _WORD.finditer(text.replace("\u2019", "'"))
    return [(match.group().casefold(), match.start()) for match in found]


def word_errors(said: Sequence[str], heard: Sequence[str]) -> int:
    """The least number of words to leave out, put in or replace to make `heard` of `said`.

    Levenshtein's distance (1966) over words; divided by the number of words said it is the word
    error rate.
    """
    before = list(range(len(heard) + 1))  # errors of no word said, by the words heard so far
    for count, word in enumerate(said, 1):
        errors = [count]
        for place, other in enumerate(heard):
            replaced = before[place] + (word != other)
            errors.append(min(replaced, before[place + 1] + 1, errors[place] + 1))
        before = errors
    return before[-1]


def difference(one: str, other: str) -> float:
    """The share of words in which two texts differ, of the longer one: 0 for the same, 1 for all.

    Two texts without words are the same.
    """
    first, second = words_of(one), words_of(other)
    return word_errors(first, second) / max(len(first), len(second), 1)
