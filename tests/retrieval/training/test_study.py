"""The study on made-up clips: its questions are asked of what they should be."""

import json

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the extra [train]")
pytest.importorskip("sklearn", reason="needs the extra [train]")
pytest.importorskip("onnx", reason="needs the extra [train]")

from retrieval.evaluation.report import read_study
from retrieval.evaluation.table import Estimate
from retrieval.training import ground as ways
from retrieval.training import study
from retrieval.training.captions import Caption, Meaning
from retrieval.training.clips import Clip
from retrieval.training.ears import PARTS, both_of, hear_all, side_by_side, spectra, worn_out
from retrieval.training.ground import Ground, Plan, bag_of_words, by_window
from retrieval.training.joint import LOSSES, Recipe
from retrieval.training.targets import affect_of
from retrieval.training.trial import MEASURES, Lesson

FEELINGS = ("angry", "sad", "happy", "fearful")
SOUNDS = ("coughing", "laughing")
PLAN = Plan(steps=30, batch=24, seeds=2, draws=8)


def made(name, corpus, speaker, split):
    speech = name in FEELINGS
    return Clip(
        path=f"{corpus}-{speaker}-{name}", samples=np.zeros(8, np.int16), corpus=corpus,
        speaker=f"{corpus}/{speaker}", gender="", kind="speech" if speech else "nonverbal",
        sound="" if speech else name, feelings={name: 1.0} if speech else {"neutral": 0.5},
        strength="", affect=affect_of(name, name), split=split,
    )  # fmt: skip


def vectors(clips, seed, noise=0.3):
    """Two windows a clip, near a place of its own for each class."""
    rng = np.random.default_rng(seed)
    names = [*FEELINGS, *SOUNDS]
    places = np.random.default_rng(0).standard_normal((len(names), 8))
    return [
        (places[names.index(clip.label)] + noise * rng.standard_normal((2, 8))).astype(np.float32)
        for clip in clips
    ]


@pytest.fixture(scope="module")
def ground():
    splits = {"1": "train", "2": "train", "3": "val", "4": "test", "5": "test"}
    clips = [
        made(name, corpus, speaker, split)
        for corpus in ("ravdess", "nemo", "ased") for speaker, split in splits.items()
        for name in FEELINGS * 2
    ]  # fmt: skip
    clips += [made(name, "deeply_nv", f"{n}", "train") for n in range(10) for name in SOUNDS]
    raw = {ear: vectors(clips, 1) for ear in (ways.START_EAR, ways.SPACE_EAR, ways.WORN)}
    raw |= {by_window(seconds): vectors(clips, 1) for seconds in ways.WINDOWS}
    raw[ways.SPECTRAL] = vectors(clips, 2, noise=50.0)
    raw[ways.JOINED] = side_by_side(raw[ways.START_EAR], raw[ways.SPECTRAL])
    raw[ways.BOTH] = both_of(raw[ways.START_EAR], raw[ways.WORN])
    raw |= dict.fromkeys(PARTS, raw[ways.START_EAR])
    texts = [Caption(f"{one} {part}", Meaning(one)) for one in FEELINGS for part in ("voice", "")]
    texts += [Caption(name, Meaning(sound=name)) for name in SOUNDS]
    recipe = Recipe(head_steps=PLAN.steps, head_batch=PLAN.batch, dim=16, hidden=32, head_rate=0.01)
    embeds = dict.fromkeys((ways.OWN, ways.MINILM, ways.BAG), bag_of_words)
    return Ground(clips, raw, embeds, Lesson(texts, texts, recipe), PLAN)


@pytest.fixture(scope="module")
def tables(ground):
    lines = []
    return {table.name: table for table in study.answers(ground, lines.append)}


def test_a_corpus_is_left_out_whole(tables):
    rows = tables["left_out"].records()
    assert [row["corpus"] for row in rows] == ["ravdess", "ravdess", "nemo", "nemo", "ased", "ased"]
    assert {row["clips"] for row in rows} == {40} and {row["speakers"] for row in rows} == {5}
    assert all(row["chance UAR"] == 1 / len(FEELINGS) for row in rows)
    # The classes lie alike in all corpora, so that what is learned in two holds in the third.
    assert all(row["UAR"].value > 0.7 for row in rows if row["speaker taken away"] == "no")


