"""The spectrogram of CLAP against its definition, and what a window becomes before it."""

import numpy as np
import pytest

from retrieval.encoders.clap.mel import BANDS, FRAMES, RATE, SAMPLES, filters, heard, log_mel


def tone(hertz, seconds=10.0, loudness=0.5):
    time = np.arange(round(seconds * RATE)) / RATE
    return (loudness * np.sin(2 * np.pi * hertz * time)).astype(np.float32)


def slowly(samples, bands):
    """The definition, one frame at a time and in double precision."""
    around = np.pad(samples.astype(np.float64), 512, mode="reflect")
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(1024) / 1024)
    rows = []
    for frame in range(FRAMES):
        spectrum = np.fft.rfft(around[480 * frame : 480 * frame + 1024] * window)
        rows.append(np.abs(spectrum) ** 2 @ bands.astype(np.float64))
    return 10 * np.log10(np.maximum(rows, 1e-10))


@pytest.mark.parametrize("fusion", [False, True])
def test_decibels_follow_the_definition(fusion):
    rng = np.random.default_rng(1)
    samples = heard((0.1 * rng.standard_normal(SAMPLES)).astype(np.float32))
    mel = log_mel(samples, fusion=fusion)
    assert mel.shape == (FRAMES, BANDS) and mel.dtype == np.float32
    np.testing.assert_allclose(mel, slowly(samples, filters(fusion=fusion)), rtol=0, atol=1e-3)


def test_silence_lies_on_the_floor():
    silence = log_mel(np.zeros(SAMPLES, np.float32))
    np.testing.assert_allclose(silence, -100, rtol=0, atol=1e-4)


@pytest.mark.parametrize(
    ("fusion", "hertz", "band"),
    # The middles of some bands, computed from the two scales by hand.
    [(False, 1000, 17), (False, 93.5, 0), (True, 1000, 17), (True, 12_000, 61)],
)
def test_a_tone_is_loudest_in_its_band(fusion, hertz, band):
    mel = log_mel(heard(tone(hertz)), fusion=fusion)
    assert abs(int(mel[500].argmax()) - band) <= 1


def test_bands_of_slaney_have_one_area_and_those_of_htk_one_height():
    slaney, htk = filters(), filters(fusion=True)
    area = slaney.sum(axis=0) * RATE / 1024
    np.testing.assert_allclose(area[30:], 1, atol=0.05)  # narrow ones fall between the bins
    assert htk.max() <= 1 and np.all(htk[:, 30:].max(axis=0) > 0.8)
    assert not slaney[:2].any() and not slaney[299:].any()  # 50 to 14,000 Hz


def test_short_windows_are_repeated_whole_and_silence_follows():
    window = np.linspace(-0.5, 0.5, 200_000, dtype=np.float32)
    whole = heard(window)
    assert whole.shape == (SAMPLES,)
    np.testing.assert_array_equal(whole[:200_000], whole[200_000:400_000])
    assert not whole[400_000:].any()
    np.testing.assert_allclose(whole[:200_000], window, atol=1 / 32767)


def test_samples_become_16_bits_and_are_clipped():
    whole = heard(np.array([1.5, -2.0, 0.5 / 32767, -1.9 / 32767], np.float32))
    np.testing.assert_array_equal(whole[:4] * 32767, np.array([32767, -32767, 0, -1], np.float32))


def test_a_whole_window_is_left_as_long_as_it_is():
    np.testing.assert_allclose(heard(tone(440)), tone(440), atol=1 / 32767)


@pytest.mark.parametrize("samples", [np.zeros(0), np.zeros(SAMPLES + 1), np.zeros((2, 100))])
def test_windows_that_do_not_fit(samples):
    with pytest.raises(ValueError, match="is not mono of up to 480000"):
        heard(samples.astype(np.float32))
