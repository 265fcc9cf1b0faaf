"""What the text tower is taught: texts with what is known of each, as arrays, and the losses."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from retrieval.space import unit
from retrieval.training.reader import Reader, principal
from retrieval.training.text_recipe import TextRecipe
from retrieval.training.text_tower import DIM, TextTower, batches_by_length, padded
from retrieval.training.texts import Text
from retrieval.training.words import FEELINGS

Log = Callable[[str], None]
FEELING_NAMES = tuple(FEELINGS)
LONGEST_READ = 48  # tokens; a longer sentence is cut in training
TURNED = 8000  # texts that the first turn of the vectors is fitted to
RIDGE = 0.01  # of the mean square of an input
VAD_MIDDLE, VAD_SPREAD = 3.0, 0.35  # EmoBank's scale, to about -1..1


class Heads(nn.Module):
    """Linear readings of the vector, needed in training only."""

    def __init__(self, emotions: int) -> None:
        super().__init__()
        self.emotions = nn.Linear(DIM, emotions)
        self.feelings = nn.Linear(DIM, len(FEELING_NAMES))
        self.affect = nn.Linear(DIM, 2)
        self.vad = nn.Linear(DIM, 3)


class Lessons:
    """Texts with everything that is known of them, as arrays to draw batches from."""

    def __init__(
        self,
        shares: Sequence[tuple[float, list[Text]]],
        tower: TextTower,
        emotion_names: Sequence[str],
        read: Reader,
        log: Log,
    ) -> None:
        known = [text for _, some in shares for text in some]
        self.chance = np.concatenate(
            [np.full(len(some), share / len(some)) for share, some in shares]
        )
        self.chance /= self.chance.sum()
        log(f"{len(known)} texts")
        self.tokens = [tower.tokenizer.numbers(text.text, LONGEST_READ) for text in known]
        self.meaning = _meanings(known, read)
        log("the reader has read")
        self.emotions = np.array([_marked(text.emotions, emotion_names) for text in known])
        self.feeling = np.array(
            [FEELING_NAMES.index(text.feeling) if text.feeling else -1 for text in known]
        )
        self.affect = np.array([text.affect or (np.nan,) * 2 for text in known], np.float32)
        vad = np.array([text.vad or (np.nan,) * 3 for text in known], np.float32)
        self.vad = (vad - VAD_MIDDLE) / VAD_SPREAD

    def turn(self, tower: TextTower) -> None:
        """Set the tower's last matrix so that its vectors lie where the reader's do, as well as
        a ridge regression over some of the texts can; training then starts near the goal."""
        rows = np.flatnonzero(~np.isnan(self.meaning).any(axis=1))
        rows = rows[:: max(1, len(rows) // TURNED)]
        given = tower.embed_tokens([self.tokens[row] for row in rows]).astype(np.float64)
        inputs = np.concatenate([given, np.ones((len(rows), 1))], axis=1)  # (n, DIM + 1)
        normal = inputs.T @ inputs + RIDGE * len(rows) / DIM * np.eye(DIM + 1)
        weight = np.linalg.solve(normal, inputs.T @ self.meaning[rows])  # (DIM + 1, DIM)
        with torch.no_grad():
            tower.turn.weight.copy_(torch.from_numpy(weight[:DIM].T))
            tower.turn.bias.copy_(torch.from_numpy(weight[DIM]))

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


def _meanings(known: Sequence[Text], read: Reader) -> NDArray[np.float32]:
    """What the reader makes of the texts (n, DIM); nan where it is not asked."""
    asked = [row for row, text in enumerate(known) if text.read_as is not None]
    wanted = list(dict.fromkeys(known[row].read_as or "" for row in asked))
    vectors = read(wanted)  # (texts, d)
    if vectors.shape[1] != DIM:
        vectors = unit(vectors @ principal(vectors, DIM))  # (texts, DIM)
    place = {text: row for row, text in enumerate(wanted)}
    meanings = np.full((len(known), DIM), np.nan, dtype=np.float32)
    meanings[asked] = vectors[[place[known[row].read_as or ""] for row in asked]]
    return meanings


def _marked(emotions: Sequence[str] | None, names: Sequence[str]) -> NDArray[np.float32]:
    if emotions is None:
        return np.full(len(names), np.nan, dtype=np.float32)
    return np.array([name in emotions for name in names], dtype=np.float32)
