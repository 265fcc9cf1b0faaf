"""Sentences that readers rated: EmoBank (Buechel and Hahn 2017, CC BY-SA 4.0)."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from retrieval.errors import PromptError

#: Words of a sentence that is taken.
LONGEST = 40

# A split as EmoBank names it.
_SPLITS = {"train": "train", "val": "dev", "test": "test"}


@dataclass(frozen=True)
class Rated:
    """A sentence with the mean ratings of its readers, 1..5; 3 is neither."""

    text: str
    valence: float
    arousal: float


def read_rated(corpora: Path, split: Literal["train", "val", "test"]) -> list[Rated]:
    """The sentences of up to `LONGEST` words, in the order of the file.

    Args:
        corpora: the folder with labels/, or a clips.csv beside it.

    Raises:
        PromptError: the file is absent or cannot be read.
    """
    folder = corpora if corpora.is_dir() else corpora.parent
    path = folder / "labels" / "emobank" / "emobank.csv"
    try:
        with path.open(encoding="utf-8", newline="") as table:
            rows = [row for row in csv.DictReader(table) if row["split"] == _SPLITS[split]]
        return [
            Rated(row["text"], float(row["V"]), float(row["A"]))
            for row in rows
            if 0 < len(row["text"].split()) <= LONGEST
        ]
    except (OSError, UnicodeDecodeError, csv.Error, KeyError, ValueError) as fault:
        raise PromptError(
            f"the rated sentences cannot be read: {fault}",
            path=path,
            remedy="name a folder of corpora with labels/emobank",
        ) from fault
