"""Every sound against its group: what all sounds of one voice or one place share is taken away.

A voice that is always harsh makes every prompt for anger find that voice. Judged against its own
mean, its angry clips stand out from its calm ones. The mean of a group of n sounds m leans on that
of the library M, (n m + 8 M) / (n + 8), because the mean of a few sounds is their feeling more
than their voice; a sound without a group is judged against the library.
"""

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexes.index import Ids, Index
from retrieval.catalog import Catalog
from retrieval.errors import PromptError
from retrieval.space import Vectors, unit

#: The group of a clip is the folder it lies in; any other word is the name of a label.
FOLDER = "folder"

#: The mean of the library counts for so many sounds of each group. Measured: docs/search.md.
PRIOR_SOUNDS = 8

#: What is no further from its mean than rounding has no direction of its own.
NOTHING = 1e-4

_CHUNK = 16384  # vectors in hand at a time


@dataclass(frozen=True)
class Relative:
    """The sounds of a library, each against its group.

    Attributes:
        by: `FOLDER`, or the name of the label that makes the groups.
        index: unit vectors of all windows after their mean was taken away; exact.
        means: what was taken away, (groups + 1, k); the last row is the mean of the library.
        row: of `means`, by sound id; sounds without a group are not in it.
    """

    by: str
    index: Index
    means: Vectors
    row: Mapping[int, int]

    def place(self, vectors: Vectors, sound: int | None) -> Vectors:
        """Unit vectors (n, k) heard in a sound, against its group; None is no sound of here."""
        return less(vectors, self.means[self.row.get(sound, -1) if sound is not None else -1])


def relative_to(index: Index, catalog: Catalog, source: str, by: str) -> Relative:
    """The sounds of an index, each against its folder or those with its value of a label.

    Args:
        by: `FOLDER` or the name of a label; ``label.NAME`` is always a label.

    Raises:
        PromptError: no clip has that label.
    """
    groups = largest_groups(_groups(catalog, by))
    ids, sounds = catalog.window_sounds(source)
    return relative(index, ids, sounds, groups, by)


def largest_groups(pairs: Iterable[tuple[int, str]]) -> dict[int, str]:
    """The group of each sound, from every sound with the group of each of its clips.

    One that lies in several is judged in the largest; of equal ones in the first by name.
    """
    distinct = sorted(set(pairs))
    size = Counter(group for _, group in distinct)
    chosen: dict[int, str] = {}
    for sound, group in distinct:
        if sound not in chosen or size[group] > size[chosen[sound]]:
            chosen[sound] = group
    return chosen


def relative(
    index: Index, ids: Ids, sounds: Ids, groups: Mapping[int, str], by: str = FOLDER
) -> Relative:
    """The windows of an index against the means of their groups.

    Args:
        ids, sounds: windows and the sound of each, both (n,); windows that the index does not
            hold are passed over, and so are those of the index that are not named.
        groups: by sound id.
    """
    ids, _, at = np.intersect1d(index.ids(), ids, return_indices=True)
    sounds = sounds[at]  # (n,)
    number = {name: row for row, name in enumerate(sorted(set(groups.values())))}
    row = {sound: number[name] for sound, name in groups.items()}
    rows = np.array([row.get(one, len(number)) for one in sounds.tolist()], dtype=np.int64)
    means = _means(index, ids, sounds, rows, len(number))
    against = Index.empty(index.dim)
    for here in _chunks(len(ids)):
        against.add(ids[here], less(index.vectors(ids[here]), means[rows[here]]))
    return Relative(by.removeprefix("label."), against, means, row)


def less(vectors: Vectors, means: Vectors) -> Vectors:
    """Unit vectors (n, k) less their means (n, k) or (k,), scaled back to length one.

    A vector that is its own mean becomes zero.
    """
    apart = np.asarray(vectors - means, dtype=np.float32)  # (n, k)
    apart[np.linalg.norm(apart, axis=1) < NOTHING] = 0
    return unit(apart)


def _means(index: Index, ids: Ids, sounds: Ids, rows: NDArray[np.int64], groups: int) -> Vectors:
    """The means (groups + 1, k) that are taken away; each sound weighs the same."""
    _, at, windows = np.unique(sounds, return_inverse=True, return_counts=True)
    weights = 1 / windows[at]  # (n,)
    sums = np.zeros((groups + 1, index.dim))
    for here in _chunks(len(ids)):
        _add(sums, rows[here], index.vectors(ids[here]) * weights[here, None])
    counts = np.bincount(rows, weights, minlength=groups + 1)  # (groups + 1,)
    library = sums.sum(axis=0) / max(len(windows), 1)  # (k,)
    sums[-1], counts[-1] = 0, 0  # without a group: the library alone
    means = (sums + PRIOR_SOUNDS * library) / (counts[:, None] + PRIOR_SOUNDS)
    return np.asarray(means, dtype=np.float32)


def _add(sums: NDArray[np.float64], rows: NDArray[np.int64], vectors: NDArray[np.float64]) -> None:
    """Add vectors (n, k) to the rows (n,) they belong to."""
    order = np.argsort(rows, kind="stable")
    starts = np.flatnonzero(np.diff(rows[order], prepend=-1))
    sums[rows[order[starts]]] += np.add.reduceat(vectors[order], starts, axis=0)


def _chunks(count: int) -> Iterator[slice]:
    for start in range(0, count, _CHUNK):
        yield slice(start, start + _CHUNK)


def _groups(catalog: Catalog, by: str) -> list[tuple[int, str]]:
    """Every sound with the group of each of its clips."""
    if by == FOLDER:
        known = catalog.known().items()
        return [(clip.sound_id, os.path.dirname(path)) for path, clip in known]
    pairs = catalog.label_values(by.removeprefix("label."))
    if not pairs:
        names = ", ".join(catalog.label_names()) or "none"
        raise PromptError(
            f"no clip has a label {by!r} to be judged by",
            remedy=f"say {FOLDER}, or a label; labels here: {names}",
        )
    return pairs
