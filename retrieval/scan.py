"""Scanning: which files below some folders are sound, without opening one of them."""

import errno
import os
import stat
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from retrieval.audio import EXTENSIONS
from retrieval.errors import AudioError


@dataclass(frozen=True)
class Found:
    """A regular file to take in: absolute path, size in bytes, time of change in nanoseconds."""

    path: str
    size: int
    mtime_ns: int


@dataclass(frozen=True)
class Bad:
    """Something with the name of a sound, or in its way, that must not or cannot be opened.

    Attributes:
        path: absolute and printable: bytes that are not UTF-8 stand as ``\\xNN``.
        reason, remedy: what is wrong and what the reader can do.
        size, mtime_ns: of the entry itself, not of what it links to.
    """

    path: str
    reason: str
    remedy: str | None
    size: int
    mtime_ns: int


@dataclass(frozen=True)
class Scan:
    """What lies below the sources, ordered by path.

    Attributes:
        files: sounds by their suffix, and every file that was given by name.
        bad: what could not be taken.
        sources: what was scanned, absolute.
        unread: folders that could not be listed; what they hold is not known.
    """

    files: tuple[Found, ...]
    bad: tuple[Bad, ...]
    sources: frozenset[str]
    unread: frozenset[str]


def scan(sources: Iterable[str | Path]) -> Scan:
    """Find the sounds in folders, and take files given by name whatever their suffix.

    Paths are absolute but not resolved: what is stored is what was typed. Names that start
    with a dot are skipped below a folder. Links to folders are followed after all real folders,
    so a file that can be reached both ways is found at its real place, once.

    Raises:
        AudioError: a source does not exist.
    """
    roots = tuple(os.path.abspath(source) for source in sources)
    for root in roots:
        if not os.path.exists(root):
            raise AudioError(
                "there is no such file or folder",
                path=printable(root),
                remedy="check its spelling, and that its drive is mounted",
            )
    walk = _Walk()
    for root in roots:
        if os.path.isdir(root):
            walk.folder(root)
        else:
            walk.file(root)
    walk.follow_links()
    return Scan(
        files=tuple(walk.files[path] for path in sorted(walk.files)),
        bad=tuple(walk.bad[path] for path in sorted(walk.bad)),
        sources=frozenset(roots),
        unread=frozenset(walk.unread),
    )


def printable(path: str) -> str:
    """A path that can be stored and shown: bytes that are not UTF-8 become ``\\xNN``."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def inside(path: str, folders: Collection[str]) -> bool:
    """Whether an absolute path is one of the folders or lies below one."""
    while path not in folders:
        parent = os.path.dirname(path)
        if parent == path:
            return False
        path = parent
    return True


@dataclass
class _Walk:
    """The state of one scan."""

    files: dict[str, Found] = field(default_factory=dict)
    bad: dict[str, Bad] = field(default_factory=dict)
    visited: set[tuple[int, int]] = field(default_factory=set)  # (st_dev, st_ino) of folders
    links: list[str] = field(default_factory=list)
    unread: set[str] = field(default_factory=set)

    def folder(self, top: str) -> None:
        """Take everything below a folder, keeping links to folders for later."""
        waiting = [top]
        while waiting:
            for entry in self._entries(waiting.pop()):
                if entry.name.startswith("."):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                elif entry.is_symlink() and os.path.isdir(entry.path):
                    self.links.append(entry.path)
                elif os.path.splitext(entry.name)[1].lower() in EXTENSIONS or _is_loop(entry):
                    self.file(entry.path)

    def follow_links(self) -> None:
        """Walk what the links to folders lead to, including the links found on the way."""
        while self.links:
            self.links.sort(reverse=True)
            link = self.links.pop()
            target, parent = os.path.realpath(link), os.path.realpath(os.path.dirname(link))
            if inside(parent, [target]):
                self._report(link, "a symbolic link to a folder above it", "remove the link")
            else:
                self.folder(link)

    def file(self, path: str) -> None:
        """Take one file, or say why not."""
        try:
            status = os.stat(path)
        except OSError as fault:
            if os.path.lexists(path):
                self._report(path, *_why_no_status(fault))
        else:
            if not stat.S_ISREG(status.st_mode):
                self._report(path, f"{_kind(status.st_mode)}, not a file", None)
            elif printable(path) != path:
                self._report(path, "its name is not UTF-8", "rename it")
            else:
                self.files[path] = Found(path, status.st_size, status.st_mtime_ns)

    def _entries(self, folder: str) -> list[os.DirEntry[str]]:
        """The entries of a folder by name; none if it was visited, or cannot be listed."""
        try:
            status = os.stat(folder)
            if (status.st_dev, status.st_ino) in self.visited:
                return []
            self.visited.add((status.st_dev, status.st_ino))
            if printable(folder) != folder:
                self._report(folder, "a folder whose name is not UTF-8", "rename it")
                return []
            with os.scandir(folder) as entries:
                return sorted(entries, key=lambda entry: entry.name)
        except OSError as fault:
            self.unread.add(folder)
            reason = f"a folder that cannot be read: {_words(fault)}"
            self._report(folder, reason, "give yourself the right to read it, or leave it out")
            return []

    def _report(self, path: str, reason: str, remedy: str | None) -> None:
        try:
            status = os.lstat(path)
            size, mtime_ns = status.st_size, status.st_mtime_ns
        except OSError:
            size, mtime_ns = 0, 0
        name = printable(path)
        self.bad[name] = Bad(name, reason, remedy, size, mtime_ns)


def _is_loop(entry: os.DirEntry[str]) -> bool:
    """Whether a link leads back to itself; such a link may have been meant as a folder."""
    if not entry.is_symlink():
        return False
    try:
        os.stat(entry.path)
    except OSError as fault:
        return fault.errno == errno.ELOOP
    return False


def _why_no_status(fault: OSError) -> tuple[str, str | None]:
    if fault.errno == errno.ELOOP:
        return "a symbolic link that leads back to itself", "remove the link"
    if fault.errno == errno.ENOENT:
        return "a symbolic link to a file that is gone", "restore the file or remove the link"
    return f"cannot be examined: {_words(fault)}", None


def _words(fault: OSError) -> str:
    return (fault.strerror or type(fault).__name__).lower()


def _kind(mode: int) -> str:
    kinds = {
        stat.S_IFIFO: "a fifo",
        stat.S_IFSOCK: "a socket",
        stat.S_IFCHR: "a character device",
        stat.S_IFBLK: "a block device",
    }
    return kinds.get(stat.S_IFMT(mode), "a special file")
