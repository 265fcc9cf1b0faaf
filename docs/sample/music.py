"""Musical sketches: a few instruments made of harmonics, and short pieces for them."""

from collections.abc import Callable, Sequence

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
    room,
    samples,
    sweep,
    wander,
)

Note = tuple[float, float, float]
Chord = tuple[float, tuple[int, ...]]
Instrument = Callable[[Generator, float, float], Audio]

MINOR, MAJOR = (0, 3, 7), (0, 4, 7)


def hertz(key: float) -> float:
    """The frequency of a MIDI key (69 is 440 Hz)."""
    return float(440 * 2 ** ((key - 69) / 12))


def strings(rng: Generator, key: float, seconds: float) -> Audio:
    """Three detuned players with slow bows and vibrato."""
    count = samples(seconds)
    total = np.zeros(count)
    for detune in (-0.06, 0.0, 0.07):
        shake = np.sin(2 * np.pi * (5 + rng.random()) * clock(count) + 6 * rng.random())
        pitch = hertz(key + detune) * (1 + 0.004 * shake + 0.002 * wander(rng, count, 3))
        total += harmonics(pitch, -7.5, 30)
    bow = min(0.7, seconds / 2)
    return fade(total * (1 + 0.15 * wander(rng, count, 1)), bow, bow)


def tremolo(rng: Generator, key: float, seconds: float) -> Audio:
    """Strings bowed back and forth thirteen times a second near the bridge."""
    tone = strings(rng, key, seconds)
    bow = 0.5 + 0.5 * np.sin(2 * np.pi * 13 * clock(len(tone)) + 6 * rng.random())
    return band(tone * bow + 0.3 * bow * noise(rng, len(tone)), 500, 9000, 1)


def pluck(rng: Generator, key: float, seconds: float) -> Audio:
    """A string let ring: high harmonics die first."""
    count = samples(seconds)
    tone, time, pitch = np.zeros(count), clock(count), hertz(key)
    for number in range(1, 16):
        if number * pitch > 10_000:
            break
        ring = np.exp(-time * (1.6 + 0.9 * number))
        tone += ring * np.sin(2 * np.pi * number * pitch * time + 6 * rng.random()) / number
    return fade(tone, 0.003, 0.05)


def bell(rng: Generator, key: float, seconds: float) -> Audio:
    """A music box: few partials, not quite harmonic, long."""
    count = samples(seconds)
    tone, time = np.zeros(count), clock(count)
    for ratio, strength, decay in ((1, 1.0, 1.4), (2.0, 0.35, 2.2), (5.4, 0.2, 7), (8.9, 0.06, 12)):
        if ratio * hertz(key) < 10_000:
            turn = 2 * np.pi * ratio * hertz(key) * time + 6 * rng.random()
            tone += strength * np.exp(-time * decay) * np.sin(turn)
    return fade(tone, 0.002, 0.05)


def brass(rng: Generator, key: float, seconds: float) -> Audio:
    """Two horns that grow brighter as they grow louder."""
    count = samples(seconds)
    total = np.zeros(count)
    swell = curve([(0, 0), (0.08, 1), (0.3, 0.75), (0.85, 0.9), (1, 0)], count)
    for detune in (-0.04, 0.05):
        pitch = hertz(key + detune) * (1 + 0.002 * wander(rng, count, 6))
        total += swell * harmonics(pitch, -11, 30) + swell**3 * harmonics(pitch, -4, 30)
    return fade(total, 0.02, 0.06)


def drum(rng: Generator, key: float, seconds: float) -> Audio:
    """A low skin: a sine that drops onto its pitch, and the click of the stick."""
    count = samples(seconds)
    time = clock(count)
    fall = hertz(key) * (1 + 1.5 * np.exp(-time * 45))
    skin = np.sin(2 * np.pi * np.cumsum(fall) / RATE) * np.exp(-time * 9)
    return fade(skin + 0.3 * noise(rng, count) * np.exp(-time * 90), 0.001, 0.02)


def snare(rng: Generator, key: float, seconds: float) -> Audio:
    """A short burst of noise over a skin."""
    count = samples(seconds)
    burst = noise(rng, count) * np.exp(-clock(count) * 22)
    return fade(band(burst, 900, 9000, 2) + 0.4 * drum(rng, key, seconds), 0.001, 0.02)


