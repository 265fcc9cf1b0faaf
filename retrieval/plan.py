"""What a run has to do, told by size and time of change alone."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from retrieval.catalog import Catalog, Known
from retrieval.catalog import Failure as Remembered
from retrieval.scan import Bad, Found, Scan, inside


@dataclass(frozen=True)
class Plan:
    """What a run has to do.

    Attributes:
        work: files to read.
        bad: what cannot be read and was not known to be so.
        known: the clips before the run, by path.
        gone: paths of clips below the sources whose files are not there.
        back: paths of missing clips whose files are there again as they were.
        mended: paths of failures that no longer stand.
        unchanged: how many files need nothing.
        skipped: how many failed before and are as they were.
    """

    work: tuple[Found, ...]
    bad: tuple[Bad, ...]
    known: Mapping[str, Known]
    gone: tuple[str, ...]
    back: tuple[str, ...]
    mended: tuple[str, ...]
    unchanged: int
    skipped: int


def make_plan(
    found: Scan, catalog: Catalog, source: str, *, retry_failed: bool, force: bool
) -> Plan:
    """Compare a scan with the catalog; no file is opened.

    Args:
        source: whose vectors every clip shall have.
        retry_failed: read files again that failed before and have not changed.
        force: read files again whose vectors are there.
    """
    known, failures = catalog.known(), catalog.failures()
    embedded = catalog.embedded(source)
    work: list[Found] = []
    fine: set[str] = set()
    for file in found.files:
        clip = known.get(file.path)
        if clip and same(clip, file) and not force and clip.sound_id in embedded:
            fine.add(file.path)
        elif retry_failed or not same(failures.get(file.path), file):
            work.append(file)
    bad = [one for one in found.bad if retry_failed or not same(failures.get(one.path), one)]
    seen = {file.path for file in found.files} | {one.path for one in found.bad}
    gone = {path for path in known.keys() | failures.keys() if _is_gone(path, seen, found)}
    return Plan(
        work=tuple(work),
        bad=tuple(bad),
        known=known,
        gone=tuple(path for path in known if path in gone),
        back=tuple(path for path in known if path in fine and known[path].missing),
        mended=tuple(path for path in failures if path in fine or path in gone),
        unchanged=len(fine),
        skipped=len(seen) - len(fine) - len(work) - len(bad),
    )


def same(before: Known | Remembered | None, now: Found | Bad) -> bool:
    """Whether a file is, by size and time, as it was."""
    return before is not None and (before.size, before.mtime_ns) == (now.size, now.mtime_ns)


def _is_gone(path: str, seen: set[str], found: Scan) -> bool:
    """Whether a file that the scan should have met is not there any more."""
    if path in seen or not inside(path, found.sources) or inside(path, found.unread):
        return False
    return not os.path.isfile(path)
