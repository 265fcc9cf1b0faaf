"""Trials on made-up vectors: what they measure, against the sections of the evaluation."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the extra [train]")

from retrieval.evaluation.bench import ask, feelings
from retrieval.evaluation.metrics import kendall_tau_b, ndcg_at_k
from retrieval.evaluation.phrasings import wordings
from retrieval.space import Head, Heads, unit
from retrieval.training.clips import Clip
from retrieval.training.reader import reading_once
from retrieval.training.targets import affect_of
from retrieval.training.trial import (
    MEASURES,
    Listener,
    examine,
    judge,
    over_corpora,
    speakers_in,
)

FEELINGS = ("angry", "sad", "happy")
PLACES = {
    text: place for place, feeling in enumerate(FEELINGS) for text in (feeling, *wordings(feeling))
}


def embed(texts):
    """A text lies on the axis of its feeling."""
    return np.eye(len(FEELINGS), dtype=np.float32)[[PLACES[text] for text in texts]]


EARS = Listener(Heads(Head(), Head()), embed)


def made(feeling, corpus="ravdess", speaker="1", kind="speech"):
    return Clip(
        path=f"{corpus}/{speaker}-{feeling}", samples=np.zeros(8, np.int16), corpus=corpus,
        speaker=f"{corpus}/{speaker}", gender="", kind=kind, sound="", feelings={feeling: 1.0},
        strength="", affect=affect_of(feeling), split="test",
    )  # fmt: skip


def heard(clips, noise, seed=0):
    """One window a clip, near the axis of its feeling."""
    rng = np.random.default_rng(seed)
    names = [next(iter(clip.feelings)) for clip in clips]
    rows = embed(names) + noise * rng.standard_normal((len(clips), len(FEELINGS)))
    return EARS.hear(clips, [row[None].astype(np.float32) for row in rows])


def clips_of(corpus, speakers):
    return [
        made(feeling, corpus, speaker) for speaker in speakers for feeling in FEELINGS * 2
    ]  # fmt: skip


def test_who_hears_well_scores_well():
    sounds = heard(clips_of("ravdess", "12"), noise=0.0)
    found = dict(zip(MEASURES, examine(EARS, sounds).measure(np.arange(len(sounds))), strict=True))
    assert found["UAR"] == found["nDCG@10"] == found["nDCG@10 in other words"] == 1
    assert found["tau-b arousal"] > 0.5


def test_measures_are_those_of_the_evaluation():
    sounds = heard(clips_of("ravdess", "123"), noise=1.0)
    exam = examine(EARS, sounds)
    at = np.array([0, 0, 3, 7, 8, 9, 11, 16])
    vectors = np.concatenate([sound.vectors for sound in sounds])[at]
    labels = np.array([sound.clip.emotion.name for sound in sounds])[at]
    questions = ask(feelings([sounds[n] for n in at]))
    wanted = [
        [
            ndcg_at_k(vectors @ embed([one.prompt.name])[0], one.relevant),
            np.mean(
                [
                    ndcg_at_k(vectors @ embed([text])[0], one.relevant)
                    for text in wordings(one.prompt.name)
                ]
            ),
            *(kendall_tau_b(vectors @ embed([one.prompt.name])[0], n) for n in one.nearness[:2]),
        ]
        for one in questions
    ]
    ordered = sorted(FEELINGS)
    named = np.array(ordered)[(vectors @ embed(ordered).T).argmax(axis=1)]
    uar = np.mean([(named[labels == name] == name).mean() for name in np.unique(labels)])
    np.testing.assert_allclose(exam.measure(at), [uar, *np.mean(wanted, axis=0)], atol=1e-6)


def test_corpora_count_alike_and_a_draw_without_one_says_nothing():
    exams = [
        examine(EARS, heard(clips_of(corpus, speakers), 0.8, seed))
        for seed, (corpus, speakers) in enumerate((("ravdess", "12"), ("nemo", "3456")))
    ]
    statistic = over_corpora(exams)
    sizes = [len(exam.speakers) for exam in exams]
    each = [exam.measure(np.arange(size)) for exam, size in zip(exams, sizes, strict=True)]
    np.testing.assert_allclose(statistic(np.arange(sum(sizes))), np.mean(each, axis=0))
    assert np.isnan(statistic(np.arange(sizes[0]))).all()
    assert len(set(speakers_in(exams))) == 6
    for estimate in judge(exams, draws=60):
        assert estimate.low <= estimate.value <= estimate.high


def test_music_has_no_label():
    sounds = heard([made("sad", "emotify", kind="music"), made("sad")], noise=0.0)
    assert sounds[0].clip.emotion is None
    assert sounds[1].clip.emotion.name == "sad"
    assert sounds[1].clip.path == Path("ravdess/1-sad")


def test_each_text_is_read_once():
    asked = []

    def read(texts):
        asked.extend(texts)
        return unit(np.array([[len(text), 1] for text in texts], dtype=np.float32))

    once = reading_once(read)
    first = once(["sad", "happy", "sad"])
    np.testing.assert_array_equal(once(["happy", "sad"]), first[[1, 0]])
    assert asked == ["sad", "happy"]
