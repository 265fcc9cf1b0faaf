import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.errors import AudioError
from retrieval.windows import Meter, windows


def expected(total: int, size: int, step: int) -> list[tuple[int, int]]:
    """Starts and ends of the windows of ``total`` samples, written down from the rule."""
    if total == 0:
        return []
    if total <= size:
        return [(0, total)]
    spans = [(start, start + size) for start in range(0, total - size + 1, step)]
    if spans[-1][1] < total:
        spans.append((total - size, total))
    return spans


@given(
    total=st.integers(0, 400),
    size=st.integers(1, 120),
    step=st.integers(1, 150),
    block=st.integers(1, 250),
)
def test_windows_equal_slices_of_the_whole(total: int, size: int, step: int, block: int) -> None:
    rate = 10
    clip = np.arange(total, dtype=np.float32)
    stream = [clip[at : at + block] for at in range(0, total, block)]
    cut = list(windows(stream, rate, size / rate, step / rate))
    spans = expected(total, size, step)
    assert [(w.start, w.end) for w in cut] == [(a / rate, b / rate) for a, b in spans]
    for window, (start, end) in zip(cut, spans, strict=True):
        assert np.array_equal(window.samples, clip[start:end])


def test_windows_do_not_hold_on_to_the_stream() -> None:
    def stream():
        block = np.zeros(50, np.float32)
        for value in range(20):
            block[:] = value  # the same array again and again, as a decoder may give it
            yield block

    values = [set(w.samples.tolist()) for w in windows(stream(), 10, 5.0, 5.0)]
    assert values == [{float(value)} for value in range(20)]


@pytest.mark.parametrize(("length", "hop"), [(0.0, 1.0), (1.0, 0.0), (0.00001, 1.0), (-1.0, 1.0)])
def test_windows_shorter_than_a_sample_are_refused(length: float, hop: float) -> None:
    with pytest.raises(ValueError, match="less than one sample"):
        next(windows([np.zeros(10, np.float32)], 1000, length, hop))


def measured(samples, rate: int = 1000, block: int = 77) -> Meter:
    meter = Meter(rate)
    samples = np.asarray(samples, np.float32)
    passed = list(meter.through(samples[at : at + block] for at in range(0, len(samples), block)))
    assert np.array_equal(np.concatenate([*passed, []]), samples)
    return meter


def test_level_of_known_signals() -> None:
    square = measured(np.tile([1.0, -1.0], 5000)).check("clip")
    assert (square.duration, square.loudness, square.peak) == (10.0, 0.0, 0.0)
    sine = measured(0.1 * np.sin(2 * np.pi * 50 * np.arange(10_000) / 1000)).level
    assert sine.loudness == pytest.approx(-23.01, abs=0.01)
    dip = measured([0.0, -0.5, 0.25]).level
    assert dip.peak == pytest.approx(20 * math.log10(0.5))
    assert measured([]).level.peak == measured(np.zeros(500)).level.loudness == -math.inf


def test_silence_and_snippets_are_refused() -> None:
    with pytest.raises(AudioError, match=r"silent: its peak is -inf dBFS") as caught:
        measured(np.zeros(500)).check("clip.wav")
    assert caught.value.path == "clip.wav"
    with pytest.raises(AudioError, match=r"silent: its peak is -60\.9 dBFS, below -60"):
        measured(np.full(500, 0.0009)).check("clip.wav")
    with pytest.raises(AudioError, match=r"too short: 0\.099 s, the least is 0\.1 s"):
        measured(np.ones(99)).check("clip.wav")
    assert measured(np.full(100, 0.0011)).check("clip.wav").duration == 0.1
