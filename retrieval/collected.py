"""Text collections of a library in a space: encoded once, then stored."""

from contextlib import suppress

from retrieval.catalog import Catalog
from retrieval.errors import Busy, LibraryError, PromptError
from retrieval.space import Space, Vectors


def collection(catalog: Catalog, name: str, space: Space) -> tuple[list[str], Vectors]:
    """The n lines of a collection and their unit vectors (n, k).

    Raises:
        PromptError: there is no such collection; the error names those there are.
    """
    lines = catalog.texts(name)
    if not lines:
        known = ", ".join(catalog.collections()) or "none was added"
        raise PromptError(f"there is no text collection {name!r}", remedy=f"choose one of: {known}")
    raw = catalog.line_vectors(name, space.text.fingerprint)
    if raw is None:
        raw = space.text.encode([line.text for line in lines])
        with suppress(Busy, LibraryError):  # It only saves time when it is asked again.
            catalog.store_line_vectors(name, space.text.fingerprint, lines, raw)
    return [line.text for line in lines], space.heads.text.project(raw)
