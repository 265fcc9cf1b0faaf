"""Files read by several threads, and one caller that takes what comes."""

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from typing import TypeVar

from retrieval.catalog import Known
from retrieval.errors import AudioError

Task = TypeVar("Task")
Result = TypeVar("Result")


def outcomes(
    tasks: Iterable[Task], work: Callable[[Task], Result], jobs: int
) -> Iterator[tuple[Task, Result | AudioError]]:
    """Each task with its result, or with why its file cannot be used, as they come.

    No more than two tasks for each worker are taken at a time; they are taken in this thread.
    """
    pool = ThreadPoolExecutor(jobs, thread_name_prefix="recognition")
    pending: dict[Future[Result], Task] = {}
    following = iter(tasks)
    try:
        while True:
            for task in islice(following, max(0, 2 * jobs - len(pending))):
                pending[pool.submit(work, task)] = task
            if not pending:
                return
            for future in wait(pending, return_when=FIRST_COMPLETED).done:
                task = pending.pop(future)
                try:
                    yield task, future.result()
                except AudioError as fault:
                    yield task, fault
    finally:
        pool.shutdown(cancel_futures=True)


def unchanged(path: str, clip: Known, read: Callable[[str], Result]) -> Result:
    """What is read of the file of a clip, if it still is what was ingested, while it is read.

    Raises:
        AudioError: it is not, or cannot be used.
    """
    _refuse_changed(path, clip)
    found = read(path)
    _refuse_changed(path, clip)
    return found


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
