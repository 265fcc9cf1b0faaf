"""Passages: cut along what is said, none too short and none too long, and without a gap."""

from itertools import pairwise

import numpy as np
import pytest

from retrieval.recognition.passages import Passage, cut
from retrieval.spoken.lines import Line


def read(_text: str) -> bool:
    return True


def spans(duration: float, *lines: Line) -> list[tuple[float, float]]:
    return [(one.start, one.end) for one in cut(duration, lines, read).passages]


def test_a_clip_without_words_is_cut_into_equal_parts() -> None:
    assert spans(0.4) == [(0.0, 0.4)]
    assert spans(10.0) == [(0.0, 10.0)]
    assert spans(10.5) == [(0.0, 5.25), (5.25, 10.5)]
    found = cut(25.0, [], read)
    assert [one.end - one.start for one in found.passages] == pytest.approx([25 / 3] * 3)
    assert found.words is None


def test_words_without_times_are_those_of_a_short_clip() -> None:
    found = cut(4.0, [Line("one "), Line(" two")], read)
    assert found.passages == (Passage(0.0, 4.0, "one two"),)
    assert (found.words, found.timed) == ("one two", True)


def test_words_without_times_count_for_the_whole_of_a_long_clip() -> None:
    found = cut(14.0, [Line("one"), Line("two", 3.0, None), Line("three")], read)
    assert [one.words for one in found.passages] == [None, None]
    assert (found.words, found.timed) == ("one two three", False)


def test_lines_are_passages_and_so_is_what_lies_between() -> None:
    found = cut(12.0, [Line("later", 7.0, 9.5), Line("first", 2.0, 5.0)], read)
    assert found.passages == (
        Passage(0.0, 2.0, None),
        Passage(2.0, 5.0, "first"),
        Passage(5.0, 7.0, None),
        Passage(7.0, 9.5, "later"),
        Passage(9.5, 12.0, None),
    )
    assert (found.words, found.timed) == ("first later", True)


def test_short_lines_and_gaps_are_joined() -> None:
    lines = [Line("a", 0.5, 1.0), Line("b", 1.2, 1.8), Line("c", 2.0, 6.0)]
    found = cut(6.4, lines, read)
    assert [(one.end, one.words) for one in found.passages] == [(1.8, "a b"), (6.4, "c")]


def test_long_lines_are_cut_and_each_part_has_their_words() -> None:
    found = cut(30.0, [Line("on and on", 2.0, 26.0)], read)
    assert [one.words for one in found.passages] == [None, *["on and on"] * 3, None]
    assert found.passages[1].end == pytest.approx(10.0)
    assert found.words == "on and on"


def test_lines_may_overlap_end_nowhere_or_lie_outside() -> None:
    assert spans(9.0, Line("a", -1.0, 4.0), Line("b", 3.0, 99.0)) == [(0.0, 4.0), (4.0, 9.0)]
    assert spans(9.0, Line("a", 2.0), Line("b", 5.0)) == [(0.0, 2.0), (2.0, 5.0), (5.0, 9.0)]
    assert spans(9.0, Line("late", 20.0, 22.0)) == [(0.0, 9.0)]
    assert spans(9.0, Line("empty", 3.0, 3.0)) == [(0.0, 9.0)]


def test_words_that_cannot_be_read_are_left_out() -> None:
    lines = [Line("nie wiem", 0.0, 2.0), Line("I know", 2.0, 4.0), Line("  ", 4.0, 6.0)]
    found = cut(6.0, lines, lambda text: text.isascii() and "nie" not in text)
    assert [one.words for one in found.passages] == [None, "I know", None]
    assert found.words == "I know"


def test_whatever_the_lines_passages_cover_the_clip() -> None:
    random = np.random.default_rng(0)
    for _ in range(300):
        duration = float(random.uniform(0.2, 60))
        starts = random.uniform(-2, duration + 2, random.integers(0, 12))
        lines = [Line("word", float(at), float(at + random.exponential(3))) for at in starts]
        parts = spans(duration, *lines)
        assert (parts[0][0], parts[-1][1]) == (0.0, duration)
        assert all(before[1] == after[0] for before, after in pairwise(parts))
        lengths = [end - start for start, end in parts]
        assert max(lengths) <= 10.0 + 1e-9
        assert min(lengths) >= min(1.5, duration) - 1e-9
