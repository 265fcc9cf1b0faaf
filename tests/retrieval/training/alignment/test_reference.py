"""The reference against a voice whose words are known, and measures of word times."""

import numpy as np
import pytest

parselmouth = pytest.importorskip("parselmouth", reason="needs the extra [features]")
pytest.importorskip("torch", reason="needs the extra [train]")

from retrieval.training.alignment.reference import word_times  # noqa: E402
from retrieval.training.alignment.timing import measured, shuffled_tau, timed  # noqa: E402

WORDS = ["kids", "are", "talking", "by", "the", "door"]


def spoken(voice):
    """Samples of a voice of eSpeak, with half a second of silence before, and its word times."""
    call = parselmouth.praat.call
    speaker = call("Create SpeechSynthesizer", "English (America)", voice)
    call(speaker, "Speech output settings", 16_000, 0.01, 1, 1, 175, "IPA")
    grid, sound = call(speaker, "To Sound", " ".join(WORDS), "yes")
    count = call(grid, "Get number of intervals", 3)
    times = [
        [call(grid, f"Get {end} time of interval", 3, number) for end in ("start", "end")]
        for number in range(1, count + 1)
        if call(grid, "Get label of interval", 3, number)
    ]
    silence = np.zeros(8000)
    samples = np.concatenate([silence, sound.values[0], silence]).astype(np.float32)
    return samples, np.array(times) + 0.5


def test_the_reference_finds_the_words_of_another_voice():
    samples, times = spoken("Male2")
    found = word_times(samples, WORDS, "en")
    assert found is not None and found.shape == (6, 2)
    assert np.abs(found - times).mean() < 0.08


def test_silence_has_no_words():
    assert word_times(np.zeros(100, np.float32), WORDS, "en") is None


def test_measures_of_times_that_are_known():
    true = np.array([[0.0, 1.0], [1.0, 2.0]])
    assert measured(true, true) == (1.0, 0.0, 1.0, 0.0)
    tau, off, inside, edges = measured(true + 0.1, true)
    assert (tau, inside) == (1.0, 1.0)
    assert off == pytest.approx(100) and edges == pytest.approx(100)
    assert measured(true[::-1], true)[:3] == (-1.0, 1000.0, 0.0)


def test_words_at_one_place_show_no_order():
    times = np.array([[0.0, 1.0], [0.0, 1.0]])
    assert measured(times, times)[0] == 0.0


def test_utterances_without_a_reference_are_left_out():
    true = np.array([[0.0, 1.0], [1.0, 2.0]])
    found = timed([true, true - 5], [true, None], ["a", "b"], 20)
    assert [one.value for one in found] == [1.0, 0.0, 1.0, 0.0]
    assert all(np.isnan(one.value) for one in timed([true], [None], ["a"], 20))


def test_shuffled_words_are_in_no_order():
    times = [np.stack([np.arange(6), np.arange(6) + 1], axis=1)] * 300
    assert abs(shuffled_tau(times, np.random.default_rng(0))) < 0.1
