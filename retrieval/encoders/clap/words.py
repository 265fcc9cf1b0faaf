"""Texts to numbers for CLAP: the byte-level pieces of RoBERTa, by the package `tokenizers`."""

from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.encoders.clap.files import broken, missing, read_json, tokenizer_files
from retrieval.errors import SpaceError

Vectors = NDArray[np.float32]
Numbers = NDArray[np.int64]

#: Pieces that a text may have, with its two ends: what the model was trained with.
LONGEST = 77

#: The bytes alone are 256 pieces; with fewer than this hardly a word is known. RoBERTa has 50,265.
SMALLEST = 1000


def vocabulary_size(folder: Path) -> int:
    """How many pieces the tokenizer of a folder knows; needs no other package.

    Raises:
        SpaceError: it cannot be read, or is too small to tell one text from another.
    """
    path = folder / tokenizer_files(folder)[0]
    pieces: Any = read_json(path)
    if path.name == "tokenizer.json":
        model = pieces.get("model")
        pieces = model.get("vocab") if isinstance(model, dict) else None
    size = len(pieces) if isinstance(pieces, dict | list) else 0
    if size < SMALLEST:
        raise SpaceError(
            f"the tokenizer knows {size} pieces, at least {SMALLEST} are needed to tell texts"
            " from one another",
            path=path,
            remedy="fetch the model again; a download that broke off leaves such a tokenizer",
        )
    return size


#: Texts of as many pieces that are encoded at a time.
BATCH = 32


class Pieces:
    """Texts to the numbers of their pieces.

    Args:
        folder: with tokenizer.json, or vocab.json and merges.txt.

    Raises:
        SpaceError: they cannot be read, or the vocabulary is too small.
        MissingExtra: `tokenizers` is not installed.
    """

    def __init__(self, folder: Path) -> None:
        self.size = vocabulary_size(folder)
        self._tokenizer = _tokenizer(folder)
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(LONGEST)

    def numbers(self, texts: Sequence[str]) -> list[list[int]]:
        """The pieces of each text, with both ends; at most 77, what follows is cut."""
        return [encoding.ids for encoding in self._tokenizer.encode_batch(list(texts))]

    def save(self, folder: Path) -> None:
        """Write tokenizer.json."""
        self._tokenizer.no_truncation()
        self._tokenizer.save(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(LONGEST)


def in_batches(rows: Sequence[Sequence[int]], tower: Callable[[Numbers], Vectors]) -> Vectors:
    """Vectors (n, dim) of texts by a tower that takes pieces (b, t): rows of one length, no pads.

    Args:
        rows: the pieces of each text, at least one text.
    """
    places = sorted(range(len(rows)), key=lambda place: len(rows[place]))
    parts = []
    for _, same in groupby(places, key=lambda place: len(rows[place])):
        whole = list(same)
        for at in range(0, len(whole), BATCH):
            batch = [rows[place] for place in whole[at : at + BATCH]]
            parts.append(tower(np.array(batch, dtype=np.int64)))
    sorted_vectors = np.concatenate(parts)  # (n, dim)
    vectors = np.empty_like(sorted_vectors)
    vectors[places] = sorted_vectors
    return vectors


def _tokenizer(folder: Path) -> Any:
    try:
        import tokenizers
    except ImportError as fault:
        raise missing("tokenizers") from fault
    names = tokenizer_files(folder)
    try:
        if len(names) == 1:
            return tokenizers.Tokenizer.from_file(str(folder / names[0]))
        return _byte_level(*(folder / name for name in names))
    except Exception as fault:  # the package raises bare exceptions
        raise broken(folder, f"the tokenizer cannot be read: {fault}") from fault


def _byte_level(vocabulary: Path, merges: Path) -> Any:
    """RoBERTa's tokenizer from its two files (Liu et al. 2019)."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors

    model = models.BPE.from_file(str(vocabulary), str(merges), unk_token="<unk>")
    tokenizer = Tokenizer(model)
    tokenizer.add_special_tokens(["<s>", "<pad>", "</s>", "<unk>"])
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    ends = [("</s>", tokenizer.token_to_id("</s>")), ("<s>", tokenizer.token_to_id("<s>"))]
    tokenizer.post_processor = processors.RobertaProcessing(*ends, add_prefix_space=False)
    return tokenizer
