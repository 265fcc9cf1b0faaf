from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

import migrations
from retrieval import fulltext
from retrieval.catalog import Catalog, ClipFacts, connect
from retrieval.errors import LibraryError

SOURCE = "s" * 64


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    """For tests that only ask."""
    yield from opened(tmp_path_factory.mktemp("shared") / "catalog.db")


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    yield from opened(tmp_path / "catalog.db")


def opened(path: Path) -> Iterator[Catalog]:
    engine = connect(path)
    migrations.upgrade(engine, path)
    catalog = Catalog(engine)
    catalog.add_source(SOURCE, "toy", 1.0, 0.5, 1)
    for name in NAMES:
        store(catalog, name)
    catalog.set_labels({NAMES[2]: {"mood": "warm"}}, {NAMES[1]: "Nobody told me, I'm fine"})
    yield catalog
    catalog.close()


NAMES = ("/lib/Foley/door_slam_03.wav", "/lib/Foley/DoorBell2.wav", "/lib/voices/clé perdue.ogg")


def store(catalog: Catalog, path: str, **tags: str) -> None:
    facts = ClipFacts(path, path, 1, 1, 2.0, 8000, 1, "WAV", "PCM_16", -20.0, -1.0, tags)
    catalog.store(facts, [(0.0, 1.0, np.ones(1, dtype=np.float32))], SOURCE)


def found(catalog: Catalog, prompt: str) -> dict[str, float]:
    names = {clip.clip_id: Path(path).stem for path, clip in catalog.known().items()}
    with catalog.reading() as db:
        clips, shares = fulltext.shares(db, prompt)
    return {names.get(int(clip), "gone"): share for clip, share in zip(clips, shares, strict=True)}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("door_slam-03.take", ["door", "slam", "03", "take"]),
        ("DoorSlam03", ["Door", "Slam", "03"]),
        ("HTMLParserMP3", ["HTML", "Parser", "MP", "3"]),
        ("cle\u0301Perdue", ["clé", "Perdue"]),
        ("हिन्दी", ["हिन्दी"]),
        ("...", []),
    ],
)
def test_names_are_cut_where_a_person_reads_a_gap(name: str, words: list[str]) -> None:
    assert fulltext.pieces(name) == words


@pytest.mark.parametrize(
    ("prompt", "clips"),
    [
        ("door slam", {"door_slam_03", "DoorBell2"}),
        ("slamming", {"door_slam_03"}),
        ("doorb", {"DoorBell2"}),  # a name also stands whole
        ("BELL", {"DoorBell2"}),
        ("foley", {"door_slam_03", "DoorBell2"}),
        ("cle", {"clé perdue"}),
        ("warm", {"clé perdue"}),
        ("i'm fine", {"DoorBell2"}),
        ("do", set()),  # two letters begin nothing
        ("wav", set()),
        ('"door" OR NOT * ^slam) NEAR(', {"door_slam_03", "DoorBell2"}),
        ("name : door", {"door_slam_03", "DoorBell2"}),
        ("!?", set()),
        ("the", set()),
    ],
)
def test_what_is_found(shared: Catalog, prompt: str, clips: set[str]) -> None:
    assert set(found(shared, prompt)) == clips


def test_a_rare_word_weighs_more_and_all_words_are_the_whole(shared: Catalog) -> None:
    shares = found(shared, "the door slam")
    assert shares["door_slam_03"] == pytest.approx(1)
    rarity = {word: np.log1p((3 - n + 0.5) / (n + 0.5)) for word, n in (("door", 2), ("slam", 1))}
    assert shares["DoorBell2"] == pytest.approx(rarity["door"] / sum(rarity.values()))
    missing = found(shared, "door zebra")["door_slam_03"]
    none = np.log1p(3.5 / 0.5)
    assert missing == pytest.approx(rarity["door"] / (rarity["door"] + none))


@given(st.text(max_size=40))
def test_any_text_can_be_asked(shared: Catalog, prompt: str) -> None:
    assert all(0 < share <= 1 for share in found(shared, prompt).values())


def test_words_follow_every_change_of_a_clip(catalog: Catalog) -> None:
    slam = NAMES[0]
    catalog.set_labels({slam: {"room": "kitchen"}}, {slam: "go away"})
    assert set(found(catalog, "kitchen")) == set(found(catalog, "away")) == {"door_slam_03"}
    catalog.set_labels({slam: {"room": "hall"}}, {})
    assert (set(found(catalog, "kitchen")), set(found(catalog, "hall"))) == (
        set(),
        {"door_slam_03"},
    )
    catalog.moved(slam, "/lib/gate.wav", 1, 1)
    assert set(found(catalog, "gate")) == set(found(catalog, "hall")) == {"gate"}
    assert "gate" not in found(catalog, "slam")
    catalog.moved("/lib/gate.wav", NAMES[1], 1, 1)  # over another clip
    assert set(found(catalog, "bell")) == set(found(catalog, "hall")) == {"DoorBell2"}
    assert found(catalog, "fine") == {}
    store(catalog, NAMES[1], title="Creaking")
    assert set(found(catalog, "creak")) == {"DoorBell2"}
    catalog.mark_missing([NAMES[1]])
    assert catalog.prune_missing() == 1
    assert found(catalog, "door creaking hall") == {}
    store(catalog, "/lib/other.wav")  # SQLite may give it the id of the clip that went
    assert found(catalog, "creaking hall") == {}


def test_a_change_that_fails_leaves_the_words_as_they_were(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise RuntimeError("stopped")

    monkeypatch.setattr("retrieval.catalog.changes.put_windows", stop)
    with pytest.raises(RuntimeError):
        store(catalog, "/lib/new_thing.wav")
    assert found(catalog, "thing") == {}


def test_what_changed_without_fts5_is_read_again(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as old:
        old.setattr(fulltext, "has_fts5", lambda _: False)
        store(catalog, "/lib/later.wav")
        with catalog.reading() as db, pytest.raises(LibraryError, match="has no FTS5"):
            fulltext.require(db)
    with catalog.reading() as db:
        assert fulltext.is_stale(db)
    with catalog.writing() as db:
        fulltext.create(db)
    assert set(found(catalog, "later")) == {"later"}
    assert set(found(catalog, "warm")) == {"clé perdue"}


def test_full_text_tables_are_sound(catalog: Catalog) -> None:
    assert catalog.integrity() == []
    with catalog.writing() as db:
        db.execute(text("INSERT INTO words(words) VALUES ('integrity-check')"))
