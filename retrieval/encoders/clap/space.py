"""LAION-CLAP as a space: what a sound is, as against how it feels (Wu et al. 2023).

A model is a folder in the layout of Hugging Face. Its towers are run by onnxruntime where they were
exported, else by transformers; on a GPU sound is encoded by transformers. The same weights give
the same vectors by either within a tested tolerance, so a library does not ask which was used.
"""

import hashlib
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from threading import RLock

import numpy as np
from numpy.typing import NDArray

from retrieval.encoders.clap.files import WEIGHTS, Card, broken, read_card, tokenizer_files
from retrieval.encoders.clap.mel import RATE, SAMPLES, VERSION, heard, log_mel
from retrieval.encoders.clap.onnx_towers import OnnxAudioTower, OnnxTextTower
from retrieval.encoders.clap.probes import probe_numbers, refuse_alike
from retrieval.encoders.clap.torch_towers import TorchTowers, has_gpu
from retrieval.encoders.clap.words import LONGEST, Pieces, in_batches
from retrieval.space import Heads, Space

Vectors = NDArray[np.float32]
Numbers = NDArray[np.int64]

WINDOW, HOP = SAMPLES / RATE, SAMPLES / RATE / 2  # seconds


def clap_space(folder: Path) -> Space:
    """The space of an installed model; its weights are read when they are first needed.

    Raises:
        SpaceError: model.json, config.json or the tokenizer is absent or broken.
    """
    card = read_card(folder)
    towers = Towers(card)
    return Space(
        name=card.name,
        description=f"what a sound is: LAION-CLAP, {card.checkpoint}",
        licence=card.licence,
        window=WINDOW,
        hop=HOP,
        audio=ClapAudio(card, towers),
        text=ClapText(card, towers),
        heads=Heads(),
    )


class Towers:
    """The towers of a model, each loaded once, when it is first needed, by any thread."""

    def __init__(self, card: Card) -> None:
        self.card = card
        self._lock = RLock()

    def audio(self, mels: Vectors) -> Vectors:
        """Spectrograms (n, 1, 1001, 64) to unit vectors (n, dim)."""
        with self._lock:
            tower = self._audio
        return tower(mels)

    def text(self, texts: Sequence[str]) -> Vectors:
        """Texts to unit vectors (n, dim)."""
        with self._lock:
            pieces, tower = self._text
        return in_batches(pieces.numbers(texts), tower)

    @cached_property
    def _audio(self) -> Callable[[Vectors], Vectors]:
        if self.card.exported and not has_gpu():
            return OnnxAudioTower(self.card.folder)
        return self._torch.audio

    @cached_property
    def _text(self) -> tuple[Pieces, Callable[[Numbers], Vectors]]:
        folder = self.card.folder
        pieces = Pieces(folder)
        if pieces.size > self.card.words:
            fault = f"the tokenizer has {pieces.size} pieces, the weights know {self.card.words}"
            raise broken(folder, fault)
        tower = OnnxTextTower(folder) if self.card.exported else self._torch.text
        refuse_alike(tower(probe_numbers(pieces)), folder)
        return pieces, tower

    @cached_property
    def _torch(self) -> TorchTowers:
        return TorchTowers(self.card.folder)


class ClapAudio:
    """Windows of up to ten seconds to unit vectors, each by itself.

    One encoder can be used by several threads.

    Args:
        card: of the model.
        towers: of the model.
    """

    rate = RATE

    def __init__(self, card: Card, towers: Towers) -> None:
        self.name, self.dim = card.checkpoint, card.dim
        self._card, self._towers = card, towers

    @cached_property
    def fingerprint(self) -> str:
        """sha256 over weights and preprocessing; not over the program that runs them."""
        card = self._card
        return _sha256(VERSION, card.sha256[WEIGHTS], f"fusion {card.fusion}")

    def encode(self, windows: Sequence[Vectors]) -> Vectors:
        """Mono windows, each (samples,) at 48 kHz in -1..1, to unit vectors (n, dim).

        Raises:
            SpaceError: the weights cannot be read.
            MissingExtra: what runs them is not installed.
            ValueError: a window is empty, longer than ten seconds, or has more than one axis.
        """
        if not windows:
            return np.empty((0, self.dim), dtype=np.float32)
        mels = [log_mel(heard(window), fusion=self._card.fusion) for window in windows]
        return self._towers.audio(np.stack(mels)[:, None])  # of (n, 1, 1001, 64)


class ClapText:
    """Texts to unit vectors; what follows 77 pieces is not read.

    One encoder can be used by several threads. The vector of a text is its own up to rounding in
    the last of seven digits, whatever texts of as many pieces are encoded beside it.

    Args:
        card: of the model.
        towers: of the model.
    """

    def __init__(self, card: Card, towers: Towers) -> None:
        self.name, self.dim = card.checkpoint, card.dim
        self._card, self._towers = card, towers

    @cached_property
    def fingerprint(self) -> str:
        """sha256 over weights and tokenizer; not over the program that runs them."""
        card = self._card
        files = (WEIGHTS, *tokenizer_files(card.folder))
        return _sha256(f"pieces {LONGEST}", *(card.sha256[one] for one in files))

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Texts to unit vectors (n, dim); an empty text has one too.

        Raises:
            SpaceError: the weights or the tokenizer cannot be read, the vocabulary is tiny, or
                unlike prompts get all but the same vector.
            MissingExtra: what runs them is not installed.
        """
        if not texts:
            return np.empty((0, self.dim), dtype=np.float32)
        return self._towers.text(texts)


def check(folder: Path) -> list[str]:
    """Load a model with every program that is installed for it, and compare their vectors.

    Returns:
        What was found, a line each.

    Raises:
        SpaceError: a file is absent or broken, a guard fails, or two programs disagree.
        MissingExtra: no program that runs the model is installed.
    """
    # Imported here, because it compares with laion_clap.
    from retrieval.encoders.clap.check import compare

    return compare(folder)


def _sha256(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
