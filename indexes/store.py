"""Versions of indexes on disk: published whole, never changed, checked when opened.

    ROOT/SPACE/v0007/index.faiss, moments.npz, manifest.json
    ROOT/SPACE/CURRENT                     the version to open, by name
    ROOT/SPACE/.lock                       held while publishing or pruning
    ROOT/SPACE/.new-*, .old-*              left by a process that was killed; prune removes them

A version is whole before it gets its name, and CURRENT is replaced in one step, so a reader sees
the old index or the new one and nothing between.
"""

import hashlib
import io
import os
import re
import shutil
import uuid
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import faiss
import numpy as np

from indexes.index import Index, Moments
from indexes.lock import alone
from indexes.manifest import Manifest

_SPACE = re.compile(r"(?!\.+\Z)[A-Za-z0-9+._-]+")
_VERSION = re.compile(r"v[0-9]{4,}")


class IndexFault(Exception):
    """An index on disk that cannot be used.

    Attributes:
        path: the file or folder at fault.
        reason: what is wrong with it.
    """

    def __init__(self, path: Path, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"{path}: {reason}")


class MissingIndex(IndexFault):
    """No index of this space was ever published."""


class DamagedIndex(IndexFault):
    """What CURRENT names is not there, or is not what was published."""


class ForeignIndex(IndexFault):
    """The index holds vectors of a space with another fingerprint."""


class Store:
    """The indexes in a folder, one for each space, each in versions.

    Every method raises ValueError for a name of a space that cannot name a folder: letters,
    digits and ``+ . _ -`` can.
    """

    def __init__(self, root: Path) -> None:
        self.root = Path(root)

    def publish(self, space: str, index: Index, fingerprint: str, generation: int) -> Manifest:
        """Write an index as the next version and make it the current one.

        Threads and processes may publish at the same time: each gets a version of its own, and
        the highest is current. Readers of older versions are undisturbed.

        Raises:
            OSError: the folder cannot be written, or the disk is full.
        """
        folder = self._folder(space)
        data, moments = index.to_bytes(), _pack(index.moments())
        manifest = Manifest(
            fingerprint=fingerprint,
            dim=index.dim,
            kind=index.kind,
            count=index.count,
            generation=generation,
            checksum=_sha256(data),
            moments_checksum=_sha256(moments),
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            faiss=faiss.__version__,
        )
        folder.mkdir(parents=True, exist_ok=True)
        with alone(folder / ".lock"):
            fresh = folder / f".new-{uuid.uuid4().hex}"
            try:
                fresh.mkdir()
                _write(fresh / "index.faiss", data)
                _write(fresh / "moments.npz", moments)
                _write(fresh / "manifest.json", manifest.to_json().encode())
                _sync(fresh)
                name = self._settle(fresh, folder)
            except BaseException:
                shutil.rmtree(fresh, ignore_errors=True)
                raise
            _replace(folder / "CURRENT", f"{name}\n".encode())
        return manifest

    def open(self, space: str, fingerprint: str | None = None) -> tuple[Index, Manifest]:
        """The current index of a space, after its checksums were found right.

        Args:
            fingerprint: of the space it is to be asked in; None takes any.

        Raises:
            MissingIndex, DamagedIndex, ForeignIndex: it cannot be used.
            OSError: the files are there and cannot be read.
        """
        folder = self._folder(space)
        name = _current(folder)
        while True:
            try:
                return _load(folder / name, fingerprint)
            except DamagedIndex:
                # Between reading CURRENT and the files, that version may have been pruned.
                tried, name = name, _current(folder)
                if name == tried:
                    raise

    def verify(self, space: str) -> list[str]:
        """What is wrong with the current index of a space, a line each; nothing if all is well."""
        try:
            self.open(space)
        except (IndexFault, OSError) as fault:
            return [str(fault)]
        return []

    def prune(self, space: str, keep: int = 2) -> list[str]:
        """Remove versions except the current one and the newest `keep`; returns their names.

        What killed processes left behind goes too. Indexes opened earlier stay usable.
        """
        folder = self._folder(space)
        if keep < 0:
            raise ValueError(f"keep must not be negative: {keep}")
        if not folder.is_dir():
            return []
        with alone(folder / ".lock"):
            kept = set(self.versions(space)[-keep:] if keep else ())
            with suppress(IndexFault):
                kept.add(_current(folder))
            gone = [name for name in self.versions(space) if name not in kept]
            for name in gone:
                # Renamed first, so that no reader finds a version half removed.
                os.rename(folder / name, folder / f".old-{uuid.uuid4().hex}")
            # Nobody else is writing: whatever has such a name was left behind.
            for pattern in (".new-*", ".old-*"):
                for left in folder.glob(pattern):
                    _remove(left)
        return gone

    def versions(self, space: str) -> list[str]:
        """The names of the versions on disk, oldest first."""
        folder = self._folder(space)
        if not folder.is_dir():
            return []
        names = [one.name for one in folder.iterdir() if one.is_dir()]
        return sorted((name for name in names if _VERSION.fullmatch(name)), key=_number)

    def spaces(self) -> list[str]:
        """The names of the spaces that have a version on disk, sorted."""
        if not self.root.is_dir():
            return []
        names = [one.name for one in self.root.iterdir() if _SPACE.fullmatch(one.name)]
        return sorted(name for name in names if self.versions(name))

    def _folder(self, space: str) -> Path:
        if not _SPACE.fullmatch(space):
            raise ValueError(f"a space cannot be named {space!r}: letters, digits and + . _ - only")
        return self.root / space

    def _settle(self, fresh: Path, folder: Path) -> str:
        """Give a finished version the next free name."""
        number = max(map(_number, self.versions(folder.name)), default=0)
        while True:
            number += 1
            name = f"v{number:04d}"
            if os.path.lexists(folder / name):
                continue
            try:
                os.rename(fresh, folder / name)
            except OSError:
                # On a file system without locks another process may have been faster.
                if not os.path.lexists(folder / name):
                    raise
            else:
                _sync(folder)
                return name


