"""A taught network written as a space: graphs, heads, and what may be believed of it."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from retrieval.encoders.builtin import load_builtin
from retrieval.encoders.fused.audio import FusedAudio
from retrieval.encoders.fused.space import CARD, FILES, HEADS, HOP, KIND, WINDOW
from retrieval.encoders.fused.streams import Streams
from retrieval.encoders.models.folder import models_folder
from retrieval.space import Heads, Space, Vectors
from retrieval.training.adopt import TEXTS, Parted, doubted, lesson_for, teach
from retrieval.training.clips import Clip
from retrieval.training.fusion.batches import Pair, heard
from retrieval.training.fusion.export import write_graphs
from retrieval.training.fusion.learning import Learned, Lesson
from retrieval.training.kept_reader import KeptReader
from retrieval.training.labelled import Labelled

Log = Callable[[str], None]


@dataclass(frozen=True)
class Ground:
    """What is learned from.

    Attributes:
        labelled: the labelled clips of a library.
        frames: the windows of each; None for a file that could not be heard.
        parts: rows to learn from, and rows held out.
    """

    labelled: Labelled
    frames: Sequence[list[Pair] | None]
    parts: Parted

    @property
    def lesson(self) -> Lesson:
        """All clips, with their labels."""
        labels = [clip.label for clip in self.labelled.clips]
        return Lesson(heard([windows or [] for windows in self.frames]), labels)


def write_space(
    folder: Path,
    ground: Ground,
    streams: Streams,
    learned: Learned,
    facts: dict[str, Any],
    log: Log,
) -> None:
    """Write graphs, heads and model.json of a new space to a folder.

    Args:
        learned: the network of transport and attention.
        facts: what `facts_of` says, with seed and quick.
    """
    window = next(windows for windows in ground.frames if windows)[0]
    write_graphs(learned.network, (window[0].shape[1], window[1].shape[1]), folder)
    heads, doubts = _heads(FusedAudio(folder, streams), ground, facts, log)
    heads.save(folder / HEADS)
    digests = {file: hashlib.sha256((folder / file).read_bytes()).hexdigest() for file in FILES}
    text = json.dumps({**facts, **doubts, "sha256": digests}, indent=1, ensure_ascii=False)
    (folder / CARD).write_text(text + "\n", encoding="utf-8")


def facts_of(ground: Ground, streams: Streams, by: str) -> dict[str, Any]:
    """Where the space comes from, for model.json."""
    learned = [ground.labelled.clips[row] for row in ground.parts.learned]
    return {
        "kind": KIND,
        "streams": list(streams.names),
        "made_with": list(streams.fingerprints),
        "text": load_builtin().text.fingerprint,
        "window": WINDOW,
        "hop": HOP,
        "description": f"{' and '.join(streams.names)}, joined on {len(learned)} clips, by {by}",
        "licence": f"as the streams ({'; '.join(streams.licences)}) and the recordings",
        "labels_from": by,
        "clips": len(learned),
        "clips_held_out": len(ground.parts.held_out),
        "speakers": len({clip.speaker for clip in learned}),
        "labels": dict(Counter(clip.label for clip in learned).most_common()),
        "unknown_labels": dict(ground.labelled.unknown),
        "unlabelled": ground.labelled.unlabelled,
    }


def _heads(
    audio: FusedAudio, ground: Ground, facts: dict[str, Any], log: Log
) -> tuple[Heads, dict[str, Any]]:
    """Heads under which words find the vectors, and what held-out clips tell of their errors."""
    log("heads, so that words find the vectors")
    reading = KeptReader(load_builtin().text, models_folder() / TEXTS, log)
    base = Space("streams", "", "", WINDOW, HOP, audio, reading, Heads())
    recipe, texts = lesson_for(ground.labelled.clips, "rnc", facts["quick"])
    given, doubting = (
        _vectors(audio, ground, rows) for rows in (ground.parts.learned, ground.parts.held_out)
    )
    taught = replace(teach(base, given, texts, recipe, facts["seed"], log), name="the new space")
    space, doubts = doubted(base, taught, doubting, log)
    reached = list(doubts.pop("held_out_UAR").values())
    return space.heads, {**doubts, "held_out_UAR": reached[0] if reached else None}


def _vectors(
    audio: FusedAudio, ground: Ground, rows: Sequence[int]
) -> tuple[list[Clip], list[Vectors]]:
    """Clips, and the vectors (w, DIM) that the finished graphs give of their windows."""
    clips = [ground.labelled.clips[row] for row in rows]
    windows = [ground.frames[row] or [] for row in rows]
    return clips, [np.stack([audio.fuse(*pair) for pair in pairs]) for pairs in windows]
