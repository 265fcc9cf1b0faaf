"""The sentence encoder that the text tower starts from: all-MiniLM-L6-v2 (Apache-2.0)."""

import unicodedata
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from retrieval.encoders.sentences import minilm_folder
from retrieval.encoders.wordpiece import WordPiece
from retrieval.training.text_tower import DIM, LONGEST, TEACHER_LAYERS, TextTower

_SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
_PARTS = {
    "attention.self.query": "query", "attention.self.key": "key", "attention.self.value": "value",
    "attention.output.dense": "mixed", "attention.output.LayerNorm": "mixed_norm",
    "intermediate.dense": "inner", "output.dense": "outer", "output.LayerNorm": "outer_norm",
}  # fmt: skip


def teacher_vocabulary() -> list[str]:
    """All pieces of the teacher, roughly the commonest first."""
    return (minilm_folder() / "vocab.txt").read_text(encoding="utf-8").split("\n")[:-1]


def prompt_vocabulary(texts: Sequence[str], most: int) -> list[str]:
    """The pieces of the teacher that a prompt in Latin script is likely to use, in its order.

    All single signs, all pieces that the texts use, then the commonest, `most` altogether. A
    rare word that is left out is still read, in smaller pieces.
    """
    latin = [piece for piece in teacher_vocabulary() if _is_latin(piece)]
    tokenizer = WordPiece(teacher_vocabulary())
    chunks = {chunk for text in texts for chunk in text.split()}
    used = {piece for chunk in chunks for piece in tokenizer.pieces(chunk)}
    first = [piece for piece in latin if piece in used or len(piece.removeprefix("##")) == 1]
    kept = set(list(dict.fromkeys([*_SPECIAL, *first, *latin]))[:most])
    return [piece for piece in latin if piece in kept]


def teacher(
    layers: Sequence[int] = range(TEACHER_LAYERS), vocabulary: Sequence[str] | None = None
) -> TextTower:
    """A tower with these layers of the teacher; all six are the teacher itself.

    Args:
        layers: which of its layers, from 0.
        vocabulary: the pieces to keep; all by default.
    """
    from safetensors.torch import load_file

    folder = minilm_folder()
    everything = teacher_vocabulary()
    number = {piece: row for row, piece in enumerate(everything)}
    rows = [number[piece] for piece in vocabulary or everything]
    tower = TextTower([everything[row] for row in rows], len(layers))
    tower.load_state_dict(_state(load_file(folder / "model.safetensors"), rows, layers))
    tower.eval()
    return tower


def teacher_vectors(texts: Sequence[str]) -> NDArray[np.float32]:
    """Unit vectors (n, 384) of the teacher: a reader that needs no download."""
    return teacher().embed(texts)


def _is_latin(piece: str) -> bool:
    """Whether all letters of a piece are Latin; digits, punctuation and symbols stay."""
    if piece in _SPECIAL:
        return True
    if piece == "[MASK]" or piece.startswith("[unused"):
        return False
    return all(
        "LATIN" in unicodedata.name(sign, "")
        for sign in piece
        if unicodedata.category(sign)[0] in "LM"
    )


def _state(
    weights: dict[str, Tensor], rows: Sequence[int], layers: Sequence[int]
) -> dict[str, Tensor]:
    """The teacher's weights under the names of the tower."""
    embeddings = "embeddings."
    kind = weights[f"{embeddings}token_type_embeddings.weight"][0]  # the only kind there is
    state = {
        "words.weight": weights[f"{embeddings}word_embeddings.weight"][torch.tensor(rows)],
        "places.weight": weights[f"{embeddings}position_embeddings.weight"][:LONGEST] + kind,
        "norm.weight": weights[f"{embeddings}LayerNorm.weight"],
        "norm.bias": weights[f"{embeddings}LayerNorm.bias"],
        "turn.weight": torch.eye(DIM),
        "turn.bias": torch.zeros(DIM),
    }
    for place, layer in enumerate(layers):
        for theirs, ours in _PARTS.items():
            for kind_of in ("weight", "bias"):
                source = weights[f"encoder.layer.{layer}.{theirs}.{kind_of}"]
                state[f"blocks.{place}.{ours}.{kind_of}"] = source
    return state
