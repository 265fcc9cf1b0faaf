"""Vectors that a library needs before it can answer, made from the files it knows."""

import os
from dataclasses import replace
from pathlib import Path

from retrieval import ingest as ingestion
from retrieval.catalog import Catalog
from retrieval.errors import LibraryError, SpaceError
from retrieval.space import Space
from retrieval.summary import Summary, Watcher


def embed_known(
    catalog: Catalog, space: Space, jobs: int | None, progress: Watcher | None, *, again: bool
) -> Summary:
    """Embed the files of known clips, or those that lack vectors; mark what is gone."""
    known = catalog.known()
    there = [Path(path) for path in known if os.path.isfile(path)]
    lost = [path for path, clip in known.items() if not (clip.missing or os.path.isfile(path))]
    catalog.mark_missing(lost)
    summary = ingestion.ingest(catalog, space, there, jobs=jobs, force=again, progress=progress)
    return replace(summary, missing=summary.missing + len(lost))


def all_embedded(catalog: Catalog, space: Space) -> bool:
    """Whether every sound has vectors of a space."""
    return {clip.sound_id for clip in catalog.known().values()} <= catalog.embedded(space.source)


def require_clips(catalog: Catalog, folder: Path) -> None:
    """Refuse an empty library.

    Raises:
        LibraryError: it is one.
    """
    if not catalog.known():
        raise LibraryError("the library is empty", path=folder, remedy="affetto ingest FOLDER")


def require_vectors(catalog: Catalog, folder: Path, space: Space) -> None:
    """Refuse a library that has no vectors of a space.

    Raises:
        LibraryError: it is empty.
        SpaceError: it has none; the error names the command that makes them.
    """
    if catalog.window_count(space.source):
        return
    require_clips(catalog, folder)
    older = any(source.space == space.name for source in catalog.status().sources)
    which = "this version of the space" if older else "the space"
    # Older vectors are dropped by a rebuild, once every sound has new ones.
    command = "rebuild --re-embed" if older else "embed"
    raise SpaceError(
        f"no clip of the library has been embedded in {which} {space.name!r}",
        path=folder,
        remedy=f"affetto {command} --space {space.name}",
    )
