"""The spaces that can be used here: the built-in one and those of installed plug-ins.

A plug-in is a distribution with an entry point in the group ``affetto.spaces``: its name is
the name of the space, its value a callable without arguments that returns a `Space`.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points

from retrieval.encoders.builtin import BUILTIN, load_builtin
from retrieval.errors import SpaceError
from retrieval.space import Space

GROUP = "affetto.spaces"

# The name of a space is the name of a folder, too: that of its indexes.
_NAME = re.compile(r"(?!\.+\Z)[A-Za-z0-9+._-]+")


@dataclass(frozen=True)
class Listing:
    """A space by name, where it comes from, and why it cannot be loaded if it cannot."""

    name: str
    origin: str
    space: Space | None
    fault: str | None

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
            "fingerprint": space.fingerprint if space else None,
            "fault": self.fault,
        }


@lru_cache(maxsize=8)
def load_space(name: str) -> Space:
    """The space of this name; its encoders read their weights when they are first used.

    Raises:
        SpaceError: there is no such space, or its plug-in fails.
    """
    if name == BUILTIN:
        return load_builtin()
    plugins = _plugins()
    if name not in plugins:
        known = ", ".join(sorted({BUILTIN, *plugins}))
        raise SpaceError(f"there is no space {name!r}", remedy=f"choose one of: {known}")
    return _load(plugins[name])


def list_spaces() -> list[Listing]:
    """Every space known here, the built-in one first."""
    listings = [_listing(BUILTIN, "affetto")]
    for name, point in sorted(_plugins().items()):
        origin = point.dist.name if point.dist is not None else point.value
        listings.append(_listing(name, origin))
    return listings


def _plugins() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP) if point.name != BUILTIN}


def _load(point: EntryPoint) -> Space:
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


def _listing(name: str, origin: str) -> Listing:
    try:
        space = load_space(name)
        _ = space.fingerprint  # of the built-in space: its files may be absent
        return Listing(name, origin, space, None)
    except SpaceError as fault:
        return Listing(name, origin, None, str(fault))
