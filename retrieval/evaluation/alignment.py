"""Do emotionally related text and audio group together? A library, its labels and its texts."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from retrieval.catalog import Row
from retrieval.emotions import VOCALISATIONS, lookup
from retrieval.errors import PromptError
from retrieval.evaluation.grouping import (
    MOST,
    OVERALL,
    Groups,
    Scene,
    Tested,
    shuffle_test,
    swap_test,
)
from retrieval.evaluation.metrics import Numbers
from retrieval.evaluation.plane import Map, map_of
from retrieval.evaluation.structure import modality_gap
from retrieval.filters import Filters
from retrieval.query import Ground
from retrieval.screen import several
from retrieval.space import Vectors, unit


@dataclass(frozen=True)
class Asked:
    """What is to be compared.

    Attributes:
        by: the label whose values make the groups.
        prompts: ``GROUP=TEXT`` is the text of a group instead of its name; a text without it is
            placed beside the others, but belongs to no group and is in no measure.
        within: a label inside whose values alone labels are shuffled; None for a free shuffle.
        filters: which clips take part.
        permutations: how often labels are shuffled, and how often texts are swapped.
        seed: of the shuffles, and of the sample for the silhouette.
    """

    by: str = "emotion"
    prompts: tuple[str, ...] = ()
    within: str | None = None
    filters: Filters = field(default_factory=Filters)
    permutations: int = 999
    seed: int = 0


@dataclass(frozen=True)
class Labelled:
    """The clips that have a label, one for each sound, by group.

    Attributes:
        paths: (n,).
        vectors: unit vectors (n, k), the mean over the windows of each clip.
        names: (g,) the groups, sorted; each has at least two clips.
        groups: (n,) which group each clip belongs to.
        blocks: (n,) labels may change places within a block.
        unlabelled, alone: how many sounds were left out for want of the label, and of a second
            clip of their group.
    """

    paths: tuple[str, ...]
    vectors: Vectors
    names: tuple[str, ...]
    groups: Groups
    blocks: Groups
    unlabelled: int
    alone: int


@dataclass(frozen=True)
class Alignment:
    """How the groups of a library and their texts lie to each other.

    Attributes:
        space, fingerprint: where.
        asked: what was asked.
        clips: who took part.
        texts: (t,) the text of each of the g groups, then those that belong to none.
        cosines, z: (n, t) of clips and texts; z calibrated as in a search.
        tested: `OVERALL`, then the silhouette and the recall of each group, with p-values by
            shuffling labels over the clips.
        swapped: `MATCHING`, with p-values by dealing the texts out to the groups anew.
        gap: distance of the mean clip and the mean text (`structure.modality_gap`).
        sampled: how many clips the silhouette was taken of.
        map: clips and texts in two dimensions.
    """

    space: str
    fingerprint: str
    asked: Asked
    clips: Labelled
    texts: tuple[str, ...]
    cosines: Vectors
    z: Numbers
    tested: Tested
    swapped: Tested
    gap: float
    sampled: int
    map: Map

    @property
    def matrix(self) -> Numbers:
        """Mean cosine (g, t) of the clips of a group with a text."""
        return self._by_group(self.cosines)

    @property
    def calibrated_matrix(self) -> Numbers:
        """Mean z (g, t): deviations above what the text has with sounds in general."""
        return self._by_group(self.z)

    @property
    def unworded(self) -> tuple[str, ...]:
        """Groups whose text is their name, which is no feeling and no act of the vocabulary."""
        named = zip(self.clips.names, self.texts, strict=False)
        return tuple(name for name, text in named if name == text and not _is_worded(name))

    def silhouettes(self) -> Tested:
        """Of each group, (g,)."""
        return self._part(len(OVERALL), len(self.clips.names))

    def recalls(self) -> Tested:
        """Share of the clips of each group that are closest to its own text, (g,)."""
        return self._part(len(OVERALL) + len(self.clips.names), len(self.clips.names))

    def _part(self, start: int, count: int) -> Tested:
        part = slice(start, start + count)
        return Tested(self.tested.values[part], self.tested.expected[part], self.tested.p[part])

    def _by_group(self, values: Numbers | Vectors) -> Numbers:
        member = np.eye(len(self.clips.names))[self.clips.groups]  # (n, g)
        return np.asarray(member.T @ values / member.sum(axis=0)[:, None])


def align(ground: Ground, asked: Asked) -> Alignment:
    """Compare the groups that a label makes of a library with a text for each.

    Raises:
        PromptError: no clip has the label, it makes fewer than two groups of two clips, or a
            prompt names a group that is not there.
    """
    clips = labelled_clips(ground, asked)
    texts = texts_for(clips.names, asked.prompts)
    placed = ground.space.place_text(texts)  # (t, k)
    cosines = clips.vectors @ placed.T  # (n, t)
    z = ground.background().z(placed, cosines.T).T
    count = len(clips.names)
    order = np.random.default_rng(asked.seed).permutation(len(clips.paths))
    scene = Scene(clips.vectors, placed[:count], z[:, :count], np.sort(order[:MOST]))
    return Alignment(
        space=ground.space.name,
        fingerprint=ground.space.fingerprint,
        asked=asked,
        clips=clips,
        texts=texts,
        cosines=cosines,
        z=z,
        tested=shuffle_test(scene, clips.groups, clips.blocks, asked.permutations, asked.seed),
        swapped=swap_test(scene, clips.groups, asked.permutations, asked.seed),
        gap=modality_gap(clips.vectors, placed[:count]),
        sampled=len(scene.sampled),
        map=map_of(clips.vectors, clips.groups, placed, count),
    )


def labelled_clips(ground: Ground, asked: Asked) -> Labelled:
    """The clips that take part. Copies of a sound would count twice: the first by path stands.

    Raises:
        PromptError: no clip has the label, or it makes fewer than two groups of two clips.
    """
    _check_labels(ground, asked)
    wanted = ground.catalog.select_windows(asked.filters, ground.space.source)
    rows = ground.catalog.hits(wanted, asked.filters)
    clips, unlabelled = _first_of_each_sound(rows, asked.by)
    names, counts = np.unique([clip.labels[asked.by] for clip in clips], return_counts=True)
    large = frozenset(names[counts > 1])
    if len(large) < 2:
        raise PromptError(
            f"the label {asked.by!r} makes {several(len(large), 'group')} of two clips or more; "
            "there is nothing to compare",
            remedy="choose another label with --by, or fewer filters",
        )
    kept = [clip for clip in clips if clip.labels[asked.by] in large]
    within = [clip.labels.get(asked.within, "") if asked.within else "" for clip in kept]
    groups, number = np.unique([clip.labels[asked.by] for clip in kept], return_inverse=True)
    return Labelled(
        paths=tuple(clip.path for clip in kept),
        vectors=_wholes(ground, kept, rows),
        names=tuple(map(str, groups)),
        groups=number,
        blocks=np.unique(within, return_inverse=True)[1],
        unlabelled=unlabelled,
        alone=len(clips) - len(kept),
    )


def texts_for(names: Sequence[str], prompts: Sequence[str]) -> tuple[str, ...]:
    """A text for each group, by default its name, and behind them those that belong to none.

    Raises:
        PromptError: a prompt ``GROUP=TEXT`` names no group, or has no text.
    """
    own, others = {name: name for name in names}, []
    for prompt in prompts:
        name, sign, text = (part.strip() for part in prompt.partition("="))
        if (sign and name not in own) or not (text if sign else name):
            raise PromptError(
                f"the prompt {prompt!r} cannot be used: it is neither a text nor GROUP=TEXT",
                remedy=f"groups here: {', '.join(names)}",
            )
        if sign:
            own[name] = text
        elif name not in own:
            others.append(name)
    return (*own.values(), *dict.fromkeys(others))


def _is_worded(name: str) -> bool:
    acts = {word for act in VOCALISATIONS for word in (act.name, *act.synonyms)}
    return lookup(name) is not None or name.lower() in acts


def _check_labels(ground: Ground, asked: Asked) -> None:
    names = ground.catalog.label_names()
    if asked.by not in names:
        raise PromptError(
            f"no clip has a label {asked.by!r} to group by",
            remedy="attach a column of that name with: affetto label CSV"
            + (f"; or choose with --by: {', '.join(names)}" if names else ""),
        )
    ground.catalog.check_names(asked.filters.names())
    if asked.within is not None:
        ground.catalog.check_names([f"label.{asked.within}"])


def _first_of_each_sound(rows: Sequence[Row], label: str) -> tuple[list[Row], int]:
    """One labelled row for each sound, by path; how many sounds have no label."""
    first: dict[int, Row] = {}
    for row in rows:
        if label in row.labels and row.path <= first.get(row.sound_id, row).path:
            first[row.sound_id] = row
    clips = sorted(first.values(), key=lambda row: row.path)
    return clips, len({row.sound_id for row in rows} - first.keys())


def _wholes(ground: Ground, clips: Sequence[Row], rows: Sequence[Row]) -> Vectors:
    """A unit vector (n, k) for the whole of each clip: the mean of its windows."""
    place = {clip.clip_id: position for position, clip in enumerate(clips)}
    windows = [row for row in rows if row.clip_id in place]
    vectors = ground.index.vectors(np.array([row.window_id for row in windows]))  # (windows, k)
    summed = np.zeros((len(clips), vectors.shape[1]), dtype=np.float32)
    np.add.at(summed, [place[row.clip_id] for row in windows], vectors)
    return unit(summed)
