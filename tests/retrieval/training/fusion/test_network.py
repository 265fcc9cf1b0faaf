"""The network, its plans and its graphs: one window at a time, and the same in every program."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the extra [train]")
pytest.importorskip("ot", reason="needs the extra [fusion]")

import torch

from retrieval.encoders.fused.audio import DIM, FusedAudio
from retrieval.encoders.fused.streams import Streams
from retrieval.encoders.fused.transport import plan
from retrieval.training.fusion.batches import Pair, batch
from retrieval.training.fusion.export import write_graphs
from retrieval.training.fusion.learning import vectors
from retrieval.training.fusion.network import WAYS, Network, Side, Way, over, pool
from retrieval.training.fusion.plans import plans

DIMS = (12, 7)
SIZES = ((25, 13), (1, 1), (7, 4), (1, 5), (6, 1), (25, 13))


def windows(scale: float = 1.0) -> list[Pair]:
    rng = np.random.default_rng(0)
    found = [
        tuple((scale * rng.standard_normal((t, d))).astype(np.float32) for t, d in zip(size, DIMS))  # noqa: B905
        for size in SIZES
    ]
    still = tuple(np.zeros((9, d), np.float32) for d in DIMS)
    return [*found, still]  # type: ignore[list-item]


def network(way: Way = "mata") -> Network:
    torch.manual_seed(0)
    return Network(way, DIMS, classes=4, dropout=0.3).eval()


def test_the_plans_of_a_batch_are_those_of_pot_window_by_window() -> None:
    some = windows()
    one, other = network().hear(batch(some))
    found = plans(one, other).numpy()
    for number, (first, second) in enumerate(some):
        t, u = len(first), len(second)
        alone = plan(
            one.frames[number, :t].detach().numpy(), other.frames[number, :u].detach().numpy()
        )
        np.testing.assert_allclose(found[number, :t, :u], alone, atol=1e-5)
        # Nothing comes from, or goes to, what fills up.
        assert found[number, t:].sum() == 0 and found[number, :, u:].sum() == 0
        np.testing.assert_allclose(found[number, :t].sum(axis=1), 1 / t, atol=1e-5)
        np.testing.assert_allclose(found[number, :, :u].sum(axis=0), 1 / u, atol=1e-5)


@pytest.mark.parametrize("way", WAYS)
def test_a_vector_never_depends_on_its_batch(way: Way) -> None:
    some, taught = windows(), network(way)
    with torch.no_grad():
        together = vectors(taught, batch(some))
        alone = torch.cat([vectors(taught, batch([window])) for window in some])
    assert together.shape == (len(some), DIM) and torch.isfinite(together).all()
    np.testing.assert_allclose(together, alone, atol=3e-6)


def test_the_runtime_gives_the_vectors_of_the_network(tmp_path: Path) -> None:
    taught = network()
    taught.train()  # what is exported is at rest all the same
    write_graphs(taught, DIMS, tmp_path)
    audio = FusedAudio(tmp_path, Streams(("a", "b"), (_Deaf(),)))
    with torch.no_grad():
        wanted = vectors(taught.eval(), batch(windows())).numpy()
    for window, vector in zip(windows(), wanted, strict=True):
        np.testing.assert_allclose(audio.fuse(*window), vector, atol=1e-5)


class _Deaf:
    rate, licence = 16_000, ""

    def hear(self, samples: np.ndarray) -> dict[str, np.ndarray]:
        raise AssertionError(f"frames are given, and not {len(samples)} samples")

    def fingerprint(self, name: str) -> str:
        return name


def test_by_the_mean_alone_transport_would_change_nothing() -> None:
    """The weights that arrive are uniform: why a dense layer and a maximum stand before it."""
    one, other = network().hear(batch(windows()[:1]))
    carried = over(plans(one, other), other.frames)
    np.testing.assert_allclose(
        carried.mean(dim=1).detach(), other.frames.mean(dim=1).detach(), atol=1e-5
    )
    apart = pool(carried, one.there) - pool(other.frames, other.there)
    assert apart.abs().max() > 0.01


def test_what_is_carried_over_is_a_mean_and_learns_though_the_plan_does_not() -> None:
    one, other = network().hear(batch(windows()[:1]))
    found = plans(one, other)
    assert not found.requires_grad
    carried = over(found, torch.ones_like(other.frames))
    np.testing.assert_allclose(carried, 1.0, atol=1e-5)
    frames = other.frames.detach().requires_grad_()
    over(found, frames).sum().backward()
    assert frames.grad is not None and frames.grad.abs().min() > 0


def test_each_way_hears_what_its_name_says() -> None:
    """A change in a stream changes the vector of the ways that use it, and of no other."""
    some = windows()[:1]
    louder = ([(some[0][0] * 2, some[0][1])], [(some[0][0], some[0][1] * 2)])
    heard = {"first": (True, False), "second": (False, True)}
    for way in WAYS:
        taught = network(way)
        with torch.no_grad():
            plain, *changed = (vectors(taught, batch(one)) for one in (some, *louder))
        moved = tuple(not torch.allclose(plain, one, atol=1e-4) for one in changed)
        assert moved == heard.get(way, (True, True)), way


def test_frames_that_fill_up_are_not_pooled() -> None:
    frames = torch.tensor([[[1.0], [3.0], [9.0]]])
    there = torch.tensor([[True, True, False]])
    assert pool(frames, there).tolist() == [[2.0, 3.0]]
    one, _ = batch([windows()[1], windows()[0]])
    assert isinstance(one, Side) and one.there.sum(dim=1).tolist() == [1, 25]


def test_pot_is_opened_without_torch() -> None:
    script = (
        "import sys; from retrieval.encoders.fused.transport import pot; pot(); "
        "sys.exit('torch' in sys.modules)"
    )
    root = Path(__file__).parents[4]
    assert subprocess.run([sys.executable, "-c", script], cwd=root, check=False).returncode == 0
