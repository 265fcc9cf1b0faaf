"""The training of the text tower: a teacher's meaning, and feeling on top.

Every text is pulled towards the vector that the teacher gives to what it means; four small
linear heads, thrown away afterwards, must read emotions, feeling, rated and claimed affect from
the vector, so that these lie open in it.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from retrieval.training import texts
from retrieval.training.teacher import (
    prompt_vocabulary,
    teacher,
    teacher_vectors,
    teacher_vocabulary,
)
from retrieval.training.text_export import export_text
from retrieval.training.text_tower import DIM, TextTower, batches_by_length, padded
from retrieval.training.texts import Text
from retrieval.training.words import FEELINGS

Log = Callable[[str], None]
FEELING_NAMES = tuple(FEELINGS)
LONGEST_READ = 48  # tokens; a longer sentence is cut in training
VAD_MIDDLE, VAD_SPREAD = 3.0, 0.35  # EmoBank's scale, to about -1..1


@dataclass(frozen=True)
class TextRecipe:
    """What a run does.

    Attributes:
        layers: the layers of the teacher that the tower starts from.
        pieces: size of the vocabulary.
        steps, batch, rate: optimiser steps, texts a step, peak learning rate.
        meaning, emotions, feelings, affect, vad: weights of the losses.
        asked: sentences of GoEmotions, and of EmoBank, that the teacher reads, the others teach
            emotion only. It also reads twice as many plain words.
        denials: whether denied feelings are taught.
    """

    layers: tuple[int, ...] = (0, 2, 4, 5)
    pieces: int = 18_500
    steps: int = 660
    batch: int = 48
    rate: float = 4e-4
    meaning: float = 8.0
    emotions: float = 0.3
    feelings: float = 0.1
    affect: float = 0.5
    vad: float = 0.3
    asked: int = 2048
    denials: bool = True


class Heads(nn.Module):
    """Linear readings of the vector, needed in training only."""

    def __init__(self, emotions: int) -> None:
        super().__init__()
        self.emotions = nn.Linear(DIM, emotions)
        self.feelings = nn.Linear(DIM, len(FEELING_NAMES))
        self.affect = nn.Linear(DIM, 2)
        self.vad = nn.Linear(DIM, 3)


def train_text_tower(
    labels_dir: Path,
    out: Path,
    seed: int,
    *,
    log: Log,
    recipe: TextRecipe = TextRecipe(),
    cache: Path | None = None,
) -> TextTower:
    """Train a tower and write `text_tower.pt`, `text.onnx` and `vocab.txt` to a folder.

    Args:
        labels_dir: corpora/labels, with goemotions, emobank, clap4emo, audioset and audiocaps.
        cache: a folder for the teacher's vectors, which are the slow part of a second run.
        seed: the same seed, threads and libraries give the same weights.
    """
    tower, _ = fit(labels_dir, seed, recipe=recipe, cache=cache, log=log)
    out.mkdir(parents=True, exist_ok=True)
    tower.save(out / "text_tower.pt")
    export_text(tower, out)
    return tower


def fit(
    labels_dir: Path,
    seed: int,
    *,
    recipe: TextRecipe,
    log: Log,
    cache: Path | None = None,
    watch: Callable[[TextTower, Heads, int], None] | None = None,
) -> tuple[TextTower, Heads]:
    """The tower and the heads it was trained with; `watch` is called every 250 steps."""
    torch.manual_seed(seed)
    shares = sources(labels_dir, seed, recipe)
    tower = teacher(recipe.layers, _vocabulary(shares, recipe.pieces)).train()
    tower.words.requires_grad_(False)  # words that no text uses must keep their meaning
    names = texts.emotion_names(labels_dir)
    lessons = Lessons(shares, tower, names, cache, log)
    heads = Heads(len(names))
    optimiser = torch.optim.AdamW(
        [
            {"params": [p for p in tower.parameters() if p.requires_grad], "lr": recipe.rate},
            {"params": list(heads.parameters()), "lr": 5 * recipe.rate},
        ],
        weight_decay=0.01,
    )
    peaks = [group["lr"] for group in optimiser.param_groups]
    batches = lessons.batches(recipe.batch, np.random.default_rng(seed))
    for step in range(recipe.steps):
        for group, peak in zip(optimiser.param_groups, peaks, strict=True):
            group["lr"] = peak * _schedule(step / recipe.steps)
        losses = lessons.losses(tower, heads, next(batches), recipe)
        optimiser.zero_grad()
        torch.stack(list(losses.values())).sum().backward()
        nn.utils.clip_grad_norm_(tower.parameters(), 1.0)
        optimiser.step()
        if step % 50 == 0 or step == recipe.steps - 1:
            parts = ", ".join(
                f"{name} {float(value.detach()):.3f}" for name, value in losses.items()
            )
            log(f"step {step}/{recipe.steps}: {parts}")
        if watch is not None and (step + 1) % 250 == 0:
            watch(tower, heads, step + 1)
    return tower.eval(), heads.eval()


def _vocabulary(shares: Sequence[tuple[float, list[Text]]], most: int) -> list[str]:
    """The pieces to keep: what people write, and what is common; not every rare name."""
    written = [text.text for _, some in shares for text in some]
    return prompt_vocabulary(written, most)


def sources(labels_dir: Path, seed: int, recipe: TextRecipe) -> list[tuple[float, list[Text]]]:
    """Texts by source, each with its share of a batch."""
    asked, others = _parted(texts.goemotions(labels_dir, "train"), recipe.asked, seed)
    rated, rated_only = _parted(texts.emobank(labels_dir, "train"), recipe.asked, seed)
    found = [
        (0.18, texts.prompts()),
        (0.06, texts.named_feelings()),
        (0.05, texts.degrees()),
        (0.06, texts.sound_texts(labels_dir)),
        (0.07, texts.vocabulary_texts(teacher_vocabulary(), seed, 2 * recipe.asked)),
        (0.07, texts.clap4emo(labels_dir)),
        (0.14, asked),
        (0.17, others),
        (0.08, rated),
        (0.06, rated_only),
    ]
    if recipe.denials:
        found += [(0.05, texts.denials()), (0.05, texts.turns(seed))]
    return found


def _parted(known: list[Text], asked: int, seed: int) -> tuple[list[Text], list[Text]]:
    """A part that the teacher reads, and the others."""
    order = np.random.default_rng(seed).permutation(len(known))
    return (
        [known[row] for row in order[:asked]],
        [texts.unasked(known[row]) for row in order[asked:]],
    )


class Lessons:
    """Texts with everything that is known of them, as arrays to draw batches from."""

    def __init__(
        self,
        shares: Sequence[tuple[float, list[Text]]],
        tower: TextTower,
        emotion_names: Sequence[str],
        cache: Path | None,
        log: Log,
    ) -> None:
        known = [text for _, some in shares for text in some]
        self.chance = np.concatenate(
            [np.full(len(some), share / len(some)) for share, some in shares]
        )
        self.chance /= self.chance.sum()
        log(f"{len(known)} texts")
        self.tokens = [tower.tokenizer.numbers(text.text, LONGEST_READ) for text in known]
        self.meaning = np.concatenate([_meanings(some, cache) for _, some in shares])
        log("the teacher has read")
        self.emotions = np.array([_marked(text.emotions, emotion_names) for text in known])
        self.feeling = np.array(
            [FEELING_NAMES.index(text.feeling) if text.feeling else -1 for text in known]
        )
        self.affect = np.array([text.affect or (np.nan,) * 2 for text in known], np.float32)
        vad = np.array([text.vad or (np.nan,) * 3 for text in known], np.float32)
        self.vad = (vad - VAD_MIDDLE) / VAD_SPREAD

    def batches(self, size: int, rng: np.random.Generator) -> Iterator[NDArray[np.int64]]:
        """Rows drawn by the shares of their sources, texts of similar length together."""
        while True:
            rows = rng.choice(len(self.tokens), 8 * size, p=self.chance)
            together = list(batches_by_length([self.tokens[row] for row in rows], size))
            for number in rng.permutation(len(together)):
                yield rows[together[number]]

    def losses(
        self, tower: TextTower, heads: Heads, rows: NDArray[np.int64], recipe: TextRecipe
    ) -> dict[str, Tensor]:
        """The weighted losses of a batch by name."""
        vector = tower(*padded([self.tokens[row] for row in rows]))  # (n, DIM)
        scaled = vector * DIM**0.5  # components of about 1, for the heads
        feeling = torch.from_numpy(self.feeling[rows])
        named = feeling >= 0
        errors = {
            "meaning": _squared(vector, self.meaning[rows]) / 2,
            "emotions": _crossed(heads.emotions(scaled), self.emotions[rows]),
            "feelings": nn.functional.cross_entropy(
                heads.feelings(scaled[named]), feeling[named], reduction="sum"
            )
            / named.sum().clamp(min=1),
            "affect": _squared(heads.affect(scaled), self.affect[rows]),
            "vad": _squared(heads.vad(scaled), self.vad[rows]),
        }
        return {name: getattr(recipe, name) * error for name, error in errors.items()}


def _squared(read: Tensor, known: NDArray[np.float32]) -> Tensor:
    """Squared error summed over columns, mean over the rows that are known; 0 without any."""
    wanted, rows = _known(known)
    return (read[rows] - wanted).square().sum() / max(1, len(wanted))


def _crossed(logits: Tensor, known: NDArray[np.float32]) -> Tensor:
    """Binary cross-entropy summed over columns, mean over the rows that are known."""
    wanted, rows = _known(known)
    errors = nn.functional.binary_cross_entropy_with_logits(logits[rows], wanted, reduction="sum")
    return errors / max(1, len(wanted))


def _known(values: NDArray[np.float32]) -> tuple[Tensor, Tensor]:
    """The rows without nan, and which they are; rows are left out before any arithmetic,
    because the gradient of a masked nan is nan."""
    rows = ~np.isnan(values).any(axis=1)
    return torch.from_numpy(values[rows]), torch.from_numpy(rows)


def _meanings(some: Sequence[Text], cache: Path | None) -> NDArray[np.float32]:
    """What the teacher makes of the texts (n, DIM); nan where it is not asked."""
    vectors = np.full((len(some), DIM), np.nan, dtype=np.float32)
    asked = [row for row, text in enumerate(some) if text.read_as is not None]
    read = list(dict.fromkeys(some[row].read_as or "" for row in asked))
    place = {text: row for row, text in enumerate(read)}
    if read:
        vectors[asked] = teacher_vectors(read, cache)[[place[some[r].read_as or ""] for r in asked]]
    return vectors


def _marked(emotions: Sequence[str] | None, names: Sequence[str]) -> NDArray[np.float32]:
    if emotions is None:
        return np.full(len(names), np.nan, dtype=np.float32)
    return np.array([name in emotions for name in names], dtype=np.float32)


def _schedule(progress: float) -> float:
    """A short warm-up, then half a cosine down to nothing."""
    if progress < 0.05:
        return progress / 0.05 + 0.01
    return 0.5 * (1 + math.cos(math.pi * (progress - 0.05) / 0.95))
