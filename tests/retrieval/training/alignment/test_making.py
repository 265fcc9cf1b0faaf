"""The exported aligner against the one that was trained, and the tables of a study in small."""

import csv
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import soundfile

torch = pytest.importorskip("torch", reason="needs the extra [train]")
pytest.importorskip("onnx", reason="needs the extra [train]")

from retrieval.errors import PromptError  # noqa: E402
from retrieval.recognition.attention.aligner import CARD, GRAPH, Aligner  # noqa: E402
from retrieval.training.alignment.contest import best_share, judged, mixed  # noqa: E402
from retrieval.training.alignment.crossing import crossed, is_iemocap  # noqa: E402
from retrieval.training.alignment.fitting import Recipe, Utterance, batch_of  # noqa: E402
from retrieval.training.alignment.making import Kept, write_card, write_graph  # noqa: E402
from retrieval.training.alignment.model import Aligned, Sizes  # noqa: E402
from retrieval.training.alignment.spectrogram import spectrogram  # noqa: E402
from retrieval.training.alignment.utterances import Ears, read_split  # noqa: E402

RATE = 16_000


@dataclass(frozen=True)
class Hearing:
    """Frames drawn from the samples; as `encoders.frames.Frames` they come every 80 ms."""

    fingerprint: str = "hearing"
    rate: int = RATE

    def hear(self, samples):
        size = -(-len(samples) // 1280)
        level = np.resize(np.abs(samples), (size, 6))
        return {"speech": level.astype(np.float32)}


@dataclass(frozen=True)
class Reading:
    name: str = "reading"
    fingerprint: str = "reading"
    dim: int = 4

    def encode(self, texts):
        return np.stack(
            [np.random.default_rng(sum(map(ord, one))).normal(size=4) for one in texts]
        ).astype(np.float32)


def ears():
    return Ears(Hearing(), Reading())


@pytest.fixture
def made(tmp_path):
    """A folder with a small aligner, and that aligner as torch has it."""
    torch.manual_seed(0)
    model = Aligned(Sizes(frame=6, word=4, classes=8, dense=8, state=8, heads=2)).eval()
    example = Utterance(
        "", "a", 0, ("a",) * 3, np.ones((9, 6), np.float32), 0.08, np.ones((3, 4), np.float32),
        (0.0, 0.7),
    )  # fmt: skip
    write_graph(model, example, tmp_path / GRAPH)
    write_card(tmp_path, ears(), Kept(Recipe(), 0.5, 12, ("oh", "word0")))
    return tmp_path, model


@pytest.mark.parametrize(("frames", "words"), [(40, 6), (5, 1), (1, 1), (125, 30)])
def test_the_exported_aligner_is_the_trained_one_at_any_length(made, frames, words):
    folder, model = made
    spoken = [f"word{number}" for number in range(words)]
    speech = np.random.default_rng(frames).normal(size=(frames, 6)).astype(np.float32)
    found = Aligner(folder, Hearing(), Reading()).align(speech, spoken, start=2.0)
    utterance = Utterance(
        "", "a", 0, tuple(spoken), speech, 0.08, Reading().encode(spoken), (0.0, 1.0)
    )
    with torch.no_grad():
        wanted = model(batch_of([utterance]))
    chances = wanted.logits[0].softmax(dim=0).numpy()
    np.testing.assert_allclose(list(found.chances.values()), chances, atol=2e-3)
    np.testing.assert_allclose(found.weights, wanted.attention[0].numpy(), atol=2e-3)
    np.testing.assert_allclose(found.shares, wanted.shares[0].numpy(), atol=2e-3)
    assert sum(found.chances.values()) == pytest.approx(1) and found.shares.sum() == pytest.approx(
        1
    )
    assert (found.times[:, 0] < found.times[:, 1]).all()
    assert found.times.min() >= 2.0 and found.times.max() <= found.end


def test_the_card_says_what_it_is(made):
    folder, _ = made
    card = json.loads((folder / CARD).read_text())
    assert card["licence"] == "CC BY-NC-SA 4.0" and card["seed"] == 0 and card["clips"] == 12
    assert (card["frames"], card["text"]) == ("hearing", "reading")
    aligner = Aligner(folder, Hearing(), Reading())
    assert aligner.knows(["oh"]) and not aligner.knows(["oh", "dear"])


def write_tone(path: Path, hz: float, seconds: float = 0.6) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    times = np.arange(int(seconds * RATE)) / RATE
    soundfile.write(path, 0.3 * np.sin(2 * np.pi * hz * times), RATE)


def write_iemocap(folder: Path, sessions: int = 3) -> Path:
    """A made-up release: per session two speakers, each with the four classes."""
    for session in range(1, sessions + 1):
        base = folder / f"Session{session}"
        turns, said = [], []
        for speaker in "FM":
            for number, code in enumerate(("ang", "hap", "exc", "neu", "sad", "fru")):
                name = f"Ses0{session}F_impro01_{speaker}{number:03d}"
                turns.append(f"[0.0 - 0.6]\t{name}\t{code}\t[2.5, 2.5, 2.5]")
                said.append(f"{name} [000.0000-000.6000]: so it is {code}")
                place = base / "sentences" / "wav" / f"Ses0{session}F_impro01" / f"{name}.wav"
                write_tone(place, 200 + 300 * number)
        for part, lines in (("EmoEvaluation", turns), ("transcriptions", said)):
            file = base / "dialog" / part / f"Ses0{session}F_impro01.txt"
            file.parent.mkdir(parents=True)
            file.write_text("\n".join(lines) + "\n")
    return folder


def test_the_table_of_the_paper_on_a_made_up_release(tmp_path):
    release = write_iemocap(tmp_path)
    assert is_iemocap(release)
    table = crossed(release, ears(), Recipe(epochs=1), draws=20, log=lambda _: None)
    records = table.records()
    assert [(one["frames"], one["model"]) for one in records] == [
        (frames, model)
        for frames in ("spectrogram", "speech")
        for model in ("words alone", "speech alone", "decision level", "aligned")
    ]
    for one in records:
        assert (one["turns"], one["speakers"]) == (30, 6)  # without the frustrated
        assert 0 <= one["WA"].value <= 1 and 0 <= one["UA"].value <= 1
    assert "angry, happy, neutral, sad" in table.note


def test_two_sessions_are_too_few(tmp_path):
    release = write_iemocap(tmp_path, sessions=2)
    with pytest.raises(PromptError, match="2 sessions"):
        crossed(release, ears(), Recipe(epochs=1), draws=20, log=lambda _: None)


def test_no_model_hears_the_session_it_is_tested_on(tmp_path, monkeypatch):
    from retrieval.training.alignment import crossing

    seen = []

    def watched(train, val, test, *_):
        seen.append([{one.speaker[:-1] for one in part} for part in (train, val, test)])
        return {}

    monkeypatch.setattr(crossing, "compete", watched)
    crossed(write_iemocap(tmp_path), ears(), Recipe(), draws=20, log=lambda _: None)
    assert len(seen) == 6
    for train, val, test in seen:
        assert not train & val and not train & test and not val & test


def test_a_table_of_clips_is_no_iemocap_and_gives_splits(tmp_path):
    with (tmp_path / "clips.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["path", "emotion", "speaker", "corpus", "split", "transcript"])
        for number, split in enumerate(("train", "train", "val", "test", "test")):
            emotion, said = (
                ("sad", "oh no") if number % 2 else ("happy", "" if number == 4 else "Oh!")
            )
            rows.writerow([f"{number}.wav", emotion, f"s{number}", "one", split, said])
            write_tone(tmp_path / f"{number}.wav", 300)
    assert not is_iemocap(tmp_path)
    split, classes = read_split(tmp_path, "one", "speech", ears())
    assert classes == ("happy", "sad")
    assert {name: len(part) for name, part in split.items()} == {"train": 2, "val": 1, "test": 1}
    first = split["train"][0]
    assert first.spoken == ("oh",) and first.words.shape == (1, 4) and first.frames.shape == (8, 6)


def test_decisions_are_weighed_on_validation():
    labels = np.array([0, 1, 0, 1])
    speech = np.log([[0.9, 0.1], [0.1, 0.9], [0.4, 0.6], [0.6, 0.4]])
    words = np.log([[0.5, 0.5], [0.5, 0.5], [0.9, 0.1], [0.1, 0.9]])
    share = best_share(words, speech, labels)
    assert 0 < share < 1
    assert (mixed(words, speech, share).argmax(axis=1) == labels).all()
    assert best_share(np.zeros((4, 2)), speech, np.array([0, 1, 1, 0])) == 0  # words say nothing


def test_wa_counts_clips_and_ua_classes():
    chances = np.log([[0.9, 0.1]] * 4)
    wa, ua = judged(chances, np.array([0, 0, 0, 1]), ["a", "a", "b", "b"], 50)
    assert (wa.value, ua.value) == (0.75, 0.5)
    assert wa.low <= 0.75 <= wa.high


def test_a_spectrogram_has_257_standard_bins_and_shows_a_tone():
    times = np.arange(RATE) / RATE
    samples = (np.sin(2 * np.pi * 1000 * times) * (times > 0.5)).astype(np.float32)
    frames = spectrogram(samples)
    assert frames.shape == (98, 257)
    np.testing.assert_allclose(frames.mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(frames.std(axis=0), 1, atol=1e-3)
    assert frames[70, 32] > 0 > frames[20, 32]  # 1000 Hz is bin 32 of 31.25 Hz
    assert spectrogram(samples[:100]).shape == (1, 257)
