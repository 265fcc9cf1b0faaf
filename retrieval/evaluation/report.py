"""What an evaluation found, as data, as JSON, as Markdown and as text."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from retrieval.evaluation.clips import Unheard

#: Measures of a row in the order of the columns, with their headings.
MEASURES = {
    "ndcg": "nDCG@10",
    "precision": "P@10",
    "average_precision": "AP",
    "graded_ndcg": "graded nDCG@10",
    "tau_valence": "tau valence",
    "tau_arousal": "tau arousal",
}

#: The row that holds the mean over the prompts of a corpus; its AP is the mAP.
MEAN = "mean"


@dataclass(frozen=True)
class Estimate:
    """A measure with its 95 % interval over speakers; nan where there is none."""

    value: float
    low: float = math.nan
    high: float = math.nan

    def __str__(self) -> str:
        if math.isnan(self.value):
            return "-"
        if math.isnan(self.low):
            return _short(self.value)
        return f"{_short(self.value)} [{_short(self.low)}, {_short(self.high)}]"


@dataclass(frozen=True)
class Row:
    """One prompt on one corpus, ranked in one way.

    Attributes:
        corpus: where it was asked.
        prompt: what was typed, or `MEAN`.
        relevant: how many clips carry the feeling asked for; over all prompts for the mean.
        ranked_by: the name of the space, "loudness" or "random".
        measures: an estimate for each of `MEASURES`.
    """

    corpus: str
    prompt: str
    relevant: int
    ranked_by: str
    measures: Mapping[str, Estimate]


@dataclass(frozen=True)
class Naming:
    """How often the best fitting label prompt was the label: zero-shot classification.

    Attributes:
        corpus: where; clips, speakers: how many were judged.
        labels: the prompts, which are all labels that occur.
        uar: unweighted average recall.
        chance: 1 / labels.
    """

    corpus: str
    clips: int
    speakers: int
    labels: tuple[str, ...]
    uar: Estimate
    chance: float


@dataclass(frozen=True)
class Report:
    """What an evaluation found.

    Attributes:
        space, fingerprint: what was evaluated.
        split: which clips; None for all.
        namings, rows: corpus by corpus; rows prompt by prompt and then their mean.
        unlabelled: rows of the table without an emotion of the vocabulary, left out.
        unheard: clips that could not be used.
    """

    space: str
    fingerprint: str
    split: str | None
    namings: tuple[Naming, ...]
    rows: tuple[Row, ...]
    unlabelled: int
    unheard: tuple[Unheard, ...]

    def row(self, corpus: str, prompt: str, ranked_by: str) -> Row:
        """The row of this corpus, prompt and ranking.

        Raises:
            KeyError: there is none.
        """
        for row in self.rows:
            if (row.corpus, row.prompt, row.ranked_by) == (corpus, prompt, ranked_by):
                return row
        raise KeyError((corpus, prompt, ranked_by))

    def to_json(self) -> str:
        """The whole report as one JSON object; what is not defined is null."""
        return json.dumps(_without_nan(asdict(self)), indent=2, ensure_ascii=False)

    def to_markdown(self) -> str:
        """A heading, a sentence and a table for each corpus, and how to read them."""
        parts = []
        for naming in self.namings:
            heading, *table = self._table(naming.corpus)
            lines = [_bar(heading), _bar(["---"] * len(heading)), *map(_bar, table)]
            parts += [f"### {naming.corpus}", self._summary(naming), "\n".join(lines)]
        return "\n\n".join([*parts, *self._notes()]) + "\n"

    def to_text(self) -> str:
        """The same for a terminal, in columns."""
        parts = []
        for naming in self.namings:
            table = self._table(naming.corpus)
            widths = [max(map(len, column)) for column in zip(*table, strict=True)]
            lines = [
                "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
                for line in table
            ]
            parts.append("\n".join([self._summary(naming), *(line.rstrip() for line in lines)]))
        return "\n\n".join([*parts, *self._notes()]) + "\n"

    def _summary(self, naming: Naming) -> str:
        split = f" of split {self.split}" if self.split else ""
        return (
            f"{naming.corpus}: {naming.clips} clips{split}, {naming.speakers} speakers. "
            f"UAR of {len(naming.labels)} label prompts {naming.uar}, "
            f"chance {_short(naming.chance)}."
        )

    def _table(self, corpus: str) -> list[list[str]]:
        heading = ["prompt", "clips", "ranked by", *MEASURES.values()]
        return [heading, *(_cells(row) for row in self.rows if row.corpus == corpus)]

    def _notes(self) -> Iterator[str]:
        yield (
            "Brackets: 95 % bootstrap interval over speakers. Random: expected over all orders. "
            "Loudness: louder first for prompts of high arousal, quieter first for the others. "
            "AP of the mean is the mAP."
        )
        if self.unlabelled:
            yield f"Left out: {self.unlabelled} rows without an emotion of the vocabulary."
        if self.unheard:
            first = self.unheard[0]
            yield f"Not heard: {len(self.unheard)} clips; the first: {first.path}: {first.reason}"


def _short(value: float) -> str:
    """Two decimals; a table of fractions is wide enough without their zeros."""
    sign, digits = "-" if value < 0 else "", f"{abs(value):.2f}"
    return sign + digits.removeprefix("0")


def _cells(row: Row) -> list[str]:
    measures = [str(row.measures[name]) for name in MEASURES]
    return [row.prompt, str(row.relevant), row.ranked_by, *measures]


def _bar(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _without_nan(value: object) -> object:
    """JSON has no nan."""
    if isinstance(value, dict):
        return {key: _without_nan(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(item) for item in value]
    return None if isinstance(value, float) and math.isnan(value) else value
