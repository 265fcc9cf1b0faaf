"""What recognition costs: milliseconds for each step of it, warm and cold.

`python -m retrieval.evaluation.recognition.costs NUMBER FILE TEXT [SPACE]` goes through one step
for one clip, as a process that has loaded nothing yet, and prints the seconds of its work.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from retrieval.encoders.audio_onnx import RATE
from retrieval.errors import MissingExtra
from retrieval.evaluation.clips import Clip
from retrieval.evaluation.recognition.steps import Step, Take, steps_with, take
from retrieval.evaluation.table import Cell, Table

#: Clips that are timed.
CLIPS = 36

#: New processes that are timed for one step.
COLD = 3

#: The seconds of a new process for the step of a number, one clip, and a fused space.
Cold = Callable[[int, Clip, str | None], float]


def chosen(clips: Sequence[Clip], count: int = CLIPS) -> list[Clip]:
    """Clips of English speech with words, spread evenly over those there are."""
    english = [clip for clip in clips if clip.kind == "speech" and clip.language in ("", "en")]
    spoken = [clip for clip in english if clip.transcript]
    if not spoken:
        return []
    at = np.unique(np.linspace(0, len(spoken) - 1, count).round().astype(int))
    return [spoken[number] for number in at]


def tables(
    clips: Sequence[Clip],
    fused: str | None = None,
    note: Callable[[str], None] = lambda _: None,
    steps: Mapping[str, Callable[[], Step]] | None = None,
    cold: Cold | None = None,
) -> list[Table]:
    """One table of costs; none where no clip has words.

    Args:
        clips: those that may be taken.
        fused: the name of a fused space to time as well.
        note: called with each step that was left out, and why.
        steps, cold: what is timed, and how it is in a new process; None for what there is.
    """
    picked = chosen(clips)
    if not picked:
        return []
    takes = [take(clip.path, clip.transcript) for clip in picked]
    seconds = float(np.mean([len(one.samples) for one in takes])) / RATE
    rows: list[tuple[Cell, ...]] = []
    for number, (name, make) in enumerate((steps or steps_with(fused)).items()):
        try:
            warm = _warm(make(), takes)
            first = [(cold or _cold)(number, clip, fused) for clip in picked[:COLD]]
        except MissingExtra as fault:
            note(f"{name}: not timed, {fault}")
            continue
        rows.append((name, len(takes), seconds, 1000 * warm, 1000 * float(np.median(first))))
    return [_table(rows)] if rows else []


def _warm(step: Step, takes: Sequence[Take]) -> float:
    """The median of the seconds of work of a step, each clip after a first time."""
    found = []
    for one in takes:
        given = step.prepare(one)
        step.run(given)
        began = time.process_time()
        step.run(given)
        found.append(time.process_time() - began)
    return float(np.median(found))


def _cold(number: int, clip: Clip, fused: str | None) -> float:
    """Seconds of work of a process, from its start to its answer."""
    module = "retrieval.evaluation.recognition.costs"
    words = [sys.executable, "-m", module, str(number), str(clip.path.resolve()), clip.transcript]
    found = os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[3])}
    told = subprocess.run([*words, fused or ""], check=True, stdout=subprocess.PIPE, env=found)
    return float(told.stdout)


def _table(rows: Sequence[tuple[Cell, ...]]) -> Table:
    note = (
        "Milliseconds of work of one core for one clip, of long clips for the first 10 s. Warm: "
        "the median over clips, models loaded, each clip a second time. Cold: a new process, which "
        "imports, loads, and does all that comes before the step as well; the median of three."
    )
    columns = ("step", "clips", "seconds of a clip", "warm ms", "cold ms")
    return Table("costs", "What it costs", note, columns, tuple(rows))


def main(number: str, file: str, text: str, fused: str = "") -> None:
    step = list(steps_with(fused or None).values())[int(number)]()
    step.run(step.prepare(take(Path(file), text)))
    sys.stdout.write(str(time.process_time()))


if __name__ == "__main__":
    main(*sys.argv[1:])
