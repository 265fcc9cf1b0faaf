"""From what a person asks to an answer: one space as it is, or several voices joined."""

import os
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from retrieval import fulltext, questions
from retrieval.catalog import Catalog
from retrieval.errors import LibraryError, MissingExtra, PromptError
from retrieval.filters import Filters
from retrieval.listening import listen
from retrieval.prompt import SAID, WHAT, WORDS, Excerpt, Term, may_be_routed, parse_prompt
from retrieval.query import Answer, Ground, Wanted, answer, combine
from retrieval.questions import Ids
from retrieval.space import Vectors
from retrieval.voices import routes
from retrieval.voices.evidence import Clue, Ear
from retrieval.voices.joining import Joint
from retrieval.voices.moments import Values
from retrieval.voices.routes import Question
from retrieval.voices.transcripts import read_transcripts, transcripts_of
from retrieval.voices.verdict import answer_jointly

NO_FTS5 = "words were left out, as the SQLite of this Python has no FTS5"


@dataclass(frozen=True)
class Asked:
    """What a question is put to.

    Attributes:
        catalog: of the library.
        names: of the voices asked.
        known: the names of all spaces that a term may be sent to.
        open: the ground of a space by name.
    """

    catalog: Catalog
    names: tuple[str, ...]
    known: Callable[[], Collection[str]]
    open: Callable[[str], Ground]


def search(asked: Asked, prompt: str | Sequence[str], wanted: Wanted) -> Answer:
    """Rank clips by a prompt.

    Raises:
        PromptError: the prompt cannot be read, or a filter names a label that no clip has.
        SpaceError: the library holds nothing of a space.
        LibraryError: only words could answer, and this SQLite cannot search them.
        AudioError: a recording named in the prompt cannot be used.
    """
    terms = parse_prompt(prompt, asked.known() if may_be_routed(prompt) else ())
    asked.catalog.check_names(wanted.names())
    parts = routes.questions_of(terms, asked.names, _things(asked.catalog, terms))
    alone = routes.only_space(parts)
    if alone is not None:
        ground = asked.open(alone)
        placed = combine(place(ground, terms), terms, ground.background())
        return answer(ground, placed, wanted)
    parts, notes = _with_words(asked.catalog, parts)
    spaces = routes.spaces_of(parts)
    ears = tuple(_ear(asked.open(name), parts, name) for name in spaces)
    clues = [*_words(asked.catalog, parts, wanted.filters)]
    said, more = _said(asked.catalog, parts, wanted.filters)
    found = answer_jointly(Joint(terms, ears, (*clues, *said)), asked.catalog, wanted)
    return replace(found, notes=(*notes, *more))


def similar(asked: Asked, excerpt: Excerpt, wanted: Wanted) -> Answer:
    """Rank clips by their likeness to a recording, which itself does not answer.

    Raises:
        PromptError: a voice is asked that hears nothing.
        SpaceError, AudioError: as `search`.
    """
    deaf = [name for name in asked.names if name in (WORDS, SAID)]
    if deaf:
        raise PromptError(
            f"{' and '.join(deaf)} cannot compare a recording", remedy="ask spaces only"
        )
    asked.catalog.check_names(wanted.names())
    skip = os.path.abspath(excerpt.path)
    if len(asked.names) == 1:
        ground = asked.open(asked.names[0])
        return answer(ground, hear(ground, excerpt), wanted, skip=skip)
    term = Term(1.0, excerpt)
    parts = (Question(term, asked.names),)
    ears = tuple(_ear(asked.open(name), parts, name) for name in asked.names)
    return answer_jointly(Joint((term,), ears, (), skip), asked.catalog, wanted)


def place(ground: Ground, terms: Sequence[Term]) -> Vectors:
    """A unit vector (1, k) for each of n terms, as (n, k)."""
    words = [term.what for term in terms if isinstance(term.what, str)]
    placed = iter(ground.space.place_text(words)) if words else iter(())
    return np.stack(
        [
            hear(ground, term.what)[0] if isinstance(term.what, Excerpt) else next(placed)
            for term in terms
        ]
    )


