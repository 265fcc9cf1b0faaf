"""From the labelled files of a library to a space of two streams: hear, learn, write."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from retrieval.encoders.fused.space import load_fused, streams_of
from retrieval.encoders.fused.streams import Streams, open_streams
from retrieval.encoders.registry import load_space
from retrieval.errors import SpaceError
from retrieval.library import Library
from retrieval.space import Space
from retrieval.training.adopt import Parted, check, parted, tell
from retrieval.training.clips import Clip
from retrieval.training.fusion.figures import MEASURES, measured, told
from retrieval.training.fusion.hearing import hear
from retrieval.training.fusion.learning import Learned, Lesson, Recipe, chances, learn
from retrieval.training.fusion.making import Ground, facts_of, write_space
from retrieval.training.fusion.network import WAYS, Way
from retrieval.training.labelled import labelled_clips

Log = Callable[[str], None]

QUICK = Recipe(epochs=12, rate=3e-3)


def run_fusion(
    library: Library,
    names: Sequence[str],
    folder: Path,
    *,
    by: str,
    seed: int,
    quick: bool,
    log: Log,
) -> Space:
    """See `retrieval.training.make_fusion`."""
    streams = open_streams(names, load_space)
    _check_place(folder)
    ground = _gathered(library, streams, by, log)
    recipe = QUICK if quick else Recipe()
    learned, reached = _learned(ground, streams.names, recipe, seed, log)
    making = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    facts = facts_of(ground, streams, by) | {"held_out": reached, "epochs": learned.epochs}
    facts |= {"seed": seed, "quick": quick, "recipe": asdict(recipe)}
    write_space(making, ground, streams, learned, facts, log)
    shutil.rmtree(folder, ignore_errors=True)
    making.rename(folder)
    return load_fused(folder, load_space)


def _check_place(folder: Path) -> None:
    """Refuse to put a space where something else lies."""
    if folder.exists() and streams_of(folder) is None and any(folder.iterdir()):
        raise SpaceError(
            "something else lies in the folder of the new space",
            path=folder,
            remedy="choose another --name or --out",
        )


def _gathered(library: Library, streams: Streams, by: str, log: Log) -> Ground:
    """The labelled clips of a library, heard and parted; what there is of them is told."""
    sources = library.catalog.status().sources
    if not sources:
        raise SpaceError(
            "no clip of the library has been embedded in any space",
            path=library.folder,
            remedy="affetto ingest FOLDER",
        )
    most = max(sources, key=lambda source: source.windows)
    labelled = labelled_clips(library.catalog, most.source, by)
    parts = parted(labelled.clips)
    for line in tell(labelled, parts, by):
        log(line)
    check(labelled, parts, by, library.folder)
    log(f"hearing {streams.names[0]} and {streams.names[1]}")
    frames = hear([Path(clip.path) for clip in labelled.clips], streams, log)
    unheard = sum(windows is None for windows in frames)
    if unheard:
        log(f"{unheard} files could not be heard and are left out")
        parts = Parted(
            *([r for r in rows if frames[r]] for rows in (parts.learned, parts.held_out))
        )
        check(labelled, parts, by, library.folder)
    return Ground(labelled, frames, parts)


def _learned(
    ground: Ground, streams: tuple[str, str], recipe: Recipe, seed: int, log: Log
) -> tuple[Learned, dict[str, dict[str, float]]]:
    """The network of transport and attention, and what each way reaches on clips held out."""
    lesson, held_out = ground.lesson, ground.parts.held_out
    rows, spared = _spared(ground.labelled.clips, ground.parts.learned)
    reached: dict[str, dict[str, float]] = {}
    ways: Sequence[Way] = WAYS if held_out else ("mata",)
    for way in ways:
        learned = learn(lesson, rows, spared, way, recipe, seed)
        name = told(way, streams)
        if held_out:
            reached[name] = _reached(learned, lesson, held_out)
        figures = ", ".join(
            f"{which} {value:.2f}" for which, value in reached.get(name, {}).items()
        )
        log(f"{name}: {learned.epochs} epochs" + (f"; held out: {figures}" if figures else ""))
    return learned, reached


def _spared(clips: Sequence[Clip], rows: Sequence[int]) -> tuple[list[int], list[int]]:
    """Rows to learn from, and rows of other speakers to end by, if any can be spared."""
    parts = parted([replace(clips[row], split="") for row in rows])
    return [rows[n] for n in parts.learned], [rows[n] for n in parts.held_out]


def _reached(learned: Learned, lesson: Lesson, rows: Sequence[int]) -> dict[str, float]:
    """`MEASURES` of some clips, by name."""
    names = sorted({*learned.classes, *(lesson.labels[row] for row in rows)})
    best = chances(learned, lesson.heard, rows).argmax(axis=1)
    true = [names.index(lesson.labels[row]) for row in rows]
    named = [names.index(learned.classes[number]) for number in best]
    found = measured(true, named, len(names)).round(4).tolist()
    return dict(zip(MEASURES, found, strict=True))
