"""The health of a library: what it holds, and whether its parts agree."""

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from indexes.store import ForeignIndex, IndexFault, MissingIndex, Store
from retrieval.audio import content_hash
from retrieval.catalog import Catalog, Counts, Failure, Known
from retrieval.errors import AudioError
from retrieval.indexing import left_behind, mending_command, rebuild_index
from retrieval.space import Space

State = Literal["current", "behind", "missing", "damaged", "foreign", "no vectors", "unused"]

# Vectors of an index may differ from freshly projected ones by rounding, and no more.
ROUNDING = 2e-3


@dataclass(frozen=True)
class IndexState:
    """The index of one space: its state, windows in the catalog and in the index, and a note."""

    space: str
    state: State
    windows: int
    indexed: int
    note: str


@dataclass(frozen=True)
class Status:
    """What a library holds.

    Attributes:
        folder: of the library.
        bytes: of everything in it, on disk, without models.
        counts: of the catalog.
        failures: files that could not be taken in, by path.
        indexes: one for each space that can be used or has left vectors here.
    """

    folder: str
    bytes: int
    counts: Counts
    failures: dict[str, Failure]
    indexes: tuple[IndexState, ...]

    def record(self) -> dict[str, Any]:
        """The status as one object of plain values."""
        counts = asdict(self.counts)
        return asdict(self) | {"counts": counts, "indexes": [asdict(one) for one in self.indexes]}


@dataclass(frozen=True)
class Fault:
    """Something that does not agree.

    Attributes:
        where: database, index or file.
        what: the fault, in one line.
        path: of the file, or of the index; None in the database.
        remedy: what mends it.
        mended: whether it was.
    """

    where: Literal["database", "index", "file"]
    what: str
    path: str | None
    remedy: str
    mended: bool = False

    def record(self) -> dict[str, Any]:
        """The fault as one object of plain values."""
        return asdict(self)


def status_of(folder: Path, catalog: Catalog, store: Store, spaces: Sequence[Space]) -> Status:
    """What a library holds, what failed, and the state of its indexes."""
    counts = catalog.status()
    known, names = {space.source for space in spaces}, {space.name for space in spaces}
    left = [
        IndexState(
            one.space,
            "unused",
            one.windows,
            0,
            "of another version" if one.space in names else "the space is not installed",
        )
        for one in counts.sources
        if one.windows and one.source not in known
    ]
    return Status(
        folder=str(folder),
        bytes=_size(folder),
        counts=counts,
        failures=catalog.failures(),
        indexes=(*(index_state(catalog, store, space) for space in spaces), *left),
    )


def _size(folder: Path) -> int:
    """Bytes of everything in a folder; what goes away meanwhile does not count."""
    total = 0
    for place, below, names in os.walk(folder):
        if place == str(folder) and "models" in below:
            below.remove("models")  # they lie beside the default library, and serve all
        for name in names:
            with suppress(OSError):
                total += os.stat(os.path.join(place, name)).st_size
    return total


def index_state(catalog: Catalog, store: Store, space: Space) -> IndexState:
    """The state of one index; nothing is changed."""
    windows = catalog.window_count(space.source)
    if not windows:
        return IndexState(space.name, "no vectors", 0, 0, "nothing was ingested in this space")
    generation = catalog.generation(space.source)
    try:
        index, manifest = store.open(space.name, fingerprint=space.fingerprint)
    except MissingIndex as fault:
        return IndexState(space.name, "missing", windows, 0, fault.reason)
    except ForeignIndex as fault:
        return IndexState(space.name, "foreign", windows, 0, fault.reason)
    except (IndexFault, OSError) as fault:
        reason = fault.reason if isinstance(fault, IndexFault) else str(fault)
        return IndexState(space.name, "damaged", windows, 0, reason)
    if manifest.generation != generation:
        note = "the next search catches up"
        return IndexState(space.name, "behind", windows, index.count, note)
    made = f"made {manifest.created[:16].replace('T', ' ')} UTC"
    return IndexState(space.name, "current", windows, index.count, made)


