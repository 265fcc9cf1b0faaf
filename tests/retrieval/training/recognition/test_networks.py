"""What ships computes what was trained: numpy beside torch, on random weights."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the extra [train]")

import torch

from retrieval.recognition.networks import OUTPUTS
from retrieval.recognition.networks import told as told_by_numpy
from retrieval.recognition.recogniser import FUSIONS, Recogniser
from retrieval.space import Vectors
from retrieval.training.recognition.joinings import Joinings
from retrieval.training.recognition.networks import (
    Basis,
    Decision,
    Late,
    VoiceNetwork,
    padded,
    told,
)
from tests.retrieval.recognition.made_recogniser import TEXT, Drawn

FRAMES = {"speech": 12, "sound": 7}
WIDTHS = {"speech": 8, "sound": 5}
CHANNELS = {"speech": 4, "sound": 2}
HIDDEN = 6


def drawn(*shape: int, seed: int = 0) -> Vectors:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def bases() -> dict[str, Basis]:
    return {
        name: Basis(drawn(width, seed=1), drawn(width, WIDTHS[name], seed=2) / 3)
        for name, width in FRAMES.items()
    }


def standardised(network: Decision, width: int) -> Decision:
    network.standardise(torch.from_numpy(drawn(50, width, seed=4) * 3 + 1))
    network.temperature.fill_(1.7)
    return network.eval()


def joinings() -> Joinings:
    torch.manual_seed(0)
    voice = VoiceNetwork(WIDTHS, CHANNELS, heads=2, hidden=HIDDEN, dropout=0.5).eval()
    state = 2 * sum(CHANNELS.values())
    standardised(voice.decide, state)
    late = Late()
    with torch.no_grad():
        for weights in late.parameters():
            weights.copy_(torch.randn(OUTPUTS))
    inside = 2 * HIDDEN + 2 * OUTPUTS
    return Joinings(
        voice,
        standardised(Decision(TEXT, HIDDEN, 0.5), TEXT),
        standardised(Decision(state + TEXT, HIDDEN, 0.5), state + TEXT),
        late,
        standardised(Decision(inside, HIDDEN, 0.5), inside),
    )


def shipped(made: Joinings) -> Recogniser:
    arrays = {
        **made.voice.arrays(bases()),
        **made.words.arrays("words"),
        **made.early.arrays("early"),
        **made.late.arrays(),
        **made.hybrid.arrays("hybrid"),
    }
    return Recogniser(arrays, Drawn(), "audio", "late")


def test_states_and_outputs_are_the_same_in_numpy() -> None:
    made = joinings()
    runtime, reduce = shipped(made), bases()
    clips = [
        {name: drawn(count + 3, width, seed=count) for name, width in FRAMES.items()}
        for count in range(5)
    ]
    reduced = [
        padded([(clip[name] - reduce[name].mean) @ reduce[name].matrix for clip in clips])
        for name in FRAMES
    ]
    words = Drawn().encode([f"text {number}" for number in range(5)])
    with torch.no_grad():
        states = made.voice.state(reduced)
        expected = made.outputs(states, torch.from_numpy(words))
    heard = np.stack([runtime.hear(clip) for clip in clips])
    assert heard == pytest.approx(states.numpy(), abs=1e-4)
    found = runtime.outputs(heard, words)
    assert set(found) == {"voice", "words", *FUSIONS}
    for name, outputs in found.items():
        assert outputs == pytest.approx(expected[name].numpy(), abs=1e-3)


def test_padding_changes_nothing() -> None:
    network = joinings().voice
    short, long = drawn(3, WIDTHS["speech"]), drawn(11, WIDTHS["speech"], seed=1)
    sound = drawn(4, WIDTHS["sound"], seed=2)
    with torch.no_grad():
        alone = network.state([padded([short]), padded([sound])])
        beside = network.state([padded([short, long]), padded([sound, sound])])
    assert beside[0].numpy() == pytest.approx(alone[0].numpy(), abs=1e-5)


def test_told_is_that_of_the_runtime() -> None:
    outputs = drawn(6, OUTPUTS) * 2
    assert told(torch.from_numpy(outputs)).numpy() == pytest.approx(
        told_by_numpy(outputs), abs=1e-5
    )


def test_a_temperature_cools_the_logits_alone() -> None:
    network = Decision(4, 3, 0.0).eval()
    x = torch.from_numpy(drawn(5, 4))
    with torch.no_grad():
        warm = network(x)
        network.temperature.fill_(2.0)
        assert torch.allclose(network(x)[:, :-2], warm[:, :-2] / 2)
        assert torch.equal(network(x)[:, -2:], warm[:, -2:])
