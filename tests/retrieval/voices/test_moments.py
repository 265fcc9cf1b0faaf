"""Windows of several spaces brought together, against plain loops."""

import numpy as np

from retrieval.voices.moments import Slices, best_overlapping, moments


def slices(rows: list[tuple[int, float, float]], first: int) -> Slices:
    ids = np.arange(first, first + len(rows))
    sounds = np.array([row[0] for row in rows], dtype=np.int64)
    return Slices(ids, sounds, np.array([row[1:] for row in rows], dtype=float).reshape(-1, 2))


def cut(sound: int, seconds: float, window: float, hop: float) -> list[tuple[int, float, float]]:
    starts = np.arange(0, max(seconds - window, 0) + 1e-9, hop).tolist()
    return [(sound, start, min(start + window, seconds)) for start in starts]


def test_a_moment_is_a_window_of_the_finest_space_that_heard_the_sound() -> None:
    wide = slices([*cut(4, 12, 5, 2.5), *cut(7, 6, 5, 2.5)], 10)
    fine = slices(cut(7, 6, 2, 1), 50)
    at = moments([wide, fine], [5.0, 2.0], {4: 12.0, 7: 6.0, 9: 3.5})
    assert at.sounds.tolist() == [4] * 3 + [7] * 5 + [9]
    assert at.spaces.tolist() == [0] * 3 + [1] * 5 + [-1]
    assert at.windows.tolist() == [10, 11, 12, 50, 51, 52, 53, 54, -1]
    assert at.times[-1].tolist() == [0.0, 3.5]
    assert at.only(np.array([3, 8])).windows.tolist() == [50, -1]


def test_the_best_overlapping_window_is_that_of_plain_loops() -> None:
    rng = np.random.default_rng(5)
    lengths = {sound: float(rng.uniform(0.5, 30)) for sound in range(1, 40)}
    fine = slices([row for sound, s in lengths.items() for row in cut(sound, s, 3, 1.5)], 1)
    wide = [row for sound, s in lengths.items() if sound % 5 for row in cut(sound, s, 10, 5)]
    coarse = slices(wide, 1000)
    at = moments([fine, coarse], [3.0, 10.0], lengths)
    values = rng.normal(size=(2, len(wide)))
    found = best_overlapping(at, coarse, values)
    for place, (sound, (start, end)) in enumerate(zip(at.sounds, at.times, strict=True)):
        near = [
            number
            for number, (other, first, last) in enumerate(wide)
            if other == sound and first < end and start < last
        ]
        wanted = values[:, near].max(axis=1) if near else [np.nan, np.nan]
        np.testing.assert_array_equal(found[:, place], wanted)


def test_nothing_heard_is_nothing_known() -> None:
    at = moments([slices([], 1)], [3.0], {1: 2.0})
    assert np.isnan(best_overlapping(at, slices([], 1), np.empty((1, 0)))).all()
    empty = moments([slices([], 1)], [3.0], {})
    assert best_overlapping(empty, slices(cut(1, 5, 3, 1), 1), np.ones((1, 3))).shape == (1, 0)
