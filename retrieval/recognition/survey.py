"""Measuring what a library holds: workers read files, the caller stores."""

import os
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice

from retrieval.catalog import Catalog, Known
from retrieval.errors import AudioError
from retrieval.recognition import stored
from retrieval.recognition.readings import Readings, read_features
from retrieval.recognition.tracks import check_extra
from retrieval.summary import Failure, Summary, Tally, Watcher

Outcome = Readings | AudioError


def survey(
    catalog: Catalog, *, jobs: int | None = None, progress: Watcher | None = None
) -> Summary:
    """Measure every sound that was not measured yet and has a file; each once, whatever its copies.

    A sound is stored as soon as it is measured, so a run that is stopped goes on where it was. A
    file that cannot be measured is tried again in the next run.

    Raises:
        MissingExtra: there is something to measure, and the extra ``features`` is not installed.
    """
    began = time.monotonic()
    done = stored.measured(catalog)
    files = _files(catalog.known())
    lacking = {sound: file for sound, file in files.items() if sound not in done and file}
    if lacking:
        check_extra()
    lost = sum(file is None for sound, file in files.items() if sound not in done)
    tally = Tally(len(lacking), 0, len(files.keys() & done), progress)
    for sound, path, outcome in _outcomes(lacking, jobs or os.cpu_count() or 1):
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


def _outcomes(
    files: Mapping[int, tuple[str, Known]], jobs: int
) -> Iterator[tuple[int, str, Outcome]]:
    """Sound, path and what was read, as they come; no more than two for each worker at a time."""
    pool = ThreadPoolExecutor(jobs, thread_name_prefix="features")
    pending: dict[Future[Outcome], tuple[int, str]] = {}
    following = iter(files.items())
    try:
        while True:
            for sound, (path, clip) in islice(following, 2 * jobs - len(pending)):
                pending[pool.submit(_read, path, clip)] = (sound, path)
            if not pending:
                return
            for future in wait(pending, return_when=FIRST_COMPLETED).done:
                yield *pending.pop(future), future.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _read(path: str, clip: Known) -> Outcome:
    """Measure the file of a clip, if it still is what was ingested, while it is read."""
    try:
        _refuse_changed(path, clip)
        read = read_features(path)
        _refuse_changed(path, clip)
    except AudioError as fault:
        return fault
    return read


def _refuse_changed(path: str, clip: Known) -> None:
    try:
        state = os.stat(path)
    except OSError as fault:
        raise AudioError(
            f"the file is gone: {fault.strerror}", path=path, remedy="affetto verify --fix"
        ) from fault
    if (state.st_size, state.st_mtime_ns) != (clip.size, clip.mtime_ns):
        raise AudioError(
            "has changed since it was ingested", path=path, remedy="affetto ingest its folder"
        )