def play(rng: Generator, notes: Sequence[Note], instrument: Instrument, seconds: float) -> Audio:
    """Notes of (start in seconds, length in seconds, key) on one instrument, in stereo."""
    canvas = np.zeros((samples(seconds), 2))
    for start, length, key in notes:
        side = float(np.clip((key - 62) / 30 + 0.2 * rng.standard_normal(), -0.8, 0.8))
        place(canvas, pan(instrument(rng, key, length), side), start)
    return canvas


def chords(roots: Sequence[Chord], seconds: float) -> list[Note]:
    """One chord after another, each `seconds` long with a little overlap."""
    return [
        (number * seconds, seconds + 0.5, root + step)
        for number, (root, shape) in enumerate(roots)
        for step in (-12, *shape)
    ]


def arpeggio(roots: Sequence[Chord], beat: float, ring: float) -> list[Note]:
    """Each chord broken up and down, eight notes."""
    notes = []
    for number, (root, (low, third, fifth)) in enumerate(roots):
        steps = (low, third, fifth, 12, third + 12, 12, fifth, third)
        notes += [((8 * number + i) * beat, ring, root + step) for i, step in enumerate(steps)]
    return notes


def lament(rng: Generator) -> Audio:
    """Slow minor strings that sink: sad."""
    pad = chords([(57, MINOR), (53, MAJOR), (50, MINOR), (52, MINOR)], 2.0)
    tune = [(0.3, 1.7, 76), (2.0, 1.9, 72), (4.0, 1.2, 69), (5.2, 0.9, 65), (6.2, 1.8, 64)]
    return room(rng, play(rng, [*pad, *tune], strings, 8.0), 2.2, 0.35)


