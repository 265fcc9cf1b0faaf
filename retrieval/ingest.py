"""Taking sound in: scan, then hash, decode and encode in threads, and store clip by clip.

Only the calling thread touches the catalog. Each clip is one transaction, stored as soon as it
is encoded, so an end at any moment loses the clips in hand and nothing else; the next run plans
from what is stored and finishes the job.
"""

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from retrieval.audio import Level
from retrieval.catalog import Catalog, ClipFacts
from retrieval.errors import AudioError, MissingExtra, Unsafe
from retrieval.plan import Plan, make_plan, same
from retrieval.reading import Content, Identity, embed, identify, measure
from retrieval.scan import Found, scan
from retrieval.space import Space
from retrieval.spoken.taking import take_sidecars
from retrieval.summary import Failure, Outcome, Progress, Summary, Tally, Watcher

__all__ = ["Failure", "Progress", "Summary", "Watcher", "ingest", "prune"]

Work = Callable[[Identity, Space, threading.Event], Content]


def ingest(
    catalog: Catalog,
    space: Space,
    folders: Sequence[str | Path],
    *,
    jobs: int | None = None,
    retry_failed: bool = False,
    force: bool = False,
    progress: Watcher | None = None,
) -> Summary:
    """Take in every sound below the folders that is new, has changed or lacks vectors.

    What text files beside the sounds say becomes their transcript (retrieval/spoken/sidecars.py).

    The content of the catalog afterwards depends on the files only, not on how many runs it
    took; the numbers of clips and windows depend on the order in which files were finished.

    Args:
        catalog: written to by this thread; the caller holds the library's writer lock.
        space: whose raw audio vectors are made.
        folders: folders, searched to the bottom, or single files.
        jobs: how many files are read and encoded at a time; all cores if None.
        retry_failed: try files again that failed before and have not changed.
        force: encode files again whose vectors are stored.
        progress: called in this thread after every file that cost more than a look.

    Raises:
        AudioError: one of the folders does not exist; nothing was done.
    """
    began = time.monotonic()
    there = scan(folders)
    plan = make_plan(there, catalog, space.source, retry_failed=retry_failed, force=force)
    tally = Tally(len(plan.bad) + len(plan.work), plan.skipped, plan.unchanged, progress)
    run = _Run(catalog, space, plan, tally, jobs=jobs or os.cpu_count() or 1, force=force)
    run.prepare()
    run.take_in()
    missing = run.note_missing()
    taken = take_sidecars(catalog, [file.path for file in there.files])
    summary = tally.summary(missing=missing, found=run.found, seconds=time.monotonic() - began)
    return replace(summary, sidecars=taken.read, notes=taken.faults)


def prune(catalog: Catalog, *, anyway: bool = False) -> int:
    """Forget the clips whose files are gone; how many that were.

    Raises:
        Unsafe: that would be more than half of all clips, and `anyway` is false.
    """
    clips = catalog.known().values()
    missing = sum(clip.missing for clip in clips)
    if missing * 2 > len(clips) and not anyway:
        raise Unsafe(
            f"{missing} of {len(clips)} clips are missing, more than half of the library",
            remedy="check that all drives are mounted; add --force to forget them anyway",
        )
    return catalog.prune_missing()


