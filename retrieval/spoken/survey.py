"""Transcribing what a library holds: sidecars first, then the recogniser; the caller stores."""

import os
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import replace

from retrieval.audio import Samples, blocks
from retrieval.catalog import Catalog, Known
from retrieval.errors import AudioError
from retrieval.filters import Filters
from retrieval.reading import unchanged, until
from retrieval.scan import Found
from retrieval.spoken import asr, stored
from retrieval.spoken.lines import Line
from retrieval.spoken.speech import RATE
from retrieval.spoken.taking import take_sidecars
from retrieval.summary import Failure, Summary, Tally, Watcher
from retrieval.tables import TOLD

#: Clips of one content, and one of the files that hold it.
Sharing = tuple[Sequence[int], Found]


def transcribe(
    catalog: Catalog,
    filters: Filters,
    *,
    again: bool = False,
    jobs: int | None = None,
    progress: Watcher | None = None,
) -> Summary:
    """Give a transcript to every clip that has none, from its sidecar or by hearing it.

    A sound is heard once, whatever its copies, and stored at once, so a run that is stopped goes
    on where it was. A clip in which nothing is said is not heard again.

    Args:
        catalog: written to by this thread; the caller holds the library's writer lock.
        filters: the clips to look at; those whose files are gone never are.
        again: hear those again, too, that the recogniser has heard before.
        jobs: how many files are heard at a time; all cores if None.
        progress: called in this thread after every file that was heard.

    Raises:
        MissingExtra: there is something to hear, and the extra ``asr`` is not installed; what
            sidecars say is stored.
    """
    began = time.monotonic()
    wanted = stored.passing(catalog, filters)
    known = {path: clip for path, clip in catalog.known().items() if clip.clip_id in wanted}
    taken = take_sidecars(catalog, known)
    told = stored.origins(catalog)
    done = {clip for clip, origin in told.items() if origin in TOLD or not again}
    tasks = _sharing({path: clip for path, clip in known.items() if clip.clip_id not in done})
    tally = Tally(len(tasks), 0, len(known) - sum(len(clips) for clips, _ in tasks), progress)
    if tasks:
        _hear_all(catalog, tasks, jobs or os.cpu_count() or 1, tally)
    summary = tally.summary(missing=0, found=0, seconds=time.monotonic() - began)
    return replace(summary, sidecars=taken.read, notes=taken.faults)


def _hear_all(catalog: Catalog, tasks: Sequence[Sharing], jobs: int, tally: Tally) -> None:
    """Hear each file in a worker, and store what is said in it as soon as it is known."""
    origin, stop = asr.asr_name(), threading.Event()
    pool = ThreadPoolExecutor(jobs, thread_name_prefix="transcribe")
    try:
        heard = {pool.submit(_hear, file, stop): (clips, file) for clips, file in tasks}
        for future in as_completed(heard):
            clips, file = heard[future]
            try:
                lines, seconds = future.result()
            except AudioError as fault:
                tally.failed(Failure(file.path, fault.error, fault.remedy))
            else:
                stored.put(catalog, dict.fromkeys(clips, lines), origin)
                tally.done(file.path, "ok", seconds)
    finally:
        stop.set()
        pool.shutdown(cancel_futures=True)


def _sharing(known: Mapping[str, Known]) -> list[Sharing]:
    """The clips of each sound, with the first of their files, by its path."""
    clips: dict[int, list[int]] = {}
    files: dict[int, Found] = {}
    for path, clip in sorted(known.items()):
        clips.setdefault(clip.sound_id, []).append(clip.clip_id)
        files.setdefault(clip.sound_id, Found(path, clip.size, clip.mtime_ns))
    return [(clips[sound], file) for sound, file in files.items()]


def _hear(file: Found, stop: threading.Event) -> tuple[list[Line], float]:
    """What is said in a file that still is what was ingested, and how many seconds it has."""
    count = 0

    def counted() -> Iterator[Samples]:
        nonlocal count
        for block in until(stop, blocks(file.path, RATE)):
            count += len(block)
            yield block

    with unchanged(file):
        lines = list(asr.hear(counted()))
    return lines, count / RATE
