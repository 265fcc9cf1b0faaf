import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine

import migrations
from retrieval import fulltext
from retrieval.catalog import Catalog, connect
from retrieval.errors import LibraryError
from retrieval.texts import Line

ROOT = Path(migrations.__file__).parents[1]

# Rows as a program of each released revision would have left them. Never change an entry.
ROWS = {
    "0001": """
        INSERT INTO sounds VALUES (3, 'abc', 2.5, -20.0, -3.0);
        INSERT INTO clips VALUES (5, '/lib/a.wav', 3, 100, 200, 44100, 2, 'WAV', 'PCM_16',
            '{"artist": "x"}', 'hello', 1000.5, NULL);
        INSERT INTO clips VALUES (6, '/lib/b.wav', 3, 100, 200, 44100, 2, 'WAV', 'PCM_16',
            '{}', NULL, 1000.5, 2000.5);
        INSERT INTO labels VALUES (5, 'speaker', '07');
        INSERT INTO sources VALUES (2, 'source', 'toy', 1.0, 0.5, 2, 4);
        INSERT INTO windows VALUES (9, 3, 2, 0.0, 1.0, X'0000803F00000040');
        INSERT INTO windows VALUES (11, 3, 2, 0.5, 1.5, X'0000004000000000');
        INSERT INTO failures VALUES ('/lib/bad.wav', 1, 2, 'it is empty', 'remove it', 3.0);
        INSERT INTO collections VALUES (1, 'lines');
        INSERT INTO lines VALUES (4, 1, 0, 'to be', 0.5, 1.5);
        INSERT INTO line_vectors VALUES (4, 'encoder', X'0000803F');
    """,
}
ROWS["0002"] = f"""
        {ROWS["0001"]}
        INSERT INTO transcript_vectors VALUES ('hash', 'encoder', X'0000803F');
        INSERT INTO words(rowid, name, folder, tags, labels, transcript)
            VALUES (5, 'a', 'lib', 'x', '07', 'hello');
        INSERT INTO words(rowid, name, folder, tags, labels, transcript)
            VALUES (6, 'b', 'lib', '', '', '');
    """
ROWS["0003"] = f"""
        {ROWS["0002"]}
        INSERT INTO features(sound_id, method, start, "end", pitch_median, pause_count)
            VALUES (3, 1, NULL, NULL, 220.5, 2);
    """
ROWS["0004"] = f"""
        {ROWS["0003"]}
        INSERT INTO spoken VALUES (7, 5, 0, 0.5, 1.5, 'hello', 'sidecar');
        INSERT INTO recognised(clip_id, recogniser, start, "end", words, fusion, recognised,
            confidence, valence, arousal, voice_valence, words_valence, mismatch, state)
            VALUES (5, 'by ear', NULL, NULL, 'hello', 'late', 'sad', 0.5, -0.4, 0.1, -0.5, 0.3,
                0.75, NULL);
        INSERT INTO recognised(clip_id, recogniser, start, "end", fusion, recognised, confidence,
            valence, arousal, state)
            VALUES (5, 'by ear', 0.5, 1.5, 'voice', 'sad', 0.5, -0.4, 0.1, X'0000803F');
    """

# A revision to come, of the kind SQLite can only do by copying the table that others refer to.
FIFTH = """
import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    with op.batch_alter_table("sounds", recreate="always") as batch:
        batch.add_column(sa.Column("note", sa.String(), nullable=True))
    if FAIL:
        op.execute("INSERT INTO nowhere VALUES (1)")
"""


@contextmanager
def opened(path: Path) -> Iterator[Engine]:
    engine = connect(path)
    try:
        yield engine
    finally:
        engine.dispose()


def build(path: Path, revision: str) -> None:
    """A catalog as a program of that revision left it."""
    with opened(path) as engine:
        with engine.execution_options(writing=True).begin() as db:
            migrations.migrate(db, revision)
        with engine.begin() as db:
            driver = db.connection.driver_connection
            assert isinstance(driver, sqlite3.Connection)
            for statement in ROWS[revision].split(";"):
                driver.execute(statement)


