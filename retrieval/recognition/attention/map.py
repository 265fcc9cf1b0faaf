"""The map of attention to look at, words against time: one HTML file, or one PNG."""

import math
import re
from collections.abc import Iterator, Sequence
from html import escape
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from retrieval.errors import MissingExtra, PromptError
from retrieval.recognition.attention.aligner import HOP, Alignment
from retrieval.recognition.attention.attended import Attended
from retrieval.space import Vectors

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Pixels of the page: the column of words, the map, the column of shares, and heights.
LEFT, WIDTH, RIGHT, LOUD, ROW, FOOT = 130, 700, 90, 46, 26, 24

#: dB below the loudest frame at which the line of loudness ends.
FLOOR = 50.0

#: A weight of no more than this share of the darkest is not drawn.
FAINT = 0.02

SUFFIXES = (".html", ".png")


def check_path(path: Path) -> None:
    """Refuse a file that is neither HTML nor PNG, before any work.

    Raises:
        PromptError: its suffix is another one.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise PromptError(
            "a map is drawn as HTML or PNG", path=path, remedy="--out map.html or --out map.png"
        )


def write(found: Attended, path: Path) -> None:
    """Draw into a .html or .png file, as the suffix says.

    Raises:
        PromptError: another suffix, or the file cannot be written.
        MissingExtra: a PNG needs matplotlib.
    """
    check_path(path)
    try:
        if path.suffix.lower() == ".png":
            write_png(found, path)
        else:
            path.write_text(to_html(found), encoding="utf-8")
    except OSError as fault:
        raise PromptError(
            f"nothing can be written there: {fault.strerror or fault}",
            path=path,
            remedy="choose another file with --out",
        ) from fault


def to_html(found: Attended) -> str:
    """A page with a map of each passage; it loads nothing."""
    parts = {
        "title": escape(Path(found.path).name),
        "hop": f"{HOP * 1000:.0f}",
        "passages": "".join(
            f'<h2>{escape(heading(one))}</h2><div class="wide">{_picture(one)}</div>'
            for one in found.passages
        ),
        "note": escape(found.note),
        "facts": escape(found.path),
    }
    page = resources.files(__package__).joinpath("map.html").read_text(encoding="utf-8")
    return re.sub(r"\{\{(\w+)\}\}", lambda match: parts[match[1]], page)


def write_png(found: Attended, path: Path) -> None:
    """The same as a picture.

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
    heights = [size for one in found.passages for size in (1.2, 0.6 + 0.38 * len(one.words))]
    figure = Figure(figsize=(11, 1.0 + sum(heights)), layout="constrained")
    grid = figure.subplots(len(heights), 1, height_ratios=heights, squeeze=False)[:, 0]
    figure.suptitle(
        f"{Path(found.path).name}\nwhere each word (row) looks in the recording; "
        "dark: much, framed: where it is said, %: how much it counts for the feeling",
        fontsize=10,
    )
    figure.supxlabel(found.note, fontsize=9)
    for number, one in enumerate(found.passages):
        _paint_loudness(grid[2 * number], one)
        _paint_map(grid[2 * number + 1], one)
    figure.savefig(path, dpi=120, metadata={"Software": None})


def heading(one: Alignment) -> str:
    """When a passage is, and what is heard in it."""
    best = sorted(one.chances, key=lambda name: -one.chances[name])[:3]
    heard = ", ".join(f"{name} {one.chances[name]:.0%}" for name in best)
    return f"{one.start:.2f} to {one.end:.2f} s: {heard}"


def darkness(weights: Vectors) -> Vectors:
    """How dark each cell (w, t) is, 0..1: the darkest of the map is 1."""
    return np.asarray(weights / max(float(weights.max()), 1e-9), dtype=np.float32)


def loudness_line(one: Alignment) -> Vectors:
    """Heights (t,) of the line of loudness, 0..1 from 50 dB below the loudest frame to it."""
    if one.loudness is None:
        return np.zeros(one.weights.shape[1], dtype=np.float32)
    heights = (one.loudness - one.loudness.max() + FLOOR) / FLOOR
    return np.asarray(np.clip(heights, 0.0, 1.0), dtype=np.float32)


def ticks(start: float, end: float) -> Sequence[float]:
    """Round seconds inside a passage, ten or so."""
    step = next(step for step in (0.1, 0.2, 0.5, 1.0, 2.0) if (end - start) / step <= 12)
    first = math.ceil(start / step - 1e-9)
    return [round(n * step, 3) for n in range(first, math.floor(end / step + 1e-9) + 1)]


