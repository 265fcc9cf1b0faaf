"""The networks of the recogniser beside plain loops and known answers."""

import math

import numpy as np
import pytest

from retrieval.recognition.judgement import EMOTIONS
from retrieval.recognition.networks import (
    OUTPUTS,
    TINY,
    Network,
    Pooling,
    judgement,
    network,
    softmax,
    told,
)
from retrieval.space import Layer, Vectors, gelu


def drawn(*shape: int, seed: int = 0) -> Vectors:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def pooling(width: int = 6, channels: int = 4, heads: int = 2) -> Pooling:
    return Pooling(Layer(drawn(width, channels), drawn(channels, seed=1)),
                   drawn(channels, heads, seed=2))  # fmt: skip


def test_pooling_is_what_a_loop_over_heads_and_frames_gives() -> None:
    pool, frames = pooling(), drawn(9, 6, seed=3)
    hidden = gelu(frames @ pool.project.weight + pool.project.bias)
    means, spreads = [], []
    for head in range(2):
        raised = [math.exp(float(one @ pool.attend[:, head])) for one in hidden]
        for channel in (2 * head, 2 * head + 1):
            mean = sum(w * float(h[channel]) for w, h in zip(raised, hidden, strict=True))
            mean /= sum(raised)
            square = sum(
                w * (float(h[channel]) - mean) ** 2 for w, h in zip(raised, hidden, strict=True)
            )
            means.append(mean)
            spreads.append(math.sqrt(square / sum(raised) + TINY))
    assert pool.pool(frames) == pytest.approx([*means, *spreads], abs=1e-5)


def test_a_frame_that_nobody_looks_for_changes_nothing() -> None:
    pool = Pooling(Layer(np.eye(2, dtype=np.float32), np.zeros(2, dtype=np.float32)),
                   np.array([[50.0], [0.0]], dtype=np.float32))  # fmt: skip
    wanted, other = [4.0, 1.0], [-4.0, 9.0]
    alone = pool.pool(np.array([wanted], dtype=np.float32))
    beside = pool.pool(np.array([other, wanted, other], dtype=np.float32))
    assert beside == pytest.approx(alone, abs=1e-4)


def test_the_order_of_frames_does_not_matter() -> None:
    pool, frames = pooling(), drawn(9, 6, seed=3)
    assert pool.pool(frames[::-1]) == pytest.approx(pool.pool(frames), abs=1e-5)


def test_softmax_bears_great_numbers() -> None:
    found = softmax(np.array([[1e4, 0.0, 1e4], [-1e4, -1e4, -1e4]], dtype=np.float32))
    assert found == pytest.approx(np.array([[0.5, 0, 0.5], [1 / 3] * 3]))


def test_what_is_told_are_log_chances_and_bounded_affect() -> None:
    outputs = drawn(5, OUTPUTS) * 10
    found = told(outputs)
    assert np.exp(found[:, :8]).sum(axis=1) == pytest.approx(np.ones(5), abs=1e-5)
    assert found[:, :8].argmax(axis=1).tolist() == outputs[:, :8].argmax(axis=1).tolist()
    assert np.abs(found[:, 8:]).max() <= 1
    inside = np.abs(outputs[:, 8:]) < 1
    assert (found[:, 8:][inside] == outputs[:, 8:][inside]).all()


def test_a_judgement_keeps_affect_in_its_range() -> None:
    output = np.array([0, 0, 0, 9, 0, 0, 0, 0, -1.7, 0.3], dtype=np.float32)
    found = judgement(output)
    assert found.emotion == EMOTIONS[3]
    assert (found.valence, found.arousal) == (-1.0, pytest.approx(0.3))


def test_hidden_values_are_what_the_last_layer_is_given() -> None:
    net = Network((Layer(drawn(3, 4), drawn(4)), Layer(drawn(4, OUTPUTS), drawn(OUTPUTS))))
    x = drawn(7, 3, seed=5)
    last = net.layers[1]
    assert net(x) == pytest.approx(net.hidden(x) @ last.weight + last.bias)
    assert net.hidden(x) == pytest.approx(gelu(x @ net.layers[0].weight + net.layers[0].bias))


def test_a_network_without_a_layer_is_refused() -> None:
    with pytest.raises(KeyError, match=r"words\.1\.weight"):
        network({"words.0.weight": drawn(2, 2), "words.0.bias": drawn(2)}, "words")
