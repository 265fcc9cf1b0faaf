"""A text encoder that reads each text once, for the thousands of captions of a training.

A text takes a big tower a tenth of a second, and all captions many minutes: so what was read
is kept in a file, and a second training with the same tower reads nothing.
"""

import hashlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from retrieval.space import TextEncoder, Vectors

BATCH = 128  # texts handed over at a time
KEEP = 1024  # texts read before they are written to the file


class KeptReader:
    """A text encoder of the same name, dimensions and fingerprint as the one that it asks.

    Args:
        encoder: what reads a text that is new.
        folder: where vectors are kept, a file for each fingerprint; made when it is absent.
        log: called with a line of progress now and then.
    """

    def __init__(self, encoder: TextEncoder, folder: Path, log: Callable[[str], None]) -> None:
        self._encoder, self._log = encoder, log
        # A plug-in may choose any words for its fingerprint; these make a name everywhere.
        digest = hashlib.sha256(encoder.fingerprint.encode()).hexdigest()
        self._file = folder / f"{digest[:32]}.npz"
        self._known = _read(self._file)

    @property
    def name(self) -> str:
        """Of the encoder."""
        return self._encoder.name

    @property
    def dim(self) -> int:
        """Dimensions of the raw vector."""
        return self._encoder.dim

    @property
    def fingerprint(self) -> str:
        """Of the encoder: the vectors are its own."""
        return self._encoder.fingerprint

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Texts to raw vectors (n, dim)."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        for start in range(0, len(new), BATCH):
            part = new[start : start + BATCH]
            self._known.update(zip(part, self._encoder.encode(part), strict=True))
            done = start + len(part)
            if done % KEEP == 0 or done == len(new) > BATCH:
                self._log(f"texts read: {done}/{len(new)}")
                self._keep()
        return np.array([self._known[text] for text in texts], np.float32).reshape(-1, self.dim)

    def _keep(self) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        whole = self._file.with_suffix(f".{os.getpid()}.part")
        with whole.open("wb") as file:
            texts, vectors = list(self._known), np.stack(list(self._known.values()))
            np.savez(file, texts=np.array(texts), vectors=vectors)
        os.replace(whole, self._file)


def _read(path: Path) -> dict[str, Vectors]:
    """What was kept; nothing where the file is absent or broken."""
    try:
        # Opened here, because numpy leaves a broken file open.
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            return dict(zip(file["texts"].tolist(), file["vectors"], strict=True))
    except (OSError, ValueError, KeyError, BadZipFile):
        return {}
