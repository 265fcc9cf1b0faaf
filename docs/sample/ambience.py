"""Places and things: weather, water, machines, animals, drawn with noise and a few tones."""

import numpy as np
from numpy.random import Generator
from synth import (
    RATE,
    Audio,
    band,
    clock,
    curve,
    fade,
    harmonics,
    lean,
    noise,
    pan,
    place,
    samples,
    silence,
    sweep,
    wander,
)


def spread(left: Audio, right: Audio) -> Audio:
    """Two channels that share some of each other, [samples, 2]."""
    return np.stack([left + 0.3 * right, right + 0.3 * left], axis=1)


def rain(rng: Generator) -> Audio:
    """A steady hiss and near drops."""
    sides = []
    for _ in range(2):
        bed = lean(band(noise(rng, samples(6.0)), 400, 9000, 1), -3) * 0.25
        for second in rng.random(150) * 5.9:
            drop = np.exp(-clock(samples(0.03)) * 250)
            ring = np.sin(2 * np.pi * (1500 + 3000 * rng.random()) * clock(len(drop)))
            place(bed, drop * ring * rng.random() ** 2, second)
        sides.append(bed)
    return fade(spread(*sides), 0.3, 0.3)


def wind(rng: Generator) -> Audio:
    """Gusts that whistle through a gap: lonely."""
    sides = []
    for shift in (1.0, 1.1):
        gusts = [(0, 300), (0.2, 650), (0.35, 380), (0.6, 900), (0.8, 420), (1, 300)]
        air = sweep(noise(rng, samples(7.0)), [(at, hz * shift) for at, hz in gusts], 0.18) * 2
        body = band(noise(rng, samples(7.0)), 80, 500, 1) * 0.6
        swell = [(0, 0.2), (0.2, 0.8), (0.35, 0.35), (0.6, 1), (0.8, 0.4), (1, 0.1)]
        sides.append((air + body) * curve(swell, len(air)))
    return fade(spread(*sides), 0.5, 0.5)


def ticking(rng: Generator) -> Audio:
    """A clock in an empty room: bored."""
    canvas = noise(rng, samples(6.0)) * 0.001
    for number in range(12):
        time = clock(samples(0.06))
        tone = (2600, 2050)[number % 2]
        high = np.exp(-time * 160) * np.sin(2 * np.pi * tone * time)
        wood = np.exp(-time * 90) * np.sin(2 * np.pi * 700 * time)
        tick = high + 0.4 * wood
        place(canvas, tick * (1 + 0.05 * rng.standard_normal()), 0.1 + number * 0.5)
    return canvas


def surf(rng: Generator) -> Audio:
    """Two slow waves that break and draw back: calm."""
    sides = []
    for lag in (0.0, 0.03):
        water = noise(rng, samples(8.0))
        places = [(0, 400), (0.2 + lag, 2500), (0.45, 500), (0.7 + lag, 2800), (1, 500)]
        swell = [(0, 0.15), (0.2 + lag, 1), (0.3, 0.6), (0.48, 0.12), (0.7 + lag, 1), (1, 0.1)]
        sides.append(sweep(water, places, 1.3) * curve(swell, len(water)))
    return fade(spread(*sides), 0.4, 0.6)


def engine(rng: Generator) -> Audio:
    """A motor idling unevenly, then revved."""
    count = samples(5.0)
    turn = curve([(0, 34), (0.45, 35), (0.6, 90), (0.75, 110), (1, 40)], count)
    turn = turn * (1 + 0.03 * wander(rng, count, 8))
    tone = harmonics(turn, -4, 60) * (1 + 0.4 * wander(rng, count, 20))
    return fade(np.tanh(tone) + 0.15 * band(noise(rng, count), 200, 3000, 1), 0.1, 0.2)


