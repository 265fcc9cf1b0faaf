"""Speech recognition (extra `asr`): Moonshine's small English model, from its own wheel, offline.

It hears English only. A detector of speech keeps it from most noise; what it writes for the rest,
and for speech in another language, reads well and was never said. Therefore each line is heard a
second time, with faint noise over it: real words stay as they were, invented ones change.
`AGREEING` says how much they may; docs/transcripts.md has what that is worth.
"""

import threading
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np

from retrieval.audio import Samples, blocks
from retrieval.errors import MissingExtra
from retrieval.spoken.lines import Line
from retrieval.spoken.loops import sayable, unlooped
from retrieval.spoken.speech import RATE, chances, open_detector, spans
from retrieval.spoken.stretches import stretches
from retrieval.spoken.words import difference

MODEL = "tiny-en"

#: The share of its words in which a line may differ when it is heard again.
AGREEING = 0.5

#: Level of the noise of the second hearing below that of the line, in dB.
FAINT = 30.0

_REMEDY = "pip install 'affetto[asr]'"
# Its own search for speech is left out, see retrieval/spoken/speech.py.
_OPTIONS = {"identify_speakers": "false", "return_audio_data": "false", "vad_threshold": "0.0"}
_own = threading.local()  # a model for each thread
_loading = threading.Lock()  # its library is not ready for two that load it at once


class Model(NamedTuple):
    """What hears words in a run of speech, and what finds such runs."""

    transcriber: Any
    detector: Any


def check_extra() -> None:
    """Refuse at once what could not be done later.

    Raises:
        MissingExtra: moonshine-voice is not installed, or brings no model.
    """
    _folder()


@cache
def asr_name() -> str:
    """Name, version and model of the recogniser, as it is kept beside what it wrote.

    Raises:
        MissingExtra: as `check_extra`.
    """
    check_extra()
    return f"moonshine-voice {version('moonshine-voice')} {MODEL}"


def transcribe(samples: Samples, *, guard: bool = True) -> tuple[Line, ...]:
    """What is said in some samples (n,) at 16 kHz, mono, -1..1, with times in seconds.

    Args:
        guard: leave out what was probably not said; else all that the model writes.

    Raises:
        MissingExtra: as `check_extra`.
    """
    return tuple(hear([samples], guard=guard))


def transcribe_file(path: str | Path, start: float = 0.0, end: float | None = None) -> list[Line]:
    """What is said in a file, or in some seconds of it, with the times of the file.

    It is never decoded whole.

    Raises:
        AudioError: the file cannot be used; MissingExtra as `check_extra`.
    """
    return [_later(line, start) for line in hear(blocks(path, RATE, start=start, end=end))]


def hear(stream: Iterable[Samples], *, guard: bool = True) -> Iterator[Line]:
    """The lines of a stream of samples at 16 kHz, as they are heard; see `transcribe`."""
    for start, samples in stretches(stream, RATE):
        believed = (kept for _, kept in judged(samples)) if guard else _written(samples)
        yield from (_later(line, start) for line in believed if line is not None)


def judged(samples: Samples) -> Iterator[tuple[Line, Line | None]]:
    """Each line that the model writes for one stretch of samples (n,), and what is believed of it.

    Raises:
        MissingExtra: as `check_extra`.
    """
    for line in _written(samples):
        yield line, _believed(line, samples)


def _believed(line: Line, samples: Samples) -> Line | None:
    """The part of a line that was probably said, heard in some samples (n,); None for nothing."""
    start, end = line.start or 0.0, line.end or 0.0
    text = unlooped(line.text)
    if not sayable(text, end - start):
        return None
    again = _text(_noisier(samples[round(start * RATE) : round(end * RATE)]))
    if difference(text, unlooped(again)) > AGREEING:
        return None
    return Line(text, start, end)


def _noisier(samples: Samples) -> Samples:
    """The same samples (n,) with noise so faint that nobody would mind; always the same noise."""
    noise = np.random.default_rng(0).standard_normal(len(samples), dtype=np.float32)
    level = np.sqrt(np.mean(np.square(samples))) * 10 ** (-FAINT / 20)
    return np.asarray(samples + level * noise, dtype=np.float32)


def _written(samples: Samples) -> list[Line]:
    """What the model writes for one stretch of samples (n,): a line for each run of speech."""
    found = spans(chances(_model().detector, samples), len(samples))
    lines = (Line(_text(samples[a:b]), a / RATE, b / RATE) for a, b in found)
    return [line for line in lines if line.text]


def _text(samples: Samples) -> str:
    """What the model writes for one run of speech (n,)."""
    found = _model().transcriber.transcribe_without_streaming(samples.tolist(), RATE)
    return " ".join(line.text.strip() for line in found.lines).strip()


def _later(line: Line, seconds: float) -> Line:
    return Line(line.text, seconds + (line.start or 0.0), seconds + (line.end or 0.0))


def _model() -> Model:
    """The model, loaded once in each thread: it is not made to be shared."""
    if not hasattr(_own, "model"):
        with _loading:
            _own.model = _load(_folder())
    return cast(Model, _own.model)


def _load(folder: Path) -> Model:
    from moonshine_voice.errors import MoonshineError
    from moonshine_voice.moonshine_api import ModelArch, _MoonshineLib
    from moonshine_voice.transcriber import Transcriber

    try:
        transcriber = Transcriber(str(folder), ModelArch.TINY, options=_OPTIONS)
        return Model(transcriber, open_detector(_MoonshineLib().lib))
    except (MoonshineError, ValueError) as error:
        raise MissingExtra(
            f"the speech recogniser cannot be used: {error}", path=folder, remedy=_REMEDY
        ) from error


def _folder() -> Path:
    try:
        from moonshine_voice.utils import get_model_path
    except (ImportError, OSError) as error:  # or its library does not load
        raise MissingExtra(
            "recognising speech needs an optional package", remedy=_REMEDY
        ) from error
    folder = Path(get_model_path(MODEL))
    if not folder.is_dir():
        raise MissingExtra("this moonshine-voice brings no model", path=folder, remedy=_REMEDY)
    return folder
