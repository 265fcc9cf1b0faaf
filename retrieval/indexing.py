"""The index as a cache of the catalog: opened when it is current, brought up to date when not.

The catalog counts a generation up with every change of a source's windows; the manifest of an
index says which generation it holds. Equal numbers mean the index can be used as it lies.
"""

import errno

import numpy as np

from indexes.index import Index
from indexes.store import DamagedIndex, ForeignIndex, IndexFault, MissingIndex, Store
from retrieval.catalog import Catalog
from retrieval.errors import LibraryError, SpaceError
from retrieval.space import Space

# A change of more than this share of the index is cheaper to build anew than to patch.
PATCH_SHARE = 0.3


def current_index(store: Store, catalog: Catalog, space: Space) -> Index:
    """The index of a space, level with the catalog; published if it had to be changed.

    A missing or damaged index is rebuilt from the stored vectors.

    Raises:
        SpaceError: the index on disk was filled by another version of the space.
        LibraryError: its files cannot be read, or a new version cannot be written.
    """
    generation = catalog.generation(space.source)
    try:
        index, manifest = store.open(space.name, fingerprint=space.fingerprint)
    except (MissingIndex, DamagedIndex):
        return rebuild_index(store, catalog, space)
    except ForeignIndex as fault:
        raise _foreign(catalog, space, fault) from fault
    except OSError as fault:
        raise LibraryError(
            f"the index cannot be read: {fault.strerror or fault}",
            path=store.root / space.name,
            remedy="give yourself the right to read it",
        ) from fault
    if manifest.generation == generation:
        return index
    if not _patch(index, catalog, space):
        return rebuild_index(store, catalog, space)
    _publish(store, index, space, generation)
    return index


def rebuild_index(store: Store, catalog: Catalog, space: Space) -> Index:
    """A new index from the stored vectors, published; readers of the old one are undisturbed."""
    generation = catalog.generation(space.source)
    ids = [np.empty(0, dtype=np.int64)]
    vectors = [np.empty((0, space.dim), dtype=np.float32)]
    for batch, raw in catalog.vectors(space.source):
        ids.append(batch)
        vectors.append(space.place_audio(raw))
    index = Index.build(np.concatenate(ids), np.concatenate(vectors))
    _publish(store, index, space, generation)
    return index


def left_behind(catalog: Catalog, space: Space) -> int:
    """How many sounds, whose files are there, only another version of the space has embedded."""
    others = [
        one.source
        for one in catalog.status().sources
        if one.space == space.name and one.source != space.source and one.windows
    ]
    if not others:
        return 0
    there = {clip.sound_id for clip in catalog.known().values() if not clip.missing}
    heard = there & frozenset[int]().union(*map(catalog.embedded, others))
    return len(heard - catalog.embedded(space.source))


def mending_command(catalog: Catalog, space: Space) -> str:
    """What makes the index of a space whole: the files are only needed where vectors lack."""
    option = " --re-embed" if left_behind(catalog, space) else ""
    return f"affetto rebuild{option} --space {space.name}"


def _foreign(catalog: Catalog, space: Space, fault: IndexFault) -> SpaceError:
    """The refusal to ask an index in another space than the one that filled it."""
    return SpaceError(
        f"the index was made by another version of the space {space.name!r}: {fault.reason}",
        path=fault.path,
        remedy=mending_command(catalog, space),
    )


def _patch(index: Index, catalog: Catalog, space: Space) -> bool:
    """Bring an index level with the catalog; False when a new one is the better way."""
    wanted, held = catalog.window_ids(space.source), index.ids()
    gone = np.setdiff1d(held, wanted)
    fresh = np.setdiff1d(wanted, held)
    if len(gone) + len(fresh) > PATCH_SHARE * max(len(held), 1) or len(held) == 0:
        return False
    index.remove(gone)
    if len(fresh):
        # Window ids only grow, so everything new lies above the first new one.
        for batch, raw in catalog.vectors(space.source, after_id=int(fresh[0]) - 1):
            new = np.isin(batch, fresh)
            if new.any():
                index.add(batch[new], space.place_audio(raw[new]))
    return True


def _publish(store: Store, index: Index, space: Space, generation: int) -> None:
    try:
        store.publish(space.name, index, fingerprint=space.fingerprint, generation=generation)
        store.prune(space.name)
    except OSError as fault:
        if fault.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            return  # A library that may only be read is still searched, from memory.
        raise LibraryError(
            f"the index cannot be written: {fault.strerror or fault}",
            path=store.root,
            remedy=f"make room on the disk, then affetto rebuild --space {space.name}",
        ) from fault
