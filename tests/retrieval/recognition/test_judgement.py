"""Judgements, and one of a whole clip from those of its passages."""

import numpy as np
import pytest

from retrieval.emotions import lookup
from retrieval.recognition.judgement import EMOTIONS, Judgement, Recognised, whole


def judged(emotion: str, chance: float = 1.0, valence: float = 0.0) -> Judgement:
    chances = np.full(len(EMOTIONS), (1 - chance) / (len(EMOTIONS) - 1), dtype=np.float32)
    chances[EMOTIONS.index(emotion)] = chance
    return Judgement(chances, valence, -valence)


def voiced(judgement: Judgement, fusion: str = "voice") -> Recognised:
    return Recognised(judgement, None, judgement, fusion)


def test_the_emotions_are_terms_of_the_vocabulary() -> None:
    assert [term.name for name in EMOTIONS if (term := lookup(name))] == list(EMOTIONS)


def test_the_likeliest_emotion_is_named_with_its_chance() -> None:
    one = judged("sad", 0.6)
    assert (one.emotion, one.confidence) == ("sad", pytest.approx(0.6))


def test_of_equally_likely_emotions_the_first_is_named() -> None:
    assert Judgement(np.full(8, 1 / 8, dtype=np.float32), 0.0, 0.0).emotion == EMOTIONS[0]


def test_long_passages_count_more() -> None:
    found = whole([voiced(judged("sad", valence=-1.0)), voiced(judged("happy", valence=1.0))],
                  [3.0, 1.0])  # fmt: skip
    assert found.both.emotion == "sad"
    assert found.both.confidence == pytest.approx(0.75)
    assert found.both.valence == pytest.approx(-0.5)
    assert found.both.arousal == pytest.approx(0.5)
    assert found.both.chances.sum() == pytest.approx(1.0)


def test_words_are_averaged_over_the_passages_that_have_them() -> None:
    voice, words = judged("sad"), judged("happy", valence=0.8)
    spoken = Recognised(voice, words, words, "late")
    found = whole([spoken, voiced(voice), voiced(voice)], [1.0, 5.0, 0.5])
    assert found.words is not None
    assert found.words.emotion == "happy"
    assert found.words.valence == pytest.approx(0.8)
    assert found.fusion == "voice"


def test_the_fusion_of_the_longest_part_is_named() -> None:
    voice = judged("sad")
    parts = [voiced(voice, name) for name in ("voice", "late", "late")]
    assert whole(parts, [3.0, 2.0, 2.0]).fusion == "late"


def test_one_passage_is_the_whole() -> None:
    one = Recognised(None, judged("angry", 0.9, -0.5), judged("angry", 0.9, -0.5), "words")
    found = whole([one], [2.0])
    assert found.voice is None
    assert np.allclose(found.both.chances, one.both.chances)


@pytest.mark.parametrize("seconds", [[], [1.0, 2.0]])
def test_passages_and_durations_must_match(seconds: list[float]) -> None:
    with pytest.raises(ValueError, match="durations"):
        whole([voiced(judged("sad"))] if seconds else [], seconds)
