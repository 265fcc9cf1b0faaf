"""What a space has to beat: a search for words, and spectra mapped to a sentence encoder.

Both are rankings of clips by a prompt, as a space is. Loudness, the third, is in `scores`.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from retrieval.audio import read
from retrieval.errors import AudioError
from retrieval.evaluation.clips import Clip, Sound
from retrieval.evaluation.naming import caption
from retrieval.evaluation.scores import UNHEARD, Numbers, Scorer
from retrieval.space import TextEncoder, Vectors, unit

RATE = 16000  # hertz; everything is measured at this rate
FRAME, HOP = 400, 160  # samples: 25 ms every 10 ms
BINS = 512  # of the Fourier transform
MELS, CEPSTRA = 40, 20
LONGEST = 30.0  # seconds of a file that are looked at
ROLLOFF = 0.85  # of the energy lies below the roll-off
FLOOR = 1e-10

#: Ridge penalty for each training clip; features have variance 1.
PENALTY = 0.01


def by_keyword(prompts: Sequence[str], sounds: Sequence[Sound]) -> Numbers:
    """1 where the prompt occurs in the file name or in what is said, else 0, (prompts, sounds).

    Where file names were made from labels, this finds the labels, as people do who look there.
    """
    texts = [_plain(f"{Path(s.clip.name or s.clip.path).stem} {s.clip.transcript}") for s in sounds]
    return np.array([[float(_plain(prompt) in text) for text in texts] for prompt in prompts])


@dataclass(frozen=True)
class Spectral:
    """Spectral statistics of clips, mapped by ridge regression to the vectors of a text encoder.

    Attributes:
        text: the encoder that reads prompts.
        weight: standardised statistics to text vectors, (statistics, k).
        bias: (k,), the mean text vector in training.
        heard: standardised statistics (statistics,) of each clip that can be scored, by path.
    """

    text: TextEncoder
    weight: Numbers
    bias: Numbers
    heard: Mapping[Path, Numbers]

    def __call__(self, prompts: Sequence[str], sounds: Sequence[Sound]) -> Numbers:
        """Cosines (prompts, sounds); a clip that could not be read gets the lowest."""
        read_as = unit(self.text.encode(prompts)).astype(np.float64)  # (prompts, k)
        scores = np.full((len(prompts), len(sounds)), UNHEARD)
        for column, sound in enumerate(sounds):
            statistics = self.heard.get(sound.clip.path)
            if statistics is not None:
                mapped = statistics @ self.weight + self.bias  # (k,)
                scores[:, column] = read_as @ mapped / max(float(np.linalg.norm(mapped)), FLOOR)
        return scores


def spectral(
    text: TextEncoder, train: Sequence[Clip], sounds: Sequence[Sound], jobs: int | None = None
) -> Scorer | None:
    """The oldest way to search sound by words, trained in a moment.

    The mean and the spread over time of cepstra, centroid, roll-off, flatness, zero crossings and
    energy, standardised over the training clips, are mapped by ridge regression (closed form) to
    the vector of each training clip's caption (`naming.caption`); prompts are then compared by
    cosine.

    Args:
        text: the encoder of captions and prompts.
        train: clips to learn from, not among those that are judged.
        sounds: the clips that will be scored.
        jobs: threads that decode; None for as many as there are cores.

    Returns:
        None when no training clip has a caption and can be read.
    """
    captioned = [clip for clip in train if caption(clip)]
    judged = [sound.clip for sound in sounds]
    with ThreadPoolExecutor(jobs) as pool:
        found = list(pool.map(_statistics_of, [clip.path for clip in (*captioned, *judged)]))
    pairs = zip(captioned, found, strict=False)
    known = [(clip, values) for clip, values in pairs if values is not None]
    if not known:
        return None
    x = np.stack([values for _, values in known])  # (n, statistics)
    mean, spread = x.mean(axis=0), np.maximum(x.std(axis=0), 1e-6)
    weight, bias = ridge((x - mean) / spread, _texts(text, [clip for clip, _ in known]))
    later = zip(judged, found[len(captioned) :], strict=True)
    heard = {clip.path: (v - mean) / spread for clip, v in later if v is not None}
    return Spectral(text, weight, bias, heard)


def ridge(x: Numbers, y: Numbers, share: float = PENALTY) -> tuple[Numbers, Numbers]:
    """Weight (d, k) and bias (k,) of ridge regression (Hoerl and Kennard 1970).

    Minimises |x w + b - y|^2 + n `share` |w|^2 with b not penalised.

    Args:
        x: (n, d), of mean 0.
        y: (n, k).
    """
    bias = y.mean(axis=0)
    penalty = len(x) * share * np.eye(x.shape[1])
    weight = np.linalg.solve(x.T @ x + penalty, x.T @ (y - bias))
    return weight, bias


def statistics(samples: Vectors) -> Numbers:
    """Mean and standard deviation over frames of `CEPSTRA` + 5 spectral measures, (2 (c + 5),).

    Args:
        samples: (n,) at `RATE`, in -1..1.
    """
    padded = np.pad(samples, (0, max(0, FRAME - len(samples))))
    frames = np.lib.stride_tricks.sliding_window_view(padded, FRAME)[::HOP]  # (t, FRAME)
    power = np.abs(np.fft.rfft(frames * np.hanning(FRAME), BINS)) ** 2 + FLOOR  # (t, bins)
    bins = np.arange(power.shape[1]) / (power.shape[1] - 1)  # 0..1 of half the rate
    total = power.sum(axis=1)
    below = np.cumsum(power, axis=1) / total[:, None]
    signs = np.signbit(frames)
    measured = np.column_stack(
        [
            np.log(power @ _mel_filters()) @ _cosines(),
            power @ bins / total,  # centroid
            (below < ROLLOFF).sum(axis=1) / len(bins),
            np.exp(np.log(power).mean(axis=1)) / power.mean(axis=1),  # flatness
            (signs[:, 1:] != signs[:, :-1]).mean(axis=1),  # zero crossings
            np.log((frames.astype(np.float64) ** 2).mean(axis=1) + FLOOR),
        ]
    )  # (t, c + 5)
    return np.concatenate([measured.mean(axis=0), measured.std(axis=0)])


def _statistics_of(path: Path) -> Numbers | None:
    try:
        return statistics(read(path, RATE, end=LONGEST))
    except AudioError:
        return None


def _texts(text: TextEncoder, clips: Sequence[Clip]) -> Numbers:
    """The unit text vector (n, k) of each clip's caption; every text is read once."""
    captions, row = np.unique([caption(clip) for clip in clips], return_inverse=True)
    return unit(text.encode(captions.tolist())).astype(np.float64)[row]


@cache
def _mel_filters() -> Numbers:
    """Triangles (bins, MELS), evenly spaced in mel, 2595 log10(1 + f / 700)."""
    top = 2595 * np.log10(1 + RATE / 2 / 700)
    edges = 700 * (10 ** (np.linspace(0, top, MELS + 2) / 2595) - 1)  # hertz
    hertz = np.linspace(0, RATE / 2, BINS // 2 + 1)[:, None]
    rising = (hertz - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - hertz) / (edges[2:] - edges[1:-1])
    return np.asarray(np.maximum(0, np.minimum(rising, falling)))


@cache
def _cosines() -> Numbers:
    """The first `CEPSTRA` rows of the discrete cosine transform (DCT-II), (MELS, CEPSTRA)."""
    middle = (np.arange(MELS) + 0.5)[:, None]
    return np.asarray(np.cos(np.pi / MELS * middle * np.arange(CEPSTRA)))


def _plain(text: str) -> str:
    return " ".join(text.casefold().replace("-", " ").replace("_", " ").split())
