"""Noise at the level that was asked for, and words that are wrong as often as was asked for."""

import numpy as np
import pytest

from retrieval.evaluation.noise import misheard, noisy, pink, stretch, white


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def tone(size: int = 16000) -> np.ndarray:
    return (0.1 * np.sin(np.arange(size) / 8)).astype(np.float32)


@pytest.mark.parametrize("snr", [-5.0, 0.0, 12.0])
def test_the_ratio_is_the_one_asked_for(snr: float) -> None:
    voice, noise = tone(), white(16000, rng())
    mixed = noisy(voice, noise, snr)
    # Both were scaled by the same factor: what is left after the best fit of the voice is noise.
    gain = float(mixed @ voice / (voice @ voice))
    left = mixed - gain * voice
    assert 10 * np.log10((gain**2 * voice @ voice) / (left @ left)) == pytest.approx(snr, abs=0.1)
    assert np.abs(mixed).max() <= 1 + 1e-6


def test_silence_stays_as_it_is() -> None:
    silence = np.zeros(100, dtype=np.float32)
    assert (noisy(silence, white(100, rng()), 0) == 0).all()
    assert (noisy(tone(100), silence, 0) == tone(100)).all()


def test_pink_noise_loses_power_with_frequency_and_white_does_not() -> None:
    def tilt(noise: np.ndarray) -> float:
        power = np.abs(np.fft.rfft(noise)) ** 2
        return float(power[50:500].mean() / power[5000:].mean())

    assert tilt(pink(2**15, rng())) > 20
    assert tilt(white(2**15, rng())) == pytest.approx(1, abs=0.3)


@pytest.mark.parametrize("size", [3, 10, 25])
def test_a_stretch_is_as_long_as_asked(size: int) -> None:
    sound = np.arange(10, dtype=np.float32)
    found = stretch(sound, size, rng())
    assert len(found) == size
    assert ((found[1:] - found[:-1]) % 10 == 1).all()


def test_words_are_wrong_as_often_as_asked() -> None:
    text = " ".join(["right"] * 4000)
    heard = misheard(text, 0.4, ["wrong"], rng()).split()
    kept, replaced = heard.count("right"), heard.count("wrong")
    assert kept / 4000 == pytest.approx(0.6, abs=0.03)
    assert replaced / 4000 == pytest.approx(0.2, abs=0.03)


def test_no_error_leaves_a_text_and_all_errors_leave_nothing_of_it() -> None:
    assert misheard("so it goes", 0.0, ["wrong"], rng()) == "so it goes"
    assert set(misheard("so it goes " * 9, 1.0, ["wrong"], rng()).split()) == {"wrong"}
