"""The whole command on made-up recordings, at toy size."""

import csv
import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

pytest.importorskip("torch")
pytest.importorskip("onnx")
pytest.importorskip("scipy")

from retrieval.encoders.builtin import load_folder
from retrieval.errors import PromptError, SpaceError
from retrieval.training import train
from retrieval.training.clips import load_clips
from retrieval.training.course import parted

WEIGHTS = Path(__file__).parents[3] / "retrieval" / "weights" / "affetto"
HERTZ = {"angry": 1500, "sad": 200, "happy": 800, "fearful": 3000, "neutral": 400}
FIELDS = (
    "path", "corpus", "clip_id", "kind", "speaker", "gender", "emotion", "emotion_raw",
    "intensity", "split", "flags",
)  # fmt: skip


@pytest.fixture(scope="module")
def corpora(tmp_path_factory):
    folder = tmp_path_factory.mktemp("corpora")
    rows = []
    for split in ("train", "val", "test"):
        for emotion, hertz in HERTZ.items():
            for take in range(2):
                name = f"{split}-{emotion}-{take}.wav"
                time = np.arange(16_000) / 16_000
                wave = 0.3 * np.sin(2 * np.pi * (hertz + 20 * take) * time)
                soundfile.write(folder / name, wave, 16_000)
                rows.append(
                    (name, "ravdess", name, "speech", split, "female", emotion, emotion,
                     "normal", split, "")
                )  # fmt: skip
    with (folder / "clips.csv").open("w", newline="", encoding="utf-8") as table:
        writer = csv.writer(table)
        writer.writerow(FIELDS)
        writer.writerows(rows)
    goemotions = folder / "labels" / "goemotions"
    goemotions.mkdir(parents=True)
    (goemotions / "labels.txt").write_text("joy\nanger\n")
    (goemotions / "train.tsv").write_text("so good\t0\ta\nstop it\t1\tb\n")
    return folder


@pytest.fixture(scope="module")
def trained(corpora, tmp_path_factory):
    out = tmp_path_factory.mktemp("space") / "toy"
    lines = []
    train(corpora, corpora, out, text=WEIGHTS, seed=3, quick=True, log=lines.append)
    return out, lines


def test_the_folder_is_a_space_that_hears_and_reads(trained):
    out, _ = trained
    space = load_folder(out)
    time = np.arange(16_000) / 16_000
    raw = space.audio.encode([np.sin(2 * np.pi * 500 * time).astype(np.float32)])
    heard, read = space.place_audio(raw), space.place_text(["angry", "a sad voice"])
    assert heard.shape == (1, space.dim) and read.shape == (2, space.dim)
    np.testing.assert_allclose(np.linalg.norm([heard[0], *read], axis=1), 1, atol=1e-5)
    assert (np.abs(space.affect(heard)) <= 1).all()
    assert space.heads.panel is not None and space.heads.panel.shape == (10, space.dim)


def test_space_json_names_the_window_and_the_content_of_every_file(trained):
    out, _ = trained
    described = json.loads((out / "space.json").read_text())
    assert described["name"] == "affetto" and described["seed"] == 3
    assert described["hop"] == described["window"] / 2
    assert set(described["windows_tried"]) == {"2", "5"}
    for name, digest in described["sha256"].items():
        assert hashlib.sha256((out / name).read_bytes()).hexdigest() == digest
    assert set(described["sha256"]) == {"audio.onnx", "text.onnx", "heads.npz", "vocab.txt"}


def test_the_card_holds_the_figures_of_the_test_speakers(trained):
    out, lines = trained
    found = json.loads((out / "figures.json").read_text())["ravdess"]
    assert f"| UAR | {found['UAR']:.3f} |" in (out / "model-card.md").read_text()
    assert any("heads 0/4" in line for line in lines) and any(
        "window 2 s" in line for line in lines
    )


def test_the_same_seed_gives_the_same_heads(corpora, trained, tmp_path):
    out, _ = trained
    train(corpora, corpora, tmp_path, text=WEIGHTS, seed=3, quick=True)
    assert load_folder(tmp_path).heads.fingerprint == load_folder(out).heads.fingerprint


def test_a_ready_audio_tower_is_taken_as_it_is(corpora, trained, tmp_path):
    out, _ = trained
    lines = []
    train(corpora, corpora, tmp_path, text=WEIGHTS, audio=out, seed=4, quick=True, log=lines.append)
    assert (tmp_path / "audio.onnx").read_bytes() == (out / "audio.onnx").read_bytes()
    assert not any("sound and words" in line for line in lines)
    assert load_folder(tmp_path).heads.fingerprint != load_folder(out).heads.fingerprint


def test_a_corpus_left_out_is_tested_whole(corpora):
    clips = load_clips(corpora)
    other = [replace(clip, corpus="nemo") for clip in clips]
    parts = parted([*clips, *other], ["nemo"])
    assert [len(parts[name]) for name in ("train", "val", "test")] == [10, 10, 40]
    assert {clip.corpus for name in ("train", "val") for clip in parts[name]} == {"ravdess"}
    with pytest.raises(PromptError, match="no corpus tess") as caught:
        parted(clips, ["tess"])
    assert caught.value.remedy == "choose of: ravdess"


def test_space_json_tells_loss_and_corpora(trained):
    described = json.loads((trained[0] / "space.json").read_text())
    assert (described["loss"], described["without"]) == ("rnc", [])
    assert described["recipe"]["positives"] == "meanings"


def test_missing_recordings_are_named(corpora, tmp_path):
    with pytest.raises(SpaceError) as caught:
        train(tmp_path, corpora, tmp_path / "out", text=WEIGHTS, quick=True)
    assert caught.value.path == str(tmp_path / "clips.csv")
