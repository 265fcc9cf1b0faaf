"""Changes of the catalog, each a step inside a transaction that writes."""

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update
from sqlalchemy.dialects.sqlite import insert

from retrieval.errors import LibraryError
from retrieval.questions import Vectors, listed, orphans, to_bytes
from retrieval.records import ClipFacts
from retrieval.tables import (
    LABEL,
    TOLD,
    Clip,
    Label,
    Recognised,
    Sound,
    Source,
    Spoken,
    TextLine,
    Window,
)
from retrieval.texts import Line

Slice = tuple[float, float, Vectors]


def put_sound(db: Connection, clip: ClipFacts) -> int:
    """Add the sound of a clip unless it is there; its id."""
    facts = {"duration": clip.duration, "loudness": clip.loudness, "peak": clip.peak}
    put = insert(Sound).values(hash=clip.hash, **facts)
    put = put.on_conflict_do_update(index_elements=["hash"], set_=facts)
    return db.execute(put.returning(Sound.id)).scalar_one()


def put_clip(db: Connection, clip: ClipFacts, sound: int) -> int:
    """Add a clip, or replace what is known by its path; its id. Labels and transcript stay."""
    facts: dict[str, Any] = {
        "sound_id": sound,
        "size": clip.size,
        "mtime_ns": clip.mtime_ns,
        "rate": clip.rate,
        "channels": clip.channels,
        "format": clip.format,
        "subtype": clip.subtype,
        "tags": dict(clip.tags),
        "missing_since": None,
    }
    put = insert(Clip).values(path=clip.path, added_at=time.time(), **facts)
    put = put.on_conflict_do_update(index_elements=["path"], set_=facts)
    return db.execute(put.returning(Clip.id)).scalar_one()


def put_windows(db: Connection, sound: int, windows: Sequence[Slice], source: str) -> None:
    """Replace the windows that a sound has of a source.

    Raises:
        LibraryError: the source is not known.
        ValueError: a vector has another length than the source says.
    """
    found = db.execute(select(Source.id, Source.dim).where(Source.key == source)).one_or_none()
    if found is None:
        raise LibraryError(f"the source {source} of these vectors is not known to the catalog")
    owner, dim = found
    held = (Window.sound_id == sound) & (Window.source_id == owner)
    dropped = db.execute(delete(Window).where(held)).rowcount
    rows = [
        {
            "sound_id": sound,
            "source_id": owner,
            "start": start,
            "end": end,
            "vector": to_bytes(vector, dim),
        }
        for start, end, vector in windows
    ]
    if rows:
        db.execute(insert(Window), rows)
    if rows or dropped:
        count_up(db, [owner])


def drop_orphans(db: Connection, sound: int | None = None) -> None:
    """Drop the sounds that no clip holds, or only look at one, with their windows."""
    gone = orphans() if sound is None else orphans().where(Sound.id == sound)
    touched = select(Window.source_id).where(Window.sound_id.in_(gone)).distinct()
    count_up(db, db.scalars(touched).all())
    db.execute(delete(Sound).where(Sound.id.in_(gone)))


def count_up(db: Connection, sources: Sequence[int]) -> None:
    """Note that windows of some sources were added or removed."""
    grown = update(Source).values(generation=Source.generation + 1)
    db.execute(grown.where(Source.id.in_(sources)))


def mark(db: Connection, paths: Iterable[str], since: float | None) -> None:
    """Set since when the files of some clips are missing, None for not; an earlier time stays."""
    change = update(Clip).where(Clip.path.in_(listed(paths)))
    if since is not None:
        change = change.where(Clip.missing_since.is_(None))
    db.execute(change.values(missing_since=since))


def move(db: Connection, old: str, new: str, size: int, mtime_ns: int) -> None:
    """Give a clip another path, size and time."""
    facts = {"path": new, "size": size, "mtime_ns": mtime_ns, "missing_since": None}
    db.execute(update(Clip).where(Clip.path == old).values(**facts))


def put_labels(db: Connection, rows: Mapping[int, Mapping[str, str]]) -> None:
    """Add labels by clip id, replacing those of the same name."""
    labels = [
        {"clip_id": clip, "name": name, "value": value}
        for clip, named in rows.items()
        for name, value in named.items()
    ]
    put = insert(Label)
    put = put.on_conflict_do_update(
        index_elements=["clip_id", "name"], set_={"value": put.excluded.value}
    )
    if labels:
        db.execute(put, labels)


def put_transcripts(db: Connection, texts: Mapping[int, str]) -> None:
    """Set transcripts by clip id, as told by a table of labels."""
    change = update(Clip).where(Clip.id == bindparam("clip")).values(transcript=bindparam("text"))
    if texts:
        db.execute(change, [{"clip": clip, "text": text} for clip, text in texts.items()])
        told = update(Spoken).where(Spoken.clip_id.in_(listed(texts)))
        db.execute(told.values(origin=LABEL))


def forget_heard(db: Connection, clip: int) -> None:
    """Forget what was recognised in a clip, words and emotions, that is another recording now."""
    db.execute(delete(Recognised).where(Recognised.clip_id == clip))
    lines = (Spoken.clip_id == clip) & Spoken.origin.not_in(TOLD)
    if db.execute(delete(Spoken).where(lines)).rowcount:
        db.execute(update(Clip).where(Clip.id == clip).values(transcript=None))


def put_lines(db: Connection, collection: int, lines: Sequence[Line]) -> None:
    """Add the lines of a new collection, in their order."""
    rows = [
        {
            "collection_id": collection,
            "position": position,
            "text": line.text,
            "start": line.start,
            "end": line.end,
        }
        for position, line in enumerate(lines)
    ]
    if rows:
        db.execute(insert(TextLine), rows)
