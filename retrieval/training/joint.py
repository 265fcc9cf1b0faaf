"""The joint training of one space: sound and words pulled together by what they mean.

The text tower is finished before and stays as it is; its vectors of every caption are computed
once. The audio tower, both heads and the affect head learn together; or, where a tower is
finished too, the heads alone (`heads.py`), from the vectors that it has made.
"""

import math
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from retrieval.training.audio_tower import STEP, AudioTower
from retrieval.training.augment import masked
from retrieval.training.clips import Sampler
from retrieval.training.losses import concordance, contrastive, rank_n_contrast, rank_terms
from retrieval.training.material import Batch, Material
from retrieval.training.sound_tower import SoundTower

Log = Callable[[str], None]
Tower = AudioTower | SoundTower
Vectors = NDArray[np.float32]


@dataclass(frozen=True)
class Recipe:
    """What a run does. The weights of the losses are the ablations of the model card.

    Attributes:
        steps: optimiser steps.
        batch: clips a step; each brings two captions; `others` words and open sentences join.
        positives: what a clip is pulled to: the two captions drawn for it ("pairs"), or every
            text that is true of it ("meanings"). Open sentences have no pair: they are then
            left out.
        graded: weight of the graded terms of Rank-N-Contrast; 0 leaves the pairs.
        within: share of the contrastive loss that compares inside a corpus only, where nothing
            can be gained by telling corpora apart.
        rank, open, classes, affect: weights of Rank-N-Contrast, of the open sentences, of the
            emotion classes and of valence and arousal, beside the contrastive loss.
        tower_rate, head_rate: peak learning rates; the lower half of the tower takes half of it.
        thaw: share of the steps after which the lower half of the tower learns too. By then the
            heads know where to pull, and until then a step costs 40 % less.
        dropout: share of a standardised raw vector that is left out in training.
        shortest, longest: seconds of the random crops.
        head_steps, head_batch: steps and clips a step of a training of heads alone.
        average: decay of the running average of weights that is kept.
    """

    steps: int = 1000
    batch: int = 32
    others: int = 24
    dim: int = 256
    hidden: int = 512
    positives: Literal["pairs", "meanings"] = "meanings"
    graded: float = 1.0
    rank: float = 0.5
    within: float = 0.5
    open: float = 0.3
    classes: float = 0.5
    affect: float = 0.5
    tower_rate: float = 1e-4
    thaw: float = 0.35
    head_rate: float = 1e-3
    weight_decay: float = 0.02
    dropout: float = 0.2
    shortest: float = 1.5
    longest: float = 3.5
    average: float = 0.995
    head_steps: int = 400
    head_batch: int = 192


# What `affetto train --loss` changes of a recipe. In all of them captions are compared in whole
# batches and inside a corpus, and classes, valence and arousal are side tasks.
LOSSES: dict[str, dict[str, Any]] = {
    "sce": {"positives": "pairs", "graded": 0.0, "rank": 0.0},  # symmetric cross entropy, as CLAP
    "supcon": {"graded": 0.0, "rank": 0.0},
    "rnc": {},
}


class Given(nn.Module):
    """In the place of a tower: its vectors (n, dim) are there already."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.dim = dim


class Joint(nn.Module):
    """Audio tower, heads and the small helpers that only training needs."""

    def __init__(self, tower: Tower | Given, text_dim: int, classes: int, recipe: Recipe) -> None:
        super().__init__()
        self.tower = tower
        self.dropout = recipe.dropout
        self.norm = nn.BatchNorm1d(tower.dim)
        self.audio = nn.Linear(tower.dim, recipe.dim)
        self.text = nn.Sequential(
            nn.Linear(text_dim, recipe.hidden), nn.GELU(), nn.Linear(recipe.hidden, recipe.dim)
        )
        self.affect = nn.Linear(recipe.dim, 2)
        self.classes = nn.Linear(tower.dim, classes)
        self.scale = nn.Parameter(torch.tensor(math.log(1 / 0.1)))

    def place_text(self, vectors: Tensor) -> Tensor:
        """Text vectors (n, text_dim) to unit vectors (n, k)."""
        return nn.functional.normalize(self.text(vectors), dim=1)

    def place_audio(self, raw: Tensor) -> tuple[Tensor, Tensor]:
        """Raw vectors (n, dim) to standardised vectors (n, dim) and unit vectors (n, k)."""
        even = self.norm(raw)
        dropped = nn.functional.dropout(even, self.dropout, self.training)
        return dropped, nn.functional.normalize(self.audio(dropped), dim=1)


def train_joint(
    tower: Tower,
    material: Material,
    recipe: Recipe,
    *,
    seed: int,
    log: Log,
) -> Joint:
    """Train the tower and the heads; returns the running average of the weights."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    generator = torch.Generator().manual_seed(seed)
    sampler = Sampler(material.clips, rng)
    model = Joint(tower, material.text_dim, len(material.labels), recipe).train()
    kept = deepcopy(model).eval()
    optimiser = _optimiser(model, recipe)
    rates = [group["lr"] for group in optimiser.param_groups]
    for step in range(recipe.steps):
        _set_pace(model, optimiser, rates, step, recipe)
        clips = sampler.batch(recipe.batch)
        sounds = material.crops(clips, rng.uniform(recipe.shortest, recipe.longest), rng)
        raw = _hear(model.tower, sounds, generator)
        batch = material.batch(clips, rng, recipe.others)
        losses = losses_of(model, material, raw, batch, recipe)
        optimiser.zero_grad()
        torch.stack(list(losses.values())).sum().backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        _average(kept, model, min(recipe.average, (1 + step) / (10 + step)))
        if step % 50 == 0 or step == recipe.steps - 1:
            log(f"step {step}/{recipe.steps}: {read_out(losses)}")
    return kept