def hear(ground: Ground, excerpt: Excerpt) -> Vectors:
    """The unit vector (1, k) of a recording, against its group where clips are."""
    heard = listen(ground.space, excerpt).whole()
    if ground.relative is None:
        return heard
    sound = ground.catalog.sound_at(os.path.abspath(excerpt.path))
    return ground.relative.place(heard, sound)


def _ear(ground: Ground, parts: Sequence[Question], name: str) -> Ear:
    numbers = tuple(number for number, part in enumerate(parts) if name in part.spaces)
    return Ear(ground, numbers, place(ground, [parts[number].term for number in numbers]))


def _things(catalog: Catalog, terms: Sequence[Term]) -> str | None:
    """The space that is asked for things, where a term is for it: looking costs a count."""
    if all(term.route != WHAT for term in terms):
        return None
    held = [one.space for one in catalog.status().sources if one.windows]
    return routes.thing_space(held)


def _with_words(
    catalog: Catalog, parts: Sequence[Question]
) -> tuple[tuple[Question, ...], list[str]]:
    """The questions as they can be answered here, with the table of words ready, and notes."""
    notes = []
    if any(part.term.route == WHAT and part.spaces == (routes.FEELINGS,) for part in parts):
        notes.append(routes.NO_THINGS)
    if not any(part.words for part in parts):
        return tuple(parts), notes
    try:
        _make_ready(catalog)
    except LibraryError:
        if any(part.words and not part.spaces and not part.said for part in parts):
            raise
        notes.append(NO_FTS5)
        return tuple(replace(part, words=False) for part in parts), notes
    return tuple(parts), notes


def _make_ready(catalog: Catalog) -> None:
    """Fill the table of words where a program without FTS5 has changed clips.

    Raises:
        LibraryError: this SQLite has no FTS5 either.
    """
    with catalog.reading() as db:
        fulltext.require(db)
        stale = fulltext.is_stale(db)
    if stale:
        with catalog.writing() as db:
            fulltext.create(db)


def _words(catalog: Catalog, parts: Sequence[Question], filters: Filters) -> list[Clue]:
    clues = []
    for number, part in enumerate(parts):
        if part.words:
            with catalog.reading() as db:
                clips, shares = fulltext.shares(db, str(part.term.what))
            clues.append(_clue(catalog, WORDS, number, (clips, shares), filters, found=True))
    return clues


def _said(
    catalog: Catalog, parts: Sequence[Question], filters: Filters
) -> tuple[list[Clue], list[str]]:
    """What transcripts say, by their meaning, or by their words where nothing reads meaning."""
    numbers = [number for number, part in enumerate(parts) if part.said]
    if not numbers:
        return [], []
    lines = transcripts_of(catalog)  # before anything is said of an extra that could not help
    from retrieval.encoders.sentences import transcript_encoder

    texts = [str(parts[number].term.what) for number in numbers]
    try:
        heard = read_transcripts(catalog, lines, transcript_encoder(), texts)
    except MissingExtra as fault:
        _make_ready(catalog)
        with catalog.reading() as db:
            found = [fulltext.shares(db, text, ["transcript"]) for text in texts]
        note = f"transcripts were searched by their words; {fault.remedy} reads their meaning"
        clues = [
            _clue(catalog, SAID, number, one, filters, found=True)
            for number, one in zip(numbers, found, strict=True)
        ]
        return clues, [note]
    clues = [
        _clue(catalog, SAID, number, (heard.clips, row), filters, found=False)
        for number, row in zip(numbers, heard.scores, strict=True)
    ]
    return clues, []


def _clue(
    catalog: Catalog,
    voice: str,
    term: int,
    known: tuple[Ids, Values],
    filters: Filters,
    *,
    found: bool,
) -> Clue:
    clips, values = known
    with catalog.reading() as db:
        stay = np.isin(clips, questions.passing(db, clips, filters))
    return Clue(voice, term, clips[stay], values[stay], found)
