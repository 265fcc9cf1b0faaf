"""One writer at a time in a folder, by a lock that the system drops with its process."""

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold the lock on a file, which is made if need be; waits for other threads and processes.

    Raises:
        OSError: the file cannot be written.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        _lock(descriptor)
        yield
    finally:
        os.close(descriptor)


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        while True:
            try:
                msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
                return
            except PermissionError:
                time.sleep(0.05)
else:
    import fcntl

    def _lock(descriptor: int) -> None:
        # flock and not lockf: two threads of one process must exclude each other too.
        fcntl.flock(descriptor, fcntl.LOCK_EX)
