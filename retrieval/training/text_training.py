"""The training of the text tower: a reader's meaning, and feeling on top.

The tower starts from the teacher's layers. Every text is pulled towards the vector that a reader
far larger gives to what it means; four small linear heads, thrown away afterwards, must read
emotions, feeling, rated and claimed affect from the vector, so that these lie open in it.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from retrieval.evaluation.phrasings import resembles
from retrieval.training import texts
from retrieval.training.joint import schedule
from retrieval.training.lessons import Heads, Lessons
from retrieval.training.reader import Reader
from retrieval.training.teacher import prompt_vocabulary, teacher
from retrieval.training.text_export import export_text
from retrieval.training.text_recipe import TextRecipe
from retrieval.training.text_tower import TextTower
from retrieval.training.texts import Text

Log = Callable[[str], None]

FULL = TextRecipe()


def train_text_tower(
    labels_dir: Path,
    out: Path,
    seed: int,
    *,
    read: Reader,
    log: Log,
    recipe: TextRecipe = FULL,
) -> TextTower:
    """Train a tower and write `text_tower.pt`, `text.onnx` and `vocab.txt` to a folder.

    Args:
        labels_dir: corpora/labels, with goemotions, emobank, clap4emo, audioset and audiocaps.
        read: what gives a text its meaning.
        seed: the same seed, threads and libraries give the same weights.
    """
    tower = fit(labels_dir, seed, read=read, recipe=recipe, log=log)
    out.mkdir(parents=True, exist_ok=True)
    tower.save(out / "text_tower.pt")
    export_text(tower, out)
    return tower


def fit(
    labels_dir: Path,
    seed: int,
    *,
    read: Reader,
    recipe: TextRecipe,
    log: Log,
) -> TextTower:
    """The trained tower."""
    torch.manual_seed(seed)
    shares = sources(labels_dir, seed, recipe)
    tower = teacher(recipe.layers, _vocabulary(shares, recipe.pieces)).train()
    names = texts.emotion_names(labels_dir)
    lessons = Lessons(shares, tower, names, read, log)
    lessons.turn(tower)
    heads = Heads(len(names))
    batches = lessons.batches(recipe.batch, np.random.default_rng(seed))
    for turn in range(recipe.rounds):
        log(f"round {turn + 1} of {recipe.rounds}")
        _round(tower, heads, lessons, batches, recipe, log)
    return tower.eval()


def _round(
    tower: TextTower,
    heads: Heads,
    lessons: Lessons,
    batches: Iterator[NDArray[np.int64]],
    recipe: TextRecipe,
    log: Log,
) -> None:
    """`recipe.steps` steps under one warm-up and one cosine (Loshchilov and Hutter 2017)."""
    optimiser = _optimiser(tower, heads, recipe)
    peaks = [group["lr"] for group in optimiser.param_groups]
    for step in range(recipe.steps):
        for group, peak in zip(optimiser.param_groups, peaks, strict=True):
            group["lr"] = peak * schedule(step / recipe.steps, floor=0.0)
        losses = lessons.losses(tower, heads, next(batches), recipe)
        optimiser.zero_grad()
        torch.stack(list(losses.values())).sum().backward()
        nn.utils.clip_grad_norm_(tower.parameters(), 1.0)
        optimiser.step()
        if step % 50 == 0 or step == recipe.steps - 1:
            parts = ", ".join(f"{name} {value.item():.3f}" for name, value in losses.items())
            log(f"step {step}/{recipe.steps}: {parts}")


def _optimiser(tower: TextTower, heads: Heads, recipe: TextRecipe) -> torch.optim.Optimizer:
    others = [value for name, value in tower.named_parameters() if name != "words.weight"]
    return torch.optim.AdamW(
        [
            {"params": others, "lr": recipe.rate},
            # without decay, so that words that no text uses keep their meaning
            {"params": [tower.words.weight], "lr": recipe.rate, "weight_decay": 0.0},
            {"params": list(heads.parameters()), "lr": 5 * recipe.rate},
        ],
        weight_decay=0.01,
    )


def _vocabulary(shares: Sequence[tuple[float, list[Text]]], most: int) -> list[str]:
    """The pieces to keep: what people write, and what is common; not every rare name."""
    written = [text.text for _, some in shares for text in some]
    return prompt_vocabulary(written, most)


def sources(labels_dir: Path, seed: int, recipe: TextRecipe) -> list[tuple[float, list[Text]]]:
    """Texts by source, each with its share of a batch; none gives away what is examined."""
    asked, others = _parted(texts.goemotions(labels_dir, "train"), recipe.asked, seed)
    rated, rated_only = _parted(texts.emobank(labels_dir, "train"), recipe.asked, seed)
    found = [
        (0.20, texts.prompts()),
        (0.05, texts.named_feelings()),
        (0.05, texts.degrees()),
        (0.05, texts.sound_texts(labels_dir)),
        (0.22, texts.vocabulary_texts(prompt_vocabulary([], recipe.pieces), seed, recipe.words)),
        (0.05, texts.clap4emo(labels_dir)),
        (0.12, asked),
        (0.10, others),
        (0.06, rated),
        (0.04, rated_only),
    ]
    if recipe.denials:
        found += [(0.05, texts.denials()), (0.05, texts.turns(seed))]
    return [(share, [text for text in some if not resembles(text.text)]) for share, some in found]


def _parted(known: list[Text], asked: int, seed: int) -> tuple[list[Text], list[Text]]:
    """A part that the reader reads, and the others."""
    order = np.random.default_rng(seed).permutation(len(known))
    return (
        [known[row] for row in order[:asked]],
        [texts.unasked(known[row]) for row in order[asked:]],
    )
