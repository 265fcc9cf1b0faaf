"""The figures of a hearing, drawn from its tables alone.

Which figures there are can be said without drawing them; drawing needs the extra `figures`
(matplotlib). The same tables give the same SVG, byte for byte, with the same matplotlib.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING, Any

from retrieval.errors import MissingExtra
from retrieval.evaluation.table import MEAN, Cell, Estimate, Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

Record = Mapping[str, Cell]

STYLE: dict[Any, Any] = {
    "svg.hashsalt": "affetto",  # ids that do not change from one drawing to the next
    "svg.fonttype": "none",  # letters stay letters
    "font.family": "sans-serif",
    "font.size": 9,
    "axes.titlelocation": "left",
    "axes.titlesize": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "legend.frameon": False,
}

#: Colours that differ for colour-blind eyes, too (Okabe and Ito 2008).
BLUE, GREY, FAINT = "#0072B2", "#7F7F7F", "#E6E6E6"
RIVALS = {"spectral": "#009E73", "keyword": "#CC79A7", "loudness": GREY, "random": "#C4C4C4"}
OTHERS = (BLUE, "#E69F00", "#56B4E9", "#D55E00", "#F0E442")


@dataclass(frozen=True)
class Figure:
    """One picture of one table.

    Attributes:
        name: its file, without the suffix.
        table: the name of the table that it shows.
        alt: what is to be seen, in words.
        draw: draws it on an empty canvas.
    """

    name: str
    table: str
    alt: str
    draw: Callable[["Canvas"], None]


def figures(tables: Sequence[Table]) -> list[Figure]:
    """The figures that these tables give, in the order of the tables."""
    return [figure for table in tables if table.rows for figure in _figures_of(table)]


def write_figures(shown: Sequence[Figure], folder: Path) -> None:
    """Draw each as NAME.svg into the folder, which is there.

    Raises:
        MissingExtra: matplotlib is not installed.
    """
    check_extra()
    from matplotlib import rc_context
    from matplotlib.figure import Figure as Canvas

    for figure in shown:
        with rc_context(STYLE):
            canvas = Canvas(layout="constrained")
            figure.draw(canvas)
            nameless = {"Date": None, "Creator": None}
            canvas.savefig(folder / f"{figure.name}.svg", format="svg", metadata=nameless)


def check_extra() -> None:
    """Raise MissingExtra when matplotlib is not installed."""
    try:
        import matplotlib.figure  # noqa: F401
    except ModuleNotFoundError as fault:
        raise MissingExtra(
            f"figures need {fault.name}, which is not installed",
            remedy="pip install 'affetto[figures]'",
        ) from fault


def _figures_of(table: Table) -> Iterator[Figure]:
    name = table.name
    if name == "ranking":
        alt = "Bars of nDCG@10 by corpus, the space beside simpler rankings"
        yield Figure("ndcg", name, alt, lambda canvas: _ranking(canvas, table))
    elif name == "order":
        alt = "Bars of tau-b for valence and arousal by corpus, the space beside simpler rankings"
        yield Figure("tau", name, alt, lambda canvas: _order(canvas, table))
    elif name == "affect":
        alt = "Valence and arousal of each label, and as they were heard"
        yield Figure("affect", name, alt, lambda canvas: _affect(canvas, table))
    elif name == "sounds":
        alt = "Dots of average precision by class of sound, the space beside simpler rankings"
        yield Figure("sounds", name, alt, lambda canvas: _sounds(canvas, table))
    elif name.startswith("confusion_"):
        alt = f"Matrix of true and named labels, {name.removeprefix('confusion_')}"
        yield Figure(name, name, alt, lambda canvas: _confusion(canvas, table))


def _ranking(canvas: "Canvas", table: Table) -> None:
    records = table.means().records()
    colours = _colours(records)
    canvas.set_size_inches(7.5, 3.4)
    axes = canvas.subplots()
    _bars(axes, records, "corpus", _different(records, "corpus"), "nDCG@10", colours)
    axes.set(title="Feeling asked for by prompt, mean over prompts", ylabel="nDCG@10", ylim=(0, 1))
    _legend(canvas, colours)


def _order(canvas: "Canvas", table: Table) -> None:
    """A line of panels for each corpus, and in each a group of bars for each reading."""
    records = table.records()
    corpora, colours = _different(records, "corpus"), _colours(records)
    canvas.set_size_inches(7.5, 0.6 + 2 * len(corpora))
    panels = canvas.subplots(len(corpora), 2, squeeze=False, sharex=True, sharey=True)
    for line, corpus in zip(panels, corpora, strict=True):
        for axes, axis in zip(line, ("valence", "arousal"), strict=True):
            here = [one for one in records if (one["corpus"], one["axis"]) == (corpus, axis)]
            _bars(axes, here, "read by", _different(records, "read by"), "tau-b", colours)
            axes.axhline(0, color="black", linewidth=0.8)
            axes.set(title=f"{corpus}: {axis}")
        line[0].set(ylabel="Kendall's tau-b")
    _legend(canvas, colours)


def _bars(
    axes: "Axes",
    records: Sequence[Record],
    group: str,
    groups: Sequence[str],
    measure: str,
    colours: Mapping[str, str],
) -> None:
    """A group of bars for each of a column, one bar for each ranking, with their intervals."""
    width = 0.84 / len(colours)
    for number, (name, colour) in enumerate(colours.items()):
        left = (number - (len(colours) - 1) / 2) * width
        here = [record for record in records if record["ranked by"] == name]
        spots = [groups.index(str(record[group])) + left for record in here]
        estimates = [_estimate(record[measure]) for record in here]
        axes.bar(spots, [one.value for one in estimates], 0.92 * width, color=colour)
        _whiskers(axes.vlines, spots, estimates)
    axes.set_xticks(range(len(groups)), [name.replace(" ", "\n") for name in groups])
    axes.tick_params(axis="x", length=0)
    axes.grid(axis="y", color=FAINT)


def _colours(records: Sequence[Record]) -> dict[str, str]:
    """A colour for each ranking, the same in every figure; the space comes first."""
    others = cycle(OTHERS)
    return {name: RIVALS.get(name) or next(others) for name in _different(records, "ranked by")}


def _legend(canvas: "Canvas", colours: Mapping[str, str]) -> None:
    from matplotlib.patches import Patch

    patches = [Patch(color=colour, label=name) for name, colour in colours.items()]
    canvas.legend(handles=patches, loc="outside right center")


def _whiskers(
    lines: Callable[..., object], spots: Sequence[float], estimates: Sequence[Estimate]
) -> None:
    """An interval may leave its own estimate out, so it is drawn by its ends."""
    for spot, estimate in zip(spots, estimates, strict=True):
        if not math.isnan(estimate.low):
            lines(spot, estimate.low, estimate.high, color="black", linewidth=1)


def _affect(canvas: "Canvas", table: Table) -> None:
    """From the place of a label to where its clips were heard, on the mean."""
    records = table.records()
    corpora = _different(records, "corpus")
    canvas.set_size_inches(3.2 * len(corpora), 3.6)
    panels = canvas.subplots(1, len(corpora), squeeze=False, sharey=True)[0]
    for axes, corpus in zip(panels, corpora, strict=True):
        _moves(axes, [record for record in records if record["corpus"] == corpus])
        axes.axhline(0, color=FAINT, linewidth=0.8)
        axes.axvline(0, color=FAINT, linewidth=0.8)
        axes.set(title=corpus, xlabel="valence", aspect="equal")
        axes.set(xlim=(-1.05, 1.05), ylim=(-1.05, 1.05))
    panels[0].set(ylabel="arousal")
    canvas.suptitle("From the label's place (ring) to where its clips are heard (dot)", fontsize=10)


def _moves(axes: "Axes", records: Sequence[Record]) -> None:
    taken: list[tuple[float, float]] = []
    for record in records:
        start = _estimate(record["valence"]).value, _estimate(record["arousal"]).value
        end = _estimate(record["valence heard"]).value, _estimate(record["arousal heard"]).value
        axes.plot(*zip(start, end, strict=True), color=GREY, linewidth=0.8)
        axes.plot(*start, marker="o", color=GREY, markerfacecolor="white", markersize=5)
        axes.plot(*end, marker="o", color=BLUE, markersize=5)
        # a name goes below its dot where there is one above already
        crowded = any(abs(x - end[0]) < 0.4 and abs(y - end[1]) < 0.12 for x, y in taken)
        spot, label = (5, -9 if crowded else 3), str(record["label"])
        axes.annotate(label, end, xytext=spot, textcoords="offset points", fontsize=8)
        taken.append(end)


def _sounds(canvas: "Canvas", table: Table) -> None:
    """Each corpus by itself; a line for each class, the best above, the mean below them."""
    records = table.records()
    corpora, colours = _different(records, "corpus"), _colours(records)
    best = next(iter(colours))
    order = [
        sorted(
            (one for one in records if (one["corpus"], one["ranked by"]) == (corpus, best)),
            key=lambda one: (one["prompt"] != MEAN, _estimate(one["AP"]).value),
        )
        for corpus in corpora
    ]
    sizes = [len(lines) for lines in order]
    canvas.set_size_inches(7.5, 0.7 + 0.24 * sum(sizes) + 0.5 * len(sizes))
    panels = canvas.subplots(len(sizes), 1, squeeze=False, sharex=True, height_ratios=sizes)[:, 0]
    for axes, corpus, lines in zip(panels, corpora, order, strict=True):
        here = [record for record in records if record["corpus"] == corpus]
        _dots(axes, here, [str(line["prompt"]) for line in lines], colours)
        chances = [_estimate(line["random AP"]).value for line in lines]
        axes.plot(chances, range(len(lines)), "|", color=RIVALS["random"], markersize=9)
        axes.set(title=corpus, xlim=(-0.02, 1.02), ylim=(-0.6, len(lines) - 0.4))
    panels[-1].set(xlabel="average precision")
    _legend(canvas, colours | {"random": RIVALS["random"]})


def _dots(
    axes: "Axes", records: Sequence[Record], prompts: Sequence[str], colours: Mapping[str, str]
) -> None:
    """A dot for each ranking on the line of each prompt; the first is larger, with interval."""
    for number, (name, colour) in enumerate(colours.items()):
        here = [record for record in records if record["ranked by"] == name]
        spots = [prompts.index(str(record["prompt"])) for record in here]
        estimates = [_estimate(record["AP"]) for record in here]
        size, above = max(7 - number, 3), 2 + number  # equal ones show as rings
        values = [one.value for one in estimates]
        axes.plot(values, spots, "o", color=colour, markersize=size, zorder=above, clip_on=False)
        if not number:
            _whiskers(axes.hlines, spots, estimates)
    axes.set_yticks(range(len(prompts)), prompts)
    axes.tick_params(axis="y", length=0)
    axes.grid(color=FAINT)


def _confusion(canvas: "Canvas", table: Table) -> None:
    """Rows are true labels, columns what the clips were named."""
    named = [column for column in table.columns if column not in ("label", "clips")]
    records = table.records()
    shares = [[_estimate(record[name]).value for name in named] for record in records]
    canvas.set_size_inches(1.6 + 0.6 * len(named), 1.3 + 0.42 * len(records))
    axes = canvas.subplots()
    axes.pcolormesh(shares, cmap="Blues", vmin=0, vmax=1, edgecolors="white", linewidth=1)
    for row, line in enumerate(shares):
        for column, share in enumerate(line):
            colour = "white" if share > 0.55 else "black"
            spot = column + 0.5, row + 0.5
            axes.text(*spot, str(Estimate(share)), ha="center", va="center", color=colour)
    labels = [f"{record['label']} ({record['clips']})" for record in records]
    axes.set_xticks([column + 0.5 for column in range(len(named))], named, rotation=30, ha="right")
    axes.set_yticks([row + 0.5 for row in range(len(labels))], labels)
    axes.tick_params(length=0)
    axes.invert_yaxis()
    corpus = table.name.removeprefix("confusion_")
    axes.set(title=f"{corpus}: share of the clips of a label", xlabel="named", ylabel="label")
    axes.spines[:].set_visible(False)


def _different(records: Sequence[Record], column: str) -> list[str]:
    """What occurs in a column, in the order of the rows."""
    return list(dict.fromkeys(str(record[column]) for record in records))


def _estimate(cell: Cell) -> Estimate:
    """A number of a table with its interval, if it has one."""
    if isinstance(cell, Estimate):
        return cell
    return Estimate(float(cell)) if isinstance(cell, int | float) else Estimate(math.nan)
