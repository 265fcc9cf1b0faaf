import pytest

from retrieval.spoken.loops import loop_in, sayable, unlooped

# Written by the recogniser for rain, a helicopter, a dog, waves and white noise.
LOOPS = [
    "You can also use the same as the same as the same as the same as the same as the same as the",
    "The first is the first is the first is the first is the first is the first is the first is",
    "Let's go, let's go, let's go, let's go, let's go, let's go, let's",
    "2021-2021-2021-2021-2021-2021-20",
    "I'm just gonna do this, " * 6 + "I'm ju",
]


@pytest.mark.parametrize("text", LOOPS)
def test_real_loops_are_found(text: str) -> None:
    assert len(unlooped(text)) < len(text) / 2


@pytest.mark.parametrize(
    "text",
    [
        "It was the best of times, it was the worst of times.",
        "No, no, no, no!",
        "Row, row, row your boat gently down the stream",
        "The first one is the first one.",
        "knock knock, knock knock",
        "",
    ],
)
def test_what_people_do_say_stays(text: str) -> None:
    assert unlooped(text) == text


def test_what_was_said_before_a_loop_is_kept() -> None:
    assert unlooped("Then the rain began. " + "and on " * 9) == "Then the rain began."
    assert unlooped("Rain. " + "and on " * 9) == ""


def test_where_a_loop_begins() -> None:
    """Each letter stands for a word."""
    assert loop_in("abcbcbcbc") == 1
    assert loop_in("abcbcbcb") is None  # three times and a half
    assert loop_in("xyyyyyy") == 1
    assert loop_in("xyyyyy") is None
    assert loop_in([]) is None


@pytest.mark.parametrize(
    ("text", "seconds", "said"),
    [
        ("Kids are talking by the door.", 1.6, True),
        ("You are the one who has the", 0.9, False),  # 7.8 words a second
        ("Yes", 0.3, True),
        ("You", 0.1, False),
        ("♪♪♪", 3.0, False),
        ("2021", 2.0, False),
        ("啊, 啊, 啊", 2.0, False),
        ("Café ♪", 2.0, True),
        ("", 2.0, False),
    ],
)
def test_what_can_be_said_in_so_many_seconds(text: str, seconds: float, said: bool) -> None:
    assert sayable(text, seconds) is said
