"""An alignment to look at: one HTML file that needs nothing else, and one PNG."""

import json
import math
import re
from collections.abc import Iterator
from html import escape
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from retrieval.errors import MissingExtra, PromptError
from retrieval.evaluation.alignment import Alignment
from retrieval.evaluation.findings import sentences, tables
from retrieval.evaluation.metrics import Numbers
from retrieval.evaluation.record import map_record, to_json
from retrieval.evaluation.table import Cell, Table
from retrieval.screen import shorten

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Colours that differ for colour-blind eyes and show on white and on black; after these a
#: colour comes again, with another shape.
COLOURS = (
    "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#8C8C8C", "#8A63D2"
)  # fmt: skip

# A circle, a square, a triangle, a diamond and a cross about (0, 0): for SVG and for matplotlib.
SHAPES = (
    ("M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z", "o"),
    ("M-3.6-3.6h7.2v7.2h-7.2z", "s"),
    ("M0-4.8L4.4 3.4h-8.8z", "^"),
    ("M0-5L5 0 0 5-5 0z", "D"),
    ("M-4.6-1.6h3v-3h3.2v3h3v3.2h-3v3h-3.2v-3h-3z", "P"),
)

WIDTH, HEIGHT, MARGIN = 900, 640, 60


def write(found: Alignment, folder: Path) -> Iterator[str]:
    """Write align.json, align.html and align.png, and say of each where it is.

    Without matplotlib there is no picture, and a line says so in its place.

    Raises:
        PromptError: the folder cannot be made or written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in (("align.json", to_json(found)), ("align.html", to_html(found))):
            (folder / name).write_text(text + "\n", encoding="utf-8")
            yield f"written: {folder / name}"
        write_png(found, folder / "align.png")
        yield f"written: {folder / 'align.png'}"
    except MissingExtra as fault:
        yield f"not written: {fault}"
    except OSError as fault:
        raise PromptError(
            f"nothing can be written there: {fault.strerror or fault}",
            path=folder,
            remedy="choose another folder with --out",
        ) from fault


def to_html(found: Alignment) -> str:
    """A page with the map, the matrix as a heat map and the measures; it loads nothing."""
    _, *others = tables(found)
    clips = map_record(found)["clips"]
    shown = [{key: clip[key] for key in ("path", "group", "cosine", "closest")} for clip in clips]
    parts = {
        "title": escape(_title(found)),
        "sentences": "".join(f"<p>{escape(line)}</p>" for line in sentences(found)),
        "legend": "".join(_legend(found)),
        "map": _map(found),
        "caption": escape(_caption(found)),
        "matrix": _heat_map(found),
        "tables": "".join(map(_plain_table, others)),
        "facts": escape(_facts(found)),
        # A path may hold anything, "</script>" too.
        "clips": json.dumps(shown, ensure_ascii=False).replace("<", "\\u003c"),
    }
    page = resources.files(__package__).joinpath("atlas.html").read_text(encoding="utf-8")
    return re.sub(r"\{\{(\w+)\}\}", lambda match: parts[match[1]], page)


def write_png(found: Alignment, path: Path) -> None:
    """The map and the heat map side by side.

    Raises:
        MissingExtra: matplotlib is not installed.
        OSError: the file cannot be written.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as fault:
        raise MissingExtra(
            "the picture needs matplotlib", path=path, remedy="pip install 'affetto[figures]'"
        ) from fault
    figure = Figure(figsize=(15, 7), layout="constrained")
    left, right = figure.subplots(1, 2)
    figure.suptitle(_title(found))
    _paint_map(left, found)
    _paint_matrix(right, found)
    figure.legend(loc="outside lower center", ncols=12, frameon=False, markerscale=2)
    figure.savefig(path, dpi=120, metadata={"Software": None})


def _title(found: Alignment) -> str:
    return f"{len(found.clips.paths)} clips by {found.asked.by}, and their texts"


def _caption(found: Alignment) -> str:
    first, second = found.map.shares
    return (
        "Principal components of clips and texts, each centred on its own mean, so that the gap "
        f"between sound and text is not seen. The two axes hold {first:.0%} and {second:.0%} of "
        "the variance of the clips: distances on the map are not those of the space. Small: a "
        "clip. Large: the mean of a group, tied to its text, a ring."
    )


def _facts(found: Alignment) -> str:
    asked = found.asked
    return (
        f"Space {found.space}, fingerprint {found.fingerprint[:12]}; {asked.permutations} "
        f"permutations, seed {asked.seed}."
    )


def _colour(group: int) -> str:
    return COLOURS[group % len(COLOURS)]


