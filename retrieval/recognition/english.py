"""Whether the text tower can read a text: it knows English alone.

What is not English would still get a vector, and a judgement that means nothing; so such words
count as missing. The rule needs no model: the vocabulary of the tower is ordered by how often its
pieces occur in English, and a text is read when most of its words are single, common pieces.
"""

from functools import cache
from importlib.resources import files
from pathlib import Path

from retrieval.encoders.builtin import BUILTIN
from retrieval.encoders.wordpiece import WordPiece, words

#: A word is common when its number in the vocabulary is below this one.
COMMON = 12_000

#: The share of common words from which on a text is read.
SHARE = 0.65

# Letters that are words; others are what a contraction leaves (don't, j'ai) and say nothing.
_LETTERS = frozenset("ia")


def readable(text: str, tokenizer: WordPiece | None = None) -> bool:
    """Whether at least `SHARE` of the words of a text are common English ones.

    Numbers, punctuation and single letters other than "I" and "a" do not count; a text without
    words is not readable. Names and cries (Hmm! Chandler?) alone are refused: they are in no
    language.

    Args:
        tokenizer: of the text tower; None for that of the built-in space.
    """
    pieces = tokenizer or _builtin()
    counted = [word for word in words(text) if word[0].isalpha() and _tells(word)]
    common = sum(_is_common(word, pieces) for word in counted)
    return bool(counted) and common >= SHARE * len(counted)


def _tells(word: str) -> bool:
    return len(word) > 1 or not word.isascii() or word in _LETTERS


def _is_common(word: str, pieces: WordPiece) -> bool:
    # Every letter of other alphabets is a piece of its own near the beginning.
    if not word.isascii() or pieces.pieces(word) != [word]:
        return False
    return pieces.numbers(word)[1] < COMMON  # the first is [CLS]


@cache
def _builtin() -> WordPiece:
    path = Path(str(files("retrieval"))) / "weights" / BUILTIN / "vocab.txt"
    return WordPiece(path.read_text(encoding="utf-8").split("\n"))
