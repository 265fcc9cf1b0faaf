"""Voices without words: a source of harmonics and breath through the resonances of a throat."""

import numpy as np
from numpy.random import Generator
from synth import (
    RATE,
    Audio,
    Points,
    curve,
    fade,
    harmonics,
    join,
    noise,
    place,
    samples,
    shape,
    silence,
    wander,
)

VOWELS = {
    "a": (730, 1090, 2440, 3400, 4400),
    "e": (530, 1840, 2480, 3500, 4400),
    "i": (280, 2290, 3010, 3600, 4500),
    "o": (570, 840, 2410, 3300, 4300),
    "u": (310, 870, 2240, 3200, 4300),
    "v": (640, 1190, 2390, 3400, 4400),
    "m": (240, 1050, 2100, 3100, 4200),
}
WIDTHS = (80, 100, 140, 200, 260)
LEGATO = RATE // 10

Mouth = tuple[tuple[float, str], ...]


def utter(
    rng: Generator,
    pitch: Audio,
    vowels: Mouth,
    size: float = 1.0,
    breath: float = 0.1,
    tilt: float = -8.0,
    rough: float = 0.0,
) -> Audio:
    """A voice on changing vowels.

    Args:
        pitch: Hz, [samples].
        vowels: (position 0..1, vowel) points the mouth moves through.
        size: 1 is a man's throat; below 1 is shorter (a woman's .85, a baby's .65).
        breath: noise beside the voice, 0..1.
        tilt: dB an octave of the voice, nearer 0 is more pressed.
        rough: beating at half the pitch and jitter, 0..1.
    """
    count = len(pitch)
    jitter = 1 + (0.006 + 0.03 * rough) * wander(rng, count, 40)
    voice = harmonics(pitch * jitter, tilt)
    half = np.cos(np.pi * np.cumsum(pitch * jitter) / RATE)
    voice *= 1 - rough * 0.7 * (0.5 + 0.5 * half) * (1 + 0.5 * wander(rng, count, 25))
    return throat(voice + breath * noise(rng, count), vowels, size)


def throat(source: Audio, vowels: Mouth, size: float = 1.0) -> Audio:
    """Filter a source by the five resonances of each vowel, gliding between vowels."""

    def gain(freqs: Audio, places: Audio) -> Audio:
        total = np.ones((len(places), freqs.shape[1]))
        for number, width in enumerate(WIDTHS):
            track = [(at, VOWELS[vowel][number] / size) for at, vowel in vowels]
            spots, values = zip(*track, strict=True)
            peak = np.interp(places, spots, values)
            total *= peak**2 / np.sqrt((peak**2 - freqs**2) ** 2 + (width * freqs) ** 2 + 1)
        return total

    return shape(source, gain)


def air(rng: Generator, seconds: float, strength: Points, vowels: Mouth, size: float) -> Audio:
    """Breath alone, in or out."""
    count = samples(seconds)
    return throat(noise(rng, count), vowels, size) * curve(strength, count)


def laugh(rng: Generator, pitch: float, size: float, bursts: int = 7) -> Audio:
    """Bursts of "ha" about five a second, falling in pitch and strength, twice."""
    spoken = []
    for turn in range(2):
        for number in range(bursts - 2 * turn):
            sag = 1 - 0.05 * number
            top = pitch * sag * (1 + 0.06 * rng.standard_normal()) * (1.12 - 0.12 * turn)
            count = samples(0.10 + 0.02 * rng.random())
            tone = curve([(0, top * 1.15), (0.3, top * 1.3), (1, top * 0.9)], count)
            voice = utter(rng, tone, ((0, "a"), (1, "v")), size, 0.15, -6)
            puff = air(rng, 0.075, [(0, 0), (0.6, 0.7), (1, 0.4)], ((0, "v"),), size)
            spoken += [puff * sag, fade(voice, 0.012, 0.04) * sag]
        spoken.append(air(rng, 0.45, [(0, 0), (0.5, 0.35), (1, 0)], ((0, "i"), (1, "v")), size))
    return join(spoken)


