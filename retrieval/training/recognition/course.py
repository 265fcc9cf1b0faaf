"""The whole training of the recogniser, from recordings and sentences to the files it ships as."""

import csv
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from retrieval.encoders.builtin import load_builtin
from retrieval.encoders.frames import Frames, builtin_frames
from retrieval.evaluation.recognised import encoded
from retrieval.recognition.english import readable
from retrieval.recognition.recogniser import CARD, WEIGHTS, load_recogniser
from retrieval.space import TextEncoder, Vectors
from retrieval.training.card import LICENCE
from retrieval.training.clips import Clip, load_clips
from retrieval.training.recognition.hearing import SPEECH, Log, Voice, emotion_of, listen
from retrieval.training.recognition.joinings import Joinings, chosen, compared, learn_joinings
from retrieval.training.recognition.networks import Basis
from retrieval.training.recognition.pairing import Pairer
from retrieval.training.recognition.reading import Rated, Read, rated, read
from retrieval.training.recognition.voice import bases_of, learn_voice, reduced, states_of
from retrieval.training.recognition.words import Learned, learn_words

#: How much the states of training voices are blurred for the joinings; see `Pairer`.
BLUR = 0.7


@dataclass(frozen=True)
class Plan:
    """How long is trained; `every` so manieth training clip and sentence is used."""

    voice_epochs: int = 25
    word_epochs: int = 10
    steps: int = 1500
    every: int = 1


FULL, QUICK = Plan(), Plan(voice_epochs=1, word_epochs=1, steps=20, every=20)


@dataclass(frozen=True)
class Material:
    """What the recogniser learns from.

    Attributes:
        train, val: voices. own: vectors (m, d) of what actors said in any emotion.
        read, held_out: sentences to learn from, and validation sentences.
        rated: sentences with ratings, to learn from.
    """

    train: list[Voice]
    val: list[Voice]
    own: Vectors
    read: Read
    held_out: Read
    rated: Rated


@dataclass(frozen=True)
class Made:
    """Trained weights by name, which joining answers, and facts for model.json."""

    arrays: Mapping[str, Vectors]
    fusion: str
    facts: Mapping[str, Any]


def run_course(corpora: Path, out: Path, *, seed: int, plan: Plan, log: Log) -> None:
    """See `retrieval.training.make_recogniser`."""
    text, frames = load_builtin().text, builtin_frames()
    material = gather(corpora, frames, text, seed=seed, plan=plan, log=log)
    made = learn(material, seed=seed, plan=plan, log=log)
    write(made, out, {"audio": frames.fingerprint, "text": text.fingerprint, "seed": seed})
    load_recogniser(out)
    log(f"written to {out}; {made.fusion} answers")


def gather(
    corpora: Path, frames: Frames, text: TextEncoder, *, seed: int, plan: Plan, log: Log
) -> Material:
    """Hear the clips and read the sentences of the training and validation splits."""
    clips = load_clips(corpora, ("train", "val"))
    voices = listen(_thinned(clips, plan.every), frames, seed, log)
    log("reading the sentences")
    return Material(
        train=[voice for voice in voices if voice.clip.split == "train"],
        val=[voice for voice in voices if voice.clip.split == "val"],
        own=encoded(text, _spoken(corpora)),
        read=read(corpora, "train", text, seed, plan.every),
        held_out=read(corpora, "val", text, seed, plan.every),
        rated=rated(corpora, "train", text, plan.every),
    )


def _thinned(clips: list[Clip], every: int) -> list[Clip]:
    """Every so manieth clip, and all sounds that serve as noise."""
    return [
        clip for number, clip in enumerate(clips) if number % every == 0 or emotion_of(clip) is None
    ]


def _spoken(corpora: Path) -> list[str]:
    """What training speakers said that can be read: each text once, whatever the emotion."""
    with (corpora / "clips.csv").open(encoding="utf-8", newline="") as table:
        texts = [
            row["transcript"]
            for row in csv.DictReader(table)
            if row["split"] == "train" and row["corpus"] in SPEECH
        ]
    return [text for text in dict.fromkeys(texts) if text and readable(text)]


def learn(material: Material, *, seed: int, plan: Plan, log: Log) -> Made:
    """Train voice, words and joinings, calibrate them, and choose the joining that answers."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    bases = bases_of(material.train)
    train, val = reduced(material.train, bases), reduced(material.val, bases)
    voice, heard = learn_voice(train, val, epochs=plan.voice_epochs, rng=rng)
    log(f"voice: UAR {heard:.3f} of validation speakers, clean and noisy")
    words = learn_words(
        material.read, material.held_out, material.rated, epochs=plan.word_epochs, rng=rng
    )
    log(f"words: UAR {words.recall:.3f} of validation sentences")
    pairs = Pairer(states_of(voice, train), material.read, material.own, rng, BLUR)
    others = Pairer(states_of(voice, val), material.held_out, material.own, rng)
    joinings = learn_joinings(voice, words.network, pairs, others, steps=plan.steps)
    halves = [
        Pairer(states_of(voice, half), material.held_out, material.own, rng) for half in halved(val)
    ]
    figures = compared(joinings, halves)
    for name, reached in figures.items():
        log(f"{name}: " + ", ".join(f"{kind} {value:.3f}" for kind, value in reached.items()))
    return Made(_arrays(joinings, bases), chosen(figures), _facts(material, words, figures))


def halved(voices: list[Voice]) -> tuple[list[Voice], list[Voice]]:
    """Voices in two halves that share no speaker, each with about half the speakers of a corpus.

    A single speaker cannot be halved, and is both.
    """
    speakers = sorted({(voice.clip.corpus, voice.clip.speaker) for voice in voices})
    if len(speakers) < 2:
        return voices, voices
    first = {speaker for _, speaker in speakers[::2]}
    return (
        [voice for voice in voices if voice.clip.speaker in first],
        [voice for voice in voices if voice.clip.speaker not in first],
    )


def _arrays(joinings: Joinings, bases: Mapping[str, Basis]) -> dict[str, Vectors]:
    return {
        **joinings.voice.arrays(bases),
        **joinings.words.arrays("words"),
        **joinings.early.arrays("early"),
        **joinings.late.arrays(),
        **joinings.hybrid.arrays("hybrid"),
    }


def _facts(
    material: Material, words: Learned, figures: Mapping[str, Mapping[str, float]]
) -> dict[str, Any]:
    speakers = {voice.clip.speaker for voice in material.train}
    rounded = {
        name: {kind: round(value, 4) for kind, value in reached.items()}
        for name, reached in figures.items()
    }
    return {
        "voices": len(material.train),
        "speakers": len(speakers),
        "sentences": len(material.read.sentences),
        "rated_sentences": len(material.rated.vectors),
        "rating_slope": [round(float(value), 4) for value in words.scale.slope.detach()],
        "rating_shift": [round(float(value), 4) for value in words.scale.shift.detach()],
        "validation_UAR": rounded,
    }


def write(made: Made, out: Path, facts: Mapping[str, Any]) -> None:
    """Write recogniser.npz, in half precision, and model.json to the folder `out`."""
    out.mkdir(parents=True, exist_ok=True)
    with (out / WEIGHTS).open("wb") as file:
        halves = {name: array.astype(np.float16) for name, array in made.arrays.items()}
        np.savez(file, allow_pickle=False, **halves)
    digest = hashlib.sha256((out / WEIGHTS).read_bytes()).hexdigest()
    card = {
        "name": "recogniser",
        "licence": LICENCE,
        "fusion": made.fusion,
        **facts,
        **made.facts,
        "sha256": {WEIGHTS: digest},
    }
    (out / CARD).write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
