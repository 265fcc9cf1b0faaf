"""How often a recogniser is right, on outputs whose measures are known."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from retrieval.emotions import lookup
from retrieval.evaluation.clips import Clip
from retrieval.evaluation.pairs import prior
from retrieval.evaluation.recognised import (
    MEASURES,
    Voices,
    calibration_error,
    confidence,
    listened,
    macro_f1,
    measured,
    named,
    recall,
)
from retrieval.recognition.judgement import EMOTIONS
from retrieval.space import Vectors
from tests.retrieval.recognition.made_recogniser import STATE, frames, recogniser


def clip(emotion: str, speaker: str = "ann", kind: str = "speech", path: str = "no.wav") -> Clip:
    return Clip(Path(path), "toy", speaker, lookup(emotion), kind=kind)


def voices(*emotions: str) -> Voices:
    speakers = ["ann", "ben", "cat"]
    clips = tuple(clip(name, speakers[row % 3]) for row, name in enumerate(emotions))
    return Voices(clips, tuple(np.zeros(9, np.float32) for _ in clips),
                  np.zeros((len(clips), 2), np.float32))  # fmt: skip


def says(*emotions: str, sure: float = 0.9) -> Vectors:
    """Outputs that name emotions with a chance, and give their priors."""
    chances = np.full((len(emotions), len(EMOTIONS)), (1 - sure) / 7)
    for row, name in enumerate(emotions):
        chances[row, EMOTIONS.index(name)] = sure
    affect = np.array([prior(name) for name in emotions])
    return np.concatenate([np.log(chances), affect], axis=1).astype(np.float32)


def test_who_is_always_right_gets_full_marks() -> None:
    told = ("sad", "happy", "angry", "sad", "happy", "angry")
    found = dict(zip(MEASURES, measured(says(*told), voices(*told)), strict=True))
    assert [one.value for one in found.values()] == pytest.approx([1] * 5)
    assert found["UAR"].low == 1


def test_measures_of_mistakes_are_those_by_hand() -> None:
    true = ("sad", "sad", "sad", "happy")
    found = dict(zip(MEASURES, measured(says("sad", "sad", "happy", "happy"), voices(*true)),
                     strict=True))  # fmt: skip
    assert found["UAR"].value == pytest.approx((2 / 3 + 1) / 2)
    assert found["accuracy"].value == pytest.approx(0.75)
    assert found["macro-F1"].value == pytest.approx((0.8 + 2 / 3) / 2)


def test_macro_f1_counts_only_classes_that_occur() -> None:
    truth, told = np.array([0, 0, 1]), np.array([0, 5, 1])
    assert macro_f1(truth, told) == pytest.approx((2 / 3 + 1) / 2)


def test_names_can_be_kept_to_those_of_a_corpus() -> None:
    outputs = says("calm", "calm", "sad")
    outputs[:2, EMOTIONS.index("neutral")] = -1.0  # the second best
    judged = voices("neutral", "neutral", "sad")
    assert recall(outputs, judged).value == pytest.approx(0.5)
    assert recall(outputs, judged, ["neutral", "sad"]).value == pytest.approx(1.0)


def test_confidence_that_comes_true_has_no_calibration_error() -> None:
    true = ("sad",) * 5
    told = ("sad", "sad", "sad", "sad", "happy")
    assert calibration_error(says(*told, sure=0.8), voices(*true)).value == pytest.approx(
        0, abs=1e-6
    )
    late = calibration_error(says(*told, sure=0.95), voices(*true)).value
    assert late == pytest.approx(0.15, abs=1e-5)
    assert confidence(says("sad", sure=0.8)) == pytest.approx([0.8])


def test_only_speech_that_can_be_named_is_heard(tmp_path: Path) -> None:
    tone_file = tmp_path / "tone.wav"
    soundfile.write(tone_file, 0.1 * np.sin(np.arange(8000) / 8), 16000)
    clips = [
        clip("sad", path=str(tone_file)),
        clip("proud", path=str(tone_file)),
        clip("sad", kind="nonverbal", path=str(tone_file)),
        clip("sad", path="absent.wav"),
    ]
    heard = listened(clips, recogniser(), lambda samples: frames(len(samples) % 7))
    assert heard.clips == (clips[0],)
    assert heard.states.shape == (1, STATE)
    assert [named(one) for one in clips] == ["sad", "", "sad", "sad"]
