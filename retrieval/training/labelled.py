"""The labelled clips of a library, with the vectors that it has stored of them."""

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from retrieval.catalog import Catalog, Row
from retrieval.emotions import VOCALISATIONS, lookup
from retrieval.space import Vectors
from retrieval.training.clips import Clip, clip_from
from retrieval.training.words import FEELINGS, SOUNDS

#: Labels that are read where clips have them, beside the one that says what is heard.
SPEAKER, CORPUS, SPLIT, SOUND = "speaker", "corpus", "split", "emotion_raw"
_COPIED = ("gender", "intensity", "flags")
_KINDS = ("speech", "nonverbal", "environment", "music")

_ACTS = {word: act.name for act in VOCALISATIONS for word in (act.name, *act.synonyms)}
_NOTHING = np.empty(0, dtype=np.int16)  # in the place of samples: nothing is decoded


@dataclass(frozen=True)
class Labelled:
    """Clips with a label that the vocabulary knows, one for each sound.

    Attributes:
        clips: (n,) without samples; `split` is "" where no label says it.
        raw: windows (w, dim) of each.
        unlabelled: how many sounds have no such label.
        unknown: how often each value stands that is neither a feeling nor a known sound.
        by_folder: whether folders stand in for speakers, in at least one clip.
    """

    clips: list[Clip]
    raw: list[Vectors]
    unlabelled: int
    unknown: Mapping[str, int]
    by_folder: bool

    def pick(self, rows: Sequence[int]) -> tuple[list[Clip], list[Vectors]]:
        """Some of the clips, and their windows."""
        return [self.clips[row] for row in rows], [self.raw[row] for row in rows]


def labelled_clips(catalog: Catalog, source: str, by: str = "emotion") -> Labelled:
    """The clips of a catalog that have windows of a source, by path.

    A clip counts if its label `by`, or its label `emotion_raw`, names a feeling of the vocabulary
    (the first alone) or a sound without words (either). Clips whose files are gone are left out,
    as in searches.

    Args:
        by: the label that says what is heard.
    """
    rows = _rows(catalog, source)
    named = {sound: row for sound, row in rows.items() if _values(row, by)}
    known = {sound: row for sound, row in named.items() if _feeling(row, by) or _sound(row, by)}
    unknown = Counter(_values(row, by)[0] for sound, row in named.items() if sound not in known)
    calm = {_corpus(row) for row in known.values() if _feeling(row, by) == "calm"}
    raw = _windows(catalog, source, frozenset(known))
    there = [(known[sound], raw[sound]) for sound in known if sound in raw]
    return Labelled(
        clips=[_clip(row, by, tells_calm=_corpus(row) in calm) for row, _ in there],
        raw=[windows for _, windows in there],
        unlabelled=len(rows) - len(named),
        unknown=dict(unknown.most_common()),
        by_folder=any(SPEAKER not in row.labels for row, _ in there),
    )


def _rows(catalog: Catalog, source: str) -> dict[int, Row]:
    """Each sound with its first clip that has labels, or its first, in the order of paths."""
    ids, sounds = catalog.window_sounds(source)
    _, first = np.unique(sounds, return_index=True)
    found: dict[int, Row] = {}
    for row in sorted(catalog.hits(ids[first]), key=lambda row: (not row.labels, row.path)):
        found.setdefault(row.sound_id, row)
    return dict(sorted(found.items(), key=lambda item: item[1].path))


def _windows(catalog: Catalog, source: str, sounds: frozenset[int]) -> dict[int, Vectors]:
    """The windows (w, dim) of some sounds; of those that are still there."""
    ids, owners = catalog.window_sounds(source)
    wanted = np.isin(owners, list(sounds))
    owner_of = dict(zip(ids[wanted].tolist(), owners[wanted].tolist(), strict=True))
    parts: dict[int, list[Vectors]] = {}
    for batch, raw in catalog.vectors(source):
        for window, vector in zip(batch.tolist(), raw, strict=True):
            if window in owner_of:
                parts.setdefault(owner_of[window], []).append(vector)
    return {sound: np.stack(vectors) for sound, vectors in parts.items()}


def _clip(row: Row, by: str, *, tells_calm: bool) -> Clip:
    kind, sound = row.labels.get("kind", ""), _sound(row, by)
    facts = {name: row.labels.get(name, "") for name in _COPIED} | {
        "path": row.path,
        "clip_id": "",
        "corpus": _corpus(row),
        "speaker": row.labels.get(SPEAKER) or os.path.dirname(row.path),
        "emotion": _feeling(row, by),
        "emotion_raw": sound,
        "kind": kind if kind in _KINDS else "nonverbal" if sound else "speech",
        "split": row.labels.get(SPLIT, ""),
    }
    return clip_from(facts, _NOTHING, {}, tells_calm)


def _values(row: Row, by: str) -> list[str]:
    """What a clip is said to hold."""
    return [row.labels[name] for name in (by, SOUND) if row.labels.get(name)]


def _feeling(row: Row, by: str) -> str:
    """The feeling that a clip is labelled with, in the word of the captions; "" for none."""
    value = row.labels.get(by, "").strip().lower()
    if value in FEELINGS:
        return value
    term = lookup(value)
    return "" if term is None else term.name


def _sound(row: Row, by: str) -> str:
    """The class of a sound without words; "" for none, and for speech and music."""
    if row.labels.get("kind") in ("speech", "music"):
        return ""
    plain = [value.strip().lower() for value in _values(row, by)]
    return next((word for word in (_ACTS.get(one, one) for one in plain) if word in SOUNDS), "")


def _corpus(row: Row) -> str:
    return row.labels.get(CORPUS) or "library"