def _current(folder: Path) -> str:
    """The version that CURRENT names."""
    path = folder / "CURRENT"
    try:
        name = path.read_bytes().decode("ascii", "replace").removesuffix("\n")
    except (FileNotFoundError, NotADirectoryError) as fault:
        raise MissingIndex(folder, "no index was published here") from fault
    except IsADirectoryError as fault:
        raise DamagedIndex(path, "a folder in place of a file") from fault
    if not _VERSION.fullmatch(name):
        raise DamagedIndex(path, f"names no version: {name[:40]!r}")
    return name


def _load(version: Path, fingerprint: str | None) -> tuple[Index, Manifest]:
    """One version, held against its manifest."""
    try:
        manifest = Manifest.from_json(_read(version / "manifest.json"))
    except ValueError as fault:
        raise DamagedIndex(version / "manifest.json", f"cannot be trusted: {fault}") from fault
    if fingerprint is not None and manifest.fingerprint != fingerprint:
        reason = f"made in space {manifest.fingerprint[:12]}, asked in {fingerprint[:12]}"
        raise ForeignIndex(version, reason)
    moments = _unpack(_intact(version / "moments.npz", manifest.moments_checksum))
    path = version / "index.faiss"
    try:
        index = Index.from_bytes(_intact(path, manifest.checksum), moments=moments)
    except ValueError as fault:
        raise DamagedIndex(path, str(fault)) from fault
    for fact in ("dim", "count", "kind"):
        held, said = getattr(index, fact), getattr(manifest, fact)
        if held != said:
            raise DamagedIndex(path, f"its {fact} is {held}, its manifest says {said}")
    return index, manifest


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError) as fault:
        raise DamagedIndex(path, "is missing") from fault
    except IsADirectoryError as fault:
        raise DamagedIndex(path, "a folder in place of a file") from fault


def _intact(path: Path, checksum: str) -> bytes:
    """A file read once, and its bytes held against a checksum."""
    data = _read(path)
    if _sha256(data) != checksum:
        raise DamagedIndex(path, "its checksum is not the one in its manifest")
    return data


def _pack(moments: Moments) -> bytes:
    mean, covariance = (part.astype(np.float32) for part in moments)
    packed = io.BytesIO()
    np.savez(packed, mean=mean, covariance=covariance)
    return packed.getvalue()


def _unpack(data: bytes) -> Moments:
    with np.load(io.BytesIO(data), allow_pickle=False) as parts:
        return parts["mean"].astype(np.float64), parts["covariance"].astype(np.float64)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _number(version: str) -> int:
    return int(version[1:])


def _write(path: Path, data: bytes) -> None:
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _replace(path: Path, data: bytes) -> None:
    """Put new content in the place of a file, so that it is the old or the new at any moment."""
    fresh = path.with_name(f".new-{uuid.uuid4().hex}")
    _write(fresh, data)
    os.replace(fresh, path)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    """Make the names in a folder outlast a power cut; Windows has no such call for folders."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove(path: Path) -> None:
    """Remove a file or folder; on Windows one that is still being read waits for the next time."""
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()
