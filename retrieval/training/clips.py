"""The corpora in memory: clips with what is known of them, and random crops of them."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from retrieval.training.targets import affect_of, mixed

RATE = 16_000
# Emotify's scales in the words of `words.FEELINGS`, in the order of its table.
GEMS = {
    "amazement": "amazement", "solemnity": "solemnity", "tenderness": "tenderness",
    "nostalgia": "nostalgia", "calmness": "calm", "power": "power",
    "joyful_activation": "happy", "tension": "tension", "sadness": "sad",
}  # fmt: skip
FAINT_SHARE = 0.2  # a scale that fewer raters chose is not a feeling of the track
NEARLY_CALM = 0.4  # how well "calm" suits a neutral voice where the corpus has no calm ones
NO_FEELING = 0.5  # how well "neutral" suits a sound that carries no feeling


@dataclass(frozen=True)
class Clip:
    """One recording and what is known of it.

    Attributes:
        samples: int16 at 16 kHz, mono.
        kind: speech, nonverbal, environment or music.
        sound: the class of a sound without words, the genre of music, "" for speech.
        feelings: feeling to how well it suits, 0..1.
        strength: strong, normal or "" where nobody says.
        affect: valence and arousal, -1..1.
        split: train, val or test.
    """

    path: str
    samples: NDArray[np.int16]
    corpus: str
    speaker: str
    gender: str
    kind: str
    sound: str
    feelings: dict[str, float]
    strength: str
    affect: tuple[float, float]
    split: str
    flags: str = ""

    @property
    def label(self) -> str:
        """One class a clip, for balancing and for the auxiliary classifier."""
        if self.sound and self.kind not in ("speech", "music"):
            return self.sound
        return max(self.feelings, key=lambda feeling: self.feelings[feeling])


def load_clips(corpora: Path, splits: Sequence[str] = ("train", "val", "test")) -> list[Clip]:
    """Read and decode the clips of `corpora`/clips.csv, in its order.

    Raises:
        OSError: clips.csv or a recording it names is missing.
    """
    shares = _gems(corpora / "labels" / "emotify" / "emotify_gems.csv")
    with (corpora / "clips.csv").open(encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table))
    calm = {row["corpus"] for row in rows if row["emotion"] == "calm"}
    return [
        clip_from(row, decode(corpora / row["path"]), shares, row["corpus"] in calm)
        for row in rows
        if row["split"] in splits
    ]


def decode(path: Path) -> NDArray[np.int16]:
    """A recording as int16 samples (n,) at 16 kHz, mixed to mono."""
    with path.open("rb") as file:
        samples, rate = soundfile.read(file, dtype="float32", always_2d=True)
    mono = samples.mean(axis=1)
    if rate != RATE:
        mono = soxr.resample(mono, rate, RATE)
    return np.asarray(np.clip(mono * 32767, -32768, 32767), dtype=np.int16)


def clip_from(
    row: Mapping[str, str],
    samples: NDArray[np.int16],
    shares: Mapping[str, dict[str, float]],
    tells_calm: bool,
) -> Clip:
    """A clip from what a table says of it, in the columns of clips.csv.

    Args:
        shares: of the raters of music, by its `clip_id`; none where music has labels like speech.
        tells_calm: whether the corpus has calm voices beside neutral ones.
    """
    kind, sound = row["kind"], row["emotion_raw"]
    strength = row["intensity"] if row["intensity"] in ("strong", "normal") else ""
    if kind == "music" and shares:
        sound, _, _ = sound.partition(":")
        feelings = shares[row["clip_id"]]
        affect = mixed(feelings)
        most = max(feelings.values())
        feelings = {name: share / most for name, share in feelings.items() if share >= FAINT_SHARE}
    elif kind in ("speech", "music"):
        feelings, sound = {row["emotion"]: 1.0}, ""
        if row["emotion"] == "neutral" and not tells_calm:
            feelings["calm"] = NEARLY_CALM
        affect = affect_of(row["emotion"], "", strength)
    else:
        sound = {"person sneeze": "sneezing"}.get(sound, sound)
        feelings = {row["emotion"]: 1.0} if row["emotion"] else {"neutral": NO_FEELING}
        affect = affect_of(row["emotion"], sound)
    return Clip(
        row["path"], samples, row["corpus"], f"{row['corpus']}/{row['speaker']}", row["gender"],
        kind, sound, feelings, strength, affect, row["split"], row["flags"],
    )  # fmt: skip


def _gems(path: Path) -> dict[str, dict[str, float]]:
    """Track to the share of raters that chose each scale."""
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as table:
        return {
            row["clip_id"]: {name: float(row[scale]) for scale, name in GEMS.items()}
            for row in csv.DictReader(table)
        }


# How often a corpus is drawn from: enough of each, more of what is large.
SHARES = {
    "ravdess": 0.23, "nemo": 0.23, "ased": 0.19, "deeply_nv": 0.18,
    "emotify": 0.07, "esc10": 0.06, "baby_cry_laugh": 0.04,
}  # fmt: skip
OTHER_SHARE = 0.1


class Sampler:
    """Draws batches of clip numbers: corpora by share, labels evenly inside a corpus."""

    def __init__(self, clips: Sequence[Clip], rng: np.random.Generator) -> None:
        self._rng = rng
        self._shelves: dict[str, dict[str, list[int]]] = {}
        for number, clip in enumerate(clips):
            shelf = self._shelves.setdefault(clip.corpus, {})
            shelf.setdefault(clip.label, []).append(number)
        weights = np.array([SHARES.get(corpus, OTHER_SHARE) for corpus in self._shelves])
        self._weights = weights / weights.sum()

    def batch(self, size: int) -> NDArray[np.int64]:
        """Clip numbers (size,)."""
        corpora = self._rng.choice(list(self._shelves), size=size, p=self._weights)
        return np.array([self._draw(str(corpus)) for corpus in corpora], dtype=np.int64)

    def _draw(self, corpus: str) -> int:
        shelf = self._shelves[corpus]
        sizes = np.sqrt([len(numbers) for numbers in shelf.values()])
        label = self._rng.choice(list(shelf), p=sizes / sizes.sum())
        return int(self._rng.choice(shelf[str(label)]))
