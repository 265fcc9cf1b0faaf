"""Voices as they are learned from: frames of every clip, and of a noisy copy of it."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.encoders.frames import PASSAGE, Frames
from retrieval.evaluation.noise import noisy, pink, stretch, white
from retrieval.space import Vectors
from retrieval.training.clips import RATE, Clip

Log = Callable[[str], None]
Heard = Mapping[str, NDArray[np.float16]]

#: Corpora of speech, and acts of the mouth that show an emotion without a doubt.
SPEECH = ("ravdess", "nemo", "ased")
ACTS = {
    "laughing": "happy", "baby laugh": "happy", "crying": "sad", "baby cry": "sad",
    "screaming": "fearful",
}  # fmt: skip

#: Signal-to-noise ratio of a noisy copy, in dB.
QUIETEST, LOUDEST = 0.0, 20.0
THREADS = 2
_MOST = int(PASSAGE * RATE)


@dataclass(frozen=True)
class Voice:
    """A clip with one of our emotions.

    Attributes:
        clip: what is known of it.
        emotion: of EMOTIONS.
        clean, worn: its frames (t, d) by stream, as recorded and under noise; of clips of more
            than 10 s, those of the first 10 s.
    """

    clip: Clip
    emotion: str
    clean: Heard
    worn: Heard


def emotion_of(clip: Clip) -> str | None:
    """The emotion of a clip of speech, of laughter, crying or a scream; None for other clips."""
    if clip.kind == "speech" and clip.corpus in SPEECH:
        return clip.label
    return ACTS.get(clip.sound) if clip.kind == "nonverbal" else None


def listen(clips: Sequence[Clip], frames: Frames, seed: int, log: Log) -> list[Voice]:
    """Hear every clip that has an emotion of ours, once as it is and once under noise.

    The noise is white, pink or a sound of ESC-10 of the same split, 0 to 20 dB below the voice.
    """
    taken = [(clip, name) for clip in clips if (name := emotion_of(clip)) is not None]
    sounds = sounds_by_split(clips)
    voices: list[Voice] = []
    with ThreadPoolExecutor(THREADS) as pool:
        jobs = enumerate(taken)
        for voice in pool.map(lambda job: _voice(job[0], job[1], frames, sounds, seed), jobs):
            voices.append(voice)
            if len(voices) % 1000 == 0:
                log(f"{len(voices)} of {len(taken)} voices heard")
    return voices


def sounds_by_split(clips: Sequence[Clip]) -> dict[str, list[Clip]]:
    """The everyday sounds that serve as noise, by split: no sound of one is heard in another."""
    found: dict[str, list[Clip]] = {}
    for clip in clips:
        if clip.kind == "environment":
            found.setdefault(clip.split, []).append(clip)
    return found


def samples_of(clip: Clip) -> Vectors:
    """The first 10 s of a clip, in -1..1."""
    return np.asarray(clip.samples[:_MOST] / np.float32(32768), dtype=np.float32)


def _voice(
    number: int,
    taken: tuple[Clip, str],
    frames: Frames,
    sounds: Mapping[str, Sequence[Clip]],
    seed: int,
) -> Voice:
    clip, emotion = taken
    rng = np.random.default_rng([seed, number])
    samples = samples_of(clip)
    noise = _noise(len(samples), sounds.get(clip.split, ()), rng)
    worn = noisy(samples, noise, rng.uniform(QUIETEST, LOUDEST))
    return Voice(clip, emotion, _half(frames.hear(samples)), _half(frames.hear(worn)))


def _noise(size: int, sounds: Sequence[Clip], rng: np.random.Generator) -> Vectors:
    kind = rng.integers(3 if sounds else 2)
    if kind == 2:
        return stretch(samples_of(sounds[int(rng.integers(len(sounds)))]), size, rng)
    return pink(size, rng) if kind else white(size, rng)


def _half(frames: Mapping[str, Vectors]) -> Heard:
    return {name: values.astype(np.float16) for name, values in frames.items()}
