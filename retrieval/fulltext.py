"""The words that people left on clips, in one full-text table (SQLite FTS5).

File and folder names are cut where a person reads a gap: ``door_slam_03`` and ``DoorSlam03`` are
door, slam, 03. English endings are dropped (Porter stemming), accents too, and a word of three
letters or more also finds what begins with it. The table is a cache of clips and labels, written
in the same transactions; where SQLite has no FTS5 it is marked as stale, and filled again by the
first program that has it.
"""

import json
import os
import unicodedata
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, select

from retrieval.errors import LibraryError
from retrieval.questions import Ids, labels_of, listed
from retrieval.tables import Clip

COLUMNS = ("name", "folder", "tags", "labels", "transcript")

#: The virtual table, and the tables in which FTS5 keeps it.
TABLE = "words"
TABLES = (TABLE, *(f"{TABLE}_{part}" for part in ("config", "content", "data", "docsize", "idx")))

# What is said of everything tells nothing; only if a prompt holds nothing else is it asked for.
_EVERYWHERE = (
    "a an and are as at be but by for from he her his i in is it its me my of on or she so some "
    "that the their them they this to was we with you your"
)
_PLAIN = frozenset(_EVERYWHERE.split())
_STALE = 1  # PRAGMA user_version: 0 where the table holds what the catalog holds
_BATCH = 2000  # clips whose words are in hand at a time
_SHORTEST = 3  # letters from which on a word finds what begins with it


def pieces(written: str) -> list[str]:
    """The words of a text or a name: runs of letters or of digits, cut before a new capital."""
    found, word = [], ""
    chars = unicodedata.normalize("NFC", written)
    for place, char in enumerate(chars):
        before, after = word[-1:], chars[place + 1 : place + 2]
        kind = unicodedata.category(char)[0]
        if kind not in "LMN" or _cut(before, char, after):
            found.append(word)
            word = ""
        if kind in "LMN":
            word += char
    return [word for word in (*found, word) if word]


def asked_words(prompt: str) -> list[str]:
    """The words of a prompt that are worth a search, each once, in small letters."""
    found = list(dict.fromkeys(word.casefold() for word in pieces(prompt)))
    return [word for word in found if word not in _PLAIN] or found


def has_fts5(db: Connection) -> bool:
    """Whether this SQLite can search words at all."""
    return bool(db.exec_driver_sql("SELECT sqlite_compileoption_used('ENABLE_FTS5')").scalar())


def create(db: Connection) -> None:
    """Make the table and fill it; without FTS5 only mark that this is still to be done."""
    if not has_fts5(db):
        _mark(db, _STALE)
        return
    db.exec_driver_sql(f"DROP TABLE IF EXISTS {TABLE}")
    tokens = "porter unicode61 remove_diacritics 2"
    columns = ", ".join(COLUMNS)
    db.exec_driver_sql(f"CREATE VIRTUAL TABLE {TABLE} USING fts5({columns}, tokenize = '{tokens}')")
    _mark(db, 0)
    clips = db.scalars(select(Clip.id)).all()
    for start in range(0, len(clips), _BATCH):
        put(db, clips[start : start + _BATCH])


def is_stale(db: Connection) -> bool:
    """Whether there is no table, or it lacks what a program without FTS5 has changed."""
    there = "(SELECT count(*) FROM sqlite_master WHERE name = ?)"
    state = "(SELECT user_version FROM pragma_user_version)"
    found = db.exec_driver_sql(f"SELECT {there}, {state}", (TABLE,)).one()
    return tuple(found) != (1, 0)


def put(db: Connection, clips: Iterable[int]) -> None:
    """Write the words of some clips anew, in the transaction that changed them.

    Clips that are gone are forgotten.
    """
    ids = list(clips)
    if not has_fts5(db):
        _mark(db, _STALE)
    if not ids or is_stale(db):
        return
    gone = f"DELETE FROM {TABLE} WHERE rowid IN (SELECT value FROM json_each(?))"
    db.exec_driver_sql(gone, (json.dumps(ids),))
    rows = _documents(db, ids)
    if rows:
        columns = ", ".join(("rowid", *COLUMNS))
        marks = ", ".join("?" for _ in rows[0])
        db.exec_driver_sql(f"INSERT INTO {TABLE}({columns}) VALUES ({marks})", rows)


