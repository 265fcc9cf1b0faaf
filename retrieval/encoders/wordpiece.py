"""Words to numbers as BERT does it: basic tokenisation, then greedy WordPiece.

Text is cleaned, lower-cased and freed of accents, cut at white space and at every punctuation
mark, and each word becomes the longest vocabulary pieces found from its left end (Devlin et al.
2019; Wu et al. 2016). Pieces inside a word begin with ``##``.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence

UNKNOWN, START, END = "[UNK]", "[CLS]", "[SEP]"
LONGEST_WORD = 100  # characters; a longer word is unknown

# Scripts written without spaces (CJK ideographs): every character is a word.
_IDEOGRAPHS = (
    (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x2A6DF),
    (0x2A700, 0x2B73F), (0x2B740, 0x2B81F), (0x2B920, 0x2CEAF), (0x2F800, 0x2FA1F),
)  # fmt: skip


class WordPiece:
    """A tokenizer over one vocabulary.

    Args:
        vocabulary: the pieces; the number of a piece is its place. Holds [UNK], [CLS], [SEP].

    Raises:
        ValueError: one of the three special pieces is absent.
    """

    def __init__(self, vocabulary: Sequence[str]) -> None:
        self._number = {piece: number for number, piece in enumerate(vocabulary)}
        for special in (UNKNOWN, START, END):
            if special not in self._number:
                raise ValueError(f"the vocabulary lacks {special}")

    def pieces(self, text: str) -> list[str]:
        """The pieces of a text, without [CLS] and [SEP]."""
        return [piece for word in words(text) for piece in self._split(word)]

    def numbers(self, text: str, longest: int = 128) -> list[int]:
        """[CLS], the pieces, [SEP] as vocabulary numbers; at most `longest`, cut at the end."""
        inner = self.pieces(text)[: longest - 2]
        return [self._number[piece] for piece in (START, *inner, END)]

    def _split(self, word: str) -> list[str]:
        """Longest pieces from the left; [UNK] for the whole word if a part has none."""
        if len(word) > LONGEST_WORD:
            return [UNKNOWN]
        found: list[str] = []
        start = 0
        while start < len(word):
            piece = self._longest(word[start:], inside=start > 0)
            if piece is None:
                return [UNKNOWN]
            found.append(piece)
            start += len(piece) - (2 if start else 0)
        return found

    def _longest(self, rest: str, *, inside: bool) -> str | None:
        for end in range(len(rest), 0, -1):
            piece = f"##{rest[:end]}" if inside else rest[:end]
            if piece in self._number:
                return piece
        return None


def words(text: str) -> Iterator[str]:
    """Lower-case words without accents; each punctuation mark and ideograph is a word."""
    if text.isascii() and text.isprintable():  # the same by a shorter way
        yield from re.findall(r"[a-z0-9]+|[^a-z0-9 ]", text.lower())
        return
    spaced = "".join(_cleaned(text))
    plain = unicodedata.normalize("NFD", spaced)
    plain = "".join(sign for sign in plain if unicodedata.category(sign) != "Mn").lower()
    for chunk in plain.split():
        word = ""
        for sign in chunk:
            if not _is_punctuation(sign):
                word += sign
                continue
            if word:
                yield word
            yield sign
            word = ""
        if word:
            yield word


def _cleaned(text: str) -> Iterator[str]:
    for sign in text:
        category = unicodedata.category(sign)
        if sign in "\t\n\r" or category.startswith("Z"):
            yield " "
        elif sign == "\ufffd" or category.startswith("C"):
            continue
        else:
            yield f" {sign} " if _is_ideograph(ord(sign)) else sign


def _is_ideograph(code: int) -> bool:
    return any(first <= code <= last for first, last in _IDEOGRAPHS)


def _is_punctuation(sign: str) -> bool:
    """Unicode punctuation, and every ASCII sign that is neither letter nor digit."""
    if sign.isascii():
        return not sign.isalnum() and sign.isprintable()
    return unicodedata.category(sign).startswith("P")
