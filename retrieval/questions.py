"""Questions to the catalog, and the forms in which values cross into SQL and back."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Select, func, select
from sqlalchemy.orm import aliased

from retrieval.columns import COLUMNS, FEATURES, RECOGNISED, Value, label_of, value_of
from retrieval.errors import PromptError
from retrieval.filters import Filters
from retrieval.records import Holder, SourceState
from retrieval.tables import (
    Clip,
    Collection,
    Feature,
    Label,
    Recognised,
    Sound,
    Source,
    TextLine,
    Window,
)
from retrieval.texts import Line

Vectors = NDArray[np.float32]
Ids = NDArray[np.int64]
Times = NDArray[np.float64]
STORED = np.dtype("<f4")


def labels_of(db: Connection, clips: Iterable[int]) -> dict[int, dict[str, str]]:
    """The labels of clips, by clip id."""
    query = select(Label.clip_id, Label.name, Label.value)
    query = query.where(Label.clip_id.in_(listed(clips))).order_by(Label.clip_id, Label.name)
    labels: dict[int, dict[str, str]] = {}
    for clip, name, value in db.execute(query):
        labels.setdefault(clip, {})[name] = value
    return labels


def clip_at(db: Connection, path: str) -> int | None:
    """The id of the clip with this path."""
    return db.scalar(select(Clip.id).where(Clip.path == path))


def sounds_of_windows(db: Connection, windows: Ids) -> Ids:
    """The sounds, each once, rising, that some windows are cut from."""
    query = select(Window.sound_id.label("id")).distinct()
    return fetch_ids(db, query.where(Window.id.in_(listed(windows.tolist()))))


def slices_of(db: Connection, source: str, sounds: Ids) -> tuple[Ids, Ids, Times]:
    """Window ids (n,), their sounds (n,) and their start and end (n, 2), in seconds.

    All windows that some sounds have of a source, in the order of sound and start.
    """
    columns = func.json_array(Window.id, Window.sound_id, Window.start, Window.end).label("slice")
    query = select(columns).where(
        Window.source_id == source_id(source), Window.sound_id.in_(listed(sounds.tolist()))
    )
    gathered = select(func.json_group_array(func.json(query.subquery().c.slice)))
    table = np.array(json.loads(db.execute(gathered).scalar_one()), dtype=np.float64)
    table = table.reshape(-1, 4)
    table = table[np.lexsort((table[:, 2], table[:, 1]))]
    return table[:, 0].astype(np.int64), table[:, 1].astype(np.int64), table[:, 2:]


def clips_of(db: Connection, sounds: Ids, filters: Filters) -> list[Holder]:
    """The clips that hold some sounds and pass the filters, by path."""
    query = select(Clip.id, Clip.sound_id, Clip.path, Sound.duration).join(Sound)
    query = query.where(Clip.sound_id.in_(listed(sounds.tolist())), *filters.clauses())
    return [Holder(*row) for row in db.execute(query.order_by(Clip.path)).all()]


def passing(db: Connection, clips: Ids, filters: Filters) -> Ids:
    """Those of some clips, rising, that pass the filters."""
    query = select(Clip.id).join(Sound).where(Clip.id.in_(listed(clips.tolist())))
    return fetch_ids(db, query.where(*filters.clauses()))


def sounds_of_clips(db: Connection, clips: Ids) -> Ids:
    """The sounds, each once, rising, that some clips hold."""
    query = select(Clip.sound_id.label("id")).distinct()
    return fetch_ids(db, query.where(Clip.id.in_(listed(clips.tolist()))))


def transcripts(db: Connection) -> list[tuple[int, str]]:
    """Every clip that has a transcript, by id, with what is said in it."""
    query = select(Clip.id, Clip.transcript).where(func.trim(Clip.transcript) != "")
    return [(clip, str(said)) for clip, said in db.execute(query.order_by(Clip.id))]


def measured(db: Connection) -> int:
    """How many sounds have features."""
    return db.scalar(select(func.count()).where(Feature.start.is_(None))) or 0


def recognised(db: Connection) -> int:
    """How many clips have a recognised emotion."""
    return db.scalar(select(func.count()).where(Recognised.start.is_(None))) or 0


def is_recognised(db: Connection) -> bool:
    """Whether any clip has a recognised emotion; quicker than to count them."""
    return db.scalar(select(Recognised.id).where(Recognised.start.is_(None)).limit(1)) is not None


def check_names(db: Connection, names: Iterable[str]) -> None:
    """Refuse names (retrieval/columns.py) that say nothing of any clip.

    Raises:
        PromptError: a label that no clip has, or what was never measured or recognised here.
    """
    labels: tuple[str, ...] | None = None
    for name in names:
        made = FEATURES if name in FEATURES else RECOGNISED if name in RECOGNISED else None
        if made is not None:
            _check_made(db, name, measured(db) if made is FEATURES else recognised(db))
        label = label_of(name)
        if label is not None:
            labels = label_names(db) if labels is None else labels
            if label not in labels:
                raise PromptError(
                    f"no clip has a label {label!r}",
                    remedy=f"labels here: {', '.join(labels) or 'none'}; "
                    f"always there: {', '.join(COLUMNS)}",
                )


def _check_made(db: Connection, name: str, there: int) -> None:
    if there:
        return
    what, command = ("measured", "features") if name in FEATURES else ("recognised", "recognise")
    # A label that had this name before it was a column is still there.
    other = f"; or label.{name}" if name in label_names(db) else ""
    raise PromptError(
        f"{name} was not {what} in this library yet", remedy=f"affetto {command}{other}"
    )


def values_of(
    db: Connection, names: Sequence[str], paths: Iterable[str]
) -> dict[str, dict[str, Value]]:
    """What names (retrieval/columns.py) have for some clips: by name, then by path.

    Dates are in seconds since 1970; what is not known is None.
    """
    query = select(Clip.path, *(value_of(name) for name in names)).join(Sound)
    rows = db.execute(query.where(Clip.path.in_(listed(paths)))).all()
    return {name: {row[0]: row[1 + at] for row in rows} for at, name in enumerate(names)}


def label_names(db: Connection) -> tuple[str, ...]:
    """The names of all labels, sorted."""
    return tuple(db.scalars(select(Label.name).distinct().order_by(Label.name)))


def lines_of(db: Connection, name: str) -> list[tuple[int, Line]]:
    """The lines of a collection with their ids, in their order."""
    query = select(TextLine.id, TextLine.text, TextLine.start, TextLine.end).join(Collection)
    query = query.where(Collection.name == name).order_by(TextLine.position)
    return [(line, Line(text, start, end)) for line, text, start, end in db.execute(query)]


def source_states(db: Connection) -> tuple[SourceState, ...]:
    """All sources, in the order in which they were added."""
    columns = [Source.key, Source.space, Source.window, Source.hop, Source.dim, Source.generation]
    count = select(func.count()).where(Window.source_id == Source.id).scalar_subquery()
    query = select(*columns, count).order_by(Source.id)
    return tuple(SourceState(*row) for row in map(tuple, db.execute(query)))


def source_id(source: str) -> Any:
    """The id of a source, inside a query."""
    return select(Source.id).where(Source.key == source).scalar_subquery()


def listed(values: Iterable[Any]) -> Select[Any]:
    """Any number of values for ``IN``: one parameter, where SQLite limits their number."""
    return select(func.json_each(json.dumps(list(values))).table_valued("value").c.value)


def fetch_ids(db: Connection, query: Select[Any]) -> Ids:
    """The ids that a query selects, rising; as one value, which beats 1e5 rows tenfold."""
    gathered = select(func.json_group_array(query.subquery().c.id))
    found = np.array(json.loads(db.execute(gathered).scalar_one()), dtype=np.int64)
    found.sort()
    return found


def to_bytes(vector: Vectors, dim: int | None = None) -> bytes:
    """A vector (dim,) as it is stored.

    Raises:
        ValueError: it has another shape.
    """
    if vector.ndim != 1 or (dim is not None and len(vector) != dim):
        raise ValueError(f"a vector of shape {vector.shape} where ({dim},) is due")
    return vector.astype(STORED).tobytes()


def from_bytes(vectors: Sequence[bytes]) -> Vectors:
    """Stored vectors as an array (n, dim)."""
    return np.frombuffer(b"".join(vectors), dtype=STORED).reshape(len(vectors), -1).astype("f4")


def faults(db: Connection) -> list[str]:
    """What is wrong inside the database, a line each."""
    checked = db.exec_driver_sql("PRAGMA integrity_check").scalars()
    found = [f"the database is damaged: {line}" for line in checked if line != "ok"]
    for table, row, parent, _ in db.exec_driver_sql("PRAGMA foreign_key_check"):
        found.append(f"row {row} of {table} refers to a row of {parent} that is gone")
    found += [f"sound {sound} has no clip" for sound in db.scalars(orphans().order_by(Sound.id))]
    for clip in db.scalars(without_whole().order_by(Recognised.clip_id)):
        found.append(f"passages of clip {clip} were recognised, and not the whole of it")
    due = STORED.itemsize * Source.dim
    query = select(Window.id, func.length(Window.vector), due).join(Source)
    query = query.where(func.length(Window.vector) != due).order_by(Window.id)
    for window, length, wanted in db.execute(query):
        found.append(f"the vector of window {window} has {length} bytes, not {wanted}")
    return found


def orphans() -> Select[Any]:
    """The sounds that no clip holds."""
    return select(Sound.id).where(~select(Clip.id).where(Clip.sound_id == Sound.id).exists())


def without_whole() -> Select[Any]:
    """The clips of which only passages have a recognised emotion; only damage leaves such."""
    whole = aliased(Recognised)
    there = select(whole.id).where(whole.clip_id == Recognised.clip_id, whole.start.is_(None))
    return select(Recognised.clip_id).where(~there.exists()).distinct()
