"""Spaces cut sounds differently; here their windows meet.

A moment is a window of the finest space that has heard a sound. What another space says of it is
what its best overlapping window says; windows that only touch do not overlap.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.questions import Ids, Times

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Slices:
    """The windows of some sounds in one space, in the order of sound and start.

    Attributes:
        ids, sounds: (n,).
        times: start and end in seconds, (n, 2).
    """

    ids: Ids
    sounds: Ids
    times: Times


@dataclass(frozen=True)
class Moments:
    """What is ranked: slices of sounds, in the order of sound and start.

    Attributes:
        sounds: (m,).
        times: start and end in seconds, (m, 2).
        spaces: which of the spaces has cut it, (m,); -1 where none has heard the sound.
        windows: its window id there, (m,); -1 for none.
    """

    sounds: Ids
    times: Times
    spaces: Ids
    windows: Ids

    def only(self, places: Ids) -> "Moments":
        """Some of them."""
        times, windows = self.times[places], self.windows[places]
        return Moments(self.sounds[places], times, self.spaces[places], windows)


def moments(heard: Sequence[Slices], widths: Sequence[float], whole: dict[int, float]) -> Moments:
    """The moments of some sounds.

    Args:
        heard: their windows in each space.
        widths: the length of a window of each space, in seconds; the shortest is the finest, of
            equal ones the first.
        whole: seconds by sound; one that no space has heard is a single moment.
    """
    left = np.array(sorted(whole), dtype=np.int64)
    parts = []
    for space in sorted(range(len(heard)), key=lambda number: widths[number]):
        one = heard[space]
        here = np.isin(one.sounds, left)
        parts.append((one.sounds[here], one.times[here], space, one.ids[here]))
        left = np.setdiff1d(left, one.sounds)
    ends = np.array([[0.0, whole[sound]] for sound in left.tolist()]).reshape(-1, 2)
    parts.append((left, ends, -1, np.full(len(left), -1)))
    sounds = np.concatenate([part[0] for part in parts])  # (m,)
    times = np.concatenate([part[1] for part in parts])  # (m, 2)
    spaces = np.concatenate([np.full(len(part[0]), part[2]) for part in parts])
    windows = np.concatenate([part[3] for part in parts])
    order = np.lexsort((times[:, 0], sounds))
    return Moments(sounds[order], times[order], spaces[order], windows[order])


def best_overlapping(at: Moments, heard: Slices, values: Values) -> Values:
    """The largest value of the windows that overlap each moment.

    Args:
        values: of the windows of one space, (t, n).

    Returns:
        (t, m); nan where no window overlaps.
    """
    first, after = overlap(at, heard)
    some = first < after
    found = np.full((len(values), len(first)), np.nan)
    if some.any():
        # Every second of these ranges is one that is asked for; the last may run to the end.
        padded = np.concatenate([values, np.full((len(values), 1), -np.inf)], axis=1)
        edges = np.stack([first[some], after[some]], axis=1).ravel()
        found[:, some] = np.maximum.reduceat(padded, edges, axis=1)[:, ::2]
    return found


def overlap(at: Moments, heard: Slices) -> tuple[Ids, Ids]:
    """The windows that overlap each moment, as their first and the one after their last, (m,)."""
    if not len(heard.ids) or not len(at.sounds):
        nothing = np.zeros(len(at.sounds), dtype=np.int64)
        return nothing, nothing
    # One axis for all sounds: each has a stretch of its own that nothing reaches across.
    stretch = 1.0 + max(float(heard.times.max()), float(at.times.max()))
    names = np.unique(np.concatenate([at.sounds, heard.sounds]))
    there = np.searchsorted(names, heard.sounds)[:, None] * stretch + heard.times  # (n, 2)
    here = np.searchsorted(names, at.sounds)[:, None] * stretch + at.times  # (m, 2)
    first = np.searchsorted(there[:, 1], here[:, 0], side="right")  # ends after it begins
    after = np.searchsorted(there[:, 0], here[:, 1], side="left")  # begins before it ends
    return first, np.maximum(first, after)
