import numpy as np
import pytest

from retrieval.space import Vectors
from retrieval.spoken.speech import AROUND, LONGEST, RATE, STEP, spans

SECOND = RATE / STEP  # steps


def chance(*parts: tuple[float, float]) -> Vectors:
    """The chances of steps (s,) from pairs of seconds and chance."""
    return np.concatenate([np.full(round(one * SECOND), value) for one, value in parts])


def seconds(chances: Vectors) -> list[tuple[float, float]]:
    found = spans(chances, len(chances) * STEP)
    return [(start / RATE, end / RATE) for start, end in found]


def test_a_run_with_some_sound_around_it() -> None:
    (one,) = seconds(chance((1, 0.01), (2, 0.9), (1, 0.01)))
    assert one == pytest.approx((1 - AROUND, 3 + AROUND), abs=0.04)


def test_short_gaps_are_bridged_and_long_ones_are_not() -> None:
    assert len(seconds(chance((1, 0.9), (0.2, 0.1), (1, 0.9)))) == 1
    assert len(seconds(chance((1, 0.9), (0.5, 0.1), (1, 0.9)))) == 2
    assert len(seconds(chance((1, 0.9), (5, 0.4), (1, 0.9)))) == 1  # it never ended


def test_what_is_short_or_never_sure_is_no_line() -> None:
    assert seconds(chance((1, 0), (0.4, 0.99), (1, 0))) == []
    assert seconds(chance((5, 0.7))) == []
    assert seconds(chance((5, 0.49))) == []
    assert spans(np.zeros(0, np.float32), 0) == []


def test_a_long_run_is_cut_where_speech_is_least_likely() -> None:
    (first, second) = seconds(chance((12, 0.9), (0.1, 0.4), (10, 0.9)))
    assert first[1] == pytest.approx(12.05 + AROUND, abs=0.1)
    assert second[0] == pytest.approx(12.05 - AROUND, abs=0.1)
    many = seconds(chance((100, 0.9)))
    assert many[-1][1] == pytest.approx(100, abs=0.04)
    assert all(end - start <= LONGEST + 2 * AROUND + 0.04 for start, end in many)