def _picture(one: Alignment) -> str:
    words, frames = one.weights.shape
    height = LOUD + ROW * words + FOOT
    scale = WIDTH / frames  # pixels of a frame
    marks = [*_axis(one, scale), *_cells(one, scale), *_words(one, scale)]
    line = " ".join(
        f"{LEFT + (n + 0.5) * scale:.1f},{LOUD - 4 - (LOUD - 10) * level:.1f}"
        for n, level in enumerate(loudness_line(one))
    )
    marks.append(f'<polyline class="loud" points="{line}"/>')
    marks.append(f'<text class="soft" x="0" y="{LOUD / 2 + 4}">loudness</text>')
    marks.append(f'<text class="soft" x="{LEFT + WIDTH + 8}" y="{LOUD / 2 + 4}">counts</text>')
    return (
        f'<svg viewBox="0 0 {LEFT + WIDTH + RIGHT} {height}" role="img" '
        f'aria-label="{escape(" ".join(one.words))}">{"".join(marks)}</svg>'
    )


def _axis(one: Alignment, scale: float) -> Iterator[str]:
    bottom = LOUD + ROW * len(one.words)
    for second in ticks(one.start, one.end):
        x = LEFT + (second - one.start) / HOP * scale
        yield f'<path class="tick" d="M{x:.1f} {LOUD}V{bottom + 4}"/>'
        yield (
            f'<text class="soft" x="{x:.1f}" y="{bottom + 18}" text-anchor="middle">'
            f"{second:g} s</text>"
        )


def _cells(one: Alignment, scale: float) -> Iterator[str]:
    for (row, frame), dark in np.ndenumerate(darkness(one.weights)):
        if dark > FAINT:
            yield (
                f'<rect class="cell" x="{LEFT + frame * scale:.1f}" y="{LOUD + row * ROW + 2}" '
                f'width="{scale:.1f}" height="{ROW - 4}" fill-opacity="{dark:.2f}"/>'
            )


def _words(one: Alignment, scale: float) -> Iterator[str]:
    for row, (word, (start, end), share) in enumerate(
        zip(one.words, one.times, one.shares, strict=True)
    ):
        top, x = LOUD + row * ROW, LEFT + (start - one.start) / HOP * scale
        yield f'<rect class="frame" x="{LEFT}" y="{top}" width="{WIDTH}" height="{ROW}"/>'
        yield (
            f'<text x="{LEFT - 8}" y="{top + 18}" text-anchor="end">{escape(word)}</text>'
            f'<rect class="said" x="{x:.1f}" y="{top + 2}" height="{ROW - 4}" '
            f'width="{(end - start) / HOP * scale:.1f}"><title>{escape(word)}: '
            f"{start:.2f} to {end:.2f} s</title></rect>"
            f'<rect class="share" x="{LEFT + WIDTH + 8}" y="{top + 7}" height="{ROW - 14}" '
            f'width="{40 * share:.1f}"/>'
            f'<text class="soft" x="{LEFT + WIDTH + RIGHT}" y="{top + 18}" '
            f'text-anchor="end">{share:.0%}</text>'
        )


def _paint_loudness(axes: "Axes", one: Alignment) -> None:
    frames = one.weights.shape[1]
    seconds = one.start + (np.arange(frames) + 0.5) * HOP
    axes.plot(seconds, loudness_line(one), color="#1b1b1b", linewidth=1.2)
    axes.set(xlim=(one.start, one.end), ylim=(-0.05, 1.1), xticks=[], yticks=[])
    axes.set_ylabel("loudness", rotation=0, ha="right", va="center", fontsize=9)
    axes.set_title(heading(one), fontsize=10, loc="left")
    axes.spines[["top", "right", "left", "bottom"]].set_visible(False)


def _paint_map(axes: "Axes", one: Alignment) -> None:
    from matplotlib.patches import Rectangle

    words = len(one.words)
    extent = (one.start, one.end, words - 0.5, -0.5)
    axes.imshow(darkness(one.weights), cmap="Blues", aspect="auto", extent=extent, vmin=0, vmax=1)
    for row, (start, end) in enumerate(one.times):
        frame = Rectangle((start, row - 0.45), end - start, 0.9, fill=False, ec="#D55E00", lw=1.8)
        axes.add_patch(frame)
        axes.text(one.end, row, f" {one.shares[row]:.0%}", va="center", fontsize=9, color="#5a5a5a")
    axes.set_yticks(range(words), one.words)
    axes.set_xticks(ticks(one.start, one.end))
    axes.set_xlabel("seconds", fontsize=9)