def test_nobody_is_judged_by_heads_that_heard_them(ground, monkeypatch):
    heard = []
    teach = Ground.teach

    def listening(self, rows, *args, **more):
        heard.append({self.clips[row].speaker for row in rows})
        return teach(self, rows, *args, **more)

    monkeypatch.setattr(Ground, "teach", listening)
    study.left_out(ground)
    for corpus, speakers in zip(("ravdess", "nemo", "ased"), heard, strict=True):
        assert speakers.isdisjoint({f"{corpus}/{n}" for n in range(1, 6)})
        assert speakers.isdisjoint(
            {f"{one}/{n}" for one in ("ravdess", "nemo", "ased") for n in (4, 5)}
        )
    heard.clear()
    study.folds(ground)
    everyone = {clip.speaker for clip in ground.clips if clip.corpus == "deeply_nv"}
    missing = [everyone - speakers for speakers in heard]
    assert sum(len(one) for one in missing) == len(everyone) == len(set().union(*missing))


def test_folds_tell_every_class_and_their_mean(tables):
    rows = tables["folds"].records()
    assert [(row["prompt"], row["clips"]) for row in rows] == [
        ("coughing", 10), ("laughing", 10), ("mean", 20)
    ]  # fmt: skip
    assert rows[2]["AP"].value == pytest.approx((rows[0]["AP"].value + rows[1]["AP"].value) / 2)
    assert rows[2]["AP"].value > 0.9


def test_losses_are_told_with_paired_differences(tables):
    rows = tables["losses"].records()
    names = [*LOSSES, "rnc less sce", "rnc less supcon"]
    assert len(rows) == 2 * 4 * len(names)
    here = {
        row["loss"]: row for row in rows if row["corpus"] == "mean" and row["trained"] == "alone"
    }
    assert list(here) == names
    for measure in MEASURES:
        less = here["rnc"][measure].value - here["sce"][measure].value
        assert here["rnc less sce"][measure].value == pytest.approx(less)
        each = [
            row[measure].value
            for row in rows
            if row["loss"] == "sce" and row["trained"] == "alone" and row["corpus"] != "mean"
        ]
        assert here["sce"][measure].value == pytest.approx(np.mean(each))


def test_parts_are_changed_one_at_a_time(tables):
    rows = tables["ablations"].records()
    parts = {}
    for row in rows:
        parts.setdefault(row["part"], {})[row["variant"]] = row["UAR"]
    assert list(parts) == ["features", "text", "corpora", "window", "augmentation"]
    plain = parts["features"]["start"]
    assert plain is parts["text"]["own"] is parts["corpora"]["all"] is parts["window"]["4 s"]
    assert plain.value > parts["features"]["spectral"].value  # which is noise here
    assert list(parts["augmentation"]) == [
        "clean, tested clean", "clean and worn, tested clean",
        "clean, tested worn", "clean and worn, tested worn",
    ]  # fmt: skip
    assert all(isinstance(cell, Estimate) for line in parts.values() for cell in line.values())


def test_the_file_is_one_that_evaluate_reads(ground, tables, tmp_path, monkeypatch):
    monkeypatch.setattr(study, "prepare", lambda *_: ground)
    monkeypatch.setattr(study, "answers", lambda *_: iter(tables.values()))
    file = tmp_path / "study.json"
    study.run_study(tmp_path, tmp_path, tmp_path, file, log=print)
    assert [one.name for one in read_study(file)] == ["left_out", "folds", "losses", "ablations"]
    assert "NaN" not in file.read_text() and json.loads(file.read_text())


def test_clips_that_cannot_answer_give_no_table(ground):
    few = [clip for clip in ground.clips if clip.corpus == "ravdess" and clip.split == "train"]
    raw = {ear: values[: len(few)] for ear, values in ground.raw.items()}
    bare = Ground(few, raw, ground.embeds, ground.lesson, PLAN)
    assert list(study.answers(bare, lambda _: None)) == []


def test_ears_hear_every_window_and_worn_copies_are_repeatable():
    wave = (8000 * np.sin(np.arange(40_000) / 9)).astype(np.int16)
    clips = [made("sad", "ravdess", "1", "train")] * 3
    clips = [Clip(**{**vars(clip), "samples": wave}) for clip in clips]
    plain = hear_all(spectra, clips, 1.0)
    assert [len(windows) for windows in plain] == [4, 4, 4]  # 2.5 s, half a second apart
    np.testing.assert_array_equal(plain[0], plain[1])
    worn, again = (hear_all(spectra, clips, 1.0, worn_out) for _ in range(2))
    for one, other in zip(worn, again, strict=True):
        np.testing.assert_array_equal(one, other)
    assert len({windows.tobytes() for windows in worn}) == 3


def test_a_bag_of_words_tells_words_and_pairs():
    one, same, turned, other = bag_of_words(["not angry", "NOT angry", "angry not", "rain"])
    np.testing.assert_array_equal(one, same)
    assert 0.5 < one @ turned < 1 and one @ other == 0
    assert np.linalg.norm(one) == pytest.approx(1)
