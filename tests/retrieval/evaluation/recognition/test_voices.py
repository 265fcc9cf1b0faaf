"""Clips judged by their voices."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from retrieval.emotions import lookup
from retrieval.evaluation.clips import Clip, hear
from retrieval.evaluation.recognition.voices import reader, voices
from retrieval.recognition.judgement import Judgement, Recognised
from retrieval.space import Layer, Space, Vectors


class Level:
    """Judges the valence of a voice by its mean level, and of words by how many there are."""

    fingerprint = "level"

    def hear(self, frames: Mapping[str, Vectors]) -> Vectors:
        return frames["speech"].mean(axis=0)

    def read(self, texts: Sequence[str]) -> Vectors:
        return np.array([[len(text.split())] for text in texts], dtype=np.float32)

    def judge(self, voice: Vectors | None, words: Vectors | None) -> Recognised:
        state = voice if voice is not None else words
        assert state is not None
        found = Judgement(np.full(8, 0.125, dtype=np.float32), float(state[0]), 0.0)
        return Recognised(found, None, found, "voice")


def frames(samples: Vectors) -> dict[str, Vectors]:
    assert len(samples) <= 160_000
    return {"speech": np.abs(samples)[:, None]}


def clip(path: Path, emotion: str = "sad", kind: str = "speech") -> Clip:
    return Clip(path, "toy", "s", lookup(emotion), kind=kind)


def square(path: Path, level: float) -> Path:
    """One second of a square wave."""
    soundfile.write(path, level * np.sign(np.sin(np.arange(16_000) + 0.5)), 16_000)
    return path


def test_speech_that_can_be_judged_is_taken_beside_its_valence_in_the_space(
    tmp_path: Path, space: Space
) -> None:
    good, loud = square(tmp_path / "good.wav", 0.25), square(tmp_path / "loud.wav", 0.5)
    clips = [
        clip(tmp_path / "gone.wav"), clip(good), clip(good, "no feeling"),
        clip(good, kind="music"), clip(loud, "angry"),
    ]  # fmt: skip
    weight = np.array([[0.3, 0.0]] * space.audio.dim, dtype=np.float32)
    affect = Layer(weight, np.zeros(2, dtype=np.float32))
    felt = replace(space, heads=replace(space.heads, affect=affect))
    found = voices(clips, Level(), frames, felt)
    assert [one.clip for one in found] == [clips[1], clips[4]]
    assert [one.judgement.valence for one in found] == pytest.approx([0.25, 0.5], abs=1e-3)
    sounds, _ = hear([clips[1], clips[4]], felt)
    assert [one.affect for one in found] == [felt.affect(s.centre[None])[0, 0] for s in sounds]
    assert found[0].affect > 0


def test_words_are_judged_alone() -> None:
    found = reader(Level())(["it is late", "no"])
    assert [one.valence for one in found] == [3.0, 1.0]
