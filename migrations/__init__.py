"""The history of the catalog's tables, and the way from any of its states to the present one.

A revision is a file in migrations/versions whose name starts with its number. To add one: change
retrieval/tables.py, see with `check` what Alembic finds different, and write the next file.
Revisions that were released are never changed.

Alembic takes a quarter of a second to import, so it is only imported when there is work to do.
"""

import os
import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine

from retrieval.errors import LibraryError

HERE = Path(__file__).parent


def head() -> str:
    """The revision this program works with."""
    return revisions()[-1]


def revisions() -> list[str]:
    """All revisions this program knows, oldest first."""
    return sorted(file.name.split("_")[0] for file in (HERE / "versions").glob("[0-9]*_*.py"))


def revision(engine: Engine) -> str | None:
    """The revision a database is at; None for an empty one.

    Raises:
        LibraryError: it is a database of something else, or no database at all.
    """
    with engine.connect() as db:
        return _revision(db)


def upgrade(engine: Engine, path: Path) -> None:
    """Bring the catalog at `path` to `head`, making it if there is none.

    Before tables that hold something are changed, a copy is made beside: the name of the file
    with the revision and ``.bak``. All steps are one transaction, and where several processes
    come at once one does the work and the others find it done.

    Raises:
        LibraryError: the file is not a catalog, or a newer program has written to it.
        Busy: another process has been writing for half a minute.
    """
    _check_header(path)
    if _settled(revision(engine), path):
        return
    with engine.execution_options(writing=True).connect() as db:
        # Alembic drops tables that it has copied; that must not delete the rows of others.
        # Inside a transaction this could not be switched, so the driver is asked before it.
        driver = db.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        driver.rollback()
        driver.execute("PRAGMA foreign_keys = OFF")
        try:
            with db.begin():
                _upgrade(db, path)
        finally:
            driver.execute("PRAGMA foreign_keys = ON")


def check(engine: Engine) -> list[Any]:
    """How the tables of a database differ from retrieval/tables.py, as Alembic tells it."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from retrieval.fulltext import TABLES
    from retrieval.tables import Base

    def ours(name: str | None, kind: str, _parents: Any) -> bool:
        return kind != "table" or name not in TABLES

    with engine.connect() as db:
        opts = {"compare_server_default": True, "include_name": ours}
        context = MigrationContext.configure(db, opts=opts)
        return list(compare_metadata(context, Base.metadata))


def migrate(db: Connection, target: str = "head") -> None:
    """Run the revisions up to `target` on a connection, inside its transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(HERE).replace("%", "%%"))
    config.attributes["connection"] = db
    command.upgrade(config, target)


def _upgrade(db: Connection, path: Path) -> None:
    present = _revision(db)
    if _settled(present, path):
        return  # Another process did it while this one waited.
    if present is not None:
        back_up(path, present)
    migrate(db)
    broken = db.exec_driver_sql("PRAGMA foreign_key_check").all()
    if broken:
        raise LibraryError(
            f"the catalog cannot be upgraded: {len(broken)} rows refer to rows that are gone",
            path=path,
            remedy="open it with the version of affetto it was made with, and affetto verify --fix",
        )


def back_up(path: Path, present: str) -> Path:
    """Copy a catalog, as it was last committed, beside itself; where to.

    The copy appears whole under its name, and an earlier copy is never overwritten.
    """
    copy = path.with_name(f"{path.name}.{present}.bak")
    number = 1
    while copy.exists():
        number += 1
        copy = path.with_name(f"{path.name}.{present}-{number}.bak")
    unfinished = copy.with_name(f"{copy.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    source, target = sqlite3.connect(path), sqlite3.connect(unfinished)
    try:
        source.backup(target)
    finally:
        source.close()
        target.close()
    os.replace(unfinished, copy)
    return copy


def _revision(db: Connection) -> str | None:
    tables = set(db.exec_driver_sql("SELECT name FROM sqlite_master").scalars())
    if not tables:
        return None
    if "alembic_version" in tables:
        found = db.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
        if found is not None and {"clips", "windows"} <= tables:
            return str(found)
    raise _not_a_catalog(db.engine.url.database)


def _settled(present: str | None, path: Path) -> bool:
    """Whether nothing is to be done; refuses what this program cannot read."""
    if present is not None and present not in revisions():
        raise LibraryError(
            f"the catalog was written by a newer affetto: it is at revision {present}, and this "
            f"program knows revisions up to {head()}",
            path=path,
            remedy="upgrade affetto: pip install -U affetto",
        )
    return present == head()


def _check_header(path: Path) -> None:
    """Refuse a file that is not SQLite before a connection could write to it."""
    try:
        with path.open("rb") as file:
            start = file.read(16)
    except FileNotFoundError:
        return
    except OSError as fault:
        raise LibraryError(f"the catalog cannot be read: {fault.strerror}", path=path) from fault
    if start and start != b"SQLite format 3\0":
        raise _not_a_catalog(path)


def _not_a_catalog(path: str | Path | None) -> LibraryError:
    return LibraryError(
        "the file is not a catalog", path=path, remedy="move it away, or choose another --library"
    )
