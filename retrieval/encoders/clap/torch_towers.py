"""Both towers of CLAP by transformers' ClapModel, on a GPU where there is one."""

import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.encoders.clap.files import WEIGHTS, broken, first_line, missing
from retrieval.errors import SpaceError

Vectors = NDArray[np.float32]
Numbers = NDArray[np.int64]

#: Windows that a GPU takes at a time. It always gets so many, silence in place of those that
#: lack: the same kernels then run whatever the call, and a vector has the same bits.
BATCH = 16
#: Tables that ClapModel keeps beside its weights, and computes where a file has them not.
POSITIONS, TYPES = (f"text_model.embeddings.{name}" for name in ("position_ids", "token_type_ids"))

_PACKAGES = ("torch", "transformers", "safetensors")


class TorchTowers:
    """The two towers of a model.

    On the processor one window is encoded at a time and on one thread, so a vector has the same
    bits whatever was encoded beside it, and threads that encode share the cores. One object can
    be used by several threads.

    Args:
        folder: of the model, with config.json and model.safetensors.

    Raises:
        SpaceError: the weights cannot be read, or some are absent.
        MissingExtra: torch, transformers or safetensors is not installed.
    """

    def __init__(self, folder: Path) -> None:
        self._torch, self.model = _load(folder)
        self.device = "cuda" if self._torch.cuda.is_available() else "cpu"
        self.model.to(self.device)

    def audio(self, mels: Vectors) -> Vectors:
        """Spectrograms (n, 1, 1001, 64) to unit vectors (n, dim)."""
        size = BATCH if self.device != "cpu" else 1
        parts = [self._audio(mels[at : at + size], size) for at in range(0, len(mels), size)]
        return np.concatenate(parts)

    def text(self, numbers: Numbers) -> Vectors:
        """Pieces (n, t) of texts of the same length to unit vectors (n, dim)."""
        torch = self._torch
        with self._running():
            ids = torch.from_numpy(numbers).to(self.device)
            given = self.model.get_text_features(ids, attention_mask=torch.ones_like(ids))
            return np.asarray(given.pooler_output.cpu().numpy(), dtype=np.float32)

    def _audio(self, mels: Vectors, size: int) -> Vectors:
        torch, count = self._torch, len(mels)
        padded = np.zeros((size, *mels.shape[1:]), dtype=np.float32)
        padded[:count] = mels
        with self._running():
            given = self.model.get_audio_features(
                torch.from_numpy(padded).to(self.device),
                # Windows are never longer than the model hears, so nothing is ever fused. The
                # feature extractor of transformers would call one of them longer at random.
                is_longer=torch.zeros((size, 1), dtype=torch.bool),
            )
            vectors = given.pooler_output[:count].cpu().numpy()
        return np.asarray(vectors, dtype=np.float32)

    @contextmanager
    def _running(self) -> Iterator[None]:
        torch = self._torch
        before = torch.get_num_threads()
        torch.set_num_threads(1)  # of this thread, as torch counts them
        try:
            with torch.inference_mode(), torch.backends.cudnn.flags(allow_tf32=False):
                yield
        finally:
            torch.set_num_threads(before)


@contextmanager
def quiet() -> Iterator[None]:
    """Keep warnings, and the log and progress bars of transformers, off the screen."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from transformers.utils import logging

        level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
        logging.set_verbosity_error()
        logging.disable_progress_bar()
        try:
            yield
        finally:
            logging.set_verbosity(level)
            if bars:
                logging.enable_progress_bar()


def import_clap() -> tuple[Any, Any]:
    """ClapModel and ClapConfig of transformers; they take seconds to import.

    Raises:
        MissingExtra: torch, transformers or safetensors is not installed.
        SpaceError: they are installed and do not work together.
    """
    for package in _PACKAGES:
        if find_spec(package) is None:
            raise missing(package)
    try:
        with quiet():
            from transformers import ClapConfig, ClapModel
    except Exception as fault:  # a broken neighbour, torchvision for one, breaks it in any way
        raise SpaceError(
            f"transformers cannot be imported: {first_line(fault)}",
            remedy="uninstall torchvision if it was built for another torch",
        ) from fault
    return ClapModel, ClapConfig


def has_gpu() -> bool:
    """Whether torch has a GPU here; without a driver it is not asked, for it takes seconds."""
    if shutil.which("nvidia-smi") is None or not all(map(find_spec, _PACKAGES)):
        return False
    import torch

    return bool(torch.cuda.is_available())


def _load(folder: Path) -> tuple[Any, Any]:
    clap_model, _ = import_clap()
    import torch

    try:
        with quiet():
            model, found = clap_model.from_pretrained(
                folder,
                local_files_only=True,
                use_safetensors=True,
                dtype=torch.float32,
                output_loading_info=True,
            )
    except Exception as fault:  # safetensors, json and transformers share no public root
        raise broken(
            folder / WEIGHTS, f"the weights cannot be read: {first_line(fault)}"
        ) from fault
    if absent := sorted(set(found["missing_keys"]) - {POSITIONS, TYPES}):
        raise broken(folder / WEIGHTS, f"weights are absent: {', '.join(absent[:6])}")
    return torch, model.eval()
