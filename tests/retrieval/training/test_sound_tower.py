"""The second audio tower: its spectrogram, its padding, its shape, its starting point."""

import warnings

import numpy as np
import pytest

torch = pytest.importorskip("torch")
onnx = pytest.importorskip("onnx")

from retrieval.training.sound_tower import (  # noqa: E402
    MELS,
    RATE,
    STEP,
    Gate,
    Inverted,
    Shape,
    SoundMel,
    SoundTower,
    halfway,
    mel_bands,
    over_time,
)


def export(model, example, path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter warns of its own future
        torch.onnx.export(model, (example,), str(path), dynamo=False)


def noise(seconds, seed=0):
    samples = np.random.default_rng(seed).standard_normal(int(seconds * RATE))
    return torch.from_numpy((0.1 * samples).astype(np.float32))


@pytest.fixture(scope="module")
def tower():
    torch.manual_seed(0)
    return SoundTower().eval()


def test_a_tone_lies_in_the_band_of_its_frequency_on_kaldis_scale():
    time = torch.arange(RATE) / RATE
    frames = SoundMel()((0.3 * torch.sin(2 * torch.pi * 1000 * time))[None])[0]
    assert frames.shape == (MELS, RATE // STEP)
    loudest = int(frames.mean(dim=1).argmax())
    top, tone = 1127 * np.log1p(15_000 / 700), 1127 * np.log1p(1000 / 700)
    assert loudest == round(tone / top * (MELS + 1)) - 1


def test_the_scale_is_that_of_the_tagger_at_twice_the_rate():
    """Bands up to 7 kHz of sound without higher parts, by the tagger's own recipe at 32 kHz."""
    seconds, rate = 1.0, 32_000
    rng = np.random.default_rng(1)
    time = np.arange(int(seconds * rate)) / rate
    tones = [np.sin(2 * np.pi * (f * time + rng.random())) for f in rng.uniform(200, 6000, 40)]
    sound = np.sum(tones, axis=0)
    sound *= 0.1 / np.sqrt(np.square(sound).mean())
    ours = SoundMel()(torch.from_numpy(sound[::2].astype(np.float32))[None])[0].numpy()
    emphasised = sound - 0.97 * np.concatenate([[0.0], sound[:-1]])
    hann = np.zeros(1024)
    hann[112:912] = np.hanning(800)
    padded = np.pad(emphasised, 512, mode="reflect")
    frames = np.stack([padded[320 * n : 320 * n + 1024] * hann for n in range(100)])
    power = np.abs(np.fft.rfft(frames)) ** 2
    edges = np.linspace(0, 1127 * np.log1p(15_000 / 700), MELS + 2)
    mels = 1127 * np.log1p(np.arange(513) * rate / 1024 / 700)
    up = (mels[None] - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    down = (edges[2:, None] - mels[None]) / (edges[2:] - edges[1:-1])[:, None]
    theirs = (np.log(power @ np.maximum(0, np.minimum(up, down)).T + 1e-5).T + 4.5) / 5
    below = edges[2:] < 1127 * np.log1p(7000 / 700)
    assert np.abs(ours[below, 5:95] - theirs[below, 5:95]).mean() < 0.01  # of a range of 2


def test_bands_are_triangles_up_to_half_the_rate():
    bands = mel_bands()
    assert bands.shape == (MELS, 257)
    assert (bands >= 0).all()
    assert (bands[:90].max(axis=1) > 0).all()
    assert not bands[-10:].any()  # above 8 kHz there is nothing


def test_recording_gain_does_not_matter_and_silence_is_finite(tower):
    samples = noise(1.0)[None]
    with torch.no_grad():
        torch.testing.assert_close(tower(samples), tower(0.01 * samples), rtol=1e-3, atol=1e-3)
        assert torch.isfinite(tower(torch.zeros(1, RATE))).all()


def test_a_vector_does_not_depend_on_its_neighbours(tower):
    batch = torch.stack([noise(1.0, seed) for seed in range(3)])
    with torch.no_grad():
        together = tower(batch)
        assert together.shape == (3, tower.dim) == (3, 768)
        torch.testing.assert_close(together[1], tower(batch[1:2])[0], rtol=1e-4, atol=1e-4)


def test_padding_has_no_part_in_level_means_and_deviations():
    half = noise(0.5)
    mel = SoundMel()
    padded = mel(torch.cat([half, torch.zeros(RATE // 2)])[None])
    torch.testing.assert_close(padded[:, :, :48], mel(half[None])[:, :, :48])
    x = torch.randn(2, 3, 4, 10)
    found = over_time(x, torch.tensor([50, 100]), total=100)
    torch.testing.assert_close(found[0], over_time(x[:1, :, :, :5], None, 5)[0])
    columns = x[1].mean(dim=1)  # (3, 10)
    wanted = torch.cat([columns.mean(dim=1), columns.std(dim=1, unbiased=False)])
    torch.testing.assert_close(found[1], wanted, rtol=1e-4, atol=1e-4)


def test_a_block_is_the_formula_of_inverted_residuals():
    torch.manual_seed(1)
    block = Inverted(4, Shape(wide=6, kernel=3, stride=1, out=4, squeezed=2))
    x = torch.randn(2, 4, 5, 7)
    with torch.no_grad():
        wide = torch.nn.functional.hardswish(block.widen(x))
        wide = torch.nn.functional.hardswish(block.depth(wide))
        means = wide.mean(dim=(2, 3))
        weights = block.gate.up(block.gate.down(means).relu()).sigmoid()
        wanted = x + block.narrow(wide * weights[:, :, None, None])
        torch.testing.assert_close(block(x), wanted)
    assert Inverted(6, Shape(6, 3, 1, 6)).widen is None
    assert not Inverted(4, Shape(6, 3, 2, 4)).around


def test_a_gate_weighs_channels_between_nothing_and_all():
    gate, x = Gate(3, 2), torch.rand(1, 3, 2, 2) + 0.1
    with torch.no_grad():
        ratio = gate(x) / x
    assert ((ratio > 0) & (ratio < 1)).all()
    torch.testing.assert_close(ratio.amax(dim=(2, 3)), ratio.amin(dim=(2, 3)))


def test_start_from_reads_every_layer_in_order(tower, tmp_path):
    donor = SoundTower().eval()
    mel = torch.randn(1, MELS, 100)
    export(_Encoder(donor), mel, tmp_path / "start.onnx")
    mine = SoundTower().eval()
    mine.start_from(tmp_path / "start.onnx")
    with torch.no_grad():
        torch.testing.assert_close(mine.encode(mel), donor.encode(mel), rtol=1e-4, atol=1e-4)
        assert not torch.allclose(tower.encode(mel), donor.encode(mel), atol=1e-2)


def test_start_from_refuses_other_layers(tmp_path):
    export(torch.nn.Linear(3, 2), torch.zeros(1, 3), tmp_path / "odd.onnx")
    with pytest.raises(ValueError, match="does not fit this tower"):
        SoundTower().start_from(tmp_path / "odd.onnx")


def test_every_weight_learns_at_one_pace(tower):
    paced = {id(parameter) for parameter in (*tower.lower(), *tower.upper())}
    assert paced == {id(parameter) for parameter in tower.parameters()}
    assert len(tower.lower()) + len(tower.upper()) == len(paced)


def test_halfway_lies_between_two_towers(tower):
    torch.manual_seed(3)
    other = SoundTower()
    between = halfway(tower, other)
    wanted = (tower.first.weight + other.first.weight) / 2
    torch.testing.assert_close(between.first.weight, wanted)
    assert between is not tower and not torch.equal(tower.first.weight, wanted)


class _Encoder(torch.nn.Module):
    def __init__(self, tower):
        super().__init__()
        self.tower = tower

    def forward(self, mel):
        return self.tower.encode(mel)
