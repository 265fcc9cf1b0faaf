"""Taking in sidecars: the catalog is brought level with the text files beside recordings.

What a sidecar says is compared with what is stored, so a file is read in every run; none is so
long that this would be felt.
"""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from retrieval.catalog import Catalog
from retrieval.errors import PromptError
from retrieval.spoken import stored
from retrieval.spoken.lines import Line
from retrieval.spoken.sidecars import best_name, read_sidecar, texts_in
from retrieval.summary import Failure
from retrieval.tables import LABEL, SIDECAR


@dataclass(frozen=True)
class Taken:
    """What came of it.

    Attributes:
        read: transcripts that are new or have changed.
        gone: transcripts that went with their sidecars.
        faults: sidecars that cannot be used, and why; what they told before stays.
    """

    read: int
    gone: int
    faults: tuple[Failure, ...]


def take_sidecars(catalog: Catalog, paths: Iterable[str]) -> Taken:
    """Store what the sidecars of some clips say, and forget what those said that are gone.

    A transcript told by a table of labels stays; one that a recogniser wrote is replaced.

    Args:
        catalog: written to in one transaction; the caller holds the library's writer lock.
        paths: of recordings that are there, absolute; those that are no clips are passed over.
    """
    known, told = catalog.known(), stored.origins(catalog)
    listed = lru_cache(maxsize=64)(texts_in)  # the clips of a folder come one after the other
    found: dict[int, Path | None] = {}
    for path in paths:
        if path in known and told.get(known[path].clip_id) != LABEL:
            folder, name = os.path.split(path)
            beside = best_name(name, listed(folder))
            found[known[path].clip_id] = Path(folder, beside) if beside else None
    said, faults = _read(found)
    ours = [clip for clip in found if told.get(clip) == SIDECAR]
    before = stored.lines_of(catalog, ours)
    fresh = {clip: lines for clip, lines in said.items() if lines and before.get(clip) != lines}
    gone = {clip: () for clip in ours if clip in said and not said[clip]}
    stored.put(catalog, fresh | gone, SIDECAR)
    return Taken(len(fresh), len(gone), tuple(faults))


def _read(found: dict[int, Path | None]) -> tuple[dict[int, Sequence[Line]], list[Failure]]:
    """What is beside each clip, nothing where there is nothing; and what cannot be used."""
    said: dict[int, Sequence[Line]] = {}
    faults = []
    for clip, sidecar in found.items():
        try:
            said[clip] = read_sidecar(sidecar) if sidecar else ()
        except PromptError as fault:
            faults.append(Failure(str(sidecar), fault.error, fault.remedy))
    return said, faults