def verify_library(
    catalog: Catalog, store: Store, spaces: Sequence[Space], *, hashes: bool
) -> list[Fault]:
    """Every fault of the database, of the indexes and of the files."""
    remedy = "affetto verify --fix, or restore a backup"
    faults = [Fault("database", line, None, remedy) for line in catalog.integrity()]
    for space in spaces:
        faults += _index_faults(catalog, store, space)
    for name in set(store.spaces()) - {space.name for space in spaces}:
        path, remedy = str(store.root / name), f"install the space {name}, or delete the folder"
        faults += [Fault("index", line, path, remedy) for line in store.verify(name)]
    return faults + list(_file_faults(catalog.known(), hashes))


def mend(
    faults: Sequence[Fault], catalog: Catalog, store: Store, spaces: Sequence[Space]
) -> list[Fault]:
    """Mend what can be mended without losing anything; the faults, marked where they are.

    Indexes are rebuilt from stored vectors, clips whose files are gone are marked missing,
    sounds without a clip are dropped. Changed files are left to an ingestion, other damage of
    the database to its backup.
    """
    catalog.drop_orphans()
    damage = set(catalog.integrity())
    mended = {fault.path for fault in faults if fault.what == GONE}
    catalog.mark_missing([path for path in mended if path])
    broken = {fault.path for fault in faults if fault.where == "index" and fault.what != BEHIND}
    for space in spaces:
        path = str(store.root / space.name)
        if path in broken and catalog.window_count(space.source):
            rebuild_index(store, catalog, space)
            mended.add(path)
    return [replace(fault, mended=_is_mended(fault, mended, damage)) for fault in faults]


def _is_mended(fault: Fault, paths: set[str | None], damage: set[str]) -> bool:
    if fault.where == "database":
        return fault.what not in damage
    return fault.path in paths and fault.what != BEHIND


GONE = "the file is gone"
BEHIND = "recordings have vectors of another version of the space only"


def _index_faults(catalog: Catalog, store: Store, space: Space) -> Iterator[Fault]:
    path, remedy = str(store.root / space.name), mending_command(catalog, space)
    if left_behind(catalog, space):
        yield Fault("index", BEHIND, path, remedy)
    state = index_state(catalog, store, space)
    made_for = {one.source: one.space for one in catalog.status().sources}
    if state.state == "missing" and made_for[space.source] != space.name:
        return  # The vectors are those of another space; the first search makes the index.
    if state.state in ("missing", "damaged", "foreign"):
        yield Fault("index", f"the index is {state.state}: {state.note}", path, remedy)
    if state.state != "current":
        return
    index, _ = store.open(space.name, fingerprint=space.fingerprint)
    if not np.array_equal(index.ids(), catalog.window_ids(space.source)):
        yield Fault("index", "the index does not hold the windows of the catalog", path, remedy)
        return
    for ids, raw in catalog.vectors(space.source):
        if not np.allclose(index.vectors(ids), space.place_audio(raw), atol=ROUNDING):
            yield Fault("index", "vectors of the index differ from stored ones", path, remedy)
            return


def _file_faults(known: dict[str, Known], hashes: bool) -> Iterator[Fault]:
    for path, clip in sorted(known.items()):
        if clip.missing:
            continue
        try:
            status = os.stat(path)
        except OSError:
            yield Fault("file", GONE, path, "affetto verify --fix marks it missing")
            continue
        if (status.st_size, status.st_mtime_ns) != (clip.size, clip.mtime_ns) or (
            hashes and _content(path) != clip.hash
        ):
            yield Fault("file", "the file has changed", path, "affetto ingest its folder")


def _content(path: str) -> str:
    try:
        return content_hash(path)
    except AudioError:
        return "unreadable"
