"""One writer at a time: a lock on a file of the library that dies with its process."""

import json
import os
import shlex
import socket
import sys
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from retrieval.errors import Busy, LibraryError

if sys.platform == "win32":
    import msvcrt

    # A locked byte cannot be read by others, so one far behind the text is locked.
    _FAR = 1 << 30

    def _lock(file: int) -> None:
        os.lseek(file, _FAR, os.SEEK_SET)
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)

    def _unlock(file: int) -> None:
        os.lseek(file, _FAR, os.SEEK_SET)
        msvcrt.locking(file, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _lock(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _unlock(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_UN)


class WriterLock:
    """The right to write to a library, held from ``with`` to the end of its block.

    The file says who holds it, for the error of the next one; only the lock on it counts. The
    system lets go of the lock when the process ends, however it ends, and the file stays.

    Raises:
        Busy: somebody else is writing, another process or another thread.
        LibraryError: the folder cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self.path = Path(folder) / "writer.lock"
        self._file = -1

    def __enter__(self) -> Self:
        file = self._open()
        try:
            _lock(file)
        except (BlockingIOError, PermissionError) as fault:  # POSIX, Windows
            busy = _busy(file, self.path)
            os.close(file)
            raise busy from fault
        except OSError as fault:
            os.close(file)
            raise LibraryError(
                f"the file system cannot lock files: {fault.strerror}",
                path=self.path,
                remedy="keep the library on a local disk",
            ) from fault
        os.ftruncate(file, 0)
        os.lseek(file, 0, os.SEEK_SET)
        os.write(file, json.dumps(_self_description()).encode())
        self._file = file
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # Emptied, not removed: another process may have it open and be about to lock it.
        os.ftruncate(self._file, 0)
        _unlock(self._file)
        os.close(self._file)
        self._file = -1

    def _open(self) -> int:
        try:
            return os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as fault:
            raise LibraryError(
                f"the library cannot be written: {fault.strerror}",
                path=self.path.parent,
                remedy="choose another folder with --library, or give yourself the right to write",
            ) from fault


def _self_description() -> dict[str, str | int]:
    return {
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "command": shlex.join([Path(sys.argv[0]).name, *sys.argv[1:]]),
        "since": datetime.now().isoformat(" ", timespec="seconds"),
    }


def _busy(file: int, path: Path) -> Busy:
    """The refusal, naming the holder as far as the file tells."""
    try:
        os.lseek(file, 0, os.SEEK_SET)
        holder = json.loads(os.read(file, 1 << 16))
        pid, host = holder["pid"], holder["host"]
        doing = f"since {holder['since']}: {holder['command']}"
    except (OSError, ValueError, LookupError, TypeError):
        # The holder has locked the file and not yet written to it.
        return Busy(
            "another process is writing to the library", path=path.parent, remedy="wait for it"
        )
    there = "" if host == socket.gethostname() else f" on {host}"
    return Busy(
        f"process {pid}{there} is writing to the library {doing}",
        path=path.parent,
        remedy=f"wait, or stop process {pid}{there}",
    )