def birds(rng: Generator) -> Audio:
    """Quick bright phrases answering from two sides: cheerful."""
    canvas = pan(band(noise(rng, samples(6.0)), 300, 4000, 1) * 0.01, 0)
    for start in (0.2, 0.9, 1.9, 2.6, 3.3, 4.4, 5.0):
        side, base = float(rng.uniform(-0.8, 0.8)), rng.uniform(3000, 4600)
        for number in range(int(rng.integers(3, 7))):
            count = samples(0.075)
            glide = base * curve([(0, 0.85), (0.5, 1.25), (1, 0.95 + 0.1 * (number % 2))], count)
            chirp = np.sin(2 * np.pi * np.cumsum(glide) / RATE) * np.hanning(count)
            place(canvas, pan(chirp * 0.5, side), start + number * 0.1)
    return canvas


def fire(rng: Generator) -> Audio:
    """A low flutter and crackles: cosy."""
    count = samples(6.0)
    bed = band(noise(rng, count), 60, 500, 1) * (0.12 + 0.04 * wander(rng, count, 6))
    for second in np.sort(rng.random(90)) * 5.9:
        snap = noise(rng, samples(0.02)) * np.exp(-clock(samples(0.02)) * rng.uniform(200, 900))
        place(bed, snap * rng.random() ** 3, second)
    return fade(bed, 0.2, 0.3)


def thunder(rng: Generator) -> Audio:
    """A crack, then rolling far away: threatening."""
    count = samples(7.0)
    roll = band(noise(rng, count), 25, 160, 2) * (1 + 0.7 * wander(rng, count, 3))
    crack = band(noise(rng, count), 150, 5000, 1) * np.exp(-clock(count) * 3.5)
    storm = 2 * roll * curve([(0, 1), (0.3, 0.6), (0.5, 0.7), (1, 0)], count) + crack
    shower = band(noise(rng, count), 800, 8000, 1) * 0.04
    rise = fade(storm, 0.01, 1.0)
    return np.concatenate([shower[: samples(0.6)], rise[: -samples(0.6)] + shower[samples(0.6) :]])


def siren(rng: Generator) -> Audio:
    """Two pressed tones by turns: alarmed."""
    count = samples(5.0)
    pitch = np.where((clock(count) % 0.8) < 0.4, 960.0, 720.0)
    tone = np.tanh(2.5 * harmonics(pitch, -6, 9))
    return fade(tone + 0.02 * noise(rng, count), 0.02, 0.05)


def heartbeat(rng: Generator) -> Audio:
    """A heart that runs faster and faster: anxious."""
    canvas, second, gap = silence(6.0), 0.1, 0.85
    while second < 5.7:
        for lag, strength in ((0.0, 1.0), (0.18, 0.7)):
            time = clock(samples(0.16))
            fall = 2 * np.pi * (60 * time - 1.5 * np.exp(-time * 60))
            thump = np.tanh(3 * np.sin(fall) * np.exp(-time * 24))
            place(canvas, fade(thump, 0.004, 0.04) * strength, second + lag)
        second, gap = second + gap, max(0.42, gap * 0.9)
    return np.asarray(canvas + 0.02 * band(noise(rng, len(canvas)), 60, 600, 1))


def swarm(rng: Generator) -> Audio:
    """Many small wings that come near: unpleasant."""
    count = samples(5.0)
    canvas = np.zeros((count, 2))
    for _ in range(7):
        pitch = rng.uniform(180, 260) * (1 + 0.06 * wander(rng, count, 4))
        near = np.clip(0.5 + 0.7 * wander(rng, count, 0.8), 0.05, None)
        canvas += pan(harmonics(pitch, -5, 30) * near, float(rng.uniform(-0.9, 0.9)))
    return fade(canvas, 0.6, 0.4)


def brook(rng: Generator) -> Audio:
    """Bubbles over a soft bed of water: peaceful."""
    canvas = spread(*(band(noise(rng, samples(6.0)), 500, 3500, 1) * 0.05 for _ in range(2)))
    for second in np.sort(rng.random(260)) * 5.9:
        count = samples(rng.uniform(0.02, 0.07))
        rise = rng.uniform(450, 1600) * curve([(0, 1), (1, 1.5)], count)
        bubble = np.sin(2 * np.pi * np.cumsum(rise) / RATE) * np.hanning(count)
        place(canvas, pan(bubble * 0.25 * rng.random(), float(rng.uniform(-1, 1))), second)
    return fade(canvas, 0.3, 0.4)
