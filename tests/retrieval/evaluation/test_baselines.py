"""What a space has to beat."""

from pathlib import Path

import numpy as np
import pytest
import scipy.fft
import scipy.signal
import soundfile
from sklearn.linear_model import Ridge

from retrieval.emotions import lookup
from retrieval.evaluation.baselines import (
    CEPSTRA,
    PENALTY,
    RATE,
    by_keyword,
    ridge,
    spectral,
    statistics,
)
from retrieval.evaluation.clips import Clip, Sound
from retrieval.evaluation.scores import UNHEARD
from tests.retrieval.evaluation.made import Reader, sound

FEELINGS = ("sad", "angry")


def test_keywords_are_looked_for_in_name_and_transcript() -> None:
    sounds = [
        sound([1], name="x/Sad_song-1.wav"),
        sound([1], name="sad/2.wav", transcript="Kids are talking by the door"),
        sound([1], name="x/3.wav", transcript="So SAD."),
    ]
    assert by_keyword(["sad", "talking by", "angry"], sounds).tolist() == [
        [1, 0, 1], [0, 1, 0], [0, 0, 0],
    ]  # fmt: skip


def test_ridge_is_that_of_another_library() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(50, 6)), rng.normal(size=(50, 3)) + 2
    x -= x.mean(axis=0)
    weight, bias = ridge(x, y)
    theirs = Ridge(alpha=PENALTY * 50).fit(x, y)
    assert weight == pytest.approx(theirs.coef_.T)
    assert bias == pytest.approx(theirs.intercept_)


def test_statistics_of_a_tone_tell_its_pitch_and_noise_is_flat() -> None:
    times = np.arange(RATE) / RATE
    tone = (0.5 * np.sin(2 * np.pi * 2000 * times)).astype(np.float32)
    noise = np.random.default_rng(0).normal(0, 0.1, RATE).astype(np.float32)
    means, spreads = np.split(statistics(tone), 2)
    centroid, rolloff, flatness, crossings, energy = means[CEPSTRA:]
    assert centroid == pytest.approx(0.25, abs=0.01)  # of half the rate
    assert rolloff == pytest.approx(0.25, abs=0.01)
    assert crossings == pytest.approx(0.25, abs=0.01)
    assert energy == pytest.approx(np.log(0.125), abs=0.01)
    assert spreads[CEPSTRA:] == pytest.approx(np.zeros(5), abs=0.02)
    of_noise = statistics(noise)[CEPSTRA : CEPSTRA + 5]
    assert of_noise[0] == pytest.approx(0.5, abs=0.03)
    assert of_noise[2] > 0.4 > 0.01 > flatness


def test_cepstra_are_the_cosine_transform_of_log_mel_energies() -> None:
    """Of one frame, whose spread over time is nothing."""
    frame = np.random.default_rng(1).normal(0, 0.1, 400).astype(np.float32)
    power = np.abs(np.fft.rfft(frame * np.hanning(400), 512)) ** 2
    mel = np.linspace(0, 2595 * np.log10(1 + 8000 / 700), 42)
    edges = 700 * (10 ** (mel / 2595) - 1)
    hertz = np.fft.rfftfreq(512, 1 / RATE)
    bands = [
        np.interp(hertz, edges[band : band + 3], [0, 1, 0], left=0, right=0) @ power
        for band in range(40)
    ]
    theirs = scipy.fft.dct(np.log(bands), type=2)[:CEPSTRA] / 2
    means, spreads = np.split(statistics(frame), 2)
    assert means[:CEPSTRA] == pytest.approx(theirs, rel=1e-3, abs=1e-3)
    assert spreads == pytest.approx(np.zeros(CEPSTRA + 5))
    assert np.isfinite(statistics(frame[:100])).all()


def write(folder: Path, feeling: str, number: int, speaker: str) -> Clip:
    """Sad clips are low tones in noise, angry ones high."""
    rng = np.random.default_rng([number, len(feeling)])
    hz = rng.uniform(300, 600) if feeling == "sad" else rng.uniform(2000, 3000)
    times = np.arange(RATE // 2) / RATE
    samples = 0.3 * np.sin(2 * np.pi * hz * times) + rng.normal(0, 0.02, len(times))
    path = folder / f"{feeling}{number}.wav"
    soundfile.write(path, samples, RATE)
    return Clip(path, "toy", speaker, lookup(feeling))


def test_spectra_find_what_they_were_taught(tmp_path: Path) -> None:
    train = [write(tmp_path, name, number, "a") for name in FEELINGS for number in range(8)]
    test = [write(tmp_path, name, 100 + number, "b") for name in FEELINGS for number in range(4)]
    gone = Clip(tmp_path / "gone.wav", "toy", "b", lookup("sad"))
    vectors = np.ones((1, 1), dtype=np.float32)
    sounds = [Sound(clip, vectors, -20.0) for clip in (*test, gone)]
    reader = Reader(lambda text: [1.0, "sad" in text, "angry" in text], 3)
    score = spectral(reader, [*train, gone], sounds, jobs=2)
    assert score is not None
    found = score(["sad", "an angry man"], sounds)  # (2, 9)
    assert found[0, :4].min() > found[0, 4:8].max()
    assert found[1, 4:8].min() > found[1, :4].max()
    assert found[:, 8].tolist() == [UNHEARD, UNHEARD]
    assert np.abs(found).max() <= 1 + 1e-9


def test_without_anything_to_learn_from_there_is_no_baseline(tmp_path: Path) -> None:
    gone = Clip(tmp_path / "gone.wav", "toy", "b", lookup("sad"))
    unknown = Clip(tmp_path / "x.wav", "toy", "b", None, kind="music")
    assert spectral(Reader(lambda _: [1.0], 1), [gone, unknown], []) is None