class _Run:
    """The part of an ingestion that reads and stores."""

    def __init__(
        self, catalog: Catalog, space: Space, plan: Plan, tally: Tally, *, jobs: int, force: bool
    ) -> None:
        self._catalog, self._space, self._plan, self._tally = catalog, space, plan, tally
        self._force, self._ahead = force, 2 * jobs
        self._stop = threading.Event()
        self._pool = ThreadPoolExecutor(jobs, thread_name_prefix="ingest")
        self._pending: dict[Future[Any], Found | Identity] = {}
        self._twins: dict[str, list[Identity]] = {}  # by the hash of what is being encoded
        self._levels: dict[str, Level] = {}  # by the hash of what this run has encoded
        self._left: set[str] = set()  # paths whose clip has moved elsewhere
        self.found = len(plan.back)  # clips that were missing and are not any more
        self._by_hash: dict[str, list[str]] = {}  # paths known before the run
        for path, clip in plan.known.items():
            self._by_hash.setdefault(clip.hash, []).append(path)

    def prepare(self) -> None:
        """Store what is known before a file is opened."""
        space, plan = self._space, self._plan
        self._catalog.add_source(space.source, space.name, space.window, space.hop, space.audio.dim)
        if plan.back:
            self._catalog.mark_found(plan.back)
        if plan.mended:
            self._catalog.forget_failures(plan.mended)
        for bad in plan.bad:
            self._catalog.fail(bad.path, bad.size, bad.mtime_ns, bad.reason, bad.remedy)
            self._tally.failed(Failure(bad.path, bad.reason, bad.remedy))

    def take_in(self) -> None:
        """Read the files of the plan, and store each as soon as it is done."""
        waiting = iter(self._plan.work)
        try:
            while self._submit_some(waiting):
                done = wait(self._pending, return_when=FIRST_COMPLETED).done
                for future in [future for future in self._pending if future in done]:
                    self._finish(future, self._pending.pop(future))
        finally:
            self._stop.set()
            self._pool.shutdown(cancel_futures=True)

    def note_missing(self) -> int:
        """Mark the clips whose files are gone and were not met elsewhere; how many are new."""
        known = self._plan.known
        lost = [path for path in self._plan.gone if path not in self._left]
        lost = [path for path in lost if not known[path].missing]
        if lost:
            self._catalog.mark_missing(lost)
        return len(lost)

    def _submit_some(self, waiting: Iterator[Found]) -> bool:
        """Keep the workers busy; False when there is nothing left to do."""
        for file in islice(waiting, max(0, self._ahead - len(self._pending))):
            self._pending[self._pool.submit(identify, file.path, self._stop)] = file
        return bool(self._pending)

    def _finish(self, future: Future[Any], task: Found | Identity) -> None:
        file = task.file if isinstance(task, Identity) else task
        try:
            result: Identity | Content = future.result()
        except AudioError as error:
            self._fail(file, error)
            if isinstance(task, Identity):
                self._release_twins(task.hash)
        except Exception as error:
            error.add_note(f"while {file.path} was taken in")
            raise
        else:
            if isinstance(result, Identity):
                self._decide(result)
            elif isinstance(task, Identity):
                self._store(task, result)

    def _decide(self, identity: Identity) -> None:
        """Store a file whose content is known; have any other encoded, but each content once."""
        if identity.hash in self._twins:
            self._twins[identity.hash].append(identity)
        elif self._is_embedded(identity.hash):
            self._adopt(identity)
        else:
            self._twins[identity.hash] = []
            self._send(embed, identity)

    def _is_embedded(self, content: str) -> bool:
        if content in self._levels or self._force or content not in self._by_hash:
            return content in self._levels
        # asked each time: the last clip of this content may have changed during this run
        sound = self._catalog.sound_with(content)
        return sound is not None and self._catalog.has_vectors(sound, self._space.source)

    def _adopt(self, identity: Identity) -> None:
        """Store a file whose content has its vectors already."""
        file, known = identity.file, self._plan.known.get(identity.file.path)
        if known and known.hash == identity.hash:
            self._catalog.touch(file.path, file.size, file.mtime_ns)
            self._catalog.forget_failures([file.path])
            self._count(file.path, "unchanged")
        elif old := self._gone_twin(identity):
            self._catalog.moved(old, file.path, file.size, file.mtime_ns)
            self._left.add(old)
            self._count(file.path, "moved")
        elif level := self._levels.get(identity.hash):
            self._store(identity, Content(None, level))
        else:
            self._send(measure, identity)

    def _gone_twin(self, identity: Identity) -> str | None:
        """The path of a clip of the same content whose file is gone, of the same name at best."""
        name = os.path.basename(identity.file.path)
        gone = [
            path
            for path in self._by_hash.get(identity.hash, ())
            if path not in self._left and not os.path.isfile(path)
        ]
        return min(gone, key=lambda path: (os.path.basename(path) != name, path), default=None)

    def _send(self, work: Work, identity: Identity) -> None:
        self._pending[self._pool.submit(work, identity, self._space, self._stop)] = identity

    def _store(self, identity: Identity, content: Content) -> None:
        if content.windows is None and not self._is_embedded(identity.hash):
            self._decide(identity)  # the vectors went meanwhile, with the last clip they had
            return
        facts = _facts(identity, content.level)
        self._catalog.store(facts, content.windows, self._space.source)
        if content.windows is None:
            self._count(facts.path, "copied")
        else:
            self._levels[facts.hash] = content.level
            self._count(facts.path, "ok", facts.duration)
            self._release_twins(facts.hash)

    def _release_twins(self, content: str) -> None:
        """Go on with the files that waited for the vectors of the same content."""
        for twin in self._twins.pop(content, ()):
            self._decide(twin)

    def _fail(self, file: Found, error: AudioError) -> None:
        """Remember a bad file, unless it is gone, or was good as it is and may be so again."""
        remedy = error.remedy
        if isinstance(error, MissingExtra):
            remedy = f"{remedy}, then ingest with --retry-failed"
        if os.path.lexists(file.path) and not same(self._plan.known.get(file.path), file):
            self._catalog.fail(file.path, file.size, file.mtime_ns, error.error, remedy)
        self._tally.failed(Failure(file.path, error.error, remedy))

    def _count(self, path: str, outcome: Outcome, audio_seconds: float = 0.0) -> None:
        known = self._plan.known.get(path)
        self.found += known is not None and known.missing
        self._tally.done(path, outcome, audio_seconds)


def _facts(identity: Identity, level: Level) -> ClipFacts:
    file, info = identity.file, identity.info
    return ClipFacts(
        path=file.path,
        hash=identity.hash,
        size=file.size,
        mtime_ns=file.mtime_ns,
        duration=level.duration,
        rate=info.rate,
        channels=info.channels,
        format=info.format,
        subtype=info.subtype,
        loudness=level.loudness,
        peak=level.peak,
        tags=info.tags,
    )