def sunshine(rng: Generator) -> Audio:
    """A quick major arpeggio with a bouncing bass: happy."""
    roots = [(72, MAJOR), (67, MAJOR), (69, MINOR), (65, MAJOR), (72, MAJOR)]
    bass = [(0.48 * i, 0.4, roots[i // 2][0] - 24 + 7 * (i % 2)) for i in range(10)]
    light = play(rng, arpeggio(roots, 0.12, 0.6), pluck, 5.4)
    return room(rng, light + 0.9 * play(rng, bass, pluck, 5.4), 0.8, 0.15)


def dread(rng: Generator) -> Audio:
    """A cluster of trembling strings that swells: fearful."""
    cluster = [(0.0, 6.5, key) for key in (69, 70, 71, 72, 78)] + [(2.5, 4.0, 83), (3.5, 3.0, 84)]
    strikes = [(1.2, 1.2, 30), (3.4, 1.2, 30), (4.6, 1.2, 29), (5.2, 1.2, 28)]
    swell = curve([(0, 0.15), (0.85, 1), (1, 0.2)], samples(6.5))[:, None]
    shivers = play(rng, cluster, tremolo, 6.5) * swell
    return room(rng, shivers + 3 * play(rng, strikes, drum, 6.5), 1.5, 0.3)


def lullaby(rng: Generator) -> Audio:
    """A music box in slow three-time: tender."""
    keys = (79, 76, 72, 74, 76, 77, 74, 71, 72)
    starts = (0, 0.6, 1.2, 1.8, 2.7, 3.6, 4.2, 4.8, 5.4)
    tune = zip(starts, keys, strict=True)
    bass = [(1.8 * i, root) for i, root in enumerate((60, 59, 55, 60))]
    notes = [(second, 2.4, key) for second, key in tune] + [(s, 2.5, float(k)) for s, k in bass]
    return room(rng, play(rng, notes, bell, 8.0), 1.6, 0.2)


def omen(rng: Generator) -> Audio:
    """A very low drone with a grinding second and slow bells far below: ominous."""
    drone = [(0.0, 8.0, key) for key in (26, 27, 33, 38.4)]
    tolls = [(1.5, 4.0, 38), (5.0, 3.0, 37)]
    rumble = pan(band(noise(rng, samples(8.0)), 30, 120), 0.0) * 2
    low = play(rng, drone, strings, 8.0) + play(rng, tolls, bell, 8.0)
    return room(rng, low + rumble, 3.0, 0.5)


def fanfare(rng: Generator) -> Audio:
    """Horns that climb a major chord with drums below: triumphant."""
    line = [(0, 0.3, 60), (0.35, 0.16, 60), (0.55, 0.16, 60)]
    line += [(0.75, 0.6, 67), (1.4, 0.3, 64), (1.75, 0.3, 67)]
    close = [(2.1, 0.9, 72), (3.05, 0.25, 71), (3.35, 0.25, 72), (3.65, 1.9, 76)]
    under = [(s, d, k - 12.0 + step) for s, d, k in line for step in (0, 7)]
    final = [(3.65, 1.9, key) for key in (48, 55, 60, 64, 67, 72)]
    final += [(2.1, 0.9, 60), (2.1, 0.9, 64)]
    drums = [(s, 0.9, 36.0) for s in (0, 0.75, 1.4, 2.1, 3.05, 3.35, 3.65, 4.2, 4.5, 4.8)]
    horns = play(rng, [*line, *close, *under, *final], brass, 6.2)
    return room(rng, horns + 4 * play(rng, drums, drum, 6.2), 1.8, 0.25)


def dance(rng: Generator) -> Audio:
    """Fast drums, off-beat chords and a running bass: excited."""
    beat = 60 / 150
    kicks = [(i * beat, 0.3, 33.0) for i in range(15)]
    claps = [(i / 2 * beat, 0.2, 50.0) for i in range(30) if i % 2 or i % 4 == 2]
    bass = [(i * beat / 2, 0.18, 36.0 + (0, 0, 12, 0, 7, 0, 10, 12)[i % 8]) for i in range(30)]
    off = [(i + 0.5) * beat for i in range(15)]
    stabs = [(second, 0.16, 60.0 + step) for second in off for step in (0, 4, 7, 12)]
    beats = play(rng, kicks, drum, 6.0) * 2.5 + play(rng, claps, snare, 6.0) * 0.6
    tones = play(rng, bass, pluck, 6.0) * 1.5 + play(rng, stabs, brass, 6.0) * 0.5
    return room(rng, beats + tones, 0.5, 0.1)


def rage(rng: Generator) -> Audio:
    """Low fifths pressed flat through distortion over pounding drums: angry."""
    beat = 60 / 170
    steps = (0, 0, 1, 0, 6, 5, 1, 0)
    riff = [(i * beat / 2, 0.17, 40.0 + steps[i % 8] + k) for i in range(34) for k in (0, 7)]
    pressed = np.tanh(8 * play(rng, riff, pluck, 6.0))
    grind = np.stack([lean(side, 3) for side in pressed.T], axis=1) * 0.5
    drums = play(rng, [(i * beat, 0.3, 33.0) for i in range(17)], drum, 6.0) * 0.8
    hits = play(rng, [((i + 0.5) * beat, 0.2, 48.0) for i in range(17)], snare, 6.0) * 0.4
    return room(rng, grind + drums + hits, 0.4, 0.08)


def meadow(rng: Generator) -> Audio:
    """Wide, slow major chords with few plucks: calm."""
    pad = chords([(60, (0, 4, 7, 11)), (53, (0, 4, 7, 11)), (60, (0, 4, 7, 14))], 2.7)
    drops = [(0.8, 2.5, 79.0), (2.4, 2.5, 83.0), (3.9, 2.5, 76.0), (5.9, 2.1, 74.0)]
    return room(rng, play(rng, pad, strings, 8.0) * 0.5 + play(rng, drops, pluck, 8.0), 2.5, 0.4)


def waltz(rng: Generator) -> Audio:
    """An old music box winding down in a minor three-time: nostalgic."""
    tune, steps = [], [(69, 72, 76), (71, 74, 77), (72, 76, 81), (68, 71, 76), (69, 64, 57)]
    second, gap = 0.0, 0.34
    for chord in steps:
        for key in chord:
            tune.append((second, 2.0, key + 0.06 * rng.standard_normal()))
            second, gap = second + gap, gap * 1.045
    bass = [(tune[3 * i][0], 2.2, 45.0 + k) for i, k in enumerate((0, 2, 0, -1, 0))]
    worn = play(rng, [*tune, *bass], bell, 8.0)
    return room(rng, worn + 0.01 * pan(noise(rng, len(worn)), 0), 1.2, 0.2)


def chase(rng: Generator) -> Audio:
    """Low strings repeating fast, one step up at a time, over a rising hiss: tense."""
    pulse = [(i * 0.14, 0.13, 40.0 + (i % 4 == 3) + i // 12) for i in range(42)]
    tail = samples(6.0)
    hiss = sweep(noise(rng, tail), [(0, 500), (1, 6000)], 0.6) * curve([(0, 0), (1, 1.2)], tail)
    return room(rng, play(rng, pulse, brass, 6.0) + pan(hiss, 0.0), 0.7, 0.12)
