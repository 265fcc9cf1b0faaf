"""The network of the voice: attention over frames, trained on clean and noisy copies alike."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from retrieval.recognition.judgement import EMOTIONS
from retrieval.recognition.recogniser import STREAMS
from retrieval.space import Vectors
from retrieval.training.joint import schedule
from retrieval.training.recognition.hearing import Heard, Voice
from retrieval.training.recognition.measures import affect_loss, recall, temperature
from retrieval.training.recognition.networks import Basis, VoiceNetwork, padded
from retrieval.training.recognition.pairing import States

# Chosen on the validation speakers.
CHANNELS = {"speech": 64, "sound": 32}
HEADS, HIDDEN, DROPOUT, RATE, DECAY = 4, 96, 0.3, 2e-3, 0.05
BATCH, SMOOTHING = 64, 0.1
CROP = {"speech": 50, "sound": 13}  # frames of 4 s
LOST, WORN = 0.15, 0.5  # of the frames are hidden, of the voices are noisy, in training

# Frames are reduced to so many principal components while the networks are trained, which makes
# that three times as fast; the reduction becomes part of the first layer.
KEPT = {"speech": 256, "sound": 128}
EVERY = 5  # of the training clips tell the components


def bases_of(voices: Sequence[Voice]) -> dict[str, Basis]:
    """What reduces the frames of each stream, from the frames of training voices."""
    told = [heard for voice in voices[::EVERY] for heard in (voice.clean, voice.worn)]
    return {name: _basis(np.concatenate([one[name] for one in told]), KEPT[name]) for name in KEPT}


def _basis(frames: NDArray[np.float16], kept: int) -> Basis:
    """The directions in which standardised frames (n, d) vary most, made more alike in variance."""
    x = frames.astype(np.float32)
    mean, spread = x.mean(axis=0), x.std(axis=0) + 1e-2
    x = (x - mean) / spread
    variance, directions = np.linalg.eigh(x.T @ x / len(x))  # ascending
    variance, directions = variance[::-1][:kept], directions[:, ::-1][:, :kept]
    matrix = directions / np.maximum(variance, 1e-3) ** 0.25  # variances become their roots
    total = np.sqrt(np.sqrt(np.maximum(variance, 1e-3)).mean())
    return Basis(mean, np.asarray(matrix / total / spread[:, None], dtype=np.float32))


def reduced(voices: Sequence[Voice], bases: Mapping[str, Basis]) -> list[Voice]:
    """The same voices with reduced frames."""
    return [
        replace(
            voice,
            clean={name: bases[name].reduce(voice.clean[name]) for name in STREAMS},
            worn={name: bases[name].reduce(voice.worn[name]) for name in STREAMS},
        )
        for voice in voices
    ]


def learn_voice(
    train: Sequence[Voice], val: Sequence[Voice], *, epochs: int, rng: np.random.Generator
) -> tuple[VoiceNetwork, float]:
    """Train on voices whose frames are reduced.

    Returns:
        The network, calibrated on the validation voices (clean and noisy), and its UAR there.
    """
    widths = {name: train[0].clean[name].shape[1] for name in STREAMS}
    network = VoiceNetwork(widths, CHANNELS, HEADS, HIDDEN, DROPOUT)
    truth, affect, chance = truths(train), affects(train), chances(groups(train))
    optimiser = torch.optim.AdamW(network.parameters(), RATE, weight_decay=DECAY)
    steps = epochs * len(train) // BATCH
    for step in range(steps):
        optimiser.param_groups[0]["lr"] = RATE * schedule(step / steps)
        rows = rng.choice(len(train), BATCH, p=chance)
        outputs = network.decide(network.state(_batch([train[row] for row in rows], rng)))
        loss = nn.functional.cross_entropy(
            outputs[:, :-2], torch.from_numpy(truth[rows]), label_smoothing=SMOOTHING
        )
        loss = loss + affect_loss(outputs[:, -2:], torch.from_numpy(affect[rows]))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    network.eval()
    heard = states_of(network, val)
    with torch.no_grad():
        found = network.decide(torch.cat([heard.clean, heard.worn]))
    twice = np.concatenate([heard.truth, heard.truth])
    network.decide.temperature.fill_(temperature(found, twice))
    return network, recall(found, twice)


def states_of(network: VoiceNetwork, voices: Sequence[Voice]) -> States:
    """Voices as a network hears them, clean and under noise."""
    return States(
        clean=_states(network, [voice.clean for voice in voices]),
        worn=_states(network, [voice.worn for voice in voices]),
        truth=truths(voices),
        affect=affects(voices),
        chances=chances(groups(voices)),
    )


def truths(voices: Sequence[Voice]) -> NDArray[np.int64]:
    """The number of the emotion of each voice, (n,)."""
    return np.array([EMOTIONS.index(voice.emotion) for voice in voices], dtype=np.int64)


def affects(voices: Sequence[Voice]) -> Vectors:
    """The prior of valence and arousal of each voice, (n, 2)."""
    return np.array([voice.clip.affect for voice in voices], dtype=np.float32)


def groups(voices: Sequence[Voice]) -> list[str]:
    """What is drawn evenly: the emotions of a corpus."""
    return [f"{voice.clip.corpus} {voice.emotion}" for voice in voices]


def chances(names: Sequence[str]) -> NDArray[np.float64]:
    """How often each item is drawn, (n,): rare groups more often than they occur."""
    _, number, count = np.unique(names, return_inverse=True, return_counts=True)
    weight = 1 / np.sqrt(count[number])
    return np.asarray(weight / weight.sum())


def _batch(
    voices: Sequence[Voice], rng: np.random.Generator
) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """A stretch of each voice, clean or noisy, with some frames hidden."""
    heard = [voice.worn if rng.random() < WORN else voice.clean for voice in voices]
    found = []
    for name in STREAMS:
        frames, there = padded([_cropped(one[name], CROP[name], rng) for one in heard])
        hidden = torch.from_numpy(rng.random(there.shape) < LOST)
        hidden[:, 0] = False
        found.append((frames, there & ~hidden))
    return found


def _cropped(
    frames: NDArray[np.float16], size: int, rng: np.random.Generator
) -> NDArray[np.float16]:
    start = int(rng.integers(max(1, len(frames) - size + 1)))
    return frames[start : start + size]


def _states(network: VoiceNetwork, heard: Sequence[Heard]) -> torch.Tensor:
    parts = [heard[start : start + BATCH] for start in range(0, len(heard), BATCH)]
    with torch.no_grad():
        return torch.cat(
            [network.state([padded([o[name] for o in part]) for name in STREAMS]) for part in parts]
        )
