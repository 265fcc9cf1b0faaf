"""The connection to SQLite: how transactions begin, and what a database error means to a person."""

import sqlite3
import time
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, ExceptionContext, create_engine, event

from retrieval.columns import FUNCTIONS
from retrieval.errors import Busy, LibraryError, RetrievalError

BUSY_SECONDS = 30.0


def connect(path: Path) -> Engine:
    """An engine over the catalog file at `path`; nothing is opened or made yet.

    A transaction is a consistent snapshot while others write (WAL). One that writes is begun
    with ``engine.execution_options(writing=True)``, so that it waits for its turn before it
    reads. What was committed survives the end of the process, however it ends (synchronous =
    NORMAL); a power cut may undo the last commits but does no damage.
    """
    url = URL.create("sqlite+pysqlite", database=str(Path(path).absolute()))
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    event.listen(engine, "handle_error", _explain)
    return engine


def _prepare(connection: sqlite3.Connection, _record: Any) -> None:
    # The driver would begin transactions by itself, and late; SQLAlchemy says BEGIN instead.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = NORMAL")
    _use_wal(connection)
    for name, arguments, function in FUNCTIONS:
        connection.create_function(name, arguments, function, deterministic=True)


def _use_wal(connection: sqlite3.Connection) -> None:
    """Switch a new database to WAL; SQLite does not wait by itself where two do so at once."""
    until = time.monotonic() + BUSY_SECONDS
    while connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as fault:
            if "locked" not in str(fault) or time.monotonic() > until:
                raise
            time.sleep(0.01)


def _begin(connection: Connection) -> None:
    writing = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _explain(context: ExceptionContext) -> BaseException | None:
    """Give an error that is about the file, and not about our SQL, words and a remedy."""
    database = context.engine.url.database if context.engine else None
    return explain(context.original_exception, database)


def explain(fault: BaseException, path: str | Path | None) -> RetrievalError | None:
    """What a SQLite error means to a person; None where it is a mistake of ours."""
    words = str(fault)
    if "locked" in words:
        return Busy("another process is writing to the library", path=path, remedy="try again")
    if "not a database" in words:
        return LibraryError("the file is not a catalog", path=path, remedy="move it away")
    if "malformed" in words:
        return LibraryError(
            "the catalog is damaged",
            path=path,
            remedy="restore it from a backup, or move it away and ingest again",
        )
    if "readonly" in words or "unable to open" in words:
        return LibraryError(
            "the catalog cannot be opened, since SQLite may not write to its folder",
            path=path,
            remedy="give yourself the right to write there, or copy the library",
        )
    if "disk is full" in words or "disk I/O" in words:
        return LibraryError(
            f"the catalog cannot be written: {words}", path=path, remedy="make room on the disk"
        )
    return None
