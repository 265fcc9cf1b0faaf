"""Measuring what a library holds: workers read files, the caller stores."""

import os
import time
from collections.abc import Mapping

from retrieval.catalog import Catalog, Known
from retrieval.errors import AudioError
from retrieval.features import stored
from retrieval.features.readings import Readings, read_features
from retrieval.features.tracks import check_extra
from retrieval.summary import Failure, Summary, Tally, Watcher
from retrieval.workers import outcomes, unchanged

Task = tuple[int, str, Known]


def survey(
    catalog: Catalog,
    *,
    jobs: int | None = None,
    again: bool = False,
    progress: Watcher | None = None,
) -> Summary:
    """Measure every sound that was not measured yet and has a file; each once, whatever its copies.

    A sound is stored as soon as it is measured, so a run that is stopped goes on where it was. A
    file that cannot be measured is tried again in the next run.

    Args:
        again: measure also what was measured before.

    Raises:
        MissingExtra: there is something to measure, and the extra ``features`` is not installed.
    """
    began = time.monotonic()
    done = frozenset[int]() if again else stored.measured(catalog)
    files = _files(catalog.known())
    tasks = [(sound, *file) for sound, file in files.items() if sound not in done and file]
    if tasks:
        check_extra()
    lost = sum(file is None for sound, file in files.items() if sound not in done)
    tally = Tally(len(tasks), 0, len(files.keys() & done), progress)
    for (sound, path, _), outcome in outcomes(tasks, _read, jobs or os.cpu_count() or 1):
        if isinstance(outcome, AudioError):
            tally.failed(Failure(path, outcome.error, outcome.remedy))
        else:
            stored.put(catalog, sound, outcome)
            tally.done(path, "ok", outcome.whole.end)
    return tally.summary(missing=lost, found=0, seconds=time.monotonic() - began)


def _files(known: Mapping[str, Known]) -> dict[int, tuple[str, Known] | None]:
    """A clip of each sound whose file is there; None where there is none."""
    files: dict[int, tuple[str, Known] | None] = {}
    for path, clip in sorted(known.items()):
        if files.get(clip.sound_id) is None:
            files[clip.sound_id] = None if clip.missing else (path, clip)
    return files


def _read(task: Task) -> Readings:
    _, path, clip = task
    return unchanged(path, clip, read_features)