def sob(rng: Generator, pitch: float, size: float) -> Audio:
    """Broken falling moans with a shaking voice, and catches of breath between them."""
    spoken = []
    for number in range(4):
        for _ in range(int(rng.integers(1, 4))):
            spoken += [air(rng, 0.13, [(0, 0), (0.8, 0.5), (1, 0)], ((0, "e"),), size)]
            spoken += [silence(0.03)]
        count = samples(0.9 - 0.08 * number + 0.2 * rng.random())
        shake = np.sin(2 * np.pi * np.cumsum(7.5 + wander(rng, count, 2)) / RATE)
        tone = pitch * curve([(0, 1.0), (0.2, 1.3), (1, 0.72)], count) * (1 + 0.06 * shake)
        cry = utter(rng, tone, ((0, "v"), (0.5, "u"), (1, "m")), size, 0.3, -10, 0.2)
        cry = fade(cry * (0.65 + 0.35 * shake), 0.06, 0.25) * (1 - 0.12 * number)
        spoken += [cry, silence(0.05 + 0.2 * rng.random())]
    return join(spoken)


def sigh(rng: Generator, pitch: float, size: float) -> Audio:
    """A slow breath in, then a long falling breath out with a little voice in it."""
    inward = air(rng, 1.1, [(0, 0), (0.7, 0.35), (1, 0)], ((0, "i"), (1, "v")), size)
    count = samples(2.0)
    tone = pitch * curve([(0, 1.15), (0.4, 0.9), (1, 0.65)], count)
    voice = utter(rng, tone, ((0, "a"), (1, "u")), size, 0.9, -12)
    fall = curve([(0, 0), (0.08, 1), (0.4, 0.5), (1, 0)], count)
    return join([inward * 0.6, silence(0.1), voice * fall, silence(0.2)])


def scream(rng: Generator, pitch: float, size: float) -> Audio:
    """A rough, loud, high voice that climbs, holds and breaks; after a gasp."""
    count = samples(1.7)
    tone = pitch * curve([(0, 0.6), (0.12, 1.0), (0.7, 1.12), (1, 0.75)], count)
    cry = utter(rng, tone, ((0, "e"), (0.2, "a"), (1, "a")), size, 0.2, -3, 0.55)
    cry = np.tanh(fade(cry, 0.04, 0.15) * 3 / np.abs(cry).max())
    gulp = air(rng, 0.3, [(0, 0), (0.9, 1), (1, 0)], ((0, "i"), (1, "a")), size)
    return join([gulp / np.abs(gulp).max() * 0.3, cry, silence(0.2)])


def gasp(rng: Generator, pitch: float, size: float) -> Audio:
    """Sharp breaths in, the first with a squeak of voice, then held and let go shaking."""
    count = samples(0.38)
    tone = pitch * curve([(0, 0.9), (1, 1.7)], count)
    voice = utter(rng, tone, ((0, "v"), (1, "e")), size, 1.2, -10)
    first = voice * curve([(0, 0), (0.5, 0.8), (0.92, 1), (1, 0)], count)
    out = air(rng, 0.9, [(0, 0), (0.1, 0.5), (1, 0)], ((0, "v"),), size)
    shaken = out * (0.6 + 0.4 * np.sin(2 * np.pi * 9 * np.arange(len(out)) / RATE))
    again = air(rng, 0.3, [(0, 0), (0.9, 0.8), (1, 0)], ((0, "e"), (1, "i")), size)
    return join([first, silence(0.5), shaken * 0.6, silence(0.15), again, silence(0.3)])


def hum(rng: Generator, pitch: float, size: float) -> Audio:
    """A slow tune with closed lips."""
    steps, lengths = (0, 4, 7, 5, 4, 2, 0), (0.7, 0.5, 0.9, 0.5, 0.6, 0.5, 1.4)
    notes = zip(steps, lengths, strict=True)
    tune = join([np.full(samples(long), pitch * 2 ** (step / 12)) for step, long in notes])
    slide = np.hanning(LEGATO) / np.hanning(LEGATO).sum()
    tune = np.convolve(np.pad(tune, LEGATO, mode="edge"), slide, mode="same")[LEGATO:-LEGATO]
    vibrato = np.sin(2 * np.pi * 5 * np.arange(len(tune)) / RATE)
    voice = utter(rng, tune * (1 + 0.008 * vibrato), ((0, "m"),), size, 0.04, -9)
    return fade(voice * (1 + 0.2 * wander(rng, len(tune), 1.5)), 0.25, 0.7)


