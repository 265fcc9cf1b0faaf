"""Learning of voices, words and joinings, on small tasks whose answer is known."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the extra [train]")

import torch

from retrieval.evaluation.pairs import Sentence, prior
from retrieval.recognition.judgement import EMOTIONS
from retrieval.recognition.recogniser import CARD, FUSIONS, WEIGHTS
from retrieval.space import Vectors
from retrieval.training.clips import Clip
from retrieval.training.recognition import joinings
from retrieval.training.recognition.course import Material, Plan, halved, learn, write
from retrieval.training.recognition.hearing import Voice, emotion_of
from retrieval.training.recognition.joinings import Joinings, chosen
from retrieval.training.recognition.measures import affect_loss, temperature
from retrieval.training.recognition.networks import TEXT
from retrieval.training.recognition.pairing import NEUTRAL, Pairer, States
from retrieval.training.recognition.reading import Rated, Read
from retrieval.training.recognition.voice import bases_of, reduced

PLAN = Plan(voice_epochs=50, word_epochs=40, steps=60)
TAKES = 24


def clip(emotion: str, split: str = "train", **facts: str) -> Clip:
    described = {"kind": "speech", "sound": "", "corpus": "ravdess"} | facts
    return Clip(
        path="x.wav", samples=np.zeros(16000, np.int16), speaker=f"{split}-1", gender="",
        feelings={emotion: 1.0}, strength="", affect=prior(emotion), split=split, **described,
    )  # fmt: skip


def voices(split: str, rng: np.random.Generator) -> list[Voice]:
    """Frames in which the emotion is one channel, in a few frames among noise."""
    found = []
    for number in range(TAKES * len(EMOTIONS)):
        emotion = number % len(EMOTIONS)
        heard = []
        for loud in (4.0, 3.0):
            frames = {
                name: rng.standard_normal((6, width)) for name, width in
                {"speech": 300, "sound": 150}.items()
            }  # fmt: skip
            for values in frames.values():
                values[1:4, emotion] += loud
            heard.append({name: values.astype(np.float16) for name, values in frames.items()})
        name = EMOTIONS[emotion]
        found.append(Voice(clip(name, split), name, heard[0], heard[1]))
    return found


def read(rng: np.random.Generator) -> Read:
    sentences, vectors = [], []
    for number in range(TAKES * len(EMOTIONS)):
        name = EMOTIONS[number % len(EMOTIONS)]
        sentences.append(Sentence(f"{number}", name, prior(name)[0], "goemotions"))
        vector = rng.standard_normal(TEXT)
        vector[EMOTIONS.index(name) :: len(EMOTIONS)] += 2  # told in many numbers,
        vector[EMOTIONS.index(name)] += 5  # and in one beyond all doubt
        vectors.append(vector)
    found = np.array(vectors, dtype=np.float32)
    return Read(tuple(sentences), found, found)


@pytest.fixture(scope="module")
def material() -> Material:
    rng = np.random.default_rng(0)
    rated = Rated(drawn(64, TEXT), drawn(64, 2) / 10)
    own = np.zeros((1, TEXT), dtype=np.float32)
    own[0, :: len(EMOTIONS)] = 2  # neutral
    own[0, 0] = 5
    return Material(voices("train", rng), voices("val", rng), own, read(rng), read(rng), rated)


def drawn(*shape: int) -> Vectors:
    return np.random.default_rng(0).standard_normal(shape).astype(np.float32)


def test_a_course_learns_writes_and_repeats_itself(material: Material, tmp_path: Path) -> None:
    lines: list[str] = []
    made = learn(material, seed=3, plan=PLAN, log=lines.append)
    reached = made.facts["validation_UAR"]
    assert reached["voice"]["matching"] > 0.6
    assert reached["words"]["matching"] > 0.6
    assert reached[made.fusion]["matching"] > reached["voice"]["matching"]
    assert made.fusion in FUSIONS
    write(made, tmp_path, {"audio": "a", "text": "t", "seed": 3})
    card = json.loads((tmp_path / CARD).read_text(encoding="utf-8"))
    assert (card["fusion"], card["seed"], card["speakers"]) == (made.fusion, 3, 1)
    with np.load(tmp_path / WEIGHTS) as file:
        assert {file[name].dtype for name in file.files} == {np.dtype(np.float16)}
        assert set(file.files) == set(made.arrays)
    again = learn(material, seed=3, plan=PLAN, log=lines.append)
    assert all(np.array_equal(again.arrays[name], made.arrays[name]) for name in made.arrays)


def test_a_basis_keeps_what_varies(material: Material) -> None:
    bases = bases_of(material.train)
    found = reduced(material.train, bases)
    assert found[0].clean["speech"].shape == (6, 256)
    together = np.concatenate([voice.clean["speech"] for voice in found]).astype(np.float32)
    assert np.abs(together.mean(axis=0)).max() < 0.5
    assert 0.3 < together.std() < 3


def test_pairs_are_what_they_are_called(material: Material) -> None:
    count = len(EMOTIONS)
    states = States(
        clean=torch.eye(count), worn=2 * torch.eye(count), truth=np.arange(count),
        affect=np.array([prior(name) for name in EMOTIONS], dtype=np.float32),
        chances=np.full(count, 1 / count),
    )  # fmt: skip
    pairer = Pairer(states, material.read, material.own, np.random.default_rng(0))
    matching, plain = pairer.matching(worn=False), pairer.plain(worn=True)
    assert matching.words[:, :count].argmax(dim=1).tolist() == list(range(count))
    assert plain.words[:, :count].argmax(dim=1).tolist() == [0] * count
    assert torch.equal(plain.voices, states.worn)
    batch = pairer.batch(3000)
    voiceless = (batch.voices == 0).all(dim=1).float().mean()
    wordless = (batch.words == 0).all(dim=1).float().mean()
    neutral = (batch.words[:, :count].argmax(dim=1) == 0).float().mean()
    assert float(voiceless) == pytest.approx(0.1, abs=0.03)
    assert float(wordless) == pytest.approx(0.1, abs=0.03)
    assert float(neutral) > NEUTRAL
    whole = pairer.batch(500, missing=False)
    assert not (whole.voices == 0).all(dim=1).any()
    assert not (whole.words == 0).all(dim=1).any()


def test_the_temperature_undoes_what_was_too_sure() -> None:
    rng = np.random.default_rng(0)
    logits = rng.standard_normal((8000, 8))
    chances = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    truth = np.array([rng.choice(8, p=one) for one in chances])
    outputs = torch.from_numpy(np.concatenate([3 * logits, np.zeros((8000, 2))], axis=1)).float()
    assert temperature(outputs, truth) == pytest.approx(3, rel=0.1)


def test_the_affect_loss_is_least_for_the_truth() -> None:
    affect = torch.from_numpy(drawn(40, 2))
    assert float(affect_loss(affect, affect)) == pytest.approx(0, abs=1e-5)
    # All off by 1: square error 1, and CCC = 2 var / (2 var + 1).
    variance = affect.var(dim=0, unbiased=False)
    expected = 1 + float((1 - 2 * variance / (2 * variance + 1)).mean()) / 2
    assert float(affect_loss(affect + 1, affect)) == pytest.approx(expected, abs=1e-4)


def figures(**plain: float) -> dict[str, dict[str, float]]:
    return {name: {"matching": 0.5 + value, "plain": value} for name, value in plain.items()}


def test_halves_share_no_speaker_and_split_every_corpus() -> None:
    rng = np.random.default_rng(0)
    (one, *_) = voices("val", rng)
    many = [
        replace(one, clip=replace(one.clip, corpus=corpus, speaker=f"{corpus}/{number}"))
        for corpus in ("ravdess", "nemo")
        for number in (1, 2, 1, 2)
    ]
    first, second = halved(many)
    speakers = [{voice.clip.speaker for voice in half} for half in (first, second)]
    assert speakers[0].isdisjoint(speakers[1])
    assert [len(first), len(second)] == [4, 4]
    assert all({voice.clip.corpus for voice in half} == {"ravdess", "nemo"}
               for half in (first, second))  # fmt: skip
    assert halved([one, one]) == ([one, one], [one, one])


def test_late_is_judged_by_what_the_other_half_taught_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pairs: list[object] = []
    judged: list[object] = []
    monkeypatch.setattr(joinings, "_fit_late", lambda _, others: pairs.append(others))
    monkeypatch.setattr(
        joinings, "_compared", lambda _, own: judged.append(own) or figures(voice=len(judged))
    )
    found = joinings.compared(Joinings(*[None] * 5), ("one", "other"))  # type: ignore[arg-type]
    assert (judged, pairs) == (["one", "other"], ["other", "one"])
    assert found == {"voice": {"matching": 2.0, "plain": 1.5}}


def test_a_joining_that_plain_words_hurt_is_not_chosen() -> None:
    found = figures(voice=0.7, early=0.69, late=0.7, hybrid=0.72)
    found["early"]["matching"] = 2.0
    assert chosen(found) == "hybrid"


def test_where_all_are_hurt_the_best_is_chosen() -> None:
    assert chosen(figures(voice=0.9, early=0.3, late=0.6, hybrid=0.5)) == "late"


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (clip("sad"), "sad"),
        (clip("sad", corpus="another"), None),
        (clip("happy", kind="nonverbal", sound="laughing"), "happy"),
        (clip("weary", kind="nonverbal", sound="sighing"), None),
        (replace(clip("happy"), kind="music"), None),
    ],
)
def test_emotions_are_those_of_speech_and_of_clear_acts(one: Clip, expected: str | None) -> None:
    assert emotion_of(one) == expected
