"""Word times from maps whose answer is known, and against every possible path."""

from itertools import combinations

import numpy as np
import pytest

from retrieval.recognition.attention.word_times import (
    best_path,
    by_letters,
    by_path,
    by_peak,
    sounding,
)


def spread(*peaks: int, frames: int = 12) -> np.ndarray:
    """A map (w, t) in which each word looks mostly at one frame and its neighbours."""
    time = np.arange(frames)
    weights = np.exp(-np.abs(time - np.array(peaks)[:, None]))
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)


def test_the_path_is_the_best_of_all_that_rise():
    rng = np.random.default_rng(0)
    for words in (1, 2, 3, 4):
        weights = rng.dirichlet(np.ones(7), words).astype(np.float32)
        scores = np.log(weights)
        every = list(combinations(range(7), words))
        best = max(every, key=lambda at: sum(scores[w, t] for w, t in enumerate(at)))
        assert best_path(weights).tolist() == list(best)


def test_a_path_uses_every_frame_when_there_are_as_many_words():
    weights = np.random.default_rng(1).dirichlet(np.ones(4), 4).astype(np.float32)
    assert best_path(weights).tolist() == [0, 1, 2, 3]


def test_words_out_of_order_are_put_in_order_by_the_path_only():
    weights = spread(8, 2)
    assert by_peak(weights, 1.0)[0, 0] > by_peak(weights, 1.0)[1, 0]
    assert (np.diff(by_path(weights, 1.0, ["a", "b"]).mean(axis=1)) > 0).all()


def test_words_meet_nearer_to_the_shorter_one():
    weights = np.zeros((2, 12), dtype=np.float32)
    weights[0, 2] = weights[1, 8] = 1.0  # middles at 2.5 and 8.5 frames
    times = by_path(weights, 0.1, ["a", "bcd"])  # one letter and three: a quarter of the way
    np.testing.assert_allclose(times, [[0.1, 0.4], [0.4, 1.2]], atol=1e-6)


def test_times_are_those_of_the_map():
    times = by_path(spread(1, 5, 10), 0.08, ["one", "two", "six"])
    assert ((times[:, 0] < times.mean(axis=1)) & (times >= 0).all()).all()
    np.testing.assert_allclose(times[1].mean(), 5.5 * 0.08, atol=0.03)
    np.testing.assert_allclose(times[1:, 0], times[:-1, 1])
    assert times.max() <= 12 * 0.08


def test_a_word_alone_takes_a_frame_to_each_side():
    weights = np.eye(1, 9, 4, dtype=np.float32)
    np.testing.assert_allclose(by_path(weights, 1.0, ["oh"]), [[3.5, 5.5]], atol=1e-6)


def test_a_peak_reaches_as_far_as_half_of_it():
    weights = np.array([[0.05, 0.2, 0.4, 0.3, 0.05]], dtype=np.float32)
    np.testing.assert_allclose(by_peak(weights, 0.5), [[0.5, 2.0]])


def test_more_words_than_frames_do_not_fit():
    with pytest.raises(ValueError, match="3 words do not fit into 2 frames"):
        by_path(np.full((3, 2), 0.5, np.float32), 1.0, ["a", "b", "c"])


def test_letters_share_the_time():
    np.testing.assert_allclose(by_letters(["a", "bcd"], 1.0, 3.0), [[1.0, 1.5], [1.5, 3.0]])


def test_the_sounding_part_leaves_out_silence_and_hiss():
    samples = np.random.default_rng(0).normal(0, 1e-4, 32_000).astype(np.float32)
    samples[8_000:16_000] += 0.5
    assert sounding(samples, 16_000) == (0.5, 1.0)
