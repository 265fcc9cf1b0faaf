"""Recordings whose feeling is known: read from a table, and heard in a space."""

import csv
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path

import numpy as np

from retrieval.audio import Meter, blocks, windows
from retrieval.emotions import Emotion, lookup
from retrieval.errors import AudioError, PromptError
from retrieval.evaluation.corpora.layouts import read_layout
from retrieval.evaluation.corpora.row import Row
from retrieval.space import Space, Vectors, unit

TABLE = "clips.csv"
NEEDED = ("path", "emotion", "speaker")

#: Flags of clips whose feeling can be told without hearing it.
UNFAIR = frozenset({"text_confound"})

#: Windows encoded at a time.
BATCH = 16


@dataclass(frozen=True)
class Clip:
    """One recording of a table. Of the fields after `emotion`, "" is what the table does not say.

    Attributes:
        path: absolute, or relative to the working folder.
        corpus: what it is reported under.
        speaker: who is heard; names of different corpora never meet.
        emotion: its label, as a term of the vocabulary; None where it has none.
        raw: the corpus's own class, such as "laughing" or "rain".
        name: the path as it stands in the table.
        clip_id: what the corpus calls it.
        kind: speech, nonverbal, environment or music.
        language, gender, age: of the speaker; the age in years.
        intensity: normal or strong, where a speaker acted both.
        sentence: the name of what is said. transcript: what is said.
        session: the sitting in which it was recorded.
        rated: valence, arousal and dominance as listeners rated it, -1..1; None where nobody did.
    """

    path: Path
    corpus: str
    speaker: str
    emotion: Emotion | None
    raw: str = ""
    name: str = ""
    clip_id: str = ""
    kind: str = ""
    language: str = ""
    gender: str = ""
    age: str = ""
    intensity: str = ""
    sentence: str = ""
    transcript: str = ""
    session: str = ""
    rated: tuple[float, float, float] | None = None


#: Fields of a clip that are columns of the same name.
COPIED = (
    "clip_id", "kind", "language", "gender", "age", "intensity", "sentence", "transcript",
    "session",
)  # fmt: skip

#: Columns of what listeners said, on a scale from 1 to 5.
RATED = ("rated_valence", "rated_arousal", "rated_dominance")


@dataclass(frozen=True)
class Clips:
    """The clips of a table that can be judged, and how many rows say nothing to judge by."""

    clips: tuple[Clip, ...]
    unlabelled: int


@dataclass(frozen=True)
class Sound:
    """A clip as heard: the unit vectors (n, k) of its windows, and its loudness in dBFS."""

    clip: Clip
    vectors: Vectors
    loudness: float

    @cached_property
    def centre(self) -> Vectors:
        """One unit vector (k,) for the whole sound: the mean of its windows."""
        return unit(self.vectors.mean(axis=0))


def centres(sounds: Sequence[Sound]) -> Vectors:
    """The mean window of each sound, unit vectors (n, k)."""
    return np.stack([sound.centre for sound in sounds])


@dataclass(frozen=True)
class Unheard:
    """A clip that could not be used, and why."""

    path: str
    reason: str


def read_table(corpora: Path, names: Sequence[str], split: str | None) -> Clips:
    """The clips of these corpora and this split, without those flagged as `UNFAIR`.

    Args:
        corpora: a CSV file, or a folder with a clips.csv. Columns path (relative to the file),
            emotion and speaker are needed; corpus, split, flags (joined by ``;``), emotion_raw,
            `COPIED` and `RATED` are used where they exist. A row counts when its emotion is known
            to the vocabulary, or when it has a class of its own in emotion_raw. A folder without
            a clips.csv may be a published corpus (`retrieval.evaluation.corpora`).
        names: corpora to take; none for all, and in a published corpus for the first of those
            it is read as. A table without a column corpus is one corpus, taken whole.
        split: the value of the column split; None, or no such column, for all rows.

    Raises:
        PromptError: the table is absent or cannot be read, lacks a column or a named corpus, or
            leaves no clip to judge.
    """
    file = corpora / TABLE if corpora.is_dir() else corpora
    if corpora.is_dir() and not file.exists():
        laid_out = read_layout(corpora)
        names = names or [next(iter(laid_out))]
        rows = [row for found in laid_out.values() for row in found]
    else:
        rows = _rows(file)
    if "corpus" in rows[0]:
        known = dict.fromkeys(row["corpus"] for row in rows)
        _check_names(file, names, set(known))
        rows = [row for name in names or known for row in rows if row["corpus"] == name]
    if split is not None:
        rows = [row for row in rows if row.get("split", split) == split]
    rows = [row for row in rows if not UNFAIR & set((row.get("flags") or "").split(";"))]
    clips = tuple(_clips(file, rows))
    if not clips:
        where = f" in split {split}" if split else ""
        raise PromptError(
            f"no clip of {', '.join(names) or 'the table'}{where} has a known emotion",
            path=file if file.exists() else corpora,
            remedy="name another split, or write emotions as words like angry, sad, calm",
        )
    return Clips(clips, len(rows) - len(clips))


