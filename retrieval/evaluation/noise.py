"""Noise laid over a recording at a known level, and words of a text misheard at a known rate."""

from collections.abc import Sequence

import numpy as np

from retrieval.space import Vectors

#: Below this mean square a recording is silence, and stays as it is.
SILENCE = 1e-10


def white(size: int, rng: np.random.Generator) -> Vectors:
    """Noise (size,) with the same power at every frequency."""
    return rng.standard_normal(size, dtype=np.float32)


def pink(size: int, rng: np.random.Generator) -> Vectors:
    """Noise (size,) whose power falls with frequency as 1 / f, as in most rooms."""
    spectrum = np.fft.rfft(white(size, rng))
    spectrum /= np.sqrt(np.maximum(np.arange(len(spectrum)), 1.0))
    return np.asarray(np.fft.irfft(spectrum, size), dtype=np.float32)


def stretch(sound: Vectors, size: int, rng: np.random.Generator) -> Vectors:
    """A random stretch (size,) of a sound (n,), n above 0; a short one is repeated."""
    times = -(-size // len(sound)) + 1
    start = int(rng.integers(len(sound)))
    return np.tile(sound, times)[start : start + size]


def noisy(samples: Vectors, noise: Vectors, snr: float) -> Vectors:
    """Samples (n,) with noise (n,) over them, scaled down together where they would clip.

    Args:
        snr: signal-to-noise ratio in dB, 10 log10 of the mean square of the samples by that of
            the noise, over the whole length. Silence on either side leaves the samples alone.
    """
    power, other = float(np.square(samples).mean()), float(np.square(noise).mean())
    if power < SILENCE or other < SILENCE:
        return samples
    mixed = samples + noise * np.sqrt(power / other * 10 ** (-snr / 10))
    return np.asarray(mixed / max(1.0, float(np.abs(mixed).max())), dtype=np.float32)


def misheard(text: str, share: float, others: Sequence[str], rng: np.random.Generator) -> str:
    """A text of which each word is wrong with a chance of `share`: the word error rate.

    Half of the wrong words are left out, half are replaced by a word of `others`, as
    recognisers of speech do both. With a share of 1 no word is left as it was.
    """
    heard = []
    for word in text.split():
        if rng.random() >= share:
            heard.append(word)
        elif rng.random() < 0.5:
            heard.append(others[int(rng.integers(len(others)))])
    return " ".join(heard)
