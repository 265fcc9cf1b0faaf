"""What an alignment says, in tables and in sentences."""

import math
from collections.abc import Iterator
from textwrap import fill

import numpy as np

from retrieval.evaluation.alignment import Alignment
from retrieval.evaluation.grouping import MATCHING, OVERALL
from retrieval.evaluation.table import Cell, Table

#: What each measure of `OVERALL` is called in a table, and how to read it.
TITLES = {
    "silhouette": ("silhouette", "-1 mixed, 0 overlapping, 1 apart"),
    "contrast": ("cosine within less between groups", "above 0: clips of a group are alike"),
    "uar": ("clips closest to their own text (UAR)", "by cosine"),
    "uar_calibrated": ("the same, calibrated (UAR)", "by deviations, as a search ranks"),
    "best_prompt": ("groups closest to their own text", "by mean cosine"),
    "best_group": ("texts closest to their own group", "by mean cosine"),
    "rsa": ("RSA of groups and texts (rho)", "1: groups lie as their texts lie"),
    "cka": ("linear CKA of clips and texts", "0 unrelated, 1 the same shape"),
}

#: With more texts than this the matrix is too wide for a terminal.
WIDEST = 10

#: Below this a p-value is taken to say that it is not chance.
LEVEL = 0.05

# Kaufman and Rousseeuw (1990): up to .25 no substantial structure, above .50 a reasonable one.
SILHOUETTES = ((0.25, "but overlap widely"), (0.5, "but overlap"), (math.inf, "and stand apart"))


def to_text(found: Alignment) -> str:
    """Tables and sentences for a terminal; ends with a line break."""
    blocks = [table.to_text() for table in tables(found)]
    said = "\n".join(fill(line, 100) for line in sentences(found))
    return "\n\n".join([*blocks, said]) + "\n"


def tables(found: Alignment) -> tuple[Table, Table, Table]:
    """Groups by texts, group by group, and the measures."""
    return matrix_table(found), _group_table(found), _measure_table(found)


def matrix_table(found: Alignment) -> Table:
    """Mean cosine of each group with each text, its own in brackets; of many, only its own."""
    names, matrix = found.clips.names, found.matrix
    counts, wide = np.bincount(found.clips.groups), len(found.texts) > WIDEST
    rows: list[tuple[Cell, ...]] = []
    for row, (name, cosines) in enumerate(zip(names, matrix, strict=True)):
        shown = [_marked(value, row == column) for column, value in enumerate(cosines)]
        best = int(cosines.argmax())
        cells = (shown[row], f"{cosines[best]:>6.2f} ") if wide else tuple(shown)
        rows.append((name, int(counts[row]), *cells, found.texts[best]))
    return Table(
        name="matrix",
        title=f"How close each group is to each text: {_where(found)}",
        note="Mean cosine of the clips of a group with its own text and with the closest one; "
        "--json and --out have all texts."
        if wide
        else "Mean cosine of the clips of a group (a row) with a text (a column); "
        "in brackets, a group with its own text.",
        columns=(
            found.asked.by,
            "clips",
            *(("own text", "closest") if wide else found.texts),
            "closest text",
        ),
        rows=tuple(rows),
    )


def sentences(found: Alignment) -> tuple[str, ...]:
    """What the measures say, in plain words, and what they do not."""
    return (*_said(found), _CAUTION + _within(found))


def unworded_note(found: Alignment) -> str:
    """That some groups have names which say little as a text, and how to give them one."""
    names = found.unworded
    shown = ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")
    return (
        f"Not in the vocabulary of feelings, and taken as a text all the same: {shown} "
        f"(--prompts '{names[0]}=TEXT' gives a better one)."
    )


_CAUTION = (
    "A small p says that a value is not chance; how strong it is, the value says. p-values are "
    "not corrected for their number"
)


def _within(found: Alignment) -> str:
    if found.asked.within:
        return f", and hold within {found.asked.within}: labels changed places only there."
    return ". Clips of one speaker are alike in any case: --within speaker shuffles inside each."


