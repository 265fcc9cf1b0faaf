"""Answers for people: tables in a terminal. Colour is dropped by click when it is none."""

import math
import os
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import click

from retrieval.columns import Value
from retrieval.describe import Description, Fitting
from retrieval.labels import LabelTable
from retrieval.query import Answer, Hit
from retrieval.summary import Failure, Levelled, Progress, Summary


def hits_table(hits: Sequence[Hit]) -> str:
    """Rank, score, cosine, time range, valence and arousal, path and a few labels.

    Where several voices were asked, each has a column with what it gave; what was recognised has
    one, and so has what the hits are sorted by.
    """
    voices = {voice: max(len(voice), 4) for hit in hits for voice in hit.said}
    known = [name for name in ("recognised", "sort") if hits and name in hits[0].known]
    head = f"{'':>4} {'score':>6} {'cosine':>7} {'seconds':>15} {'valence':>7} {'arousal':>7}"
    head += "".join(f" {voice:>{width}}" for voice, width in voices.items())
    head += "".join(f" {name:>10}" for name in known)
    lines = [click.style(f"{head}  clip", dim=True)]
    for hit in hits:
        times = f"{clock(hit.start)}-{clock(hit.end)}"
        labels = " ".join(f"{name}={value}" for name, value in hit.labels.items())
        lines.append(
            f"{hit.rank:>4} {_score(hit.score)} {_cosine(hit.cosine)} {times:>15}"
            f" {_signed(hit.valence)} {_signed(hit.arousal)}"
            + "".join(f" {_share(hit.said.get(name)):>{width}}" for name, width in voices.items())
            + "".join(f" {_shown(hit.known[name]):>10}" for name in known)
            + "  "
            + click.style(short_path(hit.path), bold=True)
            + (click.style(f"  {shorten(labels, 60)}", dim=True) if labels else "")
        )
    return "\n".join(lines)


def answer_note(answer: Answer) -> str:
    """What a person should know of an answer besides its hits, for stderr; often empty."""
    if not answer.hits:
        return f"Nothing found; {answer.reason}."
    if answer.fits is False:
        return f"Nothing here really fits, these are the closest; {answer.reason}."
    return ""


def folded_note(answer: Answer) -> str:
    """How much was left out of a table because it is all but the same."""
    return f"{several(answer.folded, 'near-duplicate')} folded away (--no-collapse shows them)."


def description_table(description: Description, timeline: bool) -> str:
    """Terms with their scores, lines of collections, valence and arousal, what was recognised."""
    blocks = [_fitting_table("feeling", description.terms, timeline)]
    for name, lines in description.texts.items():
        blocks.append(_fitting_table(name, lines, timeline))
    blocks.append(affect_text(description))
    if description.recognition is not None:
        from retrieval.recognition import recognised_rows  # searches do without

        blocks.append(recognised_rows.one_text(recognised_rows.row(description.recognition)))
    return "\n\n".join(blocks)


def affect_text(description: Description) -> str:
    """Valence and arousal with their intervals, and whether a feeling stands out at all."""
    valence = _between(description.valence, description.valence_spread)
    arousal = _between(description.arousal, description.arousal_spread)
    text = f"valence {valence}, arousal {arousal}"
    if not math.isnan(description.valence_spread):
        text += " (90 % of such labels lie inside)"
    if description.feeling is False:
        text += "\nno feeling stands out from neutral"
    return text


class ProgressLine:
    """One line on stderr that is rewritten while an ingestion runs; silent off a terminal."""

    INTERVAL = 0.1  # seconds between two drawings

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty()
        self._drawn = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.clear()

    def show(self, progress: Progress) -> None:
        """Draw the state of a run."""
        self._draw(progress_text(progress), last=progress.done == progress.total)

    def count(self, done: int, total: int) -> None:
        """Draw how many of some clips are done."""
        self._draw(f"{done}/{total} clips", last=done == total)

    def tell(self, what: str) -> None:
        """Draw what is measured, which cannot be counted."""
        self._draw(f"measuring {what}", last=True)

    def fetched(self, file: str, done: int, total: int | None) -> None:
        """Draw how much of a file has come, in bytes."""
        whole = f" of {total / 1e6:.0f}" if total else ""
        self._draw(f"{file}: {done / 1e6:.0f}{whole} MB", last=done == total)

    def clear(self) -> None:
        """Take the line away."""
        if self._shown and self._drawn:
            click.echo("\r\x1b[K", nl=False, err=True)
            self._drawn = 0.0

    def _draw(self, text: str, *, last: bool) -> None:
        now = time.monotonic()
        if self._shown and (now - self._drawn >= self.INTERVAL or last):
            self._drawn = now
            # A line longer than the terminal is wide could not be taken away again.
            width = shutil.get_terminal_size().columns - 1
            click.echo(f"\r\x1b[K{shorten(text, width)}", nl=False, err=True)


