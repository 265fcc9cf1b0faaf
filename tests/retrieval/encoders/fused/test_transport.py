"""The plan between two streams, held against the definition and against other solvers."""

import sys

import numpy as np
import pytest

pytest.importorskip("ot", reason="needs the extra [fusion]")

from retrieval.encoders.fused.transport import ENTROPY, plan, pot, ways
from retrieval.errors import MissingExtra


def frames(count: int, seed: int = 0, dim: int = 6) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((count, dim)).astype(np.float32)


def test_ways_are_distances_over_the_longest() -> None:
    one, other = frames(5), frames(3, 1)
    by_hand = np.array([[np.linalg.norm(x - y) for y in other] for x in one])
    np.testing.assert_allclose(ways(one, other), by_hand / by_hand.max(), atol=1e-6)


def test_pairs_that_do_not_count_are_never_the_longest() -> None:
    one, other = frames(4), frames(3, 1)
    one[3] = 1000
    counted = np.ones((4, 3), dtype=bool)
    counted[3] = False
    found = ways(one, other, counted)
    np.testing.assert_allclose(found[:3], ways(one[:3], other), atol=1e-6)


def scaled(cost: np.ndarray, entropy: float, rounds: int = 3000) -> np.ndarray:
    """Cuturi's matrix scaling, written from the definition."""
    kernel = np.exp(-cost / entropy)
    t, u = cost.shape
    v = np.ones(u)
    for _ in range(rounds):
        w = (1 / t) / (kernel @ v)
        v = (1 / u) / (kernel.T @ w)
    return np.asarray(w[:, None] * kernel * v)


@pytest.mark.parametrize(("t", "u"), [(25, 13), (13, 25), (7, 7), (2, 9)])
def test_the_plan_is_that_of_the_definition_and_its_sums_hold(t: int, u: int) -> None:
    one, other = frames(t), frames(u, 1)
    found = plan(one, other)
    np.testing.assert_allclose(found, scaled(ways(one, other), ENTROPY), atol=1e-6)
    np.testing.assert_allclose(found.sum(axis=1), 1 / t, atol=1e-6)
    np.testing.assert_allclose(found.sum(axis=0), 1 / u, atol=1e-6)
    assert found.dtype == np.float32


def test_it_finds_the_frames_that_were_moved() -> None:
    """With little entropy it is near the plan without any, which POT solves exactly."""
    one = frames(12, dim=40) * 5
    order = np.random.default_rng(3).permutation(12)
    found = plan(one, one[order])
    exact = pot().emd(np.full(12, 1 / 12), np.full(12, 1 / 12), ways(one, one[order]))
    assert found.argmax(axis=1).tolist() == exact.argmax(axis=1).tolist()
    assert found.argmax(axis=1).tolist() == np.argsort(order).tolist()


def test_one_frame_gives_to_all_alike() -> None:
    np.testing.assert_allclose(plan(frames(1), frames(5, 1)), np.full((1, 5), 0.2), atol=1e-6)
    np.testing.assert_allclose(plan(frames(1), frames(1, 1)), [[1.0]], atol=1e-6)


def test_where_nothing_differs_all_are_alike() -> None:
    """Digital silence: every frame is the same, and there is no longest way to divide by."""
    still = np.zeros((4, 6), dtype=np.float32)
    np.testing.assert_allclose(plan(still, still[:3]), np.full((4, 3), 1 / 12), atol=1e-6)


def test_without_pot_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ot", None)
    with pytest.raises(MissingExtra) as caught:
        plan(frames(2), frames(2, 1))
    assert caught.value.remedy == "pip install 'affetto[fusion]'"
