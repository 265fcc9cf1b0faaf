"""Who is asked, what is said of what nobody can answer, and transcripts by their meaning."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from retrieval import fulltext, library
from retrieval.encoders import sentences
from retrieval.errors import LibraryError, MissingExtra, PromptError
from retrieval.library import Library
from retrieval.query import Wanted
from retrieval.space import Space, Vectors
from retrieval.voices import routes
from retrieval.voices.asking import NO_FTS5

THEMES = ("door", "rain", "money", "fine")
SAID = {
    "slam": "Close the door behind you",
    "gate": "The door is open",
    "drops": "What a rain this is",
}


class Themes:
    """A sentence encoder that knows four themes; remembers what it was given to read."""

    name, dim, fingerprint = "themes", 5, "themes-1"

    def __init__(self) -> None:
        self.read: list[str] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.read += texts
        rows = [[0.3, *(float(theme in text.lower()) for theme in THEMES)] for text in texts]
        return np.array(rows, dtype=np.float32)


@pytest.fixture
def themes(monkeypatch: pytest.MonkeyPatch) -> Themes:
    themes = Themes()
    monkeypatch.setattr(sentences, "transcript_encoder", lambda: themes)
    return themes


@pytest.fixture
def feelings(space: Space, monkeypatch: pytest.MonkeyPatch) -> Space:
    """A space that stands for the built-in one."""
    feelings = replace(space, name=routes.FEELINGS)
    found = {routes.FEELINGS: feelings, "birds": replace(space, name="birds")}
    monkeypatch.setattr(library, "load_space", found.__getitem__)
    monkeypatch.setattr(library, "list_spaces", list)
    return feelings


@pytest.fixture
def shelf(tmp_path: Path, feelings: Space, write_tone: Callable[..., Path]) -> Iterator[Library]:
    names = [*SAID, "mute"]
    for number, name in enumerate(names):
        write_tone(tmp_path / "sounds" / f"{name}.wav", hz=200.0 + 400 * number)
    table = tmp_path / "said.csv"
    rows = "".join(f"sounds/{name}.wav,{text}\n" for name, text in SAID.items())
    table.write_text(f"path,transcript\n{rows}")
    with Library(tmp_path / "library", create=True) as opened:
        opened.ingest([tmp_path / "sounds"], space=feelings)
        opened.label(table)
        yield opened


def names(answer: object) -> list[str]:
    return [Path(hit.path).stem for hit in answer.hits]  # type: ignore[attr-defined]


@pytest.mark.usefixtures("themes")
def test_what_is_said_is_found_by_meaning(shelf: Library) -> None:
    answer = shelf.search('said:"an open door"', Wanted(collapse=False))
    assert set(names(answer)[:2]) == {"slam", "gate"}
    assert names(answer)[2:] == ["drops"]  # and nothing is said in the last clip
    assert [set(hit.said) for hit in answer.hits] == [{"said"}] * 3
    assert answer.hits[0].score > 0.9 > 0.1 > answer.hits[2].score
    assert (answer.hits[0].space, answer.fits, answer.notes) == ("said", True, ())


@pytest.mark.usefixtures("themes")
def test_no_transcript_speaks_neither_for_nor_against(shelf: Library) -> None:
    answer = shelf.search(["feeling:calm", "said:rain"], Wanted(k=10, collapse=False))
    said = {Path(hit.path).stem: dict(hit.said) for hit in answer.hits}
    assert set(said["mute"]) == {"affetto"}
    scores = {Path(hit.path).stem: hit.score for hit in answer.hits}
    assert scores["mute"] == pytest.approx(said["mute"]["affetto"] * 0.1, rel=1e-3)
    assert scores["gate"] == pytest.approx(said["gate"]["affetto"] * said["gate"]["said"], rel=1e-3)


def test_a_transcript_is_read_once_until_it_changes(
    shelf: Library, themes: Themes, tmp_path: Path
) -> None:
    shelf.search("said:door")
    assert set(SAID.values()) <= set(themes.read)
    first = shelf.search("said:door").hits
    themes.read.clear()
    assert repr(shelf.search("said:door").hits) == repr(first)  # nan is not equal to itself
    assert themes.read == ["door"]
    (tmp_path / "said.csv").write_text("path,transcript\nsounds/gate.wav,Money again\n")
    shelf.label(tmp_path / "said.csv")
    themes.read.clear()
    assert names(shelf.search("said:money"))[0] == "gate"
    assert sorted(themes.read) == ["Money again", "money"]
    with shelf.catalog.reading() as db:  # what nobody says any more is forgotten
        kept = db.exec_driver_sql("SELECT count(*) FROM transcript_vectors").scalar()
    assert kept == 3 + 24


def test_without_the_extra_transcripts_are_searched_by_their_words(
    shelf: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent() -> None:
        raise MissingExtra("it is not installed", remedy="pip install 'affetto[text]'")

    monkeypatch.setattr(sentences, "transcript_encoder", absent)
    answer = shelf.search("said:door", Wanted(collapse=False))
    assert set(names(answer)) == {"slam", "gate"}
    (note,) = answer.notes
    assert "by their words; pip install 'affetto[text]' reads their meaning" in note
    assert shelf.search("said:mute").hits == ()  # the name of a file is not what is said


def test_where_nothing_is_said_the_way_to_transcripts_is_shown(
    feelings: Space, tmp_path: Path, write_tone: Callable[..., Path]
) -> None:
    write_tone(tmp_path / "sounds" / "a.wav")
    with Library(tmp_path / "library", create=True) as opened:
        opened.ingest([tmp_path / "sounds"], space=feelings)
        with pytest.raises(PromptError, match="no clip has a transcript") as caught:
            opened.search("said:hello")
    assert "affetto label" in str(caught.value.remedy)


def test_what_asks_feelings_and_words_where_no_space_knows_things(shelf: Library) -> None:
    answer = shelf.search("what:slam")
    assert names(answer)[0] == "slam"
    assert set(answer.hits[0].said) == {"affetto", "words"}
    assert answer.notes == (routes.NO_THINGS,)
    assert shelf.search("feeling:slam").notes == ()


def test_what_asks_the_space_that_knows_things_and_words(shelf: Library, space: Space) -> None:
    shelf.embed(replace(space, name="birds", window=0.7, hop=0.35))
    birds = replace(space, name="birds", window=0.7, hop=0.35)
    answer = shelf.search("what:slam", Wanted(collapse=False), space=[birds])
    assert names(answer)[0] == "slam"
    assert answer.hits[0].space == "birds,words"
    assert {"birds", "words"} == set(answer.hits[0].said)
    assert answer.notes == ()


def test_a_prompt_without_a_colon_never_asks_which_spaces_there_are(
    shelf: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise AssertionError("spaces were listed")

    monkeypatch.setattr(library, "list_spaces", fail)
    assert len(shelf.search("calm", Wanted(collapse=False)).hits) == 4


def test_without_fts5_words_are_left_out_or_refused(
    shelf: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fulltext, "has_fts5", lambda _: False)
    answer = shelf.search("slam", space="affetto,words")
    assert answer.notes == (NO_FTS5,)
    assert all("words" not in hit.said for hit in answer.hits)
    with pytest.raises(LibraryError, match="has no FTS5"):
        shelf.search("slam", space="words")
    with pytest.raises(LibraryError, match="has no FTS5"):
        shelf.search("words:slam")


def test_words_are_filled_again_when_they_are_stale(
    shelf: Library, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    table = tmp_path / "labels.csv"
    table.write_text("path,mood\nsounds/drops.wav,stormy\n")
    with monkeypatch.context() as old:
        old.setattr(fulltext, "has_fts5", lambda _: False)
        shelf.label(table)
    assert names(shelf.search("words:storm")) == ["drops"]
