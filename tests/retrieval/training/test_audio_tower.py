"""The audio tower: its spectrogram, its padding, its level, its starting point."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from retrieval.training.audio_tower import (  # noqa: E402
    MELS,
    N_FFT,
    RATE,
    SPEECH_PEAK,
    STEP,
    AudioTower,
    LogMel,
    mel_bands,
)


def chirp(seconds, seed=0):
    rng = np.random.default_rng(seed)
    time = np.arange(int(seconds * RATE)) / RATE
    tone = np.sin(2 * np.pi * (200 * time + 300 * time**2)) + 0.05 * rng.standard_normal(len(time))
    return (0.3 * tone).astype(np.float32)


@pytest.fixture
def tower():
    torch.manual_seed(0)
    return AudioTower(width=16, heads=2, blocks=2).eval()


def test_mel_bands_have_the_area_and_centres_of_slaneys_scale():
    bands = mel_bands()
    assert bands.shape == (MELS, N_FFT // 2 + 1)
    assert (bands >= 0).all()
    hertz = np.fft.rfftfreq(N_FFT, 1 / RATE)
    # From 1 kHz up the triangles are wide enough for bins of 40 Hz to sum to their area of one.
    areas = bands[40:].sum(axis=1) * (hertz[1] - hertz[0])
    np.testing.assert_allclose(areas, 1.0, atol=0.12)
    loudest = hertz[bands.argmax(axis=1)]
    assert (np.diff(loudest) >= 0).all()
    assert loudest[0] == pytest.approx(40.0)  # 82 edges over 45.2 mel: the first centre at 37 Hz
    assert 7600 < loudest[-1] < 7900


def test_log_mel_is_the_windowed_dft():
    samples = chirp(0.5)
    got = LogMel()(torch.from_numpy(samples)[None])[0].numpy()
    level = np.pad(samples / np.abs(samples).max(), N_FFT // 2).astype(np.float64)
    hann = np.hanning(N_FFT + 1)[:-1]
    frames = np.stack(
        [level[STEP * t : STEP * t + N_FFT] * hann for t in range(len(samples) // STEP)]
    )
    power = np.abs(np.fft.rfft(frames)) ** 2
    levels = np.log10(np.maximum(mel_bands().astype(np.float64) @ power.T, 1e-10))
    wanted = (np.maximum(levels - levels.max(), -8) + 4 + SPEECH_PEAK) / 4
    np.testing.assert_allclose(got, wanted, atol=2e-3)


def test_recording_gain_does_not_matter(tower):
    samples = torch.from_numpy(chirp(1.0))[None]
    with torch.no_grad():
        torch.testing.assert_close(tower(samples), tower(0.01 * samples), rtol=1e-4, atol=1e-4)


def test_silence_gives_a_finite_vector(tower):
    with torch.no_grad():
        assert torch.isfinite(tower(torch.zeros(1, RATE))).all()


def test_a_padded_row_gives_the_vector_it_gives_alone(tower):
    lengths = [RATE, RATE // 2 + 77, RATE // 10]
    batch = torch.zeros(3, RATE)
    for row, length in zip(batch, lengths, strict=True):
        row[:length] = torch.from_numpy(chirp(1.0, seed=length)[:length])
    with torch.no_grad():
        together = tower(batch, torch.tensor(lengths))
        for vector, row, length in zip(together, batch, lengths, strict=True):
            torch.testing.assert_close(vector, tower(row[None, :length])[0], rtol=1e-4, atol=1e-4)


def test_pooling_starts_as_mean_and_deviation(tower):
    x = torch.randn(2, 9, 16, generator=torch.Generator().manual_seed(5))
    with torch.no_grad():
        pooled = tower.pool(x, None)
    wanted = torch.cat([x.mean(dim=1), x.std(dim=1, unbiased=False)], dim=1)
    torch.testing.assert_close(pooled, wanted, rtol=1e-4, atol=1e-4)


def test_ten_seconds_fit_and_vectors_have_the_dimension(tower):
    with torch.no_grad():
        assert tower(torch.randn(1, 10 * RATE)).shape == (1, tower.dim)


def test_start_from_takes_every_weight_of_the_checkpoint(tower, tmp_path):
    donor = AudioTower(width=16, heads=2, blocks=2)
    weights = {
        name: value.numpy().astype(np.float16)
        for name, value in donor.state_dict().items()
        if not name.startswith("pool.")
    }
    np.savez(tmp_path / "start.npz", **weights)
    tower.start_from(tmp_path / "start.npz")
    for name, value in tower.state_dict().items():
        if not name.startswith("pool."):
            torch.testing.assert_close(value, donor.state_dict()[name], rtol=1e-2, atol=1e-3)


def test_start_from_refuses_a_checkpoint_that_lacks_a_weight(tower, tmp_path):
    np.savez(tmp_path / "start.npz", positional_embedding=np.zeros((500, 16), np.float16))
    with pytest.raises(ValueError, match=r"does not fit .*conv1\.weight"):
        tower.start_from(tmp_path / "start.npz")
