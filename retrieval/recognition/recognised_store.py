"""What was recognised, in the catalog: which clips were judged, and what came out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, delete, insert, select
from sqlalchemy.orm import aliased

from retrieval.catalog import Catalog
from retrieval.columns import RECOGNISED
from retrieval.filters import Filters
from retrieval.questions import from_bytes, to_bytes
from retrieval.recognition.judging import Judged, Voice
from retrieval.records import Recognition
from retrieval.tables import Clip, Recognised, Sound

Span = tuple[int, int]

_BESIDE_TIMES = ("words", *RECOGNISED)


@dataclass
class Held:
    """What is stored of a clip: by which recogniser, and which words were read in which passage.

    The key None is the whole clip.
    """

    recogniser: str
    words: dict[Span | None, str | None] = field(default_factory=dict)


def held(catalog: Catalog) -> dict[int, Held]:
    """What is stored of every clip that was judged, by clip id."""
    columns = (Recognised.clip_id, Recognised.recogniser, Recognised.start, Recognised.end)
    found: dict[int, Held] = {}
    with catalog.reading() as db:
        rows = db.execute(select(*columns, Recognised.words)).all()
    for clip, recogniser, start, end, words in rows:
        found.setdefault(clip, Held(recogniser)).words[span(start, end)] = words
    return found


def span(start: float | None, end: float | None) -> Span | None:
    """A passage in hundredths of a second; None for the whole clip, which has no times.

    Spaces of different rates measure a sound a few samples longer or shorter.
    """
    return None if start is None or end is None else (round(100 * start), round(100 * end))


def voices(catalog: Catalog, clip: int) -> dict[Span | None, Voice]:
    """The states of the voice of a clip, passage by passage."""
    query = select(Recognised.start, Recognised.end, Recognised.state)
    query = query.where(Recognised.clip_id == clip, Recognised.start.is_not(None))
    with catalog.reading() as db:
        rows = db.execute(query).all()
    return {
        span(start, end): None if state is None else from_bytes([state])[0]
        for start, end, state in rows
    }


def put(catalog: Catalog, judged: Mapping[int, Judged], recogniser: str) -> None:
    """Store what was recognised in clips, by clip id, in place of what was stored before."""
    rows: list[dict[str, Any]] = []
    for clip, one in judged.items():
        of_clip = {"clip_id": clip, "recogniser": recogniser}
        rows.append(_columns(one.whole) | of_clip | {"start": None, "end": None, "state": None})
        rows += [
            _columns(passage) | of_clip | {"state": None if voice is None else to_bytes(voice)}
            for passage, voice in zip(one.passages, one.voices, strict=True)
        ]
    with catalog.writing() as db:
        db.execute(delete(Recognised).where(Recognised.clip_id.in_(judged)))
        db.execute(insert(Recognised), rows)


def stored(catalog: Catalog, filters: Filters, *, passages: bool = False) -> Iterator[Recognition]:
    """What was recognised in every clip that passes, by path and time.

    Args:
        passages: those of the passages instead of the whole.
    """
    return _rows(catalog, filters.clauses(), passages=passages)


def stored_at(catalog: Catalog, path: str) -> Recognition | None:
    """What was recognised in the whole clip with this path."""
    return next(_rows(catalog, [Clip.path == path], passages=False), None)


def _rows(
    catalog: Catalog, clauses: Sequence[ColumnElement[bool]], *, passages: bool
) -> Iterator[Recognition]:
    kept = aliased(Recognised)  # the filters ask the same table, of other rows
    query = (
        select(Clip.path, Sound.duration, kept.start, kept.end)
        .add_columns(*(getattr(kept, name) for name in _BESIDE_TIMES))
        .join(Sound, Clip.sound_id == Sound.id)
        .join(kept, kept.clip_id == Clip.id)
        .where(kept.start.is_not(None) if passages else kept.start.is_(None))
        .where(*clauses)
        .order_by(Clip.path, kept.start)
    )
    with catalog.reading() as db:
        rows = db.execute(query).all()
    for path, duration, start, end, *values in rows:
        times = (0.0, duration) if start is None else (start, end)
        yield Recognition(path, *times, **dict(zip(_BESIDE_TIMES, values, strict=True)))


def durations(catalog: Catalog) -> dict[int, float]:
    """Seconds of every sound, by its id."""
    with catalog.reading() as db:
        rows = db.execute(select(Sound.id, Sound.duration)).all()
    return {row.id: row.duration for row in rows}


def _columns(one: Recognition) -> dict[str, Any]:
    values = asdict(one)
    del values["path"]
    return values
