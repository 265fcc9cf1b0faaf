"""When in a passage the voice contradicts its words most: short stretches are heard alone.

The weights that the recogniser's attention gives to frames would cost nothing more, but hardly
say where a feeling is heard: they look for what tells feelings apart, not for where one lies.
"""

from collections.abc import Mapping

import numpy as np

from retrieval.encoders.frames import STREAMS
from retrieval.recognition.judgement import Judgement
from retrieval.recognition.mismatch import mismatches
from retrieval.recognition.senses import Judge
from retrieval.space import Vectors

#: Seconds of a stretch, and from the start of one to the next: whole frames of every stream. Of
#: .96, 1.6 and 2.24 s this one was best on voices of validation speakers, each put before or
#: behind a neutral one of the same speaker.
STRETCH, STEP = 1.6, 0.32


def contradiction(
    frames: Mapping[str, Vectors], judge: Judge, words: Judgement
) -> tuple[float, float]:
    """The stretch of a passage whose voice, heard alone, has the highest mismatch with the words.

    Args:
        frames: (t, d) of each of `STREAMS`, of one passage.
        words: what is said in the passage, judged.

    Returns:
        Its start and end in seconds from the start of the passage; the first of equal ones. All
        of a passage that is no longer than `STRETCH`.
    """
    seconds = min(len(values) * STREAMS[name].hop for name, values in frames.items())
    if seconds <= STRETCH:
        return 0.0, seconds
    starts = np.arange(0.0, seconds - STRETCH + STEP / 2, STEP)
    heard = [judge.judge(judge.hear(_cut(frames, start)), None).both for start in starts]
    voices = np.stack([one.chances for one in heard])  # (n, 8)
    found = mismatches(voices, np.tile(words.chances, (len(voices), 1)))  # (n,)
    start = float(starts[np.argmax(found)])
    return start, min(start + STRETCH, seconds)


def _cut(frames: Mapping[str, Vectors], start: float) -> dict[str, Vectors]:
    """The frames of a stretch."""
    cut = {}
    for name, values in frames.items():
        first, count = (round(length / STREAMS[name].hop) for length in (start, STRETCH))
        cut[name] = values[first : first + count]
    return cut