def progress_text(progress: Progress) -> str:
    """Files done, rate and time to go."""
    eta = f", {_countdown(progress.eta)} to go" if progress.eta else ""
    speed = progress.audio_seconds / progress.elapsed if progress.elapsed else 0.0
    failed = f", {progress.failed} failed" if progress.failed else ""
    return (
        f"{progress.done}/{progress.total} files, {progress.rate:.1f} a second, "
        f"{speed:.0f} x real time{eta}{failed}"
    )


def failure_line(failure: Failure) -> str:
    """One line for a file that could not be taken in."""
    return f"failed: {_why(failure)}"


def note_line(note: Failure) -> str:
    """One line for a file beside a recording that could not be read."""
    return f"note: {_why(note)}"


def summary_text(summary: Summary, pruned: int = 0) -> str:
    """What an ingestion did, in one line; what did not happen is left out, but not failures."""
    parts = [f"{summary.ok} ok", f"{summary.skipped} skipped", f"{len(summary.failed)} failed"]
    for count, word in (
        (summary.unchanged, "unchanged"),
        (summary.moved, "moved"),
        (summary.copied, "copied"),
        (summary.found, "back again"),
        (summary.missing, "now missing"),
        (pruned, "pruned"),
    ):
        if count:
            parts.append(f"{count} {word}")
    parts += _levelled(summary)
    if summary.sidecars:
        parts.append(f"{several(summary.sidecars, 'transcript')} from sidecar files")
    spent = f"{summary.seconds:.1f} s"
    if summary.audio_seconds and summary.seconds:
        speed = summary.audio_seconds / summary.seconds
        spent += f", {summary.audio_seconds / 60:.1f} min of sound, {speed:.0f} x real time"
    return f"{', '.join(parts)} ({spent})"


def level_text(level: Levelled) -> str:
    """What was measured and recognised after a rebuild, in one line; empty if nothing was."""
    return ", ".join(_levelled(level))


def label_note(table: Path, read: LabelTable) -> str:
    """What became of a table of labels."""
    note = f"labels from {table} for {several(len(read.labels), 'clip')}"
    if read.unmatched:
        shown = ", ".join(read.unmatched[:3])
        rows = several(len(read.unmatched), "row")
        note += f"; no clip of the library for {rows}, as {shown}"
    return note


def short_path(path: str) -> str:
    """A path as seen from the current folder when it lies below it, else whole."""
    try:
        return str(Path(path).relative_to(Path.cwd()))
    except (ValueError, OSError):
        home = os.path.expanduser("~")
        return "~" + path[len(home) :] if path.startswith(home + os.sep) else path


def clock(seconds: float) -> str:
    """Seconds as ``75.0`` up to a minute and as ``1:15.0`` above."""
    if seconds < 60:
        return f"{seconds:.1f}"
    minutes, rest = divmod(round(seconds, 1), 60)
    hours, minutes = divmod(int(minutes), 60)
    return f"{hours}:{minutes:02d}:{rest:04.1f}" if hours else f"{minutes}:{rest:04.1f}"


def several(count: int, noun: str) -> str:
    """A number with its noun: ``1 clip``, ``2 clips``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def shorten(text: str, width: int) -> str:
    """A text cut to a width, marked when it was cut."""
    return text if len(text) <= width else text[: width - 1] + "…"


def _levelled(done: Summary | Levelled) -> list[str]:
    counts = ((done.measured, "measured"), (done.recognised, "recognised"))
    return [f"{count} {word}" for count, word in counts if count]


def _why(failure: Failure) -> str:
    remedy = f" ({failure.remedy})" if failure.remedy else ""
    return f"{short_path(failure.path)}: {failure.reason}{remedy}"


def _fitting_table(title: str, found: Sequence[Fitting], timeline: bool) -> str:
    lines = [click.style(f"{'score':>6} {'cosine':>7}  {title}", dim=True)]
    before = None
    for one in found:
        if timeline and one.start is not None and one.end is not None and one.start != before:
            lines.append(click.style(f"{clock(one.start)}-{clock(one.end)}", bold=True))
            before = one.start
        lines.append(f"{_score(one.score)} {one.cosine:>7.3f}  {one.term}")
    return "\n".join(lines)


def _score(score: float) -> str:
    colour = "green" if score >= 0.8 else "yellow" if score >= 0.5 else None
    return click.style(f"{score:>6.3f}", fg=colour)


def _cosine(value: float) -> str:
    return f"{'-':>7}" if math.isnan(value) else f"{value:>7.3f}"


def _share(value: float | None) -> str:
    """What a voice gave; nothing where it knows nothing."""
    return "-" if value is None else f"{value:.2f}"


def _shown(value: Value) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    return "-" if value is None else shorten(str(value), 20)


def _signed(value: float) -> str:
    return f"{value:>+7.2f}" if value == value else f"{'-':>7}"


def _between(value: float, spread: float) -> str:
    """A value with the half-width of its interval, where that is known."""
    return _signed(value).strip() + ("" if math.isnan(spread) else f" ± {spread:.2f}")


def _countdown(seconds: float) -> str:
    """Seconds as ``0:40``, ``1:15`` or ``1:02:03``."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
