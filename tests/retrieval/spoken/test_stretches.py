import numpy as np
import pytest

from retrieval.spoken.stretches import LONGEST, QUIET, SEARCHED, quietest, stretches

RATE = 100


def loud(seconds: float) -> np.ndarray:
    return np.random.default_rng(0).standard_normal(round(seconds * RATE)).astype(np.float32)


@pytest.mark.parametrize("size", [1, 777, 10**6])
def test_they_are_the_whole_stream_however_it_comes(size: int) -> None:
    samples = loud(100)
    cut = list(stretches(np.array_split(samples, range(size, len(samples), size)), RATE))
    assert np.array_equal(np.concatenate([part for _, part in cut]), samples)
    starts = np.cumsum([0, *(len(part) for _, part in cut[:-1])]) / RATE
    assert [start for start, _ in cut] == pytest.approx(starts)
    assert all(LONGEST - SEARCHED <= len(part) / RATE <= LONGEST for _, part in cut[:-1])
    assert len(cut) == len(list(stretches([samples], RATE)))


def test_a_stream_is_cut_where_it_is_quiet() -> None:
    samples = loud(70)
    for second in (5, 24, 48):  # the first is too early to be looked at
        samples[second * RATE : second * RATE + 80] = 0
    starts = [start for start, _ in stretches([samples], RATE)]
    assert len(starts) == 3
    assert 24 < starts[1] < 24.8
    assert 48 < starts[2] < 48.8


def test_the_quietest_place() -> None:
    samples = loud(12)
    samples[800:820] = 0.01
    assert abs(quietest(samples, RATE) - 810) <= QUIET * RATE / 2
    assert 0 <= quietest(loud(0.5), RATE) <= 50


def test_nothing_and_little() -> None:
    assert list(stretches([], RATE)) == []
    ((start, part),) = stretches([loud(3)], RATE)
    assert (start, len(part)) == (0, 300)