def read_out(losses: dict[str, Tensor]) -> str:
    """Every loss by name, for the log."""
    return ", ".join(f"{name} {value.item():.3f}" for name, value in losses.items())


def _set_pace(
    model: Joint,
    optimiser: torch.optim.Optimizer,
    rates: Sequence[float],
    step: int,
    recipe: Recipe,
) -> None:
    """Learning rates of this step, and whether the lower half of the tower learns."""
    for group, rate in zip(optimiser.param_groups, rates, strict=True):
        group["lr"] = rate * schedule(step / recipe.steps)
    for parameter in model.tower.lower():
        parameter.requires_grad_(step >= recipe.thaw * recipe.steps)


def _hear(tower: Tower, sounds: tuple[Tensor, Tensor], generator: torch.Generator) -> Tensor:
    """Padded samples and their lengths to raw vectors (n, dim), through masks."""
    samples, lengths = sounds
    mel = masked(tower.mel(samples), generator)
    return tower.encode(mel, lengths.div(STEP, rounding_mode="floor"))


def losses_of(
    model: Joint, material: Material, raw: Tensor, batch: Batch, recipe: Recipe
) -> dict[str, Tensor]:
    """The weighted losses of a batch by name, from raw vectors (n, dim) of its clips."""
    even, heard = model.place_audio(raw)  # (n, dim), (n, k)
    read, named, written = (
        model.place_text(texts) for texts in (batch.captions, batch.words, batch.sentences)
    )  # (2n, k), (w, k), (s, k)
    towards = model.scale.exp().clamp(max=50) * heard  # (n, k)
    logits = towards @ read.T  # (n, 2n)
    same = batch.corpus[:, None] == batch.corpus.repeat(2)[None, :]  # (n, 2n)
    count = len(heard)
    paired = recipe.positives == "pairs"
    suits = torch.eye(count).repeat(1, 2) if paired else batch.suits  # (n, 2n)
    whole, inside = _both(logits, suits, None), _both(logits, suits, same)
    felt = model.affect(torch.cat([heard, read, named]))  # (3n + w, 2)
    wanted = torch.cat([batch.affect, batch.claimed, batch.meant])
    agreed = nn.functional.mse_loss(felt, wanted) + 0.5 * concordance(felt[:count], batch.affect)
    guesses = model.classes(even).masked_fill(~material.heard[batch.corpus], -1e4)
    losses = {
        "contrast": (1 - recipe.within) * whole + recipe.within * inside,
        "affect": recipe.affect * agreed,
        "classes": recipe.classes * nn.functional.cross_entropy(guesses, batch.label),
    }
    if not paired:
        losses["sentences"] = recipe.open * _both(towards @ written.T, batch.fitting, None)
    if recipe.rank > 0:
        ranked = _ranked(logits[:, :count], batch.affect, batch.claimed[:count], recipe.graded)
        losses["rank"] = recipe.rank * ranked
    if recipe.rank * recipe.graded > 0:
        # Words for feelings that no clip may hold are placed among the clips by rank alone.
        words = rank_terms((towards @ named.T).T, _apart(batch.meant, batch.affect)).mean()
        losses["words"] = recipe.rank * recipe.graded / 2 * words
    return losses


def _both(logits: Tensor, suits: Tensor, compared: Tensor | None) -> Tensor:
    """The contrastive loss, sounds to words and words to sounds."""
    mirrored = None if compared is None else compared.T
    return (contrastive(logits, suits, compared) + contrastive(logits.T, suits.T, mirrored)) / 2


def _ranked(logits: Tensor, heard: Tensor, read: Tensor, graded: float) -> Tensor:
    """Rank-N-Contrast over valence and arousal, both directions."""
    apart = _apart(heard, read)  # (n, n)
    forward = rank_n_contrast(logits, apart, graded)
    return (forward + rank_n_contrast(logits.T, apart.T, graded)) / 2


def _apart(one: Tensor, other: Tensor) -> Tensor:
    """L1 distances of valence and arousal (n, 2) and (m, 2), rounded so that ties are equal."""
    return ((one[:, None, :] - other[None, :, :]).abs().sum(dim=2) * 1e4).round()  # (n, m)


def _optimiser(model: Joint, recipe: Recipe) -> torch.optim.Optimizer:
    lower, upper = model.tower.lower(), model.tower.upper()
    known = {id(parameter) for parameter in (*lower, *upper)}
    fresh = [parameter for parameter in model.parameters() if id(parameter) not in known]
    groups = [
        {"params": lower, "lr": recipe.tower_rate / 2},
        {"params": upper, "lr": recipe.tower_rate},
        {"params": fresh, "lr": recipe.head_rate},
    ]
    return torch.optim.AdamW(groups, weight_decay=recipe.weight_decay)


def schedule(progress: float, floor: float = 0.02) -> float:
    """A short warm-up, then half a cosine down to `floor` (Loshchilov and Hutter 2017)."""
    if progress < 0.05:
        return progress / 0.05 + 0.01
    return floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * (progress - 0.05) / 0.95))


def _average(kept: nn.Module, model: nn.Module, decay: float) -> None:
    """Move the running average towards the model."""
    for mean, value in zip(kept.state_dict().values(), model.state_dict().values(), strict=True):
        if mean.dtype.is_floating_point:
            mean.lerp_(value, 1 - decay)
        else:
            mean.copy_(value)