def check_rows(engine: Engine) -> None:
    """What `ROWS` say, as the present program sees it."""
    catalog = Catalog(engine)
    known = catalog.known()
    assert {path: clip.missing for path, clip in known.items()} == {
        "/lib/a.wav": False,
        "/lib/b.wav": True,
    }
    row, second = catalog.hits(catalog.window_ids("source"))
    assert (row.window_id, row.path, row.labels) == (9, "/lib/a.wav", {"speaker": "07"})
    assert (row.transcript, row.hash, row.end, row.loudness) == ("hello", "abc", 1.0, -20.0)
    assert second.window_id == 11
    ((_, vectors),) = catalog.vectors("source")
    assert np.array_equal(vectors, [[1, 2], [2, 0]])
    assert catalog.generation("source") == 4
    assert catalog.failures()["/lib/bad.wav"].reason == "it is empty"
    assert catalog.texts("lines") == (Line("to be", 0.5, 1.5),)
    assert np.array_equal(catalog.line_vectors("lines", "encoder"), [[1]])  # type: ignore[arg-type]
    if migrations.revision(engine) == migrations.head():
        assert catalog.integrity() == []


def check_words(engine: Engine) -> None:
    """The same of the full-text table, which came with 0002."""
    with Catalog(engine).reading() as db:
        for word, clips in (("hello", [5]), ("lib", [5, 6]), ("artist", []), ("x", [5])):
            assert fulltext.shares(db, word)[0].tolist() == clips