def groan(rng: Generator, pitch: float, size: float) -> Audio:
    """A low creaking voice pressed out twice, as in pain."""
    spoken = []
    for seconds, strength in ((1.3, 0.8), (1.7, 1.0)):
        count = samples(seconds)
        tone = pitch * curve([(0, 0.9), (0.25, 1.25), (1, 0.7)], count)
        voice = utter(rng, tone, ((0, "m"), (0.15, "o"), (1, "v")), size, 0.15, -6, 0.9)
        spoken += [fade(voice, 0.1, 0.4) * strength, silence(0.25)]
    return join(spoken)


def growl(rng: Generator, pitch: float, size: float) -> Audio:
    """A low, rough, rising voice behind the teeth that ends in a bark."""
    count = samples(2.2)
    tone = pitch * curve([(0, 0.8), (0.6, 1.0), (0.85, 1.9), (1, 1.4)], count)
    voice = utter(rng, tone, ((0, "u"), (0.6, "e"), (0.85, "a"), (1, "a")), size, 0.3, -3, 0.95)
    swell = curve([(0, 0.2), (0.7, 0.6), (0.83, 1.3), (0.95, 1.2), (1, 0)], count)
    return join([np.tanh(4 * voice / np.abs(voice).max() * swell), silence(0.2)])


def yawn(rng: Generator, pitch: float, size: float) -> Audio:
    """A wide slow opening, a long breathy fall, a small smack of rest."""
    inward = air(rng, 1.2, [(0, 0), (0.8, 0.5), (1, 0.1)], ((0, "u"), (1, "a")), size)
    count = samples(2.4)
    tone = pitch * curve([(0, 1.0), (0.2, 1.35), (1, 0.6)], count)
    voice = utter(rng, tone, ((0, "o"), (0.4, "a"), (1, "m")), size, 0.5, -11)
    return join([inward, fade(voice, 0.25, 1.1), silence(0.2)])


def cheer(rng: Generator, pitch: float, size: float) -> Audio:
    """ "Woo-hoo" and a long "yeah", gliding far and fast."""
    spoken = []
    for seconds, glide, vowels in (
        (0.35, [(0, 0.8), (1, 1.5)], ((0.0, "u"), (1.0, "u"))),
        (0.6, [(0, 1.5), (0.4, 1.9), (1, 1.1)], ((0.0, "u"), (1.0, "o"))),
        (1.1, [(0, 1.0), (0.3, 1.8), (1, 1.2)], ((0.0, "i"), (0.3, "e"), (1.0, "a"))),
    ):
        tone = pitch * curve(glide, samples(seconds))
        spoken += [fade(utter(rng, tone, vowels, size, 0.12, -4, 0.15), 0.03, 0.08), silence(0.07)]
    return join(spoken)


def whimper(rng: Generator, pitch: float, size: float) -> Audio:
    """Small high thin cries, trembling, unevenly spaced."""
    canvas = silence(4.0)
    second = 0.1
    while second < 3.4:
        count = samples(0.25 + 0.25 * rng.random())
        tremor = 1 + 0.05 * np.sin(2 * np.pi * 10 * np.arange(count) / RATE)
        tone = pitch * (0.9 + 0.3 * rng.random()) * curve([(0, 1), (0.3, 1.2), (1, 0.9)], count)
        cry = utter(rng, tone * tremor, ((0, "m"), (0.5, "i"), (1, "m")), size, 0.25, -12)
        place(canvas, fade(cry, 0.05, 0.12), second)
        second += count / RATE + 0.1 + 0.3 * rng.random()
    return canvas


def wail(rng: Generator, pitch: float, size: float) -> Audio:
    """A baby's cry: arcs of a second with a rough top and a quick breath between them."""
    spoken = []
    for _ in range(4):
        count = samples(0.75 + 0.3 * rng.random())
        tone = pitch * curve([(0, 0.85), (0.25, 1.15), (0.7, 1.1), (1, 0.8)], count)
        cry = utter(rng, tone, ((0, "e"), (0.3, "a"), (1, "e")), size, 0.12, -3, 0.3)
        spoken += [fade(cry, 0.05, 0.12)]
        spoken += [air(rng, 0.22, [(0, 0), (0.7, 0.3), (1, 0)], ((0, "i"),), size)]
    return join(spoken)
