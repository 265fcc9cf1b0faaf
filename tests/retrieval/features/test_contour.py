"""Ranges of a recording, summed up from tracks made by hand: no Praat needed."""

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.features.measures import UNITS, Contour, Features, peaks
from retrieval.features.tracks import Tracks, join

ROOM = 1e-9  # power far below any voice


def tracks(power: np.ndarray, pitch: np.ndarray | None = None, start: float = 0.0) -> Tracks:
    """Frames of a given power, all of it at 500 Hz, with a voice throughout unless told."""
    count = len(power)
    hertz = np.full(count, 100.0) if pitch is None else pitch
    return Tracks(
        start,
        energy=power,
        power=power,
        moment=500 * power,
        low=0.9 * power,
        high=0.1 * power,
        pitch=hertz,
        harmonicity=np.where(np.isfinite(hertz), 0.9, np.nan),
        pulses=start + 0.01 * np.arange(count),
        amplitudes=np.ones(count),
    )


def test_every_feature_has_a_unit() -> None:
    assert list(UNITS) == list(Features.__dataclass_fields__)
    documented = Features.__doc__ or ""
    assert all(name in documented for name in UNITS)


def test_a_window_is_judged_against_the_whole_recording() -> None:
    """A breath alone in its window would pass for speech."""
    loud, breath = np.full(200, 0.1), np.full(200, 0.1 * 10 ** (-30 / 10))
    whole = Contour(tracks(np.concatenate([loud, breath])))
    assert whole.features(0, 2).silence_share == 0
    assert whole.features(2, 4).silence_share == 1
    assert math.isnan(whole.features(2, 4).speaking_rate)
    assert Contour(tracks(breath)).features().silence_share == 0


def test_one_click_does_not_make_everything_else_silent() -> None:
    power = np.full(1000, 1e-3)
    power[500:505] = 1.0
    assert Contour(tracks(power)).features().silence_share == 0


def test_a_few_words_in_a_long_silence_are_not_taken_for_its_noise() -> None:
    power = np.full(100_000, 1e-5)
    power[4000:4200] = 1e-1
    assert Contour(tracks(power)).features().silence_share == pytest.approx(0.998)


@pytest.mark.parametrize(("frames", "count"), [(24, 0), (25, 1), (40, 1)])
def test_a_pause_lasts_a_quarter_of_a_second(frames: int, count: int) -> None:
    voice = np.full(50, 0.1)
    found = Contour(tracks(np.concatenate([voice, np.full(frames, ROOM), voice]))).features()
    assert found.pause_count == count
    if count:
        assert found.pause_length == pytest.approx(frames / 100)


def test_syllables_without_a_voice_do_not_count() -> None:
    hills = 0.1 * 10 ** (0.5 * np.cos(np.linspace(0, 20 * np.pi, 1000)))  # ten hills, 5 dB high
    assert Contour(tracks(hills)).nuclei.sum() == 11  # with the halves at both ends
    dumb = tracks(hills, pitch=np.full(1000, np.nan))
    assert not Contour(dumb).nuclei.any()


def test_jitter_leaves_gaps_between_voiced_parts_out() -> None:
    even = tracks(np.full(40, 0.1))
    gap = replace(even, pulses=np.concatenate([even.pulses[:20], even.pulses[20:] + 5]))
    assert Contour(gap).features().jitter == pytest.approx(0, abs=1e-9)
    # periods of 10 and 11 ms in turn
    uneven = replace(even, pulses=np.cumsum(np.tile([0.010, 0.011], 20)))
    found = Contour(replace(uneven, amplitudes=np.tile([1.0, 1.2], 20))).features()
    assert found.jitter == pytest.approx(0.001 / 0.0105, rel=0.01)
    assert found.shimmer == pytest.approx(0.2 / 1.1)


@pytest.mark.parametrize(("start", "end"), [(2, 3), (1, 1), (-1, 0.5), (0.5, 0.2)])
def test_a_range_outside_the_recording_is_refused(start: float, end: float) -> None:
    contour = Contour(tracks(np.full(100, 0.1)))
    if (start, end) in ((1, 1), (2, 3), (-1, 0.5)):
        with pytest.raises(ValueError, match="no such range"):
            contour.features(start, end)
    else:  # never less than a frame
        assert contour.features(start, end).loudness == pytest.approx(-10)


@given(st.lists(st.integers(-60, 0), min_size=1, max_size=80), st.integers(1, 6))
def test_between_two_peaks_the_level_dips(levels: list[int], dip: int) -> None:
    level = np.array(levels, dtype=float)
    found = peaks(level, dip)
    assert found == sorted(set(found))
    assert max(levels) == max(level[peak] for peak in found)
    for one, two in pairwise(found):
        assert level[one : two + 1].min() <= min(level[one], level[two]) - dip


def test_stretches_give_way_in_the_middle_of_their_overlap() -> None:
    first = tracks(np.full(300, 1.0))
    second = tracks(np.full(250, 2.0), start=2.0)
    joined = join([first, second])
    assert joined.count == 450
    assert joined.power.tolist() == [1.0] * 250 + [2.0] * 200
    assert np.allclose(joined.pulses, 0.01 * np.arange(450))
