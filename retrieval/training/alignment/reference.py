"""Word times to measure with, from an aligner that knows nothing of ours.

Praat lets eSpeak speak the words and bends that voice onto the recording (dynamic time warping of
cepstra). Needs the extra `features` (parselmouth carries both).
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from retrieval.errors import MissingExtra
from retrieval.evaluation.metrics import Numbers
from retrieval.space import Vectors

RATE = 16_000

#: eSpeak's names of languages.
LANGUAGES: Mapping[str, str] = {"en": "English (America)", "pl": "Polish"}

#: The voices that speak; how far their times lie apart tells how exact the reference can be.
VOICES = ("Female1", "Male1")

# dB below the loudest that is silence, and the shortest silence and sound in seconds: Praat's own.
SILENCE = (-35.0, 0.1, 0.1)


def word_times(
    samples: Vectors, words: Sequence[str], language: str, voice: str = VOICES[0]
) -> Numbers | None:
    """Seconds (w, 2) of start and end of each word; None where Praat finds no way.

    Args:
        samples: mono (n,) at 16 kHz.
        language: a key of `LANGUAGES`.

    Raises:
        MissingExtra: parselmouth is not installed.
    """
    praat, spoken = _praat(), " ".join(words)
    sound = praat.Sound(samples.astype(np.float64), RATE)
    call = praat.praat.call
    grid = call(sound, "To TextGrid", "words", "")
    call(grid, "Set interval text", 1, 1, spoken)
    try:
        speaker = _speaker(LANGUAGES[language], voice)
        found = call([speaker, sound, grid], "To TextGrid (align)", 1, 1, 1, *SILENCE)
    except praat.PraatError:
        return None
    times = [
        [call(found, f"Get {end} time of interval", 3, number) for end in ("start", "end")]
        for number in range(1, call(found, "Get number of intervals", 3) + 1)
        if call(found, "Get label of interval", 3, number)
    ]  # tier 3 holds the words
    return np.array(times) if len(times) == len(words) else None


@cache
def _speaker(language: str, voice: str) -> Any:
    call = _praat().praat.call
    speaker = call("Create SpeechSynthesizer", language, voice)
    # Rate in hertz, gap between words in seconds, pitch and its range, words a minute, phonemes.
    call(speaker, "Speech output settings", RATE, 0.01, 1, 1, 175, "IPA")
    return speaker


def _praat() -> Any:
    try:
        import parselmouth
    except ImportError as fault:
        raise MissingExtra(
            "word times to measure with need Praat", remedy="pip install 'affetto[features]'"
        ) from fault
    return parselmouth
