"""What the text tower can read, and what it cannot."""

import pytest

from retrieval.encoders.wordpiece import WordPiece
from retrieval.recognition.english import COMMON, readable


@pytest.mark.parametrize(
    "text",
    [
        "Kids are talking by the door",
        "I can't believe you did that!",
        "I am so happy for you.",
        "why",
        "We've got 3 minutes left...",
        "Chandler, what are you doing in my room?",
    ],
)
def test_english_is_read(text: str) -> None:
    assert readable(text)


# None of these was looked at when the rule was made.
@pytest.mark.parametrize(
    "text",
    [
        "Ich weiß nicht, was ich sagen soll.",
        "Mein Bruder kommt morgen aus Berlin zurück.",
        "Tu as vraiment cru que je viendrais ?",
        "Il pleut encore, quel dommage.",
        "Mi hermana vive cerca de la playa.",
        "No quiero hablar contigo nunca más.",
        "Domani andiamo tutti al mare.",
        "Nie wiem, co mam powiedzieć.",
        "Eu gosto muito de você.",
        "Hij komt morgen misschien nog langs.",
        "Мне очень грустно.",
        "我不知道。",
        "ምን ማለት እንዳለብኝ አላውቅም",
        "كيف حالك؟",
    ],
)
def test_other_languages_are_not(text: str) -> None:
    assert not readable(text)


@pytest.mark.parametrize("text", ["", "   ", "?!", "1984 - 12", "t's"])
def test_a_text_without_words_is_not(text: str) -> None:
    assert not readable(text)


def test_two_thirds_of_common_words_are_enough_and_less_is_not() -> None:
    assert readable("the house qwzx")
    assert not readable("the house qwzx wqxz")


def test_common_words_stand_early_in_the_vocabulary() -> None:
    pieces = ["[UNK]", "[CLS]", "[SEP]", "early", *(f"[unused{n}]" for n in range(COMMON)), "late"]
    tokenizer = WordPiece(pieces)
    assert readable("early early", tokenizer)
    assert not readable("late late", tokenizer)
    assert not readable("unheard", tokenizer)