def _shape(group: int) -> tuple[str, str]:
    # Colours come again after eight groups; by then the shapes have moved on.
    return SHAPES[(group + group // len(COLOURS)) % len(SHAPES)]


def _means(found: Alignment) -> Numbers:
    """Where the mean of each group lies on the map, (g, 2)."""
    member = np.eye(len(found.clips.names))[found.clips.groups]
    return np.asarray(member.T @ found.map.clips / member.sum(axis=0)[:, None])


def _map(found: Alignment) -> str:
    means, groups = _means(found), len(found.clips.names)
    places = _on_page(np.concatenate([found.map.clips, means, found.map.texts]))
    bounds = [len(found.clips.paths), len(places) - len(found.texts)]
    clips, centres, texts = np.split(places, bounds)
    marks = [
        f'<path class="point" data-clip="{row}" {_mark(int(group), clips[row])}/>'
        for row, group in enumerate(found.clips.groups)
    ]
    for group in range(groups):
        (x, y), (to_x, to_y) = centres[group], texts[group]
        marks.append(
            f'<path class="tie" data-group="{group}" stroke="{_colour(group)}" fill="none" '
            f'd="M{x:.1f} {y:.1f}L{to_x:.1f} {to_y:.1f}"/>'
            f'<path class="mean" {_mark(group, centres[group], scale=2)}/>'
        )
    for row, text in enumerate(found.texts):
        x, y = texts[row]
        colour = _colour(row) if row < groups else "currentColor"
        marks.append(
            f'<g data-group="{row}"><circle class="text" stroke="{colour}" cx="{x:.1f}" '
            f'cy="{y:.1f}" r="6"/><text class="word" x="{x + 10:.1f}" y="{y + 5:.1f}">'
            f"{escape(text)}</text></g>"
        )
    return (
        f'<svg id="map" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{escape(_title(found))}">{"".join(marks)}</svg>'
    )


def _mark(group: int, place: Numbers, scale: int = 1) -> str:
    x, y = place
    size = f" scale({scale})" if scale != 1 else ""
    return (
        f'data-group="{group}" fill="{_colour(group)}" d="{_shape(group)[0]}" '
        f'transform="translate({x:.1f} {y:.1f}){size}"'
    )


def _on_page(points: Numbers) -> Numbers:
    """Points (m, 2) to pixels: one scale for both axes, the second upwards."""
    low, high = points.min(axis=0), points.max(axis=0)
    room = np.array([WIDTH, HEIGHT]) - 2 * MARGIN
    scale = (room / np.maximum(high - low, 1e-9)).min()
    middle = (low + high) / 2
    return np.asarray((points - middle) * scale * [1, -1] + [WIDTH / 2, HEIGHT / 2])


def _legend(found: Alignment) -> Iterator[str]:
    for group, name in enumerate(found.clips.names):
        yield (
            f'<button type="button" aria-pressed="false" data-group="{group}">'
            f'<svg viewBox="-6 -6 12 12" aria-hidden="true"><path fill="{_colour(group)}" '
            f'd="{_shape(group)[0]}"/></svg>{escape(name)}</button>'
        )


def _heat_map(found: Alignment) -> str:
    matrix, deviations = found.matrix, found.calibrated_matrix
    shares = (matrix - matrix.min()) / max(float(np.ptp(matrix)), 1e-9)
    rows = []
    for row, name in enumerate(found.clips.names):
        cells = "".join(
            f'<td class="cell{" own" if row == column else ""}" '
            f'style="--share:{shares[row, column]:.2f}">{cosine:.2f} '
            f"({deviations[row, column]:+.1f})</td>"
            for column, cosine in enumerate(matrix[row])
        )
        rows.append(f'<tr><th scope="row">{escape(name)}</th>{cells}</tr>')
    heads = "".join(f'<th scope="col">{escape(text)}</th>' for text in found.texts)
    head = f"<tr><th>{escape(found.asked.by)}</th>{heads}</tr>"
    return f'<table class="heat">{head}{"".join(rows)}</table>'


def _plain_table(table: Table) -> str:
    heads = "".join(f'<th scope="col">{escape(column)}</th>' for column in table.columns)
    rows = "".join(
        f"<tr>{''.join(f'<td>{escape(_written(cell))}</td>' for cell in row)}</tr>"
        for row in table.rows
    )
    return (
        f'<h2>{escape(table.title)}</h2><p class="note">{escape(table.note)}</p>'
        f'<div class="wide"><table class="plain"><tr>{heads}</tr>{rows}</table></div>'
    )


def _written(cell: Cell) -> str:
    if isinstance(cell, float):
        return "-" if math.isnan(cell) else f"{cell:.3f}"
    return "-" if cell is None else str(cell)


def _paint_map(axes: "Axes", found: Alignment) -> None:
    from matplotlib.patheffects import withStroke

    means = _means(found)
    for group, name in enumerate(found.clips.names):
        colour, marker = _colour(group), _shape(group)[1]
        x, y = found.map.clips[found.clips.groups == group].T
        axes.scatter(x, y, s=14, c=colour, marker=marker, alpha=0.5, linewidths=0, label=name)
        tie = np.stack([means[group], found.map.texts[group]])
        axes.plot(tie[:, 0], tie[:, 1], color=colour, linestyle="--", linewidth=1)
        axes.scatter(
            means[group, 0], means[group, 1], s=90, c=colour, marker=marker, edgecolors="black"
        )
    for row, text in enumerate(found.texts):
        colour = _colour(row) if row < len(means) else "black"
        x, y = found.map.texts[row]
        axes.scatter(x, y, s=60, c="white", edgecolors=colour, linewidths=2, zorder=5)
        axes.annotate(
            shorten(text, 24),
            (x, y),
            (6, 4),
            textcoords="offset points",
            weight="bold",
            zorder=4,
            path_effects=[withStroke(linewidth=3, foreground="white")],
        )
    axes.set_aspect("equal", "datalim")
    axes.set(xticks=[], yticks=[])
    axes.set_title("small: clips; large: their means, tied to their texts (rings)", fontsize=10)


def _paint_matrix(axes: "Axes", found: Alignment) -> None:
    matrix, names = found.matrix, found.clips.names
    axes.imshow(matrix, cmap="Blues", aspect="auto", vmax=matrix.max() + np.ptp(matrix) / 2)
    texts = [shorten(text, 24) for text in found.texts]
    axes.set_xticks(range(len(texts)), texts, rotation=35, ha="right")
    axes.set_yticks(range(len(names)), names)
    size = min(10, 110 / len(texts))
    for (row, column), cosine in np.ndenumerate(matrix):
        own = "bold" if row == column else "normal"
        figure = f"{cosine:.2f}"
        axes.text(column, row, figure, ha="center", va="center", weight=own, fontsize=size)
    axes.set_title("mean cosine of the clips of a group (rows) with a text (columns)", fontsize=10)
