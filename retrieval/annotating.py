"""What is measured and recognised in a library, kept level with its clips and their words.

A search needs nothing of it, so the library imports it only where it is used.
"""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from retrieval import questions
from retrieval.catalog import Catalog
from retrieval.errors import MissingExtra, PromptError, SpaceError
from retrieval.features import survey
from retrieval.filters import Filters
from retrieval.prompt import Excerpt, parse_excerpt
from retrieval.recognition import recognised_store
from retrieval.recognition.disagreeing import Disagreement, disagreements
from retrieval.recognition.recognised_survey import survey as recognised_survey
from retrieval.recognition.recognising import lines_beside, recognise_file, within
from retrieval.recognition.senses import Senses
from retrieval.records import Recognition
from retrieval.spoken.lines import Line
from retrieval.spoken.stored import lines_of
from retrieval.summary import Failure, Levelled, Summary, Watcher

#: Gives what clips are judged with; called only where something is to be judged.
Loader = Callable[[], Senses]


def recognise(
    catalog: Catalog,
    senses: Senses,
    *,
    jobs: int | None = None,
    again: bool = False,
    progress: Watcher | None = None,
) -> Summary:
    """Judge every clip that was not judged yet with the words it has now."""
    lines = lines_of(catalog, [clip.clip_id for clip in catalog.known().values()])
    return recognised_survey(catalog, senses, lines, jobs=jobs, again=again, progress=progress)


def mismatches(
    catalog: Catalog, senses: Senses, filters: Filters, k: int, *, passages: bool
) -> list[Disagreement]:
    """The k clips, or passages, that pass and whose words and voice disagree most."""
    parts = list(recognised_store.stored(catalog, filters, passages=True))
    if passages:
        return disagreements(parts, (), k, senses)
    return disagreements(recognised_store.stored(catalog, filters), parts, k, senses)


def level(
    catalog: Catalog,
    folder: Path,
    load: Loader,
    *,
    jobs: int | None = None,
    again: bool = False,
    first: bool = False,
    only_words: bool = False,
    progress: Watcher | None = None,
) -> Levelled:
    """Measure and judge what lacks, where a library has features and recognised emotions at all.

    What cannot be done is a note: the library can be searched without.

    Args:
        folder: of the library, for the notes.
        again: measure and judge everything again.
        first: judge also where nothing was judged before.
        only_words: nothing but words has changed, so features need no look.
    """
    with catalog.reading() as db:
        has_features = not only_words and questions.measured(db) > 0
        has_emotions = first or questions.is_recognised(db)
    how = {"jobs": jobs, "again": again, "progress": progress}
    measured = _measure(catalog, folder, how) if has_features else Levelled()
    judged = _judge(catalog, folder, load, how) if has_emotions else Levelled()
    return Levelled(measured.measured, judged.recognised, (*measured.notes, *judged.notes))


def _measure(catalog: Catalog, folder: Path, how: Mapping[str, Any]) -> Levelled:
    try:
        made = survey.survey(catalog, **how)
    except MissingExtra as fault:
        remedy = f"{fault.remedy}, then affetto features"
        return Levelled(notes=(Failure(str(folder), "some recordings have no features", remedy),))
    return Levelled(measured=made.ok, notes=made.failed)


def _judge(catalog: Catalog, folder: Path, load: Loader, how: Mapping[str, Any]) -> Levelled:
    try:
        made = recognise(catalog, load(), **how)
    except SpaceError as fault:
        why = f"no emotion was recognised: {fault.error}"
        return Levelled(notes=(Failure(str(folder), why, fault.remedy),))
    return Levelled(recognised=made.ok, notes=made.failed)


def explanation(
    catalog: Catalog | None, excerpt: Excerpt, load: Loader | None
) -> Recognition | None:
    """What is recognised in the whole of a recording, or of an excerpt; None if nothing can be.

    As it is stored where the library has it, else judged now, with the words that the library has
    of it, or else those of its sidecar.

    Args:
        catalog: of a library; None if there is none.
        load: None if only what is stored can be told.

    Raises:
        AudioError: the file cannot be used.
    """
    path = os.path.abspath(excerpt.path)
    if catalog is not None and excerpt.start == 0 and excerpt.end is None:
        stored = recognised_store.stored_at(catalog, path)
        if stored is not None:
            return stored
    if load is None:
        return None
    lines = None if catalog is None else _lines_in(catalog, path)
    try:
        senses = load()
        told = lines_beside(excerpt) if lines is None else within(excerpt, lines)
    except SpaceError:  # other towers, as of a space that was trained anew
        return None
    except PromptError:  # a sidecar that cannot be read is no word about the voice
        told = ()
    return recognise_file(excerpt, told, senses).whole


def recognise_alone(file: str, text: str | None, senses: Senses) -> list[Recognition]:
    """What is recognised in a recording: as a whole, then by its passages. No library is asked.

    Args:
        file: ``FILE`` or ``FILE@start-end``.
        text: what is said; None if its sidecar tells.

    Raises:
        AudioError: the file cannot be used.
        PromptError: its sidecar cannot be read.
    """
    excerpt = parse_excerpt(file)
    lines = lines_beside(excerpt) if text is None else (Line(text),)
    judged = recognise_file(excerpt, lines, senses)
    return [judged.whole, *judged.passages]


def mismatches_alone(
    file: str, text: str | None, senses: Senses, k: int, *, passages: bool
) -> list[Disagreement]:
    """As `mismatches`, of one recording; arguments and errors as in `recognise_alone`."""
    whole, *parts = recognise_alone(file, text, senses)
    if passages:
        return disagreements(parts, (), k, senses)
    return disagreements([whole], parts, k, senses)


def _lines_in(catalog: Catalog, path: str) -> tuple[Line, ...] | None:
    """What a library knows to be said in a file; None if it knows nothing of it."""
    with catalog.reading() as db:
        clip = questions.clip_at(db, path)
    return None if clip is None else lines_of(catalog, [clip]).get(clip)