def contents(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as db:
        return list(db.iterdump())


@pytest.fixture
def future(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same program with one revision more; the folder of its revisions."""
    here = tmp_path / "100% later" / "migrations"
    shutil.copytree(migrations.HERE, here, ignore=shutil.ignore_patterns("__pycache__"))
    (here / "versions" / "0005_fifth.py").write_text(FIFTH.replace("FAIL", "False"))
    monkeypatch.setattr(migrations, "HERE", here)
    return here / "versions"


def test_a_new_catalog_is_at_head_and_like_the_models(tmp_path: Path) -> None:
    path = tmp_path / "a?b#c%20" / "catalog.db"
    path.parent.mkdir()
    with opened(path) as engine:
        assert migrations.revision(engine) is None
        migrations.upgrade(engine, path)
        assert migrations.revision(engine) == migrations.head()
        assert migrations.check(engine) == []
        mode = engine.connect().exec_driver_sql("PRAGMA journal_mode").scalar()
    assert mode == "wal"
    assert not list(path.parent.glob("*.bak*"))


def test_the_check_sees_a_difference(tmp_path: Path) -> None:
    path = tmp_path / "catalog.db"
    with opened(path) as engine:
        migrations.upgrade(engine, path)
        with engine.begin() as db:
            db.exec_driver_sql("ALTER TABLE clips ADD COLUMN extra TEXT")
        (difference,) = migrations.check(engine)
    assert difference[0] == "remove_column"


def test_the_revisions_are_those_that_alembic_finds() -> None:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(migrations.HERE))
    script = ScriptDirectory.from_config(config)
    walked = [one.revision for one in script.walk_revisions()]
    assert migrations.revisions() == walked[::-1]
    assert migrations.head() == script.get_current_head()


def test_every_released_revision_is_tried() -> None:
    assert list(ROWS) == migrations.revisions()


@pytest.mark.parametrize("revision", ROWS)
def test_every_released_revision_opens(tmp_path: Path, revision: str) -> None:
    path = tmp_path / "catalog.db"
    build(path, revision)
    with opened(path) as engine:
        migrations.upgrade(engine, path)
        assert migrations.revision(engine) == migrations.head()
        assert migrations.check(engine) == []
        check_rows(engine)
        check_words(engine)


def test_an_upgrade_keeps_all_rows_and_leaves_a_backup(tmp_path: Path, future: Path) -> None:
    path = tmp_path / "catalog.db"
    build(path, "0001")
    before = contents(path)
    with opened(path) as engine:
        migrations.upgrade(engine, path)
        assert migrations.revision(engine) == "0005"
        check_rows(engine)
        check_words(engine)
        with engine.begin() as db:
            assert db.exec_driver_sql("SELECT note FROM sounds").scalars().all() == [None]
            # What was switched off for the upgrade is on again.
            assert db.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    assert contents(tmp_path / "catalog.db.0001.bak") == before
    assert sorted(file.name for file in tmp_path.glob("*.bak*")) == ["catalog.db.0001.bak"]
    assert future.is_dir()


@pytest.mark.usefixtures("future")
def test_a_backup_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "catalog.db"
    (tmp_path / "catalog.db.0001.bak").write_text("first")
    (tmp_path / "catalog.db.0001-2.bak").write_text("second")
    (tmp_path / "catalog.db.0001-3.bak.unfinished").write_text("of a process that was killed")
    build(path, "0001")
    with opened(path) as engine:
        migrations.upgrade(engine, path)
    assert (tmp_path / "catalog.db.0001.bak").read_text() == "first"
    assert (tmp_path / "catalog.db.0001-2.bak").read_text() == "second"
    with opened(tmp_path / "catalog.db.0001-3.bak") as engine:
        check_rows(engine)
    assert not list(tmp_path.glob("*.unfinished"))


def test_an_upgrade_without_fts5_leaves_the_words_for_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "catalog.db"
    build(path, "0001")
    monkeypatch.setattr(fulltext, "has_fts5", lambda _: False)
    with opened(path) as engine:
        migrations.upgrade(engine, path)
        assert migrations.check(engine) == []
        with Catalog(engine).reading() as db:
            assert fulltext.is_stale(db)
        monkeypatch.undo()
        with Catalog(engine).writing() as db:
            fulltext.create(db)
            assert not fulltext.is_stale(db)
        check_words(engine)


def test_a_failed_upgrade_changes_nothing(tmp_path: Path, future: Path) -> None:
    (future / "0005_fifth.py").write_text(FIFTH.replace("FAIL", "True"))
    path = tmp_path / "catalog.db"
    build(path, "0001")
    before = contents(path)
    with opened(path) as engine:
        with pytest.raises(Exception, match="nowhere"):
            migrations.upgrade(engine, path)
        check_rows(engine)
    assert contents(path) == before


def test_a_newer_catalog_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "catalog.db"
    build(path, "0001")
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE alembic_version SET version_num = '9999'")
        db.commit()
    before = contents(path)
    with opened(path) as engine, pytest.raises(LibraryError) as caught:
        migrations.upgrade(engine, path)
    assert "9999" in caught.value.error
    assert migrations.head() in caught.value.error
    assert caught.value.remedy == "upgrade affetto: pip install -U affetto"
    assert caught.value.path == str(path)
    assert contents(path) == before


@pytest.mark.parametrize(
    "content", [b"RIFF....WAVEfmt and then much more", b"x", b"SQLite format 3\0 and then rubbish"]
)
def test_a_file_that_is_no_database_is_refused_and_left_alone(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "catalog.db"
    path.write_bytes(content)
    with opened(path) as engine, pytest.raises(LibraryError, match="is not a catalog") as caught:
        migrations.upgrade(engine, path)
    assert caught.value.path == str(path)
    assert path.read_bytes() == content


@pytest.mark.parametrize("table", ["clips", "alembic_version"])
def test_a_database_of_something_else_is_refused(tmp_path: Path, table: str) -> None:
    path = tmp_path / "catalog.db"
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"CREATE TABLE {table} (version_num)")
        db.commit()
    before = contents(path)
    with opened(path) as engine, pytest.raises(LibraryError, match="is not a catalog"):
        migrations.upgrade(engine, path)
    assert contents(path) == before


OPEN = """
import sys
from pathlib import Path
import migrations
from retrieval import fulltext
from retrieval.catalog import Catalog, connect
path = Path(sys.argv[1])
engine = connect(path)
sys.stdin.readline()
migrations.upgrade(engine, path)
Catalog(engine).add_source(sys.argv[2], "toy", 1.0, 0.5, 2)
print("alembic" in sys.modules)
"""


def start(path: Path, name: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", OPEN, str(path), name],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )


def test_processes_that_make_a_library_at_once_all_succeed(tmp_path: Path) -> None:
    path = tmp_path / "catalog.db"
    processes = [start(path, f"source {number}") for number in range(3)]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        process.communicate()
        assert process.returncode == 0
    with opened(path) as engine:
        assert {one.source for one in Catalog(engine).status().sources} == {
            "source 0",
            "source 1",
            "source 2",
        }
        assert migrations.check(engine) == []
    assert not list(tmp_path.glob("*.bak*"))


def test_opening_a_present_catalog_does_not_load_alembic(tmp_path: Path) -> None:
    path = tmp_path / "catalog.db"
    build(path, migrations.head())
    out, _ = start(path, "again").communicate("go\n")
    assert out == "False\n"
