"""Acted speech: espeak-ng says a neutral sentence, prosody and signal processing act it."""

import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.random import Generator
from synth import (
    FRAME,
    RATE,
    Audio,
    band,
    clock,
    fade,
    lean,
    level,
    noise,
    paste,
    resample,
    spectra,
    wander,
)

VOICES = {
    "us-f4": "en-us+f4",
    "scot-f2": "en-gb-scotland+f2",
    "rp-f3": "en-gb-x-rp+f3",
    "us-f5": "en-us+f5",
    "us-m3": "en-us+m3",
    "scot-m4": "en-gb-scotland+m4",
    "rp-m7": "en-gb-x-rp+m7",
    "us-m1": "en-us+m1",
}

SENTENCES = {
    "cup": ("The blue cup", "is standing", "by the window"),
    "train": ("We can talk about it", "tomorrow,", "after the train arrives"),
    "coat": ("My brother", "left his coat", "in the hall"),
    "letter": ("There is a letter", "on the table", "with your name on it"),
    "river": ("She walked", "all the way home", "along the river"),
    "shop": ("They opened the shop", "on the corner", "at a quarter past nine"),
}


@dataclass(frozen=True)
class Act:
    """How a feeling is spoken.

    Attributes:
        speed: words a minute.
        pitch: percent of the voice's own.
        span: percent of its own pitch range, 0 (monotone) to 200.
        loudness: RMS in dBFS.
        melody: percent added to the pitch, phrase by phrase.
        pause: milliseconds between phrases.
        ending: the full stop, exclamation or question mark.
        tilt: brighter (above 0) or darker, in dB an octave.
        tremor: shaking of pitch and level, 0..1.
        breath: noise that follows the voice, 0..1.
        drive: press of a harsh voice, 0 is none.
        creak: slow rough beating, 0..1.
        whisper: no voice at all, only breath.
    """

    speed: int
    pitch: int
    span: int
    loudness: float
    melody: tuple[int, int, int] = (0, 0, 0)
    pause: int = 60
    ending: str = "."
    tilt: float = 0.0
    tremor: float = 0.0
    breath: float = 0.0
    drive: float = 0.0
    creak: float = 0.0
    whisper: bool = False


ACTS = {
    "neutral": Act(165, 100, 90, -23),
    "calm": Act(128, 88, 55, -27, (0, -4, -10), 260, breath=0.08),
    "happy": Act(182, 160, 190, -19, (0, 35, 10), 40, "!", tilt=1, drive=0.8),
    "excited": Act(235, 185, 200, -16, (0, 30, 45), 20, "!", tilt=2.5, drive=0.6),
    "sad": Act(102, 78, 35, -31, (0, -10, -25), 520, tilt=-4.5, tremor=0.25, breath=0.15),
    "tearful": Act(112, 135, 90, -26, (20, 0, -30), 420, tilt=-2, tremor=0.9, breath=0.35),
    "angry": Act(180, 120, 170, -14, (25, 0, 15), 60, "!", tilt=3, drive=3),
    "bitter": Act(132, 72, 120, -22, (10, -5, -20), 300, tilt=1.5, drive=1.2, creak=0.6),
    "fearful": Act(205, 175, 60, -25, (0, 20, 30), 170, tilt=-1.5, tremor=0.8, breath=0.3),
    "bored": Act(108, 78, 5, -28, (0, -4, -8), 240, tilt=-3.5, creak=0.2),
    "tender": Act(118, 112, 70, -30, (0, 8, -8), 260, tilt=-5, breath=0.28),
    "surprised": Act(178, 150, 200, -19, (0, 30, 70), 120, "?", tilt=1, breath=0.1),
    "disgusted": Act(120, 68, 140, -21, (0, -15, -20), 200, tilt=1, drive=1.5, creak=0.8),
    "proud": Act(135, 112, 160, -16, (0, 15, 5), 220, tilt=2, drive=0.8),
    "desperate": Act(205, 190, 170, -15, (0, 30, 10), 90, "!", tilt=2, tremor=0.7, drive=1.5),
    "secretive": Act(140, 95, 60, -33, (0, 0, 0), 260, tilt=-1, whisper=True),
}


def transcript(sentence: str) -> str:
    """The words of a sentence, as written for every feeling."""
    return " ".join(SENTENCES[sentence]) + "."


