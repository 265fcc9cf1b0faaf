"""A library: a folder with a catalog and its indexes. The one place where the rooms are joined.

from retrieval import Library

library = Library("~/sounds.affetto", create=True)
library.ingest(["~/recordings"])
for hit in library.search("bitter, holding back tears").hits:
    print(hit.path, hit.start, hit.end, hit.score)
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import migrations
from indexes.index import Index
from indexes.store import Store
from retrieval import ingest as ingestion
from retrieval.arranging import arranged
from retrieval.calibration import Background
from retrieval.catalog import Catalog, connect
from retrieval.checkup import Fault, Status, mend, status_of, verify_library
from retrieval.collected import collection
from retrieval.describe import Description, describe
from retrieval.embedding import all_embedded, embed_known, require_clips, require_vectors
from retrieval.encoders.builtin import BUILTIN
from retrieval.encoders.models.checkpoints import CHECKPOINTS
from retrieval.encoders.registry import Listing, list_spaces, load_space
from retrieval.errors import LibraryError, PromptError, SpaceError
from retrieval.filters import Filters
from retrieval.folders import data_folder
from retrieval.indexing import current_index, rebuild_index
from retrieval.labels import LabelTable, read_labels
from retrieval.listening import listen
from retrieval.lock import WriterLock
from retrieval.prompt import Excerpt, parse_excerpt
from retrieval.query import Answer, Ground, Wanted, background_without_library
from retrieval.recognition.senses import builtin_senses
from retrieval.relative import relative_to
from retrieval.space import Space
from retrieval.summary import Levelled, Summary, Watcher
from retrieval.texts import read_texts
from retrieval.voices import asking
from retrieval.voices.routes import names_of

if TYPE_CHECKING:  # what recognises is imported where it is used: a search does without
    from retrieval.features.readings import Reading
    from retrieval.recognition.attention.attended import Attended
    from retrieval.recognition.disagreeing import Disagreement
    from retrieval.records import Recognition

DEFAULT_SPACE = BUILTIN

#: What a search asks: one space or voice, or several, also as ``affetto,clap``.
Spaces = str | Space | Sequence[str | Space]


@dataclass(frozen=True)
class Rebuilt:
    """What a rebuild made.

    Attributes:
        windows: in the new index.
        summary: of reading the files again; None when the stored vectors were used.
        level: what was measured and recognised anew.
    """

    windows: int
    summary: Summary | None
    level: Levelled = field(default_factory=Levelled)


def default_folder() -> Path:
    """Where a library lies when nobody says: the per-user data folder of the system."""
    return data_folder()


class Library:
    """A folder of sound made searchable; everything the command line does is a method here.

    Args:
        folder: where the library lies; the per-user default if None.
        create: make the folder and an empty catalog if there are none.

    Raises:
        LibraryError: there is no library and `create` is false, it is damaged, or it was
            written by a newer program.
    """

    def __init__(self, folder: str | Path | None = None, *, create: bool = False) -> None:
        self.folder = Path(folder).expanduser() if folder else default_folder()
        database = self.folder / "catalog.db"
        if not database.exists() and not create:
            raise LibraryError(
                "there is no library here", path=self.folder, remedy="affetto ingest FOLDER"
            )
        self._make_folder()
        engine = connect(database)
        migrations.upgrade(engine, database)
        self.catalog = Catalog(engine)
        self.store = Store(self.folder / "indexes")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database."""
        self.catalog.close()

    def ingest(
        self,
        folders: str | Path | Sequence[str | Path],
        *,
        space: str | Space = DEFAULT_SPACE,
        jobs: int | None = None,
        retry_failed: bool = False,
        recognise: bool = False,
        progress: Watcher | None = None,
    ) -> Summary:
        """Take in every recording of the folders that is new or has changed.

        Where the library has features or recognised emotions, new clips get theirs.

        Args:
            folders: folders, searched to the bottom, or single files; one of them, or several.
            jobs: how many clips are decoded and encoded at a time; all cores if None.
            retry_failed: try files again that failed before and have not changed.
            recognise: recognise emotions also where nothing was recognised before.
            progress: called after every file.

        Raises:
            AudioError: a folder does not exist.
            SpaceError: `recognise` is true, and there is no recogniser.
            Busy: another process is writing.
        """
        place = _space(space)
        if recognise:
            builtin_senses()  # before the work
        several = [folders] if isinstance(folders, (str, Path)) else folders
        with WriterLock(self.folder):
            summary = ingestion.ingest(
                self.catalog,
                place,
                [Path(folder).expanduser() for folder in several],
                jobs=jobs,
                retry_failed=retry_failed,
                progress=progress,
            )
            if self.catalog.window_count(place.source):
                # An index of another version of the space is left to `rebuild`, as searches say.
                with suppress(SpaceError):
                    self._index(place)
            return self._level(jobs, progress, first=recognise).noted(summary)

    def embed(
        self,
        space: str | Space,
        *,
        jobs: int | None = None,
        progress: Watcher | None = None,
    ) -> Summary:
        """Add a space to the library from the files it knows, then bring its index level.

        Files that have their vectors in this space and have not changed are left; those that are
        gone are marked missing.

        Args:
            jobs: how many clips are decoded and encoded at a time; all cores if None.
            progress: called after every file.

        Raises:
            LibraryError: the library is empty.
            SpaceError: the space is not installed.
            Busy: another process is writing.
        """
        place = _space(space)
        with WriterLock(self.folder):
            require_clips(self.catalog, self.folder)
            summary = embed_known(self.catalog, place, jobs, progress, again=False)
            if self.catalog.window_count(place.source):
                with suppress(SpaceError):
                    self._index(place)
            return self._level(jobs, progress, only_words=True).noted(summary)

    def label(
        self, table: str | Path, *, roots: Sequence[Path] = (), transcript: str | None = None
    ) -> LabelTable:
        """Attach the labels and transcripts of a CSV file to clips, without embedding anything.

        Where emotions were recognised, new words are judged with the voices as they were heard.

        Raises:
            PromptError: the table cannot be read.
        """
        known = self.catalog.known()
        read = read_labels(Path(table).expanduser(), known, roots, transcript)
        with WriterLock(self.folder):
            self.catalog.set_labels(read.labels, read.transcripts)
            if read.transcripts:
                self._level(only_words=True)
        return read

    def measure_features(
        self, *, jobs: int | None = None, progress: Watcher | None = None
    ) -> Summary:
        """Measure what can be read of every sound that was not measured yet (docs/features.md).

        Args:
            jobs: how many files are read at a time; all cores if None.
            progress: called after every file.

        Raises:
            MissingExtra: there is something to measure, and the extra `features` is absent.
            Busy: another process is writing.
        """
        from retrieval.features.survey import survey

        with WriterLock(self.folder):
            return survey(self.catalog, jobs=jobs, progress=progress)

    def features(
        self, filters: Filters | None = None, *, windows: bool = False
    ) -> "list[tuple[str, Reading]]":
        """Path and stored features of every clip that passes, or of its windows; by path and time.

        Raises:
            PromptError: no clip has a label of the filters.
        """
        from retrieval.features.stored import stored

        wanted = filters or Filters()
        self.catalog.check_names(wanted.names())
        return list(stored(self.catalog, wanted, windows=windows))

    def recognise(
        self, *, jobs: int | None = None, again: bool = False, progress: Watcher | None = None
    ) -> Summary:
        """Recognise the emotion of every clip by its voice and its words (docs/recognising.md).

        Only what lacks is done: clips that were not judged yet, or have other words by now. A voice
        that was heard is not heard again.

        Args:
            jobs: how many clips are heard at a time; all cores if None.
            again: hear every clip again.
            progress: called after every clip.

        Raises:
            SpaceError: there is no recogniser for the towers of the built-in space.
            Busy: another process is writing.
        """
        from retrieval import annotating

        senses = builtin_senses()
        with WriterLock(self.folder):
            return annotating.recognise(
                self.catalog, senses, jobs=jobs, again=again, progress=progress
            )

    def recognised(
        self, filters: Filters | None = None, *, passages: bool = False
    ) -> "list[Recognition]":
        """What is stored of every clip that passes, or of its passages; by path and time.

        Raises:
            PromptError: a filter names what no clip has.
        """
        from retrieval.recognition.recognised_store import stored

        wanted = filters or Filters()
        self.catalog.check_names(wanted.names())
        return list(stored(self.catalog, wanted, passages=passages))

    def mismatches(
        self, filters: Filters | None = None, *, k: int = 10, passages: bool = False
    ) -> "list[Disagreement]":
        """The k clips, or passages, whose words and voice disagree most, of what is stored.

        Clips without words that can be read are left out.

        Raises:
            PromptError: a filter names what no clip has.
            SpaceError: there is no recogniser that could weigh the words.
        """
        from retrieval import annotating

        wanted = filters or Filters()
        self.catalog.check_names(wanted.names())
        return annotating.mismatches(self.catalog, builtin_senses(), wanted, k, passages=passages)

    def transcribe(
        self,
        filters: Filters | None = None,
        *,
        again: bool = False,
        jobs: int | None = None,
        progress: Watcher | None = None,
    ) -> Summary:
        """Give a transcript to the clips that have none (docs/transcripts.md).

        Where emotions were recognised, the words are judged with the voices as they were heard.

        Args:
            filters: only these clips.
            again: hear those again that were heard before; what people wrote stays.
            jobs: how many files are heard at a time; all cores if None.
            progress: called after every file.

        Raises:
            MissingExtra: there is something to hear, and the extra `asr` is absent.
            PromptError: no clip has a label of the filters.
            Busy: another process is writing.
        """
        from retrieval.spoken.survey import transcribe

        wanted = filters or Filters()
        self.catalog.check_names(wanted.names())
        with WriterLock(self.folder):
            made = transcribe(self.catalog, wanted, again=again, jobs=jobs, progress=progress)
            return self._level(jobs, progress, only_words=True).noted(made)

    def prune(self, *, anyway: bool = False) -> int:
        """Forget the clips whose files are gone; how many that were.

        Raises:
            Unsafe: that would be more than half of the library, and `anyway` is false.
        """
        with WriterLock(self.folder):
            return ingestion.prune(self.catalog, anyway=anyway)

    def search(
        self,
        prompt: str | Sequence[str],
        wanted: Wanted | None = None,
        *,
        space: Spaces = DEFAULT_SPACE,
        relative: str | None = None,
    ) -> Answer:
        """Rank clips by a prompt (retrieval/prompt.py says how prompts are written).

        Args:
            space: one, or several voices joined (retrieval/voices): spaces, "words", "said".
            relative: judge each clip against those of its folder ("folder"), or against those
                with its value of a label (its name); see retrieval/relative.py.

        Raises:
            PromptError: the prompt or a filter cannot be read, or no clip has that label.
            SpaceError: the library holds nothing of a space.
            AudioError: a recording named in the prompt cannot be used.
            LibraryError: only words could answer, and this SQLite cannot search them.
        """
        how = wanted or Wanted()
        return arranged(
            self.catalog, asking.search(self._asked(space, relative), prompt, how), how.sort
        )

    def similar(
        self,
        example: str | Path,
        wanted: Wanted | None = None,
        *,
        space: Spaces = DEFAULT_SPACE,
        relative: str | None = None,
    ) -> Answer:
        """Rank clips by their likeness to a recording, ``FILE`` or ``FILE@start-end``.

        The example itself does not answer. Takes `relative`, and raises, as `search` does; an
        example that is not in the library is judged against all of it. Only spaces can be asked.
        """
        excerpt = parse_excerpt(str(example))
        how = wanted or Wanted()
        return arranged(
            self.catalog, asking.similar(self._asked(space, relative), excerpt, how), how.sort
        )

    def describe(
        self,
        file: str | Path,
        *,
        k: int = 5,
        timeline: bool = False,
        collections: Sequence[str] | None = None,
        space: str | Space = DEFAULT_SPACE,
    ) -> Description:
        """The feelings that fit a recording best, and the best lines of text collections.

        Beside them stands what was recognised in its voice and its words; in the built-in space
        that is done now where the library has not got it.

        Args:
            file: ``FILE`` or ``FILE@start-end``; it need not be in the library.
            k: how many terms, and how many lines of each collection.
            timeline: window by window instead of for the whole.
            collections: names of collections; all that were added if None.
        """
        place = _space(space)
        names = self.catalog.collections() if collections is None else collections
        texts = {name: collection(self.catalog, name, place) for name in names}
        excerpt = parse_excerpt(str(file))
        heard = listen(place, excerpt)
        found = describe(heard, place, self._background(place), texts, k, timeline)
        return _explained(found, self.catalog, excerpt, place)

    def attention(self, file: str | Path, *, text: str | None = None) -> "Attended":
        """When each word of a recording is said, and how much it counts (docs/attention.md).

        Args:
            file: ``FILE`` or ``FILE@start-end``; it need not be in the library.
            text: what is said in it; else its transcript here, else a file beside it.

        Raises:
            PromptError: nobody says what is said in it, or it is too long to be taken at once.
        """
        from retrieval.recognition.attention.attended import attended

        return attended(str(file), self.catalog, text)

    def add_texts(self, name: str, file: str | Path) -> int:
        """Add, or replace, a collection of texts from a txt, csv or srt file; how many lines.

        Raises:
            PromptError: the file cannot be read, or holds no text.
        """
        lines = read_texts(Path(file).expanduser())
        with WriterLock(self.folder):
            self.catalog.add_texts(name, lines)
        return len(lines)

    def collections(self) -> dict[str, int]:
        """The names of the text collections, with the number of their lines."""
        return {name: len(self.catalog.texts(name)) for name in self.catalog.collections()}

    def rebuild(
        self,
        *,
        space: str | Space = DEFAULT_SPACE,
        re_embed: bool = False,
        jobs: int | None = None,
        progress: Watcher | None = None,
    ) -> Rebuilt:
        """Make the index anew while searches go on, and bring level what was recognised.

        Args:
            re_embed: decode and encode the files again instead of using the stored vectors, and
                measure and recognise again what was measured and recognised. Vectors that another
                version of the space left are dropped once every sound has new ones.

        Raises:
            SpaceError: there are no stored vectors of this space, and `re_embed` is false.
            Busy: another process is writing.
        """
        place = _space(space)
        with WriterLock(self.folder):
            summary = None
            if re_embed:
                summary = embed_known(self.catalog, place, jobs, progress, again=True)
            require_vectors(self.catalog, self.folder, place)
            windows = rebuild_index(self.store, self.catalog, place).count
            if re_embed and all_embedded(self.catalog, place):
                self.catalog.drop_other_sources(place.name, place.source)
            level = self._level(jobs, progress, again=re_embed)
        return Rebuilt(windows, summary, level)

    def status(self) -> Status:
        """What the library holds, what failed, and the state of each index."""
        return status_of(self.folder, self.catalog, self.store, _usable())

    def verify(self, *, fix: bool = False, hashes: bool = True) -> list[Fault]:
        """Hold database, indexes and files against one another; every fault found.

        Args:
            fix: mend what can be mended; those faults come back marked as mended.
            hashes: read every file again and compare its content, not only size and time.
        """
        faults = verify_library(self.catalog, self.store, _usable(), hashes=hashes)
        if not fix:
            return faults
        with WriterLock(self.folder):
            return mend(faults, self.catalog, self.store, _usable())

    def spaces(self) -> list[Listing]:
        """The spaces that can be used here."""
        return list_spaces()

    def ground(self, space: str | Space = DEFAULT_SPACE, relative: str | None = None) -> Ground:
        """What searches of a space are asked of; its index is brought up to date first."""
        place = _space(space)
        require_vectors(self.catalog, self.folder, place)
        index = self._index(place)
        if relative is None:
            return Ground(place, index, self.catalog)
        against = relative_to(index, self.catalog, place.source, relative)
        return Ground(place, index, self.catalog, against)

    def _index(self, space: Space) -> Index:
        return current_index(self.store, self.catalog, space)

    def _background(self, space: Space) -> Background:
        if self.catalog.window_count(space.source):
            return self.ground(space).background()
        return background_without_library(space)

    def _asked(self, space: Spaces, relative: str | None) -> asking.Asked:
        given = [space] if isinstance(space, (str, Space)) else list(space)
        made = {one.name: one for one in given if isinstance(one, Space)}
        names = names_of(",".join(one if isinstance(one, str) else one.name for one in given))

        def known() -> set[str]:
            held = {one.space for one in self.catalog.status().sources}
            published = {one.name for one in CHECKPOINTS}
            return held | set(made) | published | {listing.name for listing in list_spaces()}

        return asking.Asked(
            self.catalog, names, known, lambda name: self.ground(made.get(name, name), relative)
        )

    def _level(
        self, jobs: int | None = None, progress: Watcher | None = None, **how: bool
    ) -> Levelled:
        """Bring features and recognised emotions level; the caller holds the writer lock."""
        from retrieval import annotating

        return annotating.level(
            self.catalog, self.folder, builtin_senses, jobs=jobs, progress=progress, **how
        )

    def _make_folder(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as fault:
            raise LibraryError(
                f"the library cannot be made: {fault.strerror}",
                path=self.folder,
                remedy="choose another folder with --library",
            ) from fault


def describe_alone(
    file: str | Path,
    *,
    k: int = 5,
    timeline: bool = False,
    space: str | Space = DEFAULT_SPACE,
) -> Description:
    """As `Library.describe`, without a library: scores are held against the space's panel."""
    place = _space(space)
    excerpt = parse_excerpt(str(file))
    heard = listen(place, excerpt)
    found = describe(heard, place, background_without_library(place), {}, k, timeline)
    return _explained(found, None, excerpt, place)


def describe_file(
    file: str | Path,
    folder: str | Path | None = None,
    *,
    k: int = 5,
    timeline: bool = False,
    collections: Sequence[str] | None = None,
    space: str | Space = DEFAULT_SPACE,
) -> Description:
    """As `Library.describe`, with the library of a folder if there is one, else without."""
    there = (Path(folder or default_folder()).expanduser() / "catalog.db").exists()
    if folder is None and not there and not collections:
        return describe_alone(file, k=k, timeline=timeline, space=space)
    with Library(folder) as library:
        return library.describe(file, k=k, timeline=timeline, collections=collections, space=space)


def attention_of(
    file: str | Path, folder: str | Path | None = None, *, text: str | None = None
) -> "Attended":
    """As `Library.attention`, with the library of a folder if there is one, else without."""
    from retrieval.recognition.attention.attended import attended

    there = (Path(folder or default_folder()).expanduser() / "catalog.db").exists()
    if text is not None or (folder is None and not there):
        return attended(str(file), text=text)
    with Library(folder) as library:
        return library.attention(file)


def _explained(
    found: Description, catalog: Catalog | None, excerpt: Excerpt, space: Space
) -> Description:
    """A description with what was recognised; only the built-in space has a recogniser."""
    from retrieval import annotating

    load = builtin_senses if space.name == BUILTIN else None
    return replace(found, recognition=annotating.explanation(catalog, excerpt, load))


def _usable() -> list[Space]:
    return [listing.space for listing in list_spaces() if listing.space is not None]


def _space(space: str | Space) -> Space:
    if not isinstance(space, str):
        return space
    if "," in space:
        raise PromptError(f"this works in one space, and not in {space}", remedy="name one of them")
    return load_space(space)
