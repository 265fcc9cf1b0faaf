"""One recording, or a part of it, as vectors in a space."""

import numpy as np

from retrieval.audio import blocks
from retrieval.describe import Heard
from retrieval.prompt import Excerpt
from retrieval.space import Space
from retrieval.windows import Meter, windows


def listen(space: Space, excerpt: Excerpt) -> Heard:
    """Decode, cut, encode and project an excerpt; times are seconds of the recording.

    Raises:
        AudioError: the file cannot be used, or the excerpt lies outside it.
    """
    meter = Meter(space.audio.rate)
    samples = blocks(excerpt.path, space.audio.rate, start=excerpt.start, end=excerpt.end)
    vectors, times = [], []
    for window in windows(meter.through(samples), space.audio.rate, space.window, space.hop):
        vectors.append(space.place_audio(space.audio.encode([window.samples])))
        times.append((excerpt.start + window.start, excerpt.start + window.end))
    meter.check(excerpt.path)
    return Heard(np.concatenate(vectors), tuple(times))
