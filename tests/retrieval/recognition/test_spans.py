"""Where in a passage the voice contradicts its words, for a judge that hears what is made."""

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from retrieval.encoders.frames import STREAMS
from retrieval.recognition.judgement import EMOTIONS, Judgement, Recognised
from retrieval.recognition.spans import STEP, STRETCH, contradiction
from retrieval.space import Vectors


def sure(emotion: str) -> Judgement:
    return Judgement(np.eye(len(EMOTIONS), dtype=np.float32)[EMOTIONS.index(emotion)], 0.0, 0.0)


class Judge:
    """A state is the mean chance of every emotion over the frames, the same in both streams."""

    fingerprint = "made"

    def hear(self, frames: Mapping[str, Vectors]) -> Vectors:
        lengths = {name: len(values) * STREAMS[name].hop for name, values in frames.items()}
        assert lengths == pytest.approx(dict.fromkeys(STREAMS, STRETCH))
        return np.mean([values.mean(axis=0) for values in frames.values()], axis=0)

    def read(self, texts: Sequence[str]) -> Vectors:
        raise AssertionError(texts)

    def judge(self, voice: Vectors | None, words: Vectors | None) -> Recognised:
        assert voice is not None and words is None
        heard = Judgement(voice, 0.0, 0.0)
        return Recognised(heard, None, heard, "voice")


def passage(seconds: float, emotion: str, start: float, end: float) -> dict[str, Vectors]:
    """Neutral but for some seconds."""
    frames = {}
    for name, stream in STREAMS.items():
        times = (np.arange(round(seconds / stream.hop)) + 0.5) * stream.hop
        felt = (times > start) & (times < end)
        frames[name] = np.stack([sure(emotion if here else "neutral").chances for here in felt])
    return frames


@pytest.mark.parametrize("start", [0.0, 1.92, 3.2, 8.0])
def test_it_is_where_the_voice_is_opposite(start: float) -> None:
    frames = passage(9.6, "angry", start, start + STRETCH)
    found = contradiction(frames, Judge(), sure("happy"))
    assert found == pytest.approx((start, start + STRETCH))


def test_a_feeling_that_agrees_with_the_words_is_passed_over() -> None:
    frames = passage(9.6, "angry", 0.0, 1.6)
    brave = passage(9.6, "happy", 6.4, 8.0)
    for name in frames:
        frames[name][len(frames[name]) // 2 :] = brave[name][len(brave[name]) // 2 :]
    assert contradiction(frames, Judge(), sure("sad")) == pytest.approx((6.4, 8.0))
    assert contradiction(frames, Judge(), sure("happy")) == pytest.approx((0.0, 1.6))


def test_where_nothing_is_opposite_it_is_the_start() -> None:
    frames = passage(6.4, "happy", 3.2, 4.8)
    assert contradiction(frames, Judge(), sure("happy")) == pytest.approx((0.0, STRETCH))


@pytest.mark.parametrize("seconds", [0.32, 0.96, 1.6])
def test_a_short_passage_is_all_of_it(seconds: float) -> None:
    frames = passage(seconds, "angry", 0.0, seconds)
    assert contradiction(frames, Judge(), sure("happy")) == pytest.approx((0.0, seconds))


def test_stretches_are_whole_frames_of_every_stream() -> None:
    for stream in STREAMS.values():
        for length in (STRETCH, STEP):
            assert (length / stream.hop) == pytest.approx(round(length / stream.hop))
