"""A BERT sentence encoder in numpy: a text is read at once, where torch takes seconds to start.

Devlin et al. 2019, as sentence-transformers lays such models out: the vector of a text is the mean
over its pieces, of length one (Reimers and Gurevych 2019).
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from retrieval.encoders.wordpiece import WordPiece
from retrieval.space import Vectors, gelu, unit

Weights = dict[str, Vectors]


@dataclass(frozen=True)
class Bert:
    """The weights of a model under their names in its file, and what its configuration says.

    Attributes:
        longest: pieces of a text; what comes after is not read.
    """

    weights: Weights
    tokenizer: WordPiece
    layers: int
    heads: int
    longest: int
    epsilon: float

    def vector(self, text: str) -> Vectors:
        """A text to its unit vector (d,)."""
        numbers = self.tokenizer.numbers(text, self.longest)
        x = self._embedded(numbers)  # (t, d)
        for layer in range(self.layers):
            part = f"encoder.layer.{layer}."
            x = self._norm(f"{part}attention.output.LayerNorm", x + self._attended(part, x))
            inner = gelu(self._dense(f"{part}intermediate.dense", x))  # (t, inner)
            x = self._norm(f"{part}output.LayerNorm", x + self._dense(f"{part}output.dense", inner))
        return unit(x.mean(axis=0))

    def _embedded(self, numbers: list[int]) -> Vectors:
        words = self.weights["embeddings.word_embeddings.weight"][numbers]  # (t, d)
        places = self.weights["embeddings.position_embeddings.weight"][: len(numbers)]
        kind = self.weights["embeddings.token_type_embeddings.weight"][0]
        return self._norm("embeddings.LayerNorm", words + places + kind)

    def _attended(self, part: str, x: Vectors) -> Vectors:
        """What each of t places takes from the others, (t, d)."""
        query, key, value = (
            self._dense(f"{part}attention.self.{name}", x)
            .reshape(len(x), self.heads, -1)
            .transpose(1, 0, 2)
            for name in ("query", "key", "value")
        )  # (heads, t, d / heads)
        logits = query @ key.transpose(0, 2, 1) / np.sqrt(np.float32(query.shape[2]))
        shares = np.exp(logits - logits.max(axis=2, keepdims=True))  # (heads, t, t)
        shares /= shares.sum(axis=2, keepdims=True)
        taken = (shares @ value).transpose(1, 0, 2).reshape(len(x), -1)
        return self._dense(f"{part}attention.output.dense", taken)

    def _dense(self, name: str, x: Vectors) -> Vectors:
        weight, bias = self.weights[f"{name}.weight"], self.weights[f"{name}.bias"]
        return np.asarray(x @ weight.T + bias, dtype=np.float32)

    def _norm(self, name: str, x: Vectors) -> Vectors:
        even = x - x.mean(axis=1, keepdims=True)
        even /= np.sqrt(np.square(even).mean(axis=1, keepdims=True) + np.float32(self.epsilon))
        scaled = even * self.weights[f"{name}.weight"] + self.weights[f"{name}.bias"]
        return np.asarray(scaled, dtype=np.float32)


def load_bert(folder: Path, weights: Weights) -> Bert:
    """A model from its folder and the weights in it.

    Raises:
        OSError, ValueError, KeyError: a file of the folder is absent or broken.
    """
    facts = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    longest = json.loads((folder / "sentence_bert_config.json").read_text(encoding="utf-8"))
    return Bert(
        weights=weights,
        tokenizer=WordPiece((folder / "vocab.txt").read_text(encoding="utf-8").split("\n")),
        layers=int(facts["num_hidden_layers"]),
        heads=int(facts["num_attention_heads"]),
        longest=int(longest["max_seq_length"]),
        epsilon=float(facts["layer_norm_eps"]),
    )
