"""Do clips group by a label, and does the text of each group meet it? With permutation tests.

All measures take one labelling of the clips, so that the same labelling shuffled over the clips
shows what each is when labels mean nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from retrieval.evaluation.metrics import Numbers, spearman
from retrieval.space import Vectors

Groups = NDArray[np.int64]

#: Measures of how clips group, and of how groups and texts belong together.
GROUPING = ("silhouette", "contrast")
MATCHING = ("uar", "uar_calibrated", "best_prompt", "best_group", "rsa", "cka")

#: All of them, in the order in which `Scene.measure` gives them.
OVERALL = (*GROUPING, *MATCHING)

#: The silhouette of more clips than this is that of so many of them, drawn at random.
MOST = 2000

# Values that differ only by rounding count as equal, which is the careful side for a p-value.
ROUNDING = 1e-6


# Labellings are taken so many groups at a time: a few large products are quicker than many small.
COLUMNS = 512


@dataclass(frozen=True)
class Tally:
    """What matching needs to know of a labelling.

    Attributes:
        sums: (g, k) of the clips of each group.
        sizes: (g,) how many clips each group has.
        named, calibrated: (g, g) how many clips of a group (a row) have which closest text, by
            cosine and by calibrated cosine.
    """

    sums: Numbers
    sizes: Numbers
    named: Numbers
    calibrated: Numbers

    def dealt(self, order: Groups) -> "Tally":
        """The same groups under the texts of others: that of group ``order[i]`` goes to text i."""
        return Tally(self.sums[order], self.sizes[order], self.named[order], self.calibrated[order])


@dataclass(frozen=True)
class Scene:
    """Clips and texts in one space, without a word on which belong together.

    Attributes:
        clips: unit vectors (n, k).
        texts: unit vectors (g, k), one for each group.
        z: calibrated cosines (n, g), in standard deviations above the mean of each text.
        sampled: positions (s,) of the clips that the silhouette is taken of.
    """

    clips: Vectors
    texts: Vectors
    z: Numbers
    sampled: Groups

    def measure(self, groups: Groups) -> Numbers:
        """Everything that can be said of a labelling, (m + 2 g,): higher is better grouped.

        First the m measures of `OVERALL`; then the silhouette of each group, and of each group
        the share of its clips that are closest to its own text.

        * silhouette: the mean over groups of the mean silhouette of their clips (Rousseeuw 1987);
        * contrast: mean cosine of two clips of one group less that of two of different groups;
        * uar, uar_calibrated: mean over groups of the share of clips whose closest text, by
          cosine and by calibrated cosine, is their own;
        * best_prompt, best_group: share of groups whose closest text is their own, by mean
          cosine, and share of texts whose closest group is their own;
        * rsa: Spearman's rho between the distances of the group means and those of the texts
          (Kriegeskorte et al. 2008); nan for less than three groups;
        * cka: linear centred kernel alignment of each clip with the text of its group
          (Kornblith et al. 2019), 0..1.

        Args:
            groups: (n,) which of the g groups each clip belongs to.
        """
        return np.asarray(self.measure_many(groups[None])[0])

    def measure_many(self, labellings: Groups) -> Numbers:
        """As `measure` for labellings (b, n), as (b, m + 2 g)."""
        count = len(self.texts)
        member = np.eye(count, dtype=np.float32)[labellings]  # (b, n, g)
        columns = member.transpose(1, 0, 2).reshape(len(self.clips), -1)  # (n, b g)
        sums = (columns.T @ self.clips).reshape(len(labellings), count, -1)  # (b, g, k)
        distances = self._distances @ columns[self.sampled]  # (s, b g)
        distances = distances.reshape(len(self.sampled), -1, count)
        rows = []
        for number, groups in enumerate(labellings):
            tally = self._tally(groups, sums[number].astype(np.float64))
            silhouettes = silhouette_of_groups(distances[:, number], groups[self.sampled])
            rows.append(
                [
                    np.nanmean(silhouettes),
                    contrast(tally.sums, tally.sizes),
                    *self.match(tally),
                    *silhouettes,
                    *np.diagonal(tally.named) / tally.sizes,
                ]
            )
        return np.array(rows)

    def tally(self, groups: Groups) -> Tally:
        """What `match` needs to know of a labelling (n,)."""
        member = np.eye(len(self.texts), dtype=np.float32)[groups]  # (n, g)
        return self._tally(groups, (member.T @ self.clips).astype(np.float64))

    def match(self, tally: Tally) -> Numbers:
        """`MATCHING`, as `measure` says."""
        means = tally.sums / tally.sizes[:, None]  # (g, k)
        cosines = means @ self.texts.T  # (g, g)
        own = np.arange(len(cosines))
        measures = [
            (np.diagonal(tally.named) / tally.sizes).mean(),
            (np.diagonal(tally.calibrated) / tally.sizes).mean(),
            (cosines.argmax(axis=1) == own).mean(),
            (cosines.argmax(axis=0) == own).mean(),
            spearman(_pairwise(means), self._text_distances),
            self._cka(tally),
        ]
        return np.array(measures)

    def _tally(self, groups: Groups, sums: Numbers) -> Tally:
        count = len(self.texts)
        named, calibrated = (
            np.bincount(groups * count + closest, minlength=count * count).reshape(count, count)
            for closest in (self._named, self._named_by_z)
        )
        sizes = np.bincount(groups, minlength=count).astype(np.float64)
        return Tally(sums, sizes, named.astype(np.float64), calibrated.astype(np.float64))

    def _cka(self, tally: Tally) -> float:
        """|X'Y|^2 / (|X'X| |Y'Y|) for centred X, the clips, and Y, the text of each.

        X'Y is the sum over groups of a sum of clips times a text, and |X'Y|^2 follows from the
        products (g, g) of those; only the sums change when labels do.
        """
        sizes = tally.sizes
        texts = self.texts - sizes @ self.texts / sizes.sum()  # (g, k)
        clips = tally.sums - sizes[:, None] * self._mean  # (g, k)
        shared = ((clips @ clips.T) * (texts @ texts.T)).sum()
        weighted = texts * np.sqrt(sizes)[:, None]
        scale = self._clip_norm * float(np.linalg.norm(weighted @ weighted.T))
        return float(shared) / scale if scale else float("nan")

    @cached_property
    def _mean(self) -> Numbers:
        return np.asarray(self.clips.mean(axis=0, dtype=np.float64))

    @cached_property
    def _clip_norm(self) -> float:
        centred = self.clips - self._mean
        return float(np.linalg.norm(centred.T @ centred))

    @cached_property
    def _distances(self) -> Vectors:
        some = self.clips[self.sampled]  # (s, k)
        squared = np.maximum(2 - 2 * some @ some.T, 0)  # (s, s)
        np.fill_diagonal(squared, 0)
        return np.asarray(np.sqrt(squared), dtype=np.float32)

    @cached_property
    def _text_distances(self) -> Numbers:
        return _pairwise(self.texts.astype(np.float64))

    @cached_property
    def _named(self) -> Groups:
        return np.asarray((self.clips @ self.texts.T).argmax(axis=1))

    @cached_property
    def _named_by_z(self) -> Groups:
        return np.asarray(self.z.argmax(axis=1))


@dataclass(frozen=True)
class Tested:
    """Measures of a labelling beside what other labellings give.

    Attributes:
        values: (m,) as they are.
        expected: (m,) mean over other labellings: chance.
        p: (m,) the share of labellings, the one itself counted among them, that give at least
            the value; nan where the value is.
    """

    values: Numbers
    expected: Numbers
    p: Numbers


def shuffle_test(scene: Scene, groups: Groups, blocks: Groups, count: int, seed: int) -> Tested:
    """Do labels mean anything? All measures, held against at least one of the `shuffles`."""
    shuffled, found = shuffles(groups, blocks, count, seed), []
    while batch := list(islice(shuffled, max(1, COLUMNS // len(scene.texts)))):
        found.append(scene.measure_many(np.stack(batch)))
    return _tested(scene.measure(groups), np.concatenate(found))


def swap_test(scene: Scene, groups: Groups, count: int, seed: int) -> Tested:
    """Does each text belong to its own group rather than to another? `MATCHING` alone.

    Clips that group by anything at all keep their groups; only the texts are dealt out anew,
    `count` times. (Shuffled labels make no groups, so that any texts do better than they.)
    """
    tally, rng = scene.tally(groups), np.random.default_rng(seed)
    found = [scene.match(tally.dealt(rng.permutation(len(scene.texts)))) for _ in range(count)]
    return _tested(scene.match(tally), np.stack(found))


def _tested(values: Numbers, others: Numbers) -> Tested:
    """Measures (m,) beside those of other labellings (count, m).

    p = (b + 1) / (count + 1) with b the others that reach the value (Phipson and Smyth 2010): it
    is never 0.
    """
    reached = (others >= values - ROUNDING).sum(axis=0)
    p = np.where(np.isnan(values), np.nan, (reached + 1) / (len(others) + 1))
    return Tested(values, others.mean(axis=0), p)


def shuffles(groups: Groups, blocks: Groups, count: int, seed: int) -> Iterator[Groups]:
    """Labellings (n,) in which the labels of each block have changed places at random.

    Args:
        groups: (n,) the labelling.
        blocks: (n,) labels change places only within a block; all equal for a free shuffle.
        count: how many.
        seed: the same seed gives the same labellings.
    """
    rng = np.random.default_rng(seed)
    places = np.argsort(blocks, kind="stable")  # (n,) block by block
    for _ in range(count):
        shuffled = np.empty_like(groups)
        shuffled[places] = groups[np.lexsort((rng.random(len(groups)), blocks))]
        yield shuffled


def silhouette_of_groups(distances: Vectors, groups: Groups) -> Numbers:
    """Mean silhouette (g,) of the items of each group; nan for a group without items.

    As `structure.silhouette`, but from sums of distances that are known already.

    Args:
        distances: (s, g), of each item to all items of each group together.
        groups: (s,) which group each item belongs to.
    """
    count = distances.shape[1]
    sizes = np.bincount(groups, minlength=count)  # (g,)
    rows = np.arange(len(groups))
    own = distances[rows, groups] / np.maximum(sizes[groups] - 1, 1)  # the item itself adds 0
    others = np.where(sizes > 0, distances / np.maximum(sizes, 1), np.inf)
    others[rows, groups] = np.inf
    closest = others.min(axis=1)
    wider = np.maximum(own, closest)
    value = np.divide(closest - own, wider, out=np.zeros_like(own), where=wider > 0)
    value[sizes[groups] < 2] = 0
    summed = np.bincount(groups, value, count)
    return np.asarray(np.divide(summed, sizes, out=np.full(count, np.nan), where=sizes > 0))


def contrast(sums: Numbers, sizes: Numbers) -> float:
    """Mean cosine of two clips of one group less that of two clips of different groups.

    Over all pairs at once: the cosines within a group add up to |sum|^2 less one for each clip.

    Args:
        sums: (g, k) of the unit vectors of each group.
        sizes: (g,) how many there are.
    """
    n, squares = sizes.sum(), (sums * sums).sum(axis=1)  # (g,)
    whole = sums.sum(axis=0)
    within = (squares.sum() - n) / (sizes * (sizes - 1)).sum()
    between = (whole @ whole - squares.sum()) / (n * n - (sizes * sizes).sum())
    return float(within - between)


def _pairwise(points: Numbers) -> Numbers:
    """Euclidean distances of all pairs of points (g, k), as (g (g - 1) / 2,)."""
    one, other = np.triu_indices(len(points), 1)
    return np.asarray(np.linalg.norm(points[one] - points[other], axis=1))
