"""What Praat measures, held against voices whose answers are known."""

import math
import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np
import pytest

from retrieval.errors import MissingExtra
from retrieval.features.measures import Features, measure
from retrieval.windows import Meter

pytest.importorskip("parselmouth", reason="the extra `features` is not installed")

RATE = 16_000
Vowel = Callable[..., Any]


def tone(hz: float, peak: float = 0.3, seconds: float = 2.0, rate: int = RATE) -> np.ndarray:
    times = np.arange(round(seconds * rate)) / rate
    return (peak * np.sin(2 * np.pi * hz * times)).astype(np.float32)


def noise(seconds: float = 2.0, level: float = 0.1) -> np.ndarray:
    draws = np.random.default_rng(1).standard_normal(round(seconds * RATE))
    return (level * draws).astype(np.float32)


def silence(seconds: float) -> np.ndarray:
    return np.zeros(round(seconds * RATE), dtype=np.float32)


@pytest.mark.parametrize("hz", [70, 110, 150, 220, 330, 480, 700])
def test_the_pitch_of_a_vowel(make_vowel: Vowel, hz: float) -> None:
    found = measure(make_vowel(hz).samples, RATE)
    assert found.pitch_median == pytest.approx(hz, rel=0.01)
    assert found.pitch_range < 0.3
    assert found.voiced_share > 0.95


def test_range_and_slope_of_a_voice_that_rises_an_octave(make_vowel: Vowel) -> None:
    rising = make_vowel(lambda time: 120 * 2 ** (time / 2), seconds=2.0)
    found = measure(rising.samples, RATE)
    assert found.pitch_slope == pytest.approx(6, rel=0.05)
    assert found.pitch_range == pytest.approx(12 * 0.9, rel=0.05)  # the middle 90 %
    assert found.pitch_low == pytest.approx(120 * 2**0.05, rel=0.03)
    assert found.pitch_high == pytest.approx(120 * 2**0.95, rel=0.03)
    falling = make_vowel(lambda time: 240 / 2 ** (time / 2), seconds=2.0)
    assert measure(falling.samples, RATE).pitch_slope == pytest.approx(-6, rel=0.05)


@pytest.mark.parametrize("jitter", [0.005, 0.01, 0.02])
@pytest.mark.parametrize("hz", [110, 210])
def test_jitter(make_vowel: Vowel, hz: float, jitter: float) -> None:
    """The higher the voice, the more of a pulse rings on into the next and evens the periods."""
    made = make_vowel(hz, jitter=jitter, seconds=3.0)
    assert measure(made.samples, RATE).jitter == pytest.approx(made.jitter, rel=0.3)


@pytest.mark.parametrize("shimmer", [0.03, 0.06, 0.1])
@pytest.mark.parametrize("hz", [110, 210])
def test_shimmer(make_vowel: Vowel, hz: float, shimmer: float) -> None:
    made = make_vowel(hz, shimmer=shimmer, seconds=3.0)
    assert measure(made.samples, RATE).shimmer == pytest.approx(made.shimmer, rel=0.25)


def test_a_steady_voice_has_hardly_any_jitter_or_shimmer(make_vowel: Vowel) -> None:
    found = measure(make_vowel(130).samples, RATE)
    assert found.jitter < 0.001
    assert found.shimmer < 0.01
    assert found.hnr > 30


def test_jitter_and_shimmer_are_those_of_praat(make_vowel: Vowel) -> None:
    import parselmouth
    from parselmouth.praat import call

    made = make_vowel(140, jitter=0.01, shimmer=0.05, seconds=3.0)
    sound = parselmouth.Sound(made.samples.astype(float), RATE)
    pitch = sound.to_pitch_ac(time_step=0.01, pitch_floor=60, pitch_ceiling=800)
    points = call([sound, pitch], "To PointProcess (cc)")
    settings = (0, 0, 1e-4, 0.02, 1.3)
    found = measure(made.samples, RATE)
    assert found.jitter == pytest.approx(call(points, "Get jitter (local)", *settings), rel=0.05)
    shimmer = call([sound, points], "Get shimmer (local)", *settings, 1.6)
    assert found.shimmer == pytest.approx(shimmer, rel=0.05)


@pytest.mark.parametrize("ratio", [5, 10, 20])
@pytest.mark.parametrize("hz", [110, 250])
def test_harmonics_to_noise_ratio(make_vowel: Vowel, hz: float, ratio: float) -> None:
    """Noise of the same spectrum as the voice, so that the ratio is one in every band."""
    voice = make_vowel(hz).samples
    spectrum = np.abs(np.fft.rfft(voice))
    smooth = np.convolve(spectrum, np.ones(801) / 801, mode="same")
    coloured = np.fft.irfft(np.fft.rfft(noise(2.0)) * smooth, len(voice))
    coloured *= np.sqrt(np.mean(voice**2) / np.mean(coloured**2) / 10 ** (ratio / 10))
    found = measure((voice + coloured).astype(np.float32), RATE)
    assert found.hnr == pytest.approx(ratio, abs=1)


