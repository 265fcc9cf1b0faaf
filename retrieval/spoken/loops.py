"""What a speech recogniser writes when it is lost: loops, strange letters, more than can be said.

These rules look at a line alone. What reads well and was never said is found by hearing it twice
(retrieval/spoken/asr.py).
"""

import unicodedata
from collections.abc import Sequence

from retrieval.spoken.words import placed_words, words_of

#: Times that a phrase of one word, or of more, is said in a row before it is a loop. People do
#: say "no, no, no, no", and now and then a phrase three times.
OFTEN = {1: 6, 2: 4}

#: The longest phrase, in words, that is looked for. A line is cut at some fifteen seconds.
LONGEST_PHRASE = 12

#: Words before a loop from which on they are worth keeping without it.
WORTH = 4

#: Words a second; English reaches 5 where it is very fast. Seconds of a line, too, are no fewer
#: than these: a shorter one holds no word.
FASTEST, SHORTEST = 7.0, 0.25


def unlooped(text: str) -> str:
    """The text up to a loop; nothing of it where it begins with one, and all where there is none.

    The same phrase of one word six times in a row is a loop, and so is one of several words four
    times; the last time may be broken off.
    """
    words = placed_words(text)
    start = loop_in([word for word, _ in words])
    if start is None:
        return text
    return text[: words[start][1]].rstrip() if start >= WORTH else ""


def loop_in(words: Sequence[str]) -> int | None:
    """Where the first loop of some words begins; None where there is none."""
    loops = (_loop_of(words, length) for length in range(1, LONGEST_PHRASE + 1))
    return min((start for start in loops if start is not None), default=None)


def sayable(text: str, seconds: float) -> bool:
    """Whether a text may have been said in so many seconds, by somebody who speaks English.

    It has a word, is written in Latin letters, and not faster than anybody speaks.
    """
    count = len(words_of(text))
    letters = [char for char in text if char.isalpha()]
    if not letters or not all(map(_is_latin, letters)) or seconds < SHORTEST:
        return False
    return count <= max(1.0, FASTEST * seconds)


def _loop_of(words: Sequence[str], length: int) -> int | None:
    """Where a phrase of a length begins that is said too often in a row."""
    needed = length * (OFTEN[min(length, 2)] - 1)  # words that are the same one phrase later
    run = 0
    for place in range(len(words) - length):
        run = run + 1 if words[place] == words[place + length] else 0
        if run >= needed:
            return place + 1 - run
    return None


def _is_latin(char: str) -> bool:
    return unicodedata.name(char, "").startswith("LATIN")
