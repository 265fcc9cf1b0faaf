"""Features in the catalog: which sounds were measured, and what came out."""

import math
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import aliased

from retrieval.catalog import Catalog
from retrieval.features.measures import METHOD, UNITS, Features
from retrieval.features.readings import Reading, Readings
from retrieval.filters import Filters
from retrieval.tables import Clip, Feature, Sound


def measured(catalog: Catalog) -> frozenset[int]:
    """The ids of all sounds that were measured as this program measures."""
    query = select(Feature.sound_id).where(Feature.start.is_(None), Feature.method == METHOD)
    with catalog.reading() as db:
        return frozenset(db.scalars(query))


def put(catalog: Catalog, sound: int, read: Readings) -> None:
    """Store what was measured of a sound, in place of what was stored before."""
    rows = [_values(read.whole) | {"start": None, "end": None}]
    rows += [_values(one) | {"start": one.start, "end": one.end} for one in read.windows]
    with catalog.writing() as db:
        db.execute(delete(Feature).where(Feature.sound_id == sound))
        db.execute(insert(Feature), [row | {"sound_id": sound, "method": METHOD} for row in rows])


def stored(
    catalog: Catalog, filters: Filters, *, windows: bool = False
) -> Iterator[tuple[str, Reading]]:
    """Path and features of every clip that passes and was measured, by path and time.

    Args:
        windows: those of the windows instead of the whole.
    """
    kept = aliased(Feature)  # the filters ask the same table, of other rows
    query = (
        select(Clip.path, Sound.duration, kept.start, kept.end, *(getattr(kept, n) for n in UNITS))
        .join(Sound, Clip.sound_id == Sound.id)
        .join(kept, kept.sound_id == Sound.id)
        .where(kept.start.is_not(None) if windows else kept.start.is_(None))
        .where(kept.method == METHOD, *filters.clauses())
        .order_by(Clip.path, kept.start)
    )
    with catalog.reading() as db:
        rows = db.execute(query).all()
    for path, duration, start, end, *values in rows:
        known: dict[str, Any] = {
            name: math.nan if value is None else value
            for name, value in zip(UNITS, values, strict=True)
        }
        yield path, Reading(start or 0.0, duration if end is None else end, Features(**known))


def _values(reading: Reading) -> dict[str, float | None]:
    """The features as columns; what is not known is NULL."""
    values = asdict(reading.features)
    return {name: values[name] if math.isfinite(values[name]) else None for name in UNITS}