def hear(
    clips: Sequence[Clip],
    space: Space,
    jobs: int | None = None,
    watch: Callable[[int, int], None] | None = None,
) -> tuple[list[Sound], list[Unheard]]:
    """Encode every clip, cut as a library cuts it; in the order given.

    Args:
        jobs: threads; None for as many as there are cores.
        watch: called with the clips done and the clips in all.
    """
    sounds, unheard = [], []
    with ThreadPoolExecutor(jobs) as pool:
        for done, result in enumerate(pool.map(lambda clip: _hear(clip, space), clips), 1):
            if isinstance(result, Sound):
                sounds.append(result)
            else:
                unheard.append(result)
            if watch is not None:
                watch(done, len(clips))
    return sounds, unheard


def _hear(clip: Clip, space: Space) -> Sound | Unheard:
    meter = Meter(space.audio.rate)
    samples = meter.through(blocks(clip.path, space.audio.rate))
    cut = windows(samples, space.audio.rate, space.window, space.hop)
    try:
        batches = iter(lambda: [window.samples for window in islice(cut, BATCH)], [])
        raw = [space.audio.encode(batch) for batch in batches]
        loudness = meter.check(clip.path).loudness
    except AudioError as fault:
        return Unheard(str(clip.path), fault.error)
    return Sound(clip, space.place_audio(np.concatenate(raw)), loudness)


def _rows(file: Path) -> list[Row]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as table:
            rows = list(csv.DictReader(table))
    except (OSError, UnicodeDecodeError, csv.Error) as fault:
        raise PromptError(
            f"the table of clips cannot be read: {fault}",
            path=file,
            remedy=f"name a folder with a {TABLE}, or a CSV file with {', '.join(NEEDED)}",
        ) from fault
    missing = [name for name in NEEDED if not rows or name not in rows[0]]
    if missing:
        reason = f"the table has no column {' and no column '.join(missing)}"
        raise PromptError(
            reason if rows else "the table has no rows",
            path=file,
            remedy=f"it needs the columns {', '.join(NEEDED)}",
        )
    return rows


def _check_names(file: Path, names: Sequence[str], known: set[str]) -> None:
    unknown = [name for name in names if name not in known]
    if unknown:
        raise PromptError(
            f"the table has no corpus {', '.join(unknown)}",
            path=file,
            remedy=f"choose of: {', '.join(sorted(known))}",
        )


def _clips(file: Path, rows: Sequence[Row]) -> Iterator[Clip]:
    for row in rows:
        emotion, raw = lookup(row["emotion"] or ""), row.get("emotion_raw") or ""
        if emotion is not None or raw:
            yield Clip(
                file.parent / (row["path"] or ""),
                row.get("corpus") or file.stem,
                row["speaker"],
                emotion,
                raw,
                row["path"] or "",
                rated=_rated(row),
                **{column: row.get(column) or "" for column in COPIED},
            )


def _rated(row: Row) -> tuple[float, float, float] | None:
    try:
        valence, arousal, dominance = ((float(row[column]) - 3) / 2 for column in RATED)
    except (KeyError, TypeError, ValueError):  # not asked, or not by everybody
        return None
    return valence, arousal, dominance