def require(db: Connection) -> None:
    """Refuse a search of words that this SQLite cannot do.

    Raises:
        LibraryError: it has no FTS5.
    """
    if not has_fts5(db):
        raise LibraryError(
            "words cannot be searched, as the SQLite of this Python has no FTS5",
            remedy="use a Python whose SQLite has it, or ask spaces only, as affetto:rain",
        )


def shares(
    db: Connection, prompt: str, columns: Sequence[str] = COLUMNS
) -> tuple[Ids, NDArray[np.float64]]:
    """Clips (n,), rising, in which words of a prompt are found, and how much of it (n,) in 0..1.

    Each word weighs its rarity, ln(1 + (N - d + .5) / (d + .5)) where d of N clips have it
    (Robertson and Sparck Jones 1976, as in BM25), so that a word which every clip has says
    little; one that no clip has still counts as missing.
    """
    asked = asked_words(prompt)
    if not asked:
        return np.empty(0, np.int64), np.empty(0)
    total = db.exec_driver_sql(f"SELECT count(*) FROM {TABLE}").scalar_one()
    found = [_clips_with(db, word, columns) for word in asked]
    rarity = np.array([np.log1p((total - len(one) + 0.5) / (len(one) + 0.5)) for one in found])
    clips, at = np.unique(np.concatenate(found), return_inverse=True)
    weights = np.repeat(rarity, [len(one) for one in found])
    summed = np.bincount(at, weights, minlength=len(clips))  # (n,)
    return clips, np.minimum(summed / max(float(rarity.sum()), 1e-12), 1.0)


def _clips_with(db: Connection, word: str, columns: Sequence[str]) -> Ids:
    """The ids (n,) of clips with a word; one that is long enough may be its beginning."""
    # In double quotes nothing is an operator, and a word holds no quote of its own.
    query = f'{{{" ".join(columns)}}} : "{word}"' + ("*" if len(word) >= _SHORTEST else "")
    search = f"SELECT json_group_array(rowid) FROM {TABLE} WHERE {TABLE} MATCH ?"
    rows = db.exec_driver_sql(search, (query,)).scalar_one()
    return np.array(json.loads(rows), dtype=np.int64)


def _documents(db: Connection, ids: Sequence[int]) -> list[tuple[int | str, ...]]:
    """The id of each clip, and its words for each of `COLUMNS`."""
    labels = labels_of(db, ids)
    query = select(Clip.id, Clip.path, Clip.tags, Clip.transcript).where(Clip.id.in_(listed(ids)))
    rows = []
    for clip, path, tags, transcript in db.execute(query):
        folder, name = os.path.split(path)
        written = (
            os.path.splitext(name)[0],
            folder,
            " ".join(str(value) for value in tags.values()),
            " ".join(labels.get(clip, {}).values()),
            transcript or "",
        )
        rows.append((clip, *(_words_of(one) for one in written)))
    return rows


def _words_of(value: str) -> str:
    """The words of a text as they are stored; a name whose words were cut also stands whole."""
    parts = pieces(value)
    whole = {run for run in _runs(value) if run not in parts}
    return " ".join([*parts, *sorted(whole)])


def _runs(value: str) -> list[str]:
    """What lies between anything that is neither letter nor digit."""
    kept = "".join(char if unicodedata.category(char)[0] in "LMN" else " " for char in value)
    return unicodedata.normalize("NFC", kept).split()


def _cut(before: str, char: str, after: str) -> bool:
    """Whether a word ends between two characters, as in door|Slam, MP|Three and take|3."""
    if not before:
        return False
    if before.isdigit() != char.isdigit() and unicodedata.category(char)[0] != "M":
        return True
    return char.isupper() and (before.islower() or (before.isupper() and after.islower()))


def _mark(db: Connection, state: int) -> None:
    db.exec_driver_sql(f"PRAGMA user_version = {state}")
