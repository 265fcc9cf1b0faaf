"""Recognising what a library holds: workers hear and judge clips, the caller stores."""

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from retrieval.catalog import Catalog, Known
from retrieval.errors import AudioError
from retrieval.recognition import recognised_store as store
from retrieval.recognition.judging import Judged, Voice, judged, voices_of
from retrieval.recognition.passages import Cut, cut
from retrieval.recognition.recognised_store import Held, Span, span
from retrieval.recognition.senses import Senses
from retrieval.spoken.lines import Line
from retrieval.summary import Failure, Summary, Tally, Watcher
from retrieval.workers import outcomes, unchanged

Spans = frozenset[Span | None]


@dataclass(frozen=True)
class Task:
    """Clips that hold the same sound, cut in the same way.

    Attributes:
        clips: id, path and cut of each.
        file: one of them whose file is there, if any.
        heard: a clip whose stored states of the voice serve them all; None if it must be heard.
    """

    clips: tuple[tuple[int, str, Cut], ...]
    file: tuple[str, Known] | None
    heard: int | None


def survey(
    catalog: Catalog,
    senses: Senses,
    lines: Mapping[int, Sequence[Line]],
    *,
    jobs: int | None = None,
    again: bool = False,
    progress: Watcher | None = None,
) -> Summary:
    """Judge every clip that was not judged yet with the words it has now, and has a file.

    Clips whose voice was heard before are judged from what was kept of it, and copies are heard
    once. A clip is stored as soon as it is judged, so a run that is stopped goes on where it was. A
    file that cannot be used is tried again in the next run.

    Args:
        lines: what is said in clips, by clip id.
        again: hear also what was heard before.
    """
    began = time.monotonic()
    fingerprint, known = senses.judge.fingerprint, catalog.known()
    stored = {
        clip: one for clip, one in store.held(catalog).items() if one.recogniser == fingerprint
    }
    tasks = _tasks(known, _cuts(catalog, known, lines, senses), {} if again else stored)
    possible = [task for task in tasks if task.heard is not None or task.file is not None]
    due = [len(task.clips) for task in tasks]
    tally = Tally(sum(len(task.clips) for task in possible), 0, len(known) - sum(due), progress)
    work = partial(_work, senses=senses)
    ready = ((task, _kept(catalog, task)) for task in possible)
    for (task, _), outcome in outcomes(ready, work, jobs or os.cpu_count() or 1):
        if isinstance(outcome, AudioError):
            for _, path, _ in task.clips:
                tally.failed(Failure(path, outcome.error, outcome.remedy))
            continue
        store.put(catalog, outcome, fingerprint)
        for _, path, one in task.clips:
            tally.done(path, "ok", one.passages[-1].end if task.heard is None else 0.0)
    lost = sum(due) - sum(len(task.clips) for task in possible)
    return tally.summary(missing=lost, found=0, seconds=time.monotonic() - began)


def _cuts(
    catalog: Catalog,
    known: Mapping[str, Known],
    lines: Mapping[int, Sequence[Line]],
    senses: Senses,
) -> dict[str, Cut]:
    """The passages of every clip, by path."""
    durations = store.durations(catalog)
    return {
        path: cut(durations[clip.sound_id], lines.get(clip.clip_id, ()), senses.readable)
        for path, clip in sorted(known.items())
    }


def _tasks(
    known: Mapping[str, Known], cuts: Mapping[str, Cut], stored: Mapping[int, Held]
) -> list[Task]:
    """What has to be judged; clips that are stored as they would be judged now are left out."""
    donors: dict[int, list[int]] = {}  # by sound, its clips whose voice was heard
    for clip in known.values():
        if clip.clip_id in stored:
            donors.setdefault(clip.sound_id, []).append(clip.clip_id)
    alike: dict[tuple[int, Spans], list[str]] = {}
    for path, parts in cuts.items():
        clip = known[path]
        if not _is_current(stored.get(clip.clip_id), parts):
            alike.setdefault((clip.sound_id, _spans(parts)), []).append(path)
    tasks = []
    for (sound, spans), paths in alike.items():
        there = [path for path in paths if not known[path].missing]
        heard = [one for one in donors.get(sound, ()) if _heard(stored[one]) <= spans]
        clips = tuple((known[path].clip_id, path, cuts[path]) for path in paths)
        file = (there[0], known[there[0]]) if there else None
        tasks.append(Task(clips, file, heard[0] if heard else None))
    return tasks


def _is_current(stored: Held | None, parts: Cut) -> bool:
    """Whether a clip would be judged now as it was; a passage without a row is a silent one."""
    if stored is None or not _heard(stored) <= _spans(parts):
        return False
    return stored.words.get(None) == parts.words and all(
        stored.words.get(span(one.start, one.end)) == one.words for one in parts.passages
    )


def _heard(stored: Held) -> Spans:
    return frozenset(stored.words) - {None}


def _spans(parts: Cut) -> Spans:
    return frozenset(span(one.start, one.end) for one in parts.passages)


def _kept(catalog: Catalog, task: Task) -> tuple[Voice, ...] | None:
    """What was kept of the voice of a clip; None if it must be heard."""
    if task.heard is None:
        return None
    voices = store.voices(catalog, task.heard)
    _, _, parts = task.clips[0]
    return tuple(voices.get(span(one.start, one.end)) for one in parts.passages)


def _work(given: tuple[Task, tuple[Voice, ...] | None], senses: Senses) -> dict[int, Judged]:
    """The clips of a task judged, by id."""
    task, voices = given
    if voices is None:
        assert task.file is not None
        path, clip = task.file
        passages = task.clips[0][2].passages
        voices = unchanged(path, clip, lambda one: voices_of(one, passages, senses))
    return {clip: judged(path, parts, voices, senses) for clip, path, parts in task.clips}
