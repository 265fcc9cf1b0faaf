"""The spaces by name: the built-in one, installed models, heads on any of them, plug-ins.

A plug-in is a distribution with an entry point in the group ``affetto.spaces``: its name is
the name of the space, its value a callable without arguments that returns a `Space`. Where one
name is claimed twice the built-in space has it, then an installed model, then a plug-in.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from retrieval.encoders.adopted import adopted_name, load_adopted
from retrieval.encoders.builtin import BUILTIN, load_builtin
from retrieval.encoders.fused.space import load_fused
from retrieval.encoders.models.checkpoints import DEFAULT, Checkpoint, find_checkpoint
from retrieval.encoders.models.folder import (
    CARD,
    INSTALL_CLAP,
    has_packages,
    model_folders,
    read_model,
    require_engine,
)
from retrieval.errors import RetrievalError, SpaceError
from retrieval.space import Space

GROUP = "affetto.spaces"

# The name of a space is the name of a folder, too: that of its indexes.
_NAME = re.compile(r"(?!\.+\Z)[A-Za-z0-9+._-]+")


@dataclass(frozen=True)
class Listing:
    """A space by name.

    Attributes:
        origin: where it comes from, in words.
        space: None if it cannot be used here.
        dim: dimensions of the space; None if it cannot be used.
        fault: why it cannot be used, or what is wrong with its name.
        remedy: the commands that mend it, in their order, separated by "; then ".
    """

    name: str
    origin: str
    space: Space | None
    dim: int | None = None
    fault: str | None = None
    remedy: str | None = None

    def record(self) -> dict[str, str | float | None]:
        """The listing as one object of plain values."""
        space = self.space
        return {
            "name": self.name,
            "origin": self.origin,
            "description": space.description if space else None,
            "licence": space.licence if space else None,
            "window": space.window if space else None,
            "hop": space.hop if space else None,
            "dim": self.dim,
            "fingerprint": space.fingerprint if space else None,
            "fault": self.fault,
            "remedy": self.remedy,
        }


def load_space(name: str) -> Space:
    """The space of this name; its encoders read their weights when they are first used.

    Raises:
        SpaceError: there is no such space, it is not installed, or it is broken.
        MissingExtra: its model is installed, and the packages that run it are not.
    """
    if name == BUILTIN:
        return _builtin()
    folder = next((one for one in model_folders() if one.name == name), None)
    if folder is not None:
        return _load_model(folder)
    plugins = _plugins()
    if name in plugins:
        return _load_plugin(plugins[name])
    raise _absent(name)


def forget_spaces() -> None:
    """Make every space anew when it is next asked for, for plug-ins that come and go."""
    for loaded in (_builtin, _towers, _fused, _load_plugin):
        loaded.cache_clear()


def list_spaces() -> list[Listing]:
    """Every space known here, the built-in one first; nothing heavy is imported.

    The default checkpoint of LAION-CLAP is listed even when it is not installed, with the
    commands that bring it.
    """
    found = [_listing(BUILTIN, "affetto", _builtin)]
    folders = {folder.name: folder for folder in model_folders()}
    plugins = _plugins()
    for name, folder in folders.items():
        if name == BUILTIN:
            found.append(_taken(name, str(folder), "the built-in space"))
        else:
            found.append(_listing(name, _origin(folder), partial(_load_model, folder)))
    if DEFAULT not in folders and DEFAULT not in plugins:
        found.append(_not_installed(DEFAULT))
    for name, point in sorted(plugins.items()):
        origin = point.dist.name if point.dist is not None else point.value
        if name == BUILTIN or name in folders:
            holder = "the built-in space" if name == BUILTIN else "an installed model"
            found.append(_taken(name, origin, holder))
        else:
            found.append(_listing(name, origin, partial(_load_plugin, point)))
    return found


@lru_cache(maxsize=1)
def _builtin() -> Space:
    return load_builtin()


def _load_model(folder: Path) -> Space:
    """The space of an installed model, of heads on another space, or of two streams."""
    one = read_model(folder)
    if one.kind == "heads":
        if adopted_name(one.checkpoint) != one.name:  # or the heads could be their own base
            raise SpaceError(
                f"heads for the space {one.checkpoint!r} lie in a folder of another name",
                path=folder,
                remedy=f"rename it to {adopted_name(one.checkpoint)}",
            )
        return load_adopted(folder, load_space(one.checkpoint))
    require_engine(one)
    load = _fused if one.kind == "fusion" else _towers
    return load(folder, (folder / CARD).stat().st_mtime_ns)


@lru_cache(maxsize=8)
def _towers(folder: Path, _written: int) -> Space:
    """The same object for the same files, so that weights are read once."""
    # Imported here, because most spaces need nothing of it.
    from retrieval.encoders.clap.space import clap_space

    return clap_space(folder)


@lru_cache(maxsize=8)
def _fused(folder: Path, _written: int) -> Space:
    return load_fused(folder, load_space)


def _plugins() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP)}


@lru_cache(maxsize=8)
def _load_plugin(point: EntryPoint) -> Space:
    if not _NAME.fullmatch(point.name):
        raise SpaceError(
            f"a space cannot be named {point.name!r}",
            remedy="letters, digits and + . _ - make a name",
        )
    try:
        space = point.load()()
        if isinstance(space, Space) and space.name == point.name:
            _ = space.fingerprint  # read here, where a failure still names the plug-in
            return space
    except Exception as fault:  # a plug-in may fail in any way, and must not take us down
        raise SpaceError(
            f"the plug-in of the space {point.name!r} fails: {type(fault).__name__}: {fault}",
            remedy=f"mend or uninstall what provides {point.value}",
        ) from fault
    raise SpaceError(
        f"the plug-in {point.value} does not return a Space named {point.name!r}",
        remedy="see docs/encoders.md",
    )


def _listing(name: str, origin: str, load: Callable[[], Space]) -> Listing:
    try:
        space = load()
        _ = space.fingerprint  # of the built-in space: its files may be absent
        return Listing(name, origin, space, space.dim)
    except RetrievalError as fault:
        where = f"{fault.path}: " if fault.path else ""
        return Listing(name, origin, None, fault=f"{where}{fault.error}", remedy=fault.remedy)


def _origin(folder: Path) -> str:
    try:
        return read_model(folder).origin
    except SpaceError:
        return str(folder)


def _taken(name: str, origin: str, holder: str) -> Listing:
    fault = f"the name is that of {holder}, so this one cannot be used"
    return Listing(name, origin, None, fault=fault, remedy="rename or remove it")


def _absent(name: str) -> SpaceError:
    checkpoint = find_checkpoint(name)
    if checkpoint is not None:
        return SpaceError(f"the space {name!r} is not installed", remedy=_installation(checkpoint))
    # Names alone: to load them all could ask for this one again, as the base of heads.
    names = (BUILTIN, *(folder.name for folder in model_folders()), *sorted(_plugins()))
    known = ", ".join(dict.fromkeys(names))
    return SpaceError(f"there is no space {name!r}", remedy=f"choose one of: {known}")


def _not_installed(name: str) -> Listing:
    checkpoint = find_checkpoint(name)
    assert checkpoint is not None
    fault = f"it is not installed (LAION-CLAP {checkpoint.checkpoint}, {checkpoint.licence})"
    return Listing(name, checkpoint.repository, None, fault=fault, remedy=_installation(checkpoint))


def _installation(checkpoint: Checkpoint) -> str:
    """The commands that bring a model: the extra, where it lacks, and the files."""
    pull = f"affetto models pull {checkpoint.name}"
    return pull if has_packages(("torch", "transformers")) else f"{INSTALL_CLAP}; then {pull}"
