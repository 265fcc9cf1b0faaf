import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.encoders.wordpiece import LONGEST_WORD, WordPiece, words

VOCABULARY = (
    "[PAD]", "[UNK]", "[CLS]", "[SEP]", "un", "##aff", "##able", "##a", "cafe", "want", "!", ",",
    "'", "t", "don", "sad", "##der", "##s", "$", "5", "…",
)  # fmt: skip
TOKENIZER = WordPiece(VOCABULARY)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Sadder", ["sad", "##der"]),
        ("unaffable", ["un", "##aff", "##able"]),  # the longest piece first: not ##a
        ("  don't\twant\n", ["don", "'", "t", "want"]),
        ("Café!", ["cafe", "!"]),
        ("Cafe\u0301,", ["cafe", ","]),
        ("sad…", ["sad", "…"]),
        ("sadly want", ["[UNK]", "want"]),  # a word with one unknown part is unknown
        ("want" * (LONGEST_WORD // 4 + 1), ["[UNK]"]),
        ("$5", ["$", "5"]),
        ("", []),
    ],
)
def test_pieces(text: str, found: list[str]) -> None:
    assert TOKENIZER.pieces(text) == found


def test_words_of_a_text_with_odd_signs() -> None:
    assert list(words("A\x00b\u200bc\ufffdd")) == ["abcd"]
    assert list(words("hi日本go")) == ["hi", "日", "本", "go"]
    assert list(words("a\u00a0b\u3000c\x85d")) == ["a", "b", "cd"]
    assert list(words("İstanbul ÆØ straße")) == ["istanbul", "æø", "straße"]


def test_numbers_are_framed_and_cut_at_the_end() -> None:
    assert TOKENIZER.numbers("sad want") == [2, 15, 9, 3]
    assert TOKENIZER.numbers("sad " * 500) == [2, *[15] * 126, 3]
    assert TOKENIZER.numbers("sad want !", longest=4) == [2, 15, 9, 3]
    assert TOKENIZER.numbers("") == [2, 3]


@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126)))
def test_the_short_way_for_ascii_is_the_long_way(text: str) -> None:
    *ascii_words, _ = words(text + " é")
    assert list(words(text)) == ascii_words


@given(st.text())
def test_every_text_has_numbers(text: str) -> None:
    numbers = TOKENIZER.numbers(text)
    assert numbers[0] == 2
    assert numbers[-1] == 3
    assert all(0 <= number < len(VOCABULARY) for number in numbers)


def test_a_vocabulary_without_special_pieces_is_refused() -> None:
    with pytest.raises(ValueError, match=r"\[SEP\]"):
        WordPiece(["[UNK]", "[CLS]", "sad"])