def speak(rng: Generator, speaker: str, sentence: str, feeling: str) -> Audio:
    """One sentence of one voice in one feeling, mono, a few seconds."""
    act = ACTS[feeling]
    acted = perform(rng, synthesise(speaker, sentence, act), act)
    return level(fade(acted, 0.01, 0.05), act.loudness)


def markup(sentence: str, act: Act) -> str:
    """The sentence as SSML: a pitch, a range and a pause for each phrase."""
    pause = f'<break time="{act.pause}ms"/>'
    phrases = [
        f'<prosody rate="100%" pitch="{act.pitch + rise}%" range="{act.span}%">{words}</prosody>'
        for words, rise in zip(SENTENCES[sentence], act.melody, strict=True)
    ]
    phrases[-1] = phrases[-1].replace("</prosody>", f"{act.ending}</prosody>")
    return f"<speak>{pause.join(phrases)}</speak>"


def synthesise(speaker: str, sentence: str, act: Act) -> Audio:
    """The plain voice of espeak-ng."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "spoken.wav"
        command = ["espeak-ng", "-m", "-v", VOICES[speaker], "-s", str(act.speed), "-w", str(file)]
        subprocess.run([*command, markup(sentence, act)], check=True)
        audio, rate = soundfile.read(file)
    return resample(audio, rate, RATE)


def perform(rng: Generator, audio: Audio, act: Act) -> Audio:
    """The voice quality of an act, on a plain voice."""
    audio = audio / np.abs(audio).max()
    if act.whisper:
        audio = whisper(rng, audio)
    if act.tremor:
        audio = tremble(rng, audio, act.tremor)
    if act.creak:
        audio = creak(rng, audio, act.creak)
    if act.breath:
        audio = audio + act.breath * breath(rng, audio)
    if act.drive:
        audio = press(rng, audio, act.drive)
    return lean(audio, act.tilt) if act.tilt else audio


def envelope(audio: Audio, seconds: float = 0.02) -> Audio:
    """How strong the sound is around each sample, 0 or more."""
    count = round(seconds * RATE)
    return np.convolve(np.abs(audio), np.hanning(count) / (count / 2), mode="same")


def tremble(rng: Generator, audio: Audio, depth: float) -> Audio:
    """Shake pitch by up to about a semitone and a half, and level, 5 to 8 times a second."""
    count = len(audio)
    rate = 6.5 + 1.2 * wander(rng, count, 1.5)
    shake = np.sin(2 * np.pi * np.cumsum(rate) / RATE) + 0.5 * wander(rng, count, 7)
    shift = np.cumsum(shake) * 0.07 * depth
    places = np.clip(np.arange(count) + shift - shift.mean(), 0, count - 1)
    warped = np.interp(places, np.arange(count), audio)
    return np.asarray(warped * (1 + 0.45 * depth * shake))


def creak(rng: Generator, audio: Audio, depth: float) -> Audio:
    """Beat 35 to 55 times a second, unevenly, as a voice at the bottom of its range."""
    beat = np.cumsum(45 + 10 * wander(rng, len(audio), 6)) / RATE
    return np.asarray(audio * (1 - depth * (0.5 + 0.5 * np.cos(2 * np.pi * beat)) ** 2))


def breath(rng: Generator, audio: Audio) -> Audio:
    """Air above 1.5 kHz that follows the voice."""
    return band(noise(rng, len(audio)), 1500, 9000, 2) * envelope(audio)


def press(rng: Generator, audio: Audio, drive: float) -> Audio:
    """Force the voice through a tight throat; consonants, above 3 kHz, are left as they are."""
    voice = band(audio, 20, 3000)
    forced = np.tanh(voice * (1 + 2 * drive)) * (1 + 0.08 * drive * roughness(rng, audio))
    return np.asarray(forced + audio - voice)


def roughness(rng: Generator, audio: Audio) -> Audio:
    """The flutter of a shouted voice near 70 Hz, -1..1."""
    flutter = 2 * np.pi * 70 * clock(len(audio)) + 3 * wander(rng, len(audio), 12)
    return np.asarray(np.sin(flutter))


def whisper(rng: Generator, audio: Audio) -> Audio:
    """Keep the vowels and consonants, put noise in place of the voice."""
    smooth = np.array([np.convolve(row, np.hanning(17) / 8, "same") for row in abs(spectra(audio))])
    air = spectra(noise(rng, len(audio))) / np.sqrt(FRAME)
    rising = np.linspace(0.15, 1.0, smooth.shape[1]) ** 0.5
    return paste(air * smooth * rising, len(audio))
