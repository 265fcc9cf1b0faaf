"""For whom does it work worse? The same measures by language, gender, age and kind.

* UAR: each clip is named among the labels of its own corpus; the mean, over labels and corpora, of
  the share named right within the group.
* P@10: each prompt of `bench` ranks the clips of the group in each corpus; mean over prompts and
  corpora. It rises with the share of the group that feels so, hence chance beside it.

Apart from that, every speaker by themself: what naming gains when the mean of a speaker is taken
from all their windows, as a library can that has many clips of one voice.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from retrieval.evaluation.bench import (
    PROMPTS,
    judged_corpora,
    label_rows,
    labels_of,
    speakers_of,
)
from retrieval.evaluation.bootstrap import Positions, estimates
from retrieval.evaluation.clips import Clip, Sound, centres
from retrieval.evaluation.metrics import mean_over_classes, precision_at_k, shares_named
from retrieval.evaluation.scores import Numbers, best_cosines
from retrieval.evaluation.table import Cell, Table
from retrieval.space import Space, unit

Names = NDArray[np.str_]

#: Groups of fewer clips than this are left out: they say nothing.
FEWEST = 20

#: Ages in years: up to, and what it is called.
AGES = ((13, "under 13"), (20, "13 to 19"), (30, "20 to 29"), (45, "30 to 44"), (60, "45 to 59"))
OLDEST = "60 and over"

#: A speaker's own mean is only known from as many clips.
OWN_CLIPS = 10

DRAWS = 200  # many groups, each with all prompts in each draw

_GROUPS = (
    "UAR: each clip named among the labels of its corpus, mean over labels and corpora. P@10: mean "
    "over prompts and corpora, each ranking the clips of the group; chance beside both. "
    f"Groups of fewer than {FEWEST} clips are left out. Speech and nonverbal sound with a label."
)
_OWN = (
    "Windows as they are, and after the mean of each speaker was taken away: what a library may "
    "do that has many clips of one voice. Not comparable with the other tables. Only corpora in "
    f"which every speaker has at least {OWN_CLIPS} clips and more than one label."
)


def tables(space: Space, sounds: Sequence[Sound]) -> list[Table]:
    """`groups` and `per_speaker`."""
    corpora = judged_corpora(sounds)
    if not corpora:
        return []
    columns = ("by", "group", "clips", "speakers", "UAR", "chance", "P@10", "chance P@10")
    own_columns = ("corpus", "speakers", "UAR", "UAR by speaker", "P@10", "P@10 by speaker")
    found = [
        Table("groups", "For whom", _GROUPS, columns, _groups(space, corpora)),
        Table("per_speaker", "Each voice by itself", _OWN, own_columns, _own(space, corpora)),
    ]
    return [table for table in found if table.rows]


def age_group(age: str) -> str:
    """A span of years; "" for what is no number."""
    try:
        years = float(age)
    except ValueError:
        return ""
    return next((name for limit, name in AGES if years < limit), OLDEST)


_BY: Mapping[str, Callable[[Clip], str]] = {
    "language": lambda clip: clip.language.strip("-"),
    "gender": lambda clip: clip.gender,
    "age": lambda clip: age_group(clip.age),
    "kind": lambda clip: clip.kind,
}


@dataclass(frozen=True)
class Asked:
    """Every judged clip (n,) of every corpus, after all prompts were put to it.

    Attributes:
        corpus, speaker: of each clip; speakers of different corpora never meet.
        label: its label, told apart from those of other corpora.
        right: the chance that it is named right among the labels of its corpus.
        chance: one over those labels.
        scores: of the prompts of `bench`, (prompts, n).
        relevant: which clips answer them, (prompts, n).
    """

    corpus: Names
    speaker: Names
    label: Names
    right: Numbers
    chance: Numbers
    scores: Numbers
    relevant: NDArray[np.bool_]

    def uar(self, at: Positions) -> float:
        """UAR of the clips at some positions."""
        return mean_over_classes(self.right[at], self.label[at])

    def precision(self, at: Positions) -> float:
        """P@10 of the clips at some positions, mean over prompts with an answer and corpora."""
        return _mean(
            [
                precision_at_k(self.scores[row, here], found)
                for row, here, found in self._questions(at)
            ]
        )

    def precision_by_chance(self, at: Positions) -> float:
        """The same for a random order: the share of answers."""
        return _mean([found.mean() for _, _, found in self._questions(at)])

    def _questions(self, at: Positions) -> Iterator[tuple[int, Positions, NDArray[np.bool_]]]:
        """Prompt by prompt: its row, the positions of one corpus, and which of them answer it."""
        for corpus in np.unique(self.corpus[at]):
            here = at[self.corpus[at] == corpus]
            for row, relevant in enumerate(self.relevant[:, here]):
                if relevant.any():
                    yield row, here, relevant


def _ask(space: Space, corpora: Mapping[str, Sequence[Sound]]) -> Asked:
    """Put labels and prompts to every clip."""
    sounds = [sound for here in corpora.values() for sound in here]
    right, chance = [], []
    for here in corpora.values():
        labels, row = label_rows(here)
        right.append(shares_named(best_cosines(space, labels, here), row))
        chance.append(np.full(len(here), 1 / len(labels)))
    names = np.array(labels_of(sounds))
    corpus = np.array([sound.clip.corpus for sound in sounds])
    return Asked(
        corpus,
        np.array(speakers_of(sounds)),
        np.array([f"{one}/{name}" for one, name in zip(corpus, names, strict=True)]),
        np.concatenate(right),
        np.concatenate(chance),
        best_cosines(space, list(PROMPTS), sounds),
        np.array([np.isin(names, list(labels)) for labels in PROMPTS.values()]),
    )


def _groups(space: Space, corpora: Mapping[str, Sequence[Sound]]) -> tuple[tuple[Cell, ...], ...]:
    asked = _ask(space, corpora)
    rows: list[tuple[Cell, ...]] = []
    clips = [sound.clip for here in corpora.values() for sound in here]
    for by, group_of in _BY.items():
        groups = np.array([group_of(clip) for clip in clips])
        for name in sorted(set(groups.tolist()) - {""}):
            at = np.flatnonzero(groups == name)
            if len(at) >= FEWEST:
                rows.append((by, name, *_row(asked, at)))
    return tuple(rows)


def _row(asked: Asked, at: Positions) -> tuple[Cell, ...]:
    """clips, speakers, UAR, chance, P@10, chance of the clips at some positions."""
    who = asked.speaker[at]
    found = estimates(who, lambda some: [asked.uar(at[some]), asked.precision(at[some])], DRAWS)
    by_chance = mean_over_classes(asked.chance[at], asked.label[at])
    count = (len(at), len(set(who.tolist())))
    return (*count, found[0], by_chance, found[1], asked.precision_by_chance(at))


def _own(space: Space, corpora: Mapping[str, Sequence[Sound]]) -> tuple[tuple[Cell, ...], ...]:
    rows: list[tuple[Cell, ...]] = []
    for corpus, sounds in corpora.items():
        who = speakers_of(sounds)
        if not all(_knows_itself(here) for here in by_speaker(sounds).values()):
            continue
        plain, own = (_ask(space, {corpus: some}) for some in (sounds, less_their_speaker(sounds)))

        def statistic(at: Positions, pair: tuple[Asked, Asked] = (plain, own)) -> list[float]:
            return [*(one.uar(at) for one in pair), *(one.precision(at) for one in pair)]

        found = estimates(who, statistic, DRAWS)
        rows.append((corpus, len(set(who)), *found))
    return tuple(rows)


def less_their_speaker(sounds: Sequence[Sound]) -> list[Sound]:
    """Every window less the mean of all clips of its speaker, scaled back to length one."""
    means = {speaker: centres(here).mean(axis=0) for speaker, here in by_speaker(sounds).items()}
    return [
        replace(sound, vectors=unit(sound.vectors - means[speaker]))
        for speaker, sound in zip(speakers_of(sounds), sounds, strict=True)
    ]


def by_speaker(sounds: Sequence[Sound]) -> dict[str, list[Sound]]:
    """The sounds of each speaker."""
    found: dict[str, list[Sound]] = {}
    for speaker, sound in zip(speakers_of(sounds), sounds, strict=True):
        found.setdefault(speaker, []).append(sound)
    return found


def _knows_itself(sounds: Sequence[Sound]) -> bool:
    """Whether the mean of these is a voice and not a feeling."""
    return len(sounds) >= OWN_CLIPS and len(set(labels_of(sounds))) > 1


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else float("nan")
