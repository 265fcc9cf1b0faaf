"""Reading corpora, drawing from them, and wearing recordings out."""

import csv

import numpy as np
import pytest
import soundfile

torch = pytest.importorskip("torch")

from retrieval.training.augment import crop, masked, worn  # noqa: E402
from retrieval.training.clips import NEARLY_CALM, NO_FEELING, RATE, Sampler, decode, load_clips  # noqa: E402

FIELDS = (
    "path", "corpus", "clip_id", "kind", "speaker", "gender", "emotion", "emotion_raw",
    "intensity", "split", "flags",
)  # fmt: skip
ROWS = (
    ("a.wav", "ravdess", "a", "speech", "1", "male", "angry", "angry", "strong", "train", ""),
    ("b.wav", "deeply_nv", "b", "nonverbal", "2", "", "", "coughing", "", "train", ""),
    ("c.wav", "esc10", "c", "nonverbal", "3", "", "", "person sneeze", "", "val", ""),
    ("d.wav", "emotify", "d", "music", "4", "", "sadness", "rock: sadness 0.6", "0.6", "test", "x"),
    ("e.wav", "nemo", "e", "speech", "5", "female", "neutral", "neutral", "", "train", ""),
    ("f.wav", "ravdess", "f", "speech", "1", "male", "neutral", "neutral", "", "train", ""),
    ("g.wav", "ravdess", "g", "speech", "1", "male", "calm", "calm", "", "train", ""),
)


@pytest.fixture
def corpora(tmp_path):
    with (tmp_path / "clips.csv").open("w", newline="", encoding="utf-8") as table:
        writer = csv.writer(table)
        writer.writerow(FIELDS)
        writer.writerows(ROWS)
    rng = np.random.default_rng(0)
    for path, *_ in ROWS:
        stereo = rng.uniform(-0.5, 0.5, (22050, 2))
        soundfile.write(tmp_path / path, stereo, 44100)
    folder = tmp_path / "labels" / "emotify"
    folder.mkdir(parents=True)
    scales = "amazement solemnity tenderness nostalgia calmness power joyful_activation tension"
    names = ["clip_id", *scales.split(), "sadness"]
    shares = ["d", "0.1", "0", "0.3", "0", "0", "0", "0", "0", "0.6"]
    (folder / "emotify_gems.csv").write_text(",".join(names) + "\n" + ",".join(shares) + "\n")
    return tmp_path


def test_clips_carry_what_the_table_says(corpora):
    angry, cough, sneeze, song, *_ = load_clips(corpora)
    assert angry.feelings == {"angry": 1.0} and angry.strength == "strong"
    assert angry.label == "angry" and angry.speaker == "ravdess/1" and angry.sound == ""
    assert cough.sound == cough.label == "coughing" and cough.feelings == {"neutral": NO_FEELING}
    assert sneeze.sound == "sneezing"
    assert song.sound == "rock" and song.label == "sad" and song.flags == "x"
    assert song.feelings == {"sad": 1.0, "tenderness": 0.5}  # shares over the largest; .1 is faint
    assert song.affect[0] < 0
    assert [clip.path for clip in load_clips(corpora, ("val",))] == ["c.wav"]


def test_neutral_voices_are_nearly_calm_where_nobody_told_the_two_apart(corpora):
    *_, nemo, ravdess, calm = load_clips(corpora)
    assert nemo.feelings == {"neutral": 1.0, "calm": NEARLY_CALM} and nemo.label == "neutral"
    assert ravdess.feelings == {"neutral": 1.0} and calm.feelings == {"calm": 1.0}


def test_decode_mixes_and_resamples(corpora):
    samples = decode(corpora / "a.wav")
    assert samples.dtype == np.int16
    assert len(samples) == pytest.approx(RATE / 2, abs=2)
    stereo, _ = soundfile.read(corpora / "a.wav")
    level = np.sqrt(np.mean((samples / 32768.0) ** 2))
    # White noise mixed from two channels, of which 16 kHz keeps 16 / 44.1 of the power.
    assert level == pytest.approx(stereo.mean(axis=1).std() * np.sqrt(16 / 44.1), rel=0.05)


def test_a_missing_recording_is_an_error(corpora):
    (corpora / "b.wav").unlink()
    with pytest.raises(FileNotFoundError, match=r"b\.wav"):
        load_clips(corpora)


def test_the_sampler_draws_every_corpus_by_its_share(corpora):
    clips = load_clips(corpora)
    drawn = Sampler(clips, np.random.default_rng(0)).batch(4000)
    shares = dict.fromkeys(("ravdess", "deeply_nv", "esc10", "emotify", "nemo"), 0.0)
    for number in drawn:
        shares[clips[number].corpus] += 1 / 4000
    wanted = np.array([0.23, 0.18, 0.06, 0.07, 0.23])
    np.testing.assert_allclose(list(shares.values()), wanted / wanted.sum(), atol=0.04)


def test_crop_is_a_stretch_of_the_recording():
    samples = np.arange(10_000, dtype=np.int16)
    cut = crop(samples, 0.1, np.random.default_rng(0))
    assert len(cut) == 1600
    np.testing.assert_allclose(np.diff(cut), 1 / 32768)
    whole = crop(samples, 5.0, np.random.default_rng(0))
    np.testing.assert_array_equal(whole, samples / np.float32(32768))


def test_worn_sounds_stay_close_in_length_and_level():
    rng = np.random.default_rng(0)
    tone = 0.3 * np.sin(2 * np.pi * 220 * np.arange(RATE) / RATE).astype(np.float32)
    changed = 0
    for _ in range(40):
        sound = worn(tone, rng)
        assert sound.dtype == np.float32 and np.isfinite(sound).all()
        assert 0.9 * RATE < len(sound) < 1.1 * RATE
        assert 0.5 < sound.std() / tone.std() < 2
        changed += len(sound) != len(tone) or not np.array_equal(sound, tone)
    assert 20 < changed < 40  # some are left as they are


def test_masks_hide_to_the_floor_and_are_repeatable():
    mel = torch.rand(6, 80, 120) + 1
    first, second = (masked(mel, torch.Generator().manual_seed(3)) for _ in range(2))
    torch.testing.assert_close(first, second)
    assert first.shape == mel.shape
    hidden = [bool((row == row.amin()).sum() > 80) for row in first]
    assert any(hidden)
