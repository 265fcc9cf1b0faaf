"""Transcripts in the catalog: who told them, their lines, and putting them there.

Three can tell what is said in a clip: a table of labels, a sidecar, a recogniser. The first wins
over the second, and the second over the third; `origins` says who has.
"""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import bindparam, delete, insert, select, update

from retrieval import fulltext
from retrieval.catalog import Catalog
from retrieval.filters import Filters
from retrieval.questions import listed
from retrieval.spoken.lines import Line, joined
from retrieval.tables import LABEL, SIDECAR, Clip, Sound, Spoken


def origins(catalog: Catalog) -> dict[int, str]:
    """Who told what is said in each clip, by its id; a clip of which nobody has is absent.

    A recogniser that heard no words has told so.
    """
    query = select(Clip.id, Spoken.origin, Clip.transcript).outerjoin(
        Spoken, (Spoken.clip_id == Clip.id) & (Spoken.position == 0)
    )
    with catalog.reading() as db:
        rows = db.execute(query).all()
    return {clip: origin or LABEL for clip, origin, text in rows if origin or (text or "").strip()}


def lines_of(catalog: Catalog, clip_ids: Iterable[int]) -> dict[int, tuple[Line, ...]]:
    """What is said in some clips, by id; a clip without a transcript is absent.

    The stored lines if they are the transcript of the clip, else the transcript as one line
    without times.
    """
    wanted = listed(clip_ids)
    texts = select(Clip.id, Clip.transcript).where(Clip.id.in_(wanted))
    query = select(Spoken.clip_id, Spoken.text, Spoken.start, Spoken.end)
    query = query.where(Spoken.clip_id.in_(wanted)).order_by(Spoken.clip_id, Spoken.position)
    with catalog.reading() as db:
        transcripts = {clip: text.strip() for clip, text in db.execute(texts) if text}
        rows = db.execute(query).all()
    stored: dict[int, tuple[Line, ...]] = {}
    for clip, text, start, end in rows:
        stored[clip] = (*stored.get(clip, ()), Line(text, start, end))
    return {
        clip: stored[clip] if joined(stored.get(clip, ())) == text else (Line(text),)
        for clip, text in transcripts.items()
        if text
    }


def put(catalog: Catalog, told: Mapping[int, Sequence[Line]], origin: str) -> None:
    """Store what is said in some clips, by id, in place of what was stored before.

    Clips without lines have no transcript afterwards. That a recogniser heard no words is kept as
    one line without text, so that it is not asked again; an empty sidecar says nothing.
    """
    if not told:
        return
    silent = () if origin == SIDECAR else (Line(""),)
    rows = [
        {
            "clip_id": clip,
            "position": position,
            "start": line.start,
            "end": line.end,
            "text": line.text,
            "origin": origin,
        }
        for clip, lines in told.items()
        for position, line in enumerate(lines or silent)
    ]
    texts = [{"clip": clip, "said": joined(lines) or None} for clip, lines in told.items()]
    change = update(Clip).where(Clip.id == bindparam("clip")).values(transcript=bindparam("said"))
    with catalog.writing() as db:
        db.execute(delete(Spoken).where(Spoken.clip_id.in_(listed(told))))
        if rows:
            db.execute(insert(Spoken), rows)
        db.execute(change, texts)
        fulltext.put(db, told)


def passing(catalog: Catalog, filters: Filters) -> frozenset[int]:
    """The ids of the clips that pass the filters and have their file."""
    there = Clip.missing_since.is_(None)
    query = select(Clip.id).join(Sound).where(there, *filters.clauses())
    with catalog.reading() as db:
        return frozenset(db.scalars(query))
