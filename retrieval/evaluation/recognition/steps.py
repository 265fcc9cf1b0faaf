"""The steps of recognition, one by one, so that each can be timed.

A step imports what it alone needs, so that a new process loads no more than that.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from retrieval.audio import read, windows
from retrieval.encoders.audio_onnx import RATE
from retrieval.encoders.frames import builtin_frames
from retrieval.recognition.recogniser import load_recogniser
from retrieval.space import Vectors

#: Seconds of a clip that are used.
LONGEST = 10


@dataclass(frozen=True)
class Take:
    """The beginning of one clip.

    Attributes:
        path: its file.
        text: what is said.
        samples: (n,) of 16 kHz, at most `LONGEST` seconds.
    """

    path: Path
    text: str
    samples: Vectors


def take(path: Path, text: str) -> Take:
    """The beginning of a clip, and its words."""
    return Take(path, text, _beginning(path, RATE))


def _beginning(path: Path, rate: int) -> Vectors:
    return read(path, rate)[: LONGEST * rate]


@dataclass(frozen=True)
class Step:
    """One piece of work on a clip.

    Attributes:
        prepare: from a clip to what the step is given; this is not timed.
        run: the step itself.
    """

    prepare: Callable[[Take], Any]
    run: Callable[[Any], object]


def _voice() -> Step:
    recogniser, frames = load_recogniser(), builtin_frames()
    return Step(
        lambda take: take.samples,
        lambda samples: recogniser.judge(recogniser.hear(frames.hear(samples)), None),
    )


def _words() -> Step:
    recogniser = load_recogniser()
    return Step(
        lambda take: take.text, lambda text: recogniser.judge(None, recogniser.read([text])[0])
    )


def _both() -> Step:
    recogniser, frames = load_recogniser(), builtin_frames()
    return Step(
        lambda take: (
            recogniser.hear(frames.hear(take.samples)), recogniser.read([take.text])[0],
        ),
        lambda states: recogniser.judge(*states),
    )  # fmt: skip


def _mismatch() -> Step:
    from retrieval.recognition.mismatch import mismatch

    recogniser, frames = load_recogniser(), builtin_frames()

    def judged(take: Take) -> tuple[Any, Any]:
        voice = recogniser.hear(frames.hear(take.samples))
        found = recogniser.judge(voice, recogniser.read([take.text])[0])
        return found.voice, found.words

    return Step(judged, lambda both: mismatch(*both))


def _weighing() -> Step:
    from retrieval.recognition.weighing import weigh

    recogniser = load_recogniser()

    def judge(texts: Any) -> list[Any]:
        return [recogniser.judge(None, state).both for state in recogniser.read(texts)]

    return Step(lambda take: take.text, lambda text: weigh(text, judge))


def _transcript() -> Step:
    from retrieval.spoken.asr import transcribe

    return Step(lambda take: take.samples, transcribe)


def _attention() -> Step:
    from retrieval.recognition.attention.aligner import load_aligner

    aligner, frames = load_aligner(), builtin_frames()
    return Step(
        lambda take: (frames.hear(take.samples)["speech"], take.text.split()),
        lambda given: aligner.align(*given),
    )


def _fused(name: str) -> Step:
    from retrieval.evaluation.hearing import choose_spaces

    space = choose_spaces(name, ())[0]
    rate = space.audio.rate

    def cut(take: Take) -> list[Vectors]:
        found = windows([_beginning(take.path, rate)], rate, space.window, space.hop)
        return [window.samples for window in found]

    return Step(cut, space.audio.encode)


#: What each step is, and what makes it ready; making it loads weights.
STEPS: Mapping[str, Callable[[], Step]] = {
    "a voice: hear and judge it": _voice,
    "words: read and judge them": _words,
    "both: join what was heard and read": _both,
    "mismatch of two judgements": _mismatch,
    "the words that weigh most": _weighing,
    "a transcript by speech recognition": _transcript,
    "a map of words against time": _attention,
}


def steps_with(fused: str | None) -> Mapping[str, Callable[[], Step]]:
    """`STEPS`, and the audio encoder of a fused space, by the name of it, if there is one."""
    if fused is None:
        return STEPS
    return {**STEPS, f"vectors of {fused}": lambda: _fused(fused)}
