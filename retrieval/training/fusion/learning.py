"""One network taught on windows with a label, until held-out speakers gain no more."""

import copy
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from retrieval.training.fusion.batches import Heard, batch, moments
from retrieval.training.fusion.network import Network, Side, Way
from retrieval.training.fusion.plans import plans

Rows = Sequence[int]


@dataclass(frozen=True)
class Recipe:
    """How a network is taught. Rate and batch are the paper's.

    Attributes:
        rate: of Adam.
        batch: windows a step.
        epochs: at most.
        patience: epochs without gain on the clips spared, after which it ends.
        blind: steps where no clip is spared, in whole epochs; where some are, the best epoch came
            after 40 to 200.
        dropout: share of values left out.
    """

    rate: float = 1e-3
    batch: int = 32
    epochs: int = 30
    patience: int = 3
    blind: int = 200
    dropout: float = 0.3


@dataclass(frozen=True)
class Lesson:
    """Clips, and what is to be said of them.

    Attributes:
        heard: the windows of the clips.
        labels: of each clip.
    """

    heard: Heard
    labels: Sequence[str]


@dataclass(frozen=True)
class Learned:
    """A network, the names of its classes, and how many epochs it was taught."""

    network: Network
    classes: list[str]
    epochs: int


def learn(lesson: Lesson, rows: Rows, spared: Rows, way: Way, recipe: Recipe, seed: int) -> Learned:
    """Teach a network.

    Args:
        rows: the clips to learn from.
        spared: clips of other speakers; the epoch whose chances suit them best is kept. Their
            labels are among those of the others.
    """
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    network = _network(lesson, rows, way, recipe)
    learned = Learned(network, sorted({lesson.labels[row] for row in rows}), 0)
    optimiser = torch.optim.Adam(network.parameters(), recipe.rate)
    least, kept = np.inf, learned
    steps = math.ceil(len(lesson.heard.of(rows)) / recipe.batch)  # of an epoch
    most = recipe.epochs if spared else min(recipe.epochs, math.ceil(recipe.blind / steps))
    for epoch in range(1, 1 + most):
        _go_through(lesson, rows, learned, optimiser, recipe.batch, rng)
        surprise = _surprise(learned, lesson, spared) if spared else -epoch
        if surprise < least:
            least, kept = surprise, replace(learned, network=copy.deepcopy(network), epochs=epoch)
        elif epoch - kept.epochs >= recipe.patience:
            break
    return replace(kept, network=kept.network.eval())


def _go_through(
    lesson: Lesson,
    rows: Rows,
    learned: Learned,
    optimiser: torch.optim.Optimizer,
    size: int,
    rng: np.random.Generator,
) -> None:
    """One epoch: every window of the clips once, in a random order."""
    network, number = learned.network.train(), {name: n for n, name in enumerate(learned.classes)}
    windows = rng.permutation(lesson.heard.of(rows)).tolist()
    for start in range(0, len(windows), size):
        chosen = windows[start : start + size]
        answers = torch.tensor([number[lesson.labels[lesson.heard.clip[n]]] for n in chosen])
        sides = batch([lesson.heard.windows[n] for n in chosen])
        loss = nn.functional.cross_entropy(network.classes(vectors(network, sides)), answers)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()


def vectors(network: Network, sides: tuple[Side, Side]) -> Tensor:
    """The vectors (n, DIM) of a batch."""
    one, other = network.hear(sides)
    plan = plans(one, other) if network.crossing.carries else torch.empty(0)
    return network.crossing(one, other, plan)


def chances(learned: Learned, heard: Heard, rows: Rows) -> NDArray[np.float64]:
    """The chances (n, classes) that clips carry each label: the mean over their windows."""
    network, windows = learned.network.eval(), heard.of(rows)
    found = np.zeros((len(windows), len(learned.classes)))
    with torch.no_grad():
        for places in _batches(heard, windows, 64):
            sides = batch([heard.windows[windows[place]] for place in places])
            logits = network.classes(vectors(network, sides))
            found[places] = logits.softmax(dim=1).numpy()
    clip = np.array([heard.clip[number] for number in windows])
    return np.stack([found[clip == row].mean(axis=0) for row in rows])


def _network(lesson: Lesson, rows: Rows, way: Way, recipe: Recipe) -> Network:
    """An untaught network that knows the scale of the frames it will hear."""
    windows = [lesson.heard.windows[n] for n in lesson.heard.of(rows)]
    dims = (windows[0][0].shape[1], windows[0][1].shape[1])
    network = Network(way, dims, len({lesson.labels[row] for row in rows}), recipe.dropout)
    for side, ear in network.ears.items():
        mean, scale = moments(windows, int(side))
        ear.mean.copy_(torch.from_numpy(mean))
        ear.scale.copy_(torch.from_numpy(scale))
    return network


def _surprise(learned: Learned, lesson: Lesson, rows: Rows) -> float:
    """The mean cross entropy of clips, in nats."""
    found = chances(learned, lesson.heard, rows)
    places = [learned.classes.index(lesson.labels[row]) for row in rows]
    return float(-np.log(found[np.arange(len(rows)), places] + 1e-12).mean())


def _batches(heard: Heard, windows: Rows, size: int) -> Iterator[list[int]]:
    """Places in a list of windows, those of like length together."""
    order = np.argsort([len(heard.windows[number][0]) for number in windows], kind="stable")
    for start in range(0, len(order), size):
        yield order[start : start + size].tolist()
