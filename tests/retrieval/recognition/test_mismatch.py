"""Words against voice, on judgements made outright."""

import itertools

import numpy as np
import pytest

from retrieval.recognition.judgement import EMOTIONS, Judgement
from retrieval.recognition.mismatch import LEAST, lean, mismatch, mismatches

UNPLEASANT = ("sad", "angry", "fearful", "disgust")


def judged(**chances: float) -> Judgement:
    values = np.array([chances.get(name, 0.0) for name in EMOTIONS], dtype=np.float32)
    assert values.sum() == pytest.approx(1)
    return Judgement(values, 0.0, 0.0)


@pytest.mark.parametrize("emotion", UNPLEASANT)
def test_sarcasm_and_brave_faces_are_mismatches(emotion: str) -> None:
    assert mismatch(voice=judged(**{emotion: 1}), words=judged(happy=1)) == 1
    assert mismatch(voice=judged(happy=1), words=judged(**{emotion: 1})) == 1


@pytest.mark.parametrize("one, other", [*itertools.product(UNPLEASANT, repeat=2), ("happy",) * 2])
def test_what_feels_alike_is_none(one: str, other: str) -> None:
    assert mismatch(judged(**{one: 1}), judged(**{other: 1})) == 0


@pytest.mark.parametrize("unclear", ["neutral", "surprised"])
@pytest.mark.parametrize("emotion", EMOTIONS)
def test_what_has_no_clear_valence_contradicts_nothing(emotion: str, unclear: str) -> None:
    assert mismatch(judged(**{emotion: 1}), judged(**{unclear: 1})) == 0
    assert mismatch(judged(**{unclear: 1}), judged(**{emotion: 1})) == 0


def test_calm_words_are_pleasant_but_a_calm_voice_is_only_still() -> None:
    assert mismatch(voice=judged(angry=1), words=judged(calm=1)) == 1
    assert mismatch(voice=judged(calm=1), words=judged(angry=1)) == 0


def test_doubt_on_either_side_lowers_it() -> None:
    voice = judged(angry=0.5, sad=0.2, happy=0.1, neutral=0.2)
    words = judged(happy=0.6, disgust=0.3, surprised=0.1)
    assert mismatch(voice, words) == pytest.approx(0.6 * 0.7 + 0.3 * 0.1)
    assert mismatch(voice, judged(happy=1)) == pytest.approx(0.7)


def test_it_is_the_chance_that_two_emotions_drawn_apart_are_opposite() -> None:
    rng = np.random.default_rng(0)
    voices, words = rng.dirichlet(np.full(len(EMOTIONS), 0.3), (2, 50)).astype(np.float32)
    opposite = np.zeros((len(EMOTIONS), len(EMOTIONS)))
    for bad in UNPLEASANT:
        for said, heard in (("happy", bad), ("calm", bad), (bad, "happy")):
            opposite[EMOTIONS.index(heard), EMOTIONS.index(said)] = 1
    expected = [heard @ opposite @ said for heard, said in zip(voices, words, strict=True)]
    found = mismatches(voices, words)
    assert found == pytest.approx(expected, abs=1e-6)
    assert found.dtype == np.float32
    for heard, said, value in zip(voices, words, found, strict=True):
        assert mismatch(Judgement(heard, 1.0, 0.0), Judgement(said, 1.0, 0.0)) == value


def test_chances_that_sum_to_a_trifle_more_stay_below_one() -> None:
    big = np.eye(len(EMOTIONS), dtype=np.float32) * np.float32(1.00001)
    assert mismatches(big[[4]], big[[2]]) == [1.0]


def test_words_lean_by_the_odds_of_their_sides() -> None:
    assert lean(judged(happy=0.5, calm=0.1, sad=0.1, angry=0.1, neutral=0.2)) == pytest.approx(
        np.log(3), abs=1e-5
    )
    assert lean(judged(neutral=0.8, happy=0.1, fearful=0.1)) == pytest.approx(0, abs=1e-6)


def test_what_is_sure_leans_no_further_than_a_thousand_to_one() -> None:
    assert lean(judged(happy=1)) == -lean(judged(disgust=1)) == pytest.approx(-np.log(LEAST))
    assert lean(judged(neutral=1)) == 0
