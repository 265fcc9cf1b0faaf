"""The frames of the paper: a power spectrogram, standardised within each utterance."""

import numpy as np

from retrieval.space import Vectors

RATE = 16_000

#: Samples of a slice (25 ms), from one to the next (10 ms), and of the transform: 257 bins.
SLICE, STEP, POINTS = 400, 160, 512

#: Seconds from one frame to the next.
HOP = STEP / RATE


def spectrogram(samples: Vectors) -> Vectors:
    """Mono samples (n,) at 16 kHz to the log power (t, 257) of slices of 25 ms, every 10 ms.

    Mean and deviation of each bin over the utterance are taken out (CMVN). The log is ours: the
    paper says power spectrogram, and power spans six powers of ten.
    """
    padded = np.pad(samples, (0, max(0, SLICE - len(samples))))
    slices = np.lib.stride_tricks.sliding_window_view(padded, SLICE)[::STEP]  # (t, slice)
    power = np.abs(np.fft.rfft(slices * np.hanning(SLICE), POINTS)) ** 2  # (t, 257)
    level = np.log(power + 1e-8)
    return np.asarray(
        (level - level.mean(axis=0)) / np.maximum(level.std(axis=0), 1e-3), dtype=np.float32
    )
