"""Clips with transcripts as utterances: frames of speech, and a vector of each word."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from retrieval.audio import read
from retrieval.encoders.builtin import load_builtin
from retrieval.encoders.frames import PASSAGE, STREAMS, Frames, builtin_frames
from retrieval.evaluation.clips import Clip, read_table
from retrieval.recognition.attention.word_times import sounding
from retrieval.space import TextEncoder, Vectors
from retrieval.spoken.words import words_of
from retrieval.training.alignment.fitting import Utterance
from retrieval.training.alignment.model import Sizes
from retrieval.training.alignment.spectrogram import HOP, spectrogram

RATE = 16_000

SPECTROGRAM, SPEECH = "spectrogram", "speech"

#: Frames that are averaged into one: so both kinds of frames make a step of 80 ms.
EVERY: Mapping[str, int] = {SPECTROGRAM: 8, SPEECH: 1}

Split = Mapping[str, Sequence[Utterance]]  # train, val and test


@dataclass(frozen=True)
class Ears:
    """What hears speech and reads words; the words it has read are kept."""

    frames: Frames = field(default_factory=builtin_frames)
    text: TextEncoder = field(default_factory=lambda: load_builtin().text)
    vectors: dict[str, Vectors] = field(default_factory=dict)

    def hear(self, samples: Vectors) -> Vectors:
        """Samples (n,) to frames (t, 768), heard in passages of at most 10 s."""
        size = round(PASSAGE * self.frames.rate)
        parts = [samples[start : start + size] for start in range(0, len(samples), size)]
        return np.concatenate([self.frames.hear(part)["speech"] for part in parts])

    def read(self, words: Sequence[str]) -> Vectors:
        """The vector of each word by itself, (w, dim)."""
        for word in words:
            if word not in self.vectors:
                self.vectors[word] = self.text.encode([word])[0]
        return np.stack([self.vectors[word] for word in words])


def read_split(
    corpora: Path, corpus: str, kind: str, ears: Ears, thin: int = 1
) -> tuple[Split, tuple[str, ...]]:
    """The clips of a corpus that have words, by split, and the names of its classes.

    Args:
        kind: of frames, a key of `EVERY`.
        thin: every so many clips are taken.
    """
    clips = {
        split: spoken_in(read_table(corpora, [corpus], split).clips)[::thin]
        for split in ("train", "val", "test")
    }
    classes = classes_of([clip for part in clips.values() for clip in part])
    return {
        split: [utterance(clip, kind, classes, ears) for clip in part]
        for split, part in clips.items()
    }, classes


def spoken_in(clips: Sequence[Clip]) -> list[Clip]:
    """The clips that have words and an emotion."""
    return [clip for clip in clips if clip.emotion is not None and words_of(clip.transcript)]


def classes_of(clips: Sequence[Clip]) -> tuple[str, ...]:
    """The emotions of clips, by name."""
    return tuple(sorted({clip.emotion.name for clip in clips if clip.emotion is not None}))


def utterance(clip: Clip, kind: str, classes: Sequence[str], ears: Ears) -> Utterance:
    """Hear and read one clip.

    Raises:
        AudioError: it cannot be read.
    """
    assert clip.emotion is not None  # as `spoken_in` gives them
    samples = read(clip.path, RATE)
    words = words_of(clip.transcript)
    return Utterance(
        path=clip.name,
        speaker=clip.speaker,
        label=classes.index(clip.emotion.name),
        spoken=tuple(words),
        frames=ears.hear(samples) if kind == SPEECH else spectrogram(samples),
        hop=STREAMS["speech"].hop if kind == SPEECH else HOP,
        words=ears.read(words),
        span=sounding(samples, RATE),
    )


def sizes_for(kind: str, utterances: Sequence[Utterance], classes: int) -> Sizes:
    """The sizes that fit these utterances."""
    first = utterances[0]
    return Sizes(first.frames.shape[1], first.words.shape[1], classes, every=EVERY[kind])
