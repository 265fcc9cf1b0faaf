"""The text tower: a small BERT whose vector says what a text means and how it feels."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from retrieval.encoders.wordpiece import WordPiece

DIM = 384
HEADS = 12
INNER = 1536
LONGEST = 128  # tokens
TEACHER_LAYERS = 6


class Block(nn.Module):
    """One encoder layer of BERT (Devlin et al. 2019): attention, then a GELU layer, both with
    residual and LayerNorm after."""

    def __init__(self) -> None:
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(DIM, DIM) for _ in range(3))
        self.mixed = nn.Linear(DIM, DIM)
        self.mixed_norm = nn.LayerNorm(DIM, eps=1e-12)
        self.inner, self.outer = nn.Linear(DIM, INNER), nn.Linear(INNER, DIM)
        self.outer_norm = nn.LayerNorm(DIM, eps=1e-12)

    def forward(self, x: Tensor, shade: Tensor) -> Tensor:
        """x (n, t, DIM), shade (n, 1, 1, t) added to the attention logits; same shape as x."""
        query, key, value = (
            part(x).unflatten(2, (HEADS, -1)).transpose(1, 2)
            for part in (self.query, self.key, self.value)
        )  # (n, heads, t, d)
        logits = query @ key.transpose(2, 3) * (DIM // HEADS) ** -0.5 + shade  # (n, heads, t, t)
        read = (logits.softmax(dim=3) @ value).transpose(1, 2).flatten(2)  # (n, t, DIM)
        x = self.mixed_norm(x + self.mixed(read))
        normed: Tensor = self.outer_norm(x + self.outer(nn.functional.gelu(self.inner(x))))
        return normed


class TextTower(nn.Module):
    """Token numbers to unit vectors: embeddings, a few blocks, mean over tokens, one matrix that
    turns it to where the reader's vectors lie, length one.

    Args:
        vocabulary: WordPiece pieces; [PAD] first.
        layers: number of blocks.
    """

    dim = DIM

    def __init__(self, vocabulary: Sequence[str], layers: int) -> None:
        super().__init__()
        self.vocabulary = tuple(vocabulary)
        self.tokenizer = WordPiece(self.vocabulary)
        self.words = nn.Embedding(len(self.vocabulary), DIM)
        self.places = nn.Embedding(LONGEST, DIM)
        self.norm = nn.LayerNorm(DIM, eps=1e-12)
        self.blocks = nn.ModuleList(Block() for _ in range(layers))
        self.turn = nn.Linear(DIM, DIM)
        nn.init.eye_(self.turn.weight)
        nn.init.zeros_(self.turn.bias)

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Token numbers and mask (1 token, 0 padding), both int64 (n, t), to unit (n, DIM)."""
        x = self.norm(self.words(ids) + self.places.weight[: ids.shape[1]])  # (n, t, DIM)
        seen = mask.to(x.dtype)
        shade = ((1 - seen) * -1e9)[:, None, None, :]
        for block in self.blocks:
            x = block(x, shade)
        mean = (x * seen.unsqueeze(2)).sum(dim=1) / seen.sum(dim=1, keepdim=True)
        return nn.functional.normalize(self.turn(mean), dim=1)

    def embed(self, texts: Sequence[str], batch: int = 64) -> NDArray[np.float32]:
        """Texts to unit vectors (n, DIM), in evaluation mode."""
        return self.embed_tokens([self.tokenizer.numbers(t, LONGEST) for t in texts], batch)

    def embed_tokens(self, tokens: Sequence[Sequence[int]], batch: int = 64) -> NDArray[np.float32]:
        """Token lists to unit vectors (n, DIM), in evaluation mode; short ones go together."""
        was_training = self.training
        self.eval()
        vectors = np.empty((len(tokens), DIM), dtype=np.float32)
        with torch.no_grad():
            for rows in batches_by_length(tokens, batch):
                vectors[rows] = self(*padded([tokens[row] for row in rows])).numpy()
        self.train(was_training)
        return vectors

    def save(self, path: Path) -> None:
        """Write vocabulary and weights (float16)."""
        state = {name: value.half() for name, value in self.state_dict().items()}
        torch.save({"vocabulary": self.vocabulary, "state": state}, path)

    @classmethod
    def load(cls, path: Path) -> "TextTower":
        """Read what `save` wrote, in evaluation mode."""
        saved = torch.load(path, weights_only=True)
        layers = {name.split(".")[1] for name in saved["state"] if name.startswith("blocks.")}
        tower = cls(saved["vocabulary"], len(layers))
        tower.load_state_dict({name: value.float() for name, value in saved["state"].items()})
        tower.eval()
        return tower


def batches_by_length(tokens: Sequence[Sequence[int]], batch: int) -> Iterator[list[int]]:
    """Rows in batches of similar length, shortest first."""
    order = sorted(range(len(tokens)), key=lambda row: len(tokens[row]))
    for first in range(0, len(order), batch):
        yield order[first : first + batch]


def padded(tokens: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """Token lists as ids and mask (n, longest)."""
    longest = max(len(row) for row in tokens)
    ids = torch.zeros(len(tokens), longest, dtype=torch.int64)
    mask = torch.zeros_like(ids)
    for number, row in enumerate(tokens):
        ids[number, : len(row)] = torch.tensor(row)
        mask[number, : len(row)] = 1
    return ids, mask
