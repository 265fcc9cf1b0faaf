"""Built pairs as judged: AUC over speakers, what ranks, and words that are misheard."""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from retrieval.emotions import lookup
from retrieval.evaluation.bootstrap import estimates
from retrieval.evaluation.clips import Clip
from retrieval.evaluation.judged_pairs import Voice, auc_by_speaker, judged, own, scores
from retrieval.evaluation.pairs import Sentence, prior
from retrieval.evaluation.trust import auc
from retrieval.recognition.judgement import EMOTIONS, Judgement
from retrieval.recognition.mismatch import mismatch


def sure(emotion: str) -> Judgement:
    chances = np.eye(len(EMOTIONS), dtype=np.float32)[EMOTIONS.index(emotion)]
    return Judgement(chances, *prior(emotion))


def voice(emotion: str, speaker: str = "ann", **facts: str) -> Voice:
    clip = Clip(Path(f"{emotion}.wav"), "toy", speaker, lookup(emotion), **facts)
    return Voice(clip, sure(emotion), prior(emotion)[0])


def sentences(count: int) -> list[Sentence]:
    return [
        Sentence(f"{name} as ever {n}", name, prior(name)[0], "made")
        for n in range(count)
        for name in EMOTIONS
    ]


def read(texts: Sequence[str]) -> list[Judgement]:
    """A text tells its feeling by its first word; a misheard one tells nothing."""
    words = [text.split()[0] if text else "" for text in texts]
    return [sure(word if word in EMOTIONS else "neutral") for word in words]


VOICES = [voice(name, speaker) for speaker in ("ann", "ben") for name in EMOTIONS]


def test_pairs_are_judged_by_their_own_halves() -> None:
    pairs = judged("made", VOICES, sentences(3), read)
    opposite = pairs.are(("sarcasm", "brave face"))
    assert opposite.sum() == pairs.are(("both pleasant", "both unpleasant")).sum() == 16
    assert (pairs.mismatch == opposite).all()
    assert set(pairs.speakers) == {"ann", "ben"} and set(pairs.corpora) == {"toy"}
    priors = [prior(str(name))[0] for name in pairs.emotions]
    assert pairs.voice == pytest.approx(priors) and pairs.affect == pytest.approx(priors)
    assert (np.sign(pairs.words) == -np.sign(pairs.voice))[opposite].all()


def test_words_that_are_misheard_say_less() -> None:
    clear = judged("made", VOICES * 10, sentences(20), read)
    half = judged("made", VOICES * 10, sentences(20), read, wrong=0.5)
    assert (clear.kinds == half.kinds).all() and (clear.voice == half.voice).all()
    changed = (clear.words != half.words)[clear.are(("sarcasm",))].mean()
    assert 0.3 < changed < 0.7


def test_without_voices_or_sentences_there_are_no_pairs() -> None:
    for pairs in (judged("made", [], sentences(1), read), judged("made", VOICES, [], read)):
        assert pairs.mismatch.shape == pairs.words.shape == (0,)


def test_own_words_are_those_of_english_clips_with_a_transcript() -> None:
    spoken = [
        voice("angry", transcript="happy as ever", language="en"),
        voice("happy", transcript="happy as ever", language="en"),
        voice("angry", transcript="happy as ever", language="pl"),
        voice("angry", language="en"),
    ]
    found = own(spoken, read)
    assert found.mismatch.tolist() == [1.0, 0.0]
    assert found.emotions.tolist() == ["angry", "happy"]
    assert len(own(spoken[2:], read).mismatch) == 0


def test_scores_compare_valences_each_in_its_way() -> None:
    pairs = judged("made", VOICES, sentences(3), read)
    found = scores(pairs)
    row = int(np.flatnonzero(pairs.are(("sarcasm",)))[0])
    heard, said = pairs.voice[row], pairs.words[row]
    assert heard < 0 < said
    both = sure(str(pairs.emotions[row])), sure("happy" if said == prior("happy")[0] else "calm")
    assert found["mismatch"].any[row] == mismatch(*both)
    assert found["opposite signs by strength"].any[row] == math.sqrt(-heard * said)
    assert found["difference of valences"].any[row] == (said - heard) / 2
    assert found["words alone"].sarcasm[row] == said == -found["words alone"].brave[row]
    assert found["voice alone"].sarcasm[row] == -heard == -found["voice alone"].brave[row]
    assert not found["opposite signs by strength"].any[pairs.are(("both pleasant",))].any()


def test_one_half_alone_never_ranks_the_fours() -> None:
    pairs = judged("made", VOICES * 3, sentences(9), read)
    fours = pairs.are(("sarcasm", "brave face", "both pleasant", "both unpleasant"))
    opposite = pairs.are(("sarcasm", "brave face"))[fours]
    for name in ("words alone", "voice alone"):
        score = scores(pairs)[name]
        for values in (score.any, score.sarcasm, score.brave):
            assert auc(values[fours], opposite) == pytest.approx(0.5)


@pytest.mark.parametrize("seed", range(5))
def test_auc_and_its_interval_are_those_of_the_drawn_pairs(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.integers(0, 6, 60).astype(float)  # with ties
    positive = rng.random(60) < 0.4
    speakers = rng.choice(["ann", "ben", "cem", "dan"], 60)
    (expected,) = estimates(speakers, lambda drawn: [auc(values[drawn], positive[drawn])])
    found = auc_by_speaker(values, positive, speakers)
    assert (found.value, found.low, found.high) == pytest.approx(
        (expected.value, expected.low, expected.high)
    )


def test_auc_without_both_classes_is_not_defined() -> None:
    values, speakers = np.arange(4.0), np.array(["ann", "ann", "ben", "ben"])
    assert math.isnan(auc_by_speaker(values, np.full(4, True), speakers).value)
    assert math.isnan(auc_by_speaker(values[:0], np.full(0, True), speakers[:0]).value)
    one = auc_by_speaker(values, values > 1, np.full(4, "ann"))
    assert one.value == 1 and math.isnan(one.low)