def test_tilt_and_brightness_of_two_tones() -> None:
    low, high = tone(250, 0.4), tone(3000, 0.1)
    found = measure(low + high, RATE)
    assert found.tilt == pytest.approx(20 * math.log10(0.1 / 0.4), abs=0.1)
    share = 0.1**2 / (0.4**2 + 0.1**2)
    assert found.brightness == pytest.approx(250 + share * 2750, rel=0.01)


def test_loudness_is_that_of_the_catalog(make_vowel: Vowel) -> None:
    samples = np.concatenate([make_vowel(seconds=1.3).samples, silence(0.7)])
    meter = Meter(RATE)
    for _ in meter.through([samples]):
        pass
    assert measure(samples, RATE).loudness == pytest.approx(meter.level.loudness, abs=1e-3)


def test_half_the_amplitude_is_six_decibels_and_nothing_else(make_vowel: Vowel) -> None:
    samples = make_vowel(jitter=0.01, shimmer=0.05).samples
    loud, soft = asdict(measure(samples, RATE)), asdict(measure(samples / 2, RATE))
    assert loud.pop("loudness") - soft.pop("loudness") == pytest.approx(6.02, abs=0.01)
    assert loud == pytest.approx(soft, rel=1e-3, abs=1e-6, nan_ok=True)


def test_pauses_lie_between_sounds(make_vowel: Vowel) -> None:
    one = make_vowel(seconds=0.8).samples
    gap, cough = silence(0.6), silence(0.1)  # a closed mouth of a tenth is no pause
    found = measure(np.concatenate([gap, one, gap, one, cough, one, gap]), RATE)
    assert found.pause_count == 1
    assert found.pause_length == pytest.approx(0.6, abs=0.06)
    assert found.silence_share == pytest.approx(1.9 / 4.3, abs=0.04)


def test_syllables_are_counted_while_somebody_speaks(make_vowel: Vowel) -> None:
    times = np.arange(2 * RATE) / RATE
    spoken = make_vowel().samples * (0.55 - 0.45 * np.cos(2 * np.pi * 4 * times))  # 4 a second
    spoken = spoken.astype(np.float32)
    found = measure(np.concatenate([silence(1), spoken, silence(1), spoken]), RATE)
    assert found.speaking_rate == pytest.approx(16 / 5, rel=0.1)
    assert found.articulation_rate == pytest.approx(4, rel=0.1)


def test_noise_has_no_voice() -> None:
    found = measure(noise(), RATE)
    assert found.voiced_share < 0.05
    assert math.isnan(found.pitch_median)
    assert math.isnan(found.jitter)
    assert found.speaking_rate == 0
    assert found.silence_share == 0
    assert found.brightness == pytest.approx(4000, rel=0.05)  # as much above as below


def test_of_silence_hardly_anything_is_known() -> None:
    found = asdict(measure(silence(1.0), RATE))
    assert found.pop("silence_share") == 1
    assert found.pop("pause_count") == 0
    assert found.pop("loudness") == -math.inf
    assert all(map(math.isnan, found.values()))


@pytest.mark.parametrize("count", [1, 100, 161, 800, 1600])
def test_the_shortest_sounds_are_measured_too(count: int) -> None:
    found = measure(tone(300)[: count + 20][20:], RATE)
    assert isinstance(found, Features)
    assert found.loudness > -30


@pytest.mark.parametrize("rate", [8000, 22_050, 44_100, 48_000])
def test_the_rate_of_the_file_makes_no_difference(rate: int) -> None:
    expected, found = measure(tone(300), RATE), measure(tone(300, rate=rate), rate)
    assert found.pitch_median == pytest.approx(expected.pitch_median, rel=1e-3)
    assert found.loudness == pytest.approx(expected.loudness, abs=0.05)
    assert found.brightness == pytest.approx(expected.brightness, rel=0.01)


@pytest.mark.parametrize("samples", [np.empty(0), np.array([0.1, np.nan, 0.2])])
def test_what_holds_no_numbers_is_refused(samples: np.ndarray) -> None:
    with pytest.raises(ValueError, match="samples that are numbers"):
        measure(samples, RATE)


def test_without_the_extra_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "parselmouth", None)
    with pytest.raises(MissingExtra, match=r"pip install 'affetto\[features\]'"):
        measure(tone(200), RATE)
