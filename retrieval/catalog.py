"""The catalog: what is known of every clip, with the vectors of its windows. SQLite is the truth.

Every method is one transaction, and what it reads is one consistent snapshot. The questions of
a search and the text collections are in here too; the tables are in retrieval/tables.py.
"""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager

import numpy as np
from sqlalchemy import Connection, Engine, delete, func, select
from sqlalchemy.dialects.sqlite import insert

from retrieval import changes, fulltext, questions
from retrieval.changes import Slice
from retrieval.columns import Value
from retrieval.database import connect
from retrieval.filters import Filters
from retrieval.questions import Ids, Vectors
from retrieval.records import ClipFacts, Counts, Failure, Known, Row, SourceState
from retrieval.tables import (
    Clip,
    Collection,
    FailedFile,
    Label,
    LineVector,
    Recognised,
    Sound,
    Source,
    TextLine,
    Window,
)
from retrieval.texts import Line

__all__ = ["Catalog", "ClipFacts", "Counts", "Failure", "Known", "Row", "SourceState", "connect"]


class Catalog:
    """The questions to, and the changes of, the database behind an engine of `connect`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writer = engine.execution_options(writing=True)

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    def reading(self) -> AbstractContextManager[Connection]:
        """One consistent snapshot, for questions that lie in rooms of their own."""
        return self._engine.begin()

    def writing(self) -> AbstractContextManager[Connection]:
        """One transaction that writes, for changes that lie in rooms of their own."""
        return self._writer.begin()

    # Clips

    def known(self) -> dict[str, Known]:
        """All clips by path."""
        query = select(
            Clip.path,
            Clip.id,
            Clip.sound_id,
            Sound.hash,
            Clip.size,
            Clip.mtime_ns,
            Clip.missing_since.is_not(None),
        ).join(Sound)
        with self._engine.begin() as db:
            return {row[0]: Known(*row[1:]) for row in db.execute(query).all()}

    def failures(self) -> dict[str, Failure]:
        """All files that could not be taken in, by path."""
        query = select(*FailedFile.__table__.columns).order_by(FailedFile.path)
        with self._engine.begin() as db:
            return {row[0]: Failure(*row[1:]) for row in db.execute(query).all()}

    def sound_with(self, hash: str) -> int | None:
        """The id of the sound with this content."""
        with self._engine.begin() as db:
            return db.scalar(select(Sound.id).where(Sound.hash == hash))

    def sound_at(self, path: str) -> int | None:
        """The id of the sound of the clip with this path."""
        with self._engine.begin() as db:
            return db.scalar(select(Clip.sound_id).where(Clip.path == path))

    def has_vectors(self, sound_id: int, source: str) -> bool:
        """Whether a sound has windows of a source."""
        query = (
            select(Window.id)
            .join(Source)
            .where(Window.sound_id == sound_id, Source.key == source)
            .limit(1)
        )
        with self._engine.begin() as db:
            return db.scalar(query) is not None

    def embedded(self, source: str) -> frozenset[int]:
        """The ids of all sounds that have windows of a source: `has_vectors` for many at once."""
        query = select(Window.sound_id).where(Window.source_id == questions.source_id(source))
        with self._engine.begin() as db:
            return frozenset(db.scalars(query.distinct()))

    def add_source(self, source: str, space: str, window: float, hop: float, dim: int) -> None:
        """Make a source of raw vectors known, before its first windows; again is no harm."""
        facts = {"key": source, "space": space, "window": window, "hop": hop, "dim": dim}
        with self._writer.begin() as db:
            db.execute(insert(Source).values(**facts, generation=0).on_conflict_do_nothing())

    def store(self, clip: ClipFacts, windows: Sequence[Slice] | None, source: str) -> None:
        """Take in a clip, new or changed, with the vectors of its sound: all of it or nothing.

        What is known by path is replaced; labels, transcript and the time it was added stay, but
        not what a recogniser has heard in other content. A sound that no clip holds any more
        goes, and so does the failure of this path.

        Args:
            windows: start and end in seconds and the raw vector (dim,) of each; None where the
                sound has its windows already.

        Raises:
            LibraryError: `source` was not made known by `add_source`.
        """
        with self._writer.begin() as db:
            sound = changes.put_sound(db, clip)
            before = db.scalar(select(Clip.sound_id).where(Clip.path == clip.path))
            stored = changes.put_clip(db, clip, sound)
            if before is not None and before != sound:
                changes.forget_heard(db, stored)
                changes.drop_orphans(db, before)
            fulltext.put(db, [stored])
            if windows is not None:
                changes.put_windows(db, sound, windows, source)
            db.execute(delete(FailedFile).where(FailedFile.path == clip.path))

    def fail(self, path: str, size: int, mtime_ns: int, reason: str, remedy: str | None) -> None:
        """Remember a file that could not be taken in.

        If it was a clip before, that clip counts as missing: what was heard is not there now.
        """
        facts = {"size": size, "mtime_ns": mtime_ns, "reason": reason, "remedy": remedy}
        facts["at"] = time.time()
        put = insert(FailedFile).values(path=path, **facts)
        with self._writer.begin() as db:
            db.execute(put.on_conflict_do_update(index_elements=["path"], set_=facts))
            changes.mark(db, [path], time.time())

    def forget_failures(self, paths: Iterable[str]) -> None:
        """Forget failures, of files that are gone or are to be tried again."""
        with self._writer.begin() as db:
            db.execute(delete(FailedFile).where(FailedFile.path.in_(questions.listed(paths))))

    def mark_missing(self, paths: Iterable[str]) -> None:
        """Note that the files of some clips are gone; since when stays as it was first noted."""
        with self._writer.begin() as db:
            changes.mark(db, paths, time.time())

    def mark_found(self, paths: Iterable[str]) -> None:
        """Note that the files of some clips are there."""
        with self._writer.begin() as db:
            changes.mark(db, paths, None)

    def touch(self, path: str, size: int, mtime_ns: int) -> None:
        """Note the size and time of a file whose content is as it was."""
        with self._writer.begin() as db:
            changes.move(db, path, path, size, mtime_ns)

    def moved(self, old: str, new: str, size: int, mtime_ns: int) -> None:
        """Note that a clip lies under another path now; its labels go with it.

        A clip that was at the new path before is forgotten.
        """
        with self._writer.begin() as db:
            gone = db.scalars(
                delete(Clip).where(Clip.path == new, Clip.path != old).returning(Clip.id)
            ).all()
            if gone:
                changes.drop_orphans(db)
            changes.move(db, old, new, size, mtime_ns)
            fulltext.put(db, [*gone, *db.scalars(select(Clip.id).where(Clip.path == new))])
            db.execute(delete(FailedFile).where(FailedFile.path.in_([old, new])))

    def prune_missing(self) -> int:
        """Forget clips whose files are gone, and the sounds only they had; how many clips."""
        with self._writer.begin() as db:
            missing = delete(Clip).where(Clip.missing_since.is_not(None))
            gone = db.scalars(missing.returning(Clip.id)).all()
            changes.drop_orphans(db)
            fulltext.put(db, gone)
            return len(gone)

    def drop_orphans(self) -> None:
        """Drop sounds without a clip, and passages without a whole; only damage leaves such."""
        with self._writer.begin() as db:
            changes.drop_orphans(db)
            db.execute(delete(Recognised).where(Recognised.clip_id.in_(questions.without_whole())))

    # Labels

    def set_labels(
        self, rows: Mapping[str, Mapping[str, str]], transcripts: Mapping[str, str]
    ) -> int:
        """Add labels and transcripts to clips, by path; how many clips there were for them.

        A label of the same name is replaced, others stay. A path that is no clip is passed over.
        """
        with self._writer.begin() as db:
            paths = questions.listed({*rows, *transcripts})
            found = db.execute(select(Clip.path, Clip.id).where(Clip.path.in_(paths)))
            clips = {row.path: row.id for row in found}
            changes.put_labels(db, {clips[path]: rows[path] for path in rows if path in clips})
            changes.put_transcripts(
                db, {clips[path]: text for path, text in transcripts.items() if path in clips}
            )
            fulltext.put(db, clips.values())
            return len(clips)

    def label_names(self) -> tuple[str, ...]:
        """The names of all labels, sorted."""
        with self._engine.begin() as db:
            return questions.label_names(db)

    def label_values(self, name: str) -> list[tuple[int, str]]:
        """Sound id and value of every clip that has a label."""
        query = select(Clip.sound_id, Label.value).join(Label).where(Label.name == name)
        with self._engine.begin() as db:
            return [(sound, value) for sound, value in db.execute(query)]

    def check_names(self, names: Iterable[str]) -> None:
        """Refuse labels that no clip has, and what was never measured or recognised here.

        Raises:
            PromptError: naming the labels there are, or the command that measures.
        """
        with self._engine.begin() as db:
            questions.check_names(db, names)

    def values_of(self, names: Sequence[str], paths: Iterable[str]) -> dict[str, dict[str, Value]]:
        """What columns, labels or tags have for clips, by name and then by path."""
        with self._engine.begin() as db:
            return questions.values_of(db, names, paths)

    # Windows

    def generation(self, source: str) -> int:
        """Grows with every transaction that adds or removes windows of a source; 0 at first."""
        with self._engine.begin() as db:
            return db.scalar(select(Source.generation).where(Source.key == source)) or 0

    def window_count(self, source: str) -> int:
        """How many windows there are of a source."""
        with self._engine.begin() as db:
            query = (
                select(func.count())
                .select_from(Window)
                .where(Window.source_id == questions.source_id(source))
            )
            return db.scalar(query) or 0

    def window_ids(self, source: str) -> Ids:
        """The ids (n,) of all windows of a source, rising."""
        with self._engine.begin() as db:
            return questions.fetch_ids(
                db, select(Window.id).where(Window.source_id == questions.source_id(source))
            )

    def window_sounds(self, source: str) -> tuple[Ids, Ids]:
        """The ids (n,) of all windows of a source, rising, and the sound (n,) of each."""
        query = select(Window.id, Window.sound_id)
        query = query.where(Window.source_id == questions.source_id(source))
        with self._engine.begin() as db:
            rows = db.execute(query).all()
        table = np.array([tuple(row) for row in rows], dtype=np.int64).reshape(-1, 2)
        # Sorted here: in SQL it would be read in the order of the table, vectors and all.
        ids, sounds = table[np.argsort(table[:, 0])].T
        return ids, sounds

    def vectors(
        self, source: str, after_id: int = 0, batch: int = 4096
    ) -> Iterator[tuple[Ids, Vectors]]:
        """Ids (n,), rising, and raw vectors (n, dim) of the windows of a source, in batches.

        Every batch is a transaction of its own, so that a slow reader does not hold up the
        checkpoints of a writer; compare `generation` before and after for the whole.
        """
        while True:
            query = (
                select(Window.id, Window.vector)
                .where(Window.source_id == questions.source_id(source), Window.id > after_id)
                .order_by(Window.id)
                .limit(batch)
            )
            with self._engine.begin() as db:
                rows = db.execute(query).all()
            if not rows:
                return
            ids = np.array([row.id for row in rows], dtype=np.int64)
            yield ids, questions.from_bytes([row.vector for row in rows])
            after_id = int(ids[-1])

    def select_windows(self, filters: Filters, source: str) -> Ids:
        """The ids (n,), rising, of the windows of clips that pass the filters."""
        clips = select(Clip.sound_id).join(Sound).where(*filters.clauses())
        query = select(Window.id).where(
            Window.source_id == questions.source_id(source), Window.sound_id.in_(clips)
        )
        with self._engine.begin() as db:
            return questions.fetch_ids(db, query)

    def hits(self, window_ids: Iterable[int] | Ids, filters: Filters | None = None) -> list[Row]:
        """The windows, each with every clip that holds its sound and passes the filters.

        Ordered by window id and path. Without filters, clips whose files are gone are left out.
        """
        clauses = (filters or Filters()).clauses()
        wanted = questions.listed(int(one) for one in window_ids)
        query = (
            select(
                Window.id,
                Window.sound_id,
                Window.start,
                Window.end,
                Clip.id,
                Clip.path,
                Sound.duration,
                Sound.loudness,
                Clip.transcript,
                Sound.hash,
                Clip.missing_since.is_not(None),
            )
            .join(Sound, Sound.id == Window.sound_id)
            .join(Clip, Clip.sound_id == Sound.id)
            .where(Window.id.in_(wanted), *clauses)
            .order_by(Window.id, Clip.path)
        )
        with self._engine.begin() as db:
            rows = db.execute(query).all()
            labels = questions.labels_of(db, {row[4] for row in rows})
        return [Row(*row, labels=labels.get(row[4], {})) for row in rows]

    def drop_other_sources(self, space: str, source: str) -> int:
        """Drop the windows that other versions of a space left; how many there were.

        What is known of those sources stays: a generation must not begin again.
        """
        with self._writer.begin() as db:
            others = select(Source.id).where(Source.space == space, Source.key != source)
            touched = select(Window.source_id).where(Window.source_id.in_(others)).distinct()
            changes.count_up(db, db.scalars(touched).all())
            return db.execute(delete(Window).where(Window.source_id.in_(others))).rowcount

    # Text collections

    def add_texts(self, name: str, lines: Sequence[Line]) -> None:
        """Add a collection of texts, or replace the one of this name."""
        with self._writer.begin() as db:
            db.execute(delete(Collection).where(Collection.name == name))
            added = db.execute(insert(Collection).values(name=name).returning(Collection.id))
            changes.put_lines(db, added.scalar_one(), lines)

    def collections(self) -> tuple[str, ...]:
        """The names of all text collections, sorted."""
        with self._engine.begin() as db:
            return tuple(db.scalars(select(Collection.name).order_by(Collection.name)))

    def texts(self, name: str) -> tuple[Line, ...]:
        """The lines of a collection in their order; none if there is no such collection."""
        with self._engine.begin() as db:
            return tuple(line for _, line in questions.lines_of(db, name))

    def line_vectors(self, name: str, encoder: str) -> Vectors | None:
        """The raw vectors (n, dim) of a collection's n lines; None unless all are stored."""
        query = (
            select(LineVector.vector)
            .select_from(TextLine)
            .join(Collection)
            .outerjoin(
                LineVector, (LineVector.line_id == TextLine.id) & (LineVector.encoder == encoder)
            )
            .where(Collection.name == name)
            .order_by(TextLine.position)
        )
        with self._engine.begin() as db:
            found = db.scalars(query).all()
        return None if not found or None in found else questions.from_bytes(found)

    def store_line_vectors(
        self, name: str, encoder: str, lines: Sequence[Line], vectors: Vectors
    ) -> bool:
        """Keep the raw vectors (n, dim) of n lines.

        False, and nothing is kept, if the collection holds other lines by now.
        """
        with self._writer.begin() as db:
            held = questions.lines_of(db, name)
            if tuple(lines) != tuple(line for _, line in held) or not held:
                return False
            rows = [
                {"line_id": line, "encoder": encoder, "vector": questions.to_bytes(vector)}
                for (line, _), vector in zip(held, vectors, strict=True)
            ]
            db.execute(insert(LineVector).prefix_with("OR REPLACE"), rows)
            return True

    # The whole

    def status(self) -> Counts:
        """What the catalog holds, counted in one snapshot."""
        with self._engine.begin() as db:
            clips, missing = db.execute(
                select(func.count(), func.count(Clip.missing_since)).select_from(Clip)
            ).one()
            sounds, seconds = db.execute(
                select(func.count(), func.total(Sound.duration)).select_from(Sound)
            ).one()
            sources = questions.source_states(db)
            return Counts(
                clips=clips,
                missing=missing,
                sounds=sounds,
                seconds=seconds,
                windows=sum(source.windows for source in sources),
                failures=db.scalar(select(func.count()).select_from(FailedFile)) or 0,
                labels=questions.label_names(db),
                collections=tuple(db.scalars(select(Collection.name).order_by(Collection.name))),
                sources=sources,
                measured=questions.measured(db),
                recognised=questions.recognised(db),
            )

    def integrity(self) -> list[str]:
        """What is wrong inside the database, a line each; empty if it is sound."""
        with self._engine.begin() as db:
            return questions.faults(db)