def _said(found: Alignment) -> Iterator[str]:
    measures = by_name(found)
    by, groups = found.asked.by, len(found.clips.names)
    value, _, p, _ = measures["contrast"]
    silhouette = measures["silhouette"][0]
    if p < LEVEL:
        overlap = next(words for limit, words in SILHOUETTES if silhouette <= limit)
        yield (
            f"Grouped beyond chance: yes. Two clips of one {by} are closer than two of different "
            f"ones, by {value:.2f} in cosine (p = {_p(p)}), {overlap} "
            f"(silhouette {silhouette:.2f})."
        )
    else:
        yield f"Grouped beyond chance: no. Clips of one {by} are no closer (p = {_p(p)})."
    value, chance, p, swapped = measures["uar"]
    hit = round(measures["best_prompt"][0] * groups)
    yield (
        f"Text and sound meet beyond chance: {_decided(max(p, swapped), groups)}. "
        f"{value:.0%} of the clips of a group are closest to its own text, {chance:.0%} by chance "
        f"(p = {_p(p)}; against texts swapped between groups p = {_p(swapped)}); as a "
        f"whole, {hit} of {groups} groups are."
    )
    value, _, p, swapped = measures["rsa"]
    if math.isnan(value):
        yield "Same shape: cannot be said of so few groups."
    else:
        yield (
            f"Same shape beyond chance: {_decided(max(p, swapped), groups)}. "
            f"Groups that sound alike have texts that are alike with rho {value:.2f} "
            f"(p = {_p(p)}; swapped p = {_p(swapped)})."
        )


def _decided(p: float, groups: int) -> str:
    """Three groups have six ways to be given their texts: no p-value could be small."""
    if math.factorial(min(groups, 20)) * LEVEL < 1:
        return "too few groups to say"
    return "yes" if p < LEVEL else "no"


def _group_table(found: Alignment) -> Table:
    silhouettes, recalls = found.silhouettes(), found.recalls()
    rows: list[tuple[Cell, ...]] = [
        (
            name,
            found.texts[row],
            float(silhouettes.values[row]),
            float(silhouettes.p[row]),
            float(recalls.values[row]),
            float(recalls.p[row]),
        )
        for row, name in enumerate(found.clips.names)
    ]
    return Table(
        name="groups",
        title="Group by group",
        note="Recall: the share of its clips that are closest to its own text.",
        columns=(found.asked.by, "own text", "silhouette", "p", "recall", "p of recall"),
        rows=tuple(rows),
    )


def _measure_table(found: Alignment) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (TITLES[name][0], *values, TITLES[name][1]) for name, values in by_name(found).items()
    ]
    rows.append(("modality gap", found.gap, None, None, None, "0..2, mean clip to mean text"))
    asked = found.asked
    blocks = f" within {asked.within}" if asked.within else ""
    sample = (
        f"; the silhouette of {found.sampled} clips"
        if found.sampled < len(found.clips.paths)
        else ""
    )
    return Table(
        name="measures",
        title="All groups together",
        note=f"By chance: the mean over {asked.permutations} shuffles of the labels over the clips"
        f"{blocks}. p: the share of shuffles that reach the value. p swapped: the same when groups "
        f"stay and only their texts are dealt out anew{sample}.",
        columns=("measure", "value", "by chance", "p", "p swapped", "how to read it"),
        rows=tuple(rows),
    )


def by_name(found: Alignment) -> dict[str, tuple[float, float, float, float]]:
    """Value, chance, p and p swapped of each measure of `OVERALL`; nan where there is none."""
    tested, swapped = found.tested, dict(zip(MATCHING, found.swapped.p.tolist(), strict=True))
    columns = (tested.values.tolist(), tested.expected.tolist(), tested.p.tolist())
    return {
        name: (*figures, swapped.get(name, math.nan))
        for name, figures in zip(OVERALL, zip(*columns, strict=True), strict=False)
    }


def _where(found: Alignment) -> str:
    left = found.clips.unlabelled + found.clips.alone
    out = f" ({left} left out: no label, or alone in its group)" if left else ""
    return f"{len(found.clips.paths)} clips{out} by {found.asked.by}, in the space {found.space}"


def _marked(cosine: float, own: bool) -> str:
    return f"{f'[{cosine:.2f}]':>7}" if own else f"{cosine:>6.2f} "


def _p(p: float) -> str:
    return f"{p:.3f}"
