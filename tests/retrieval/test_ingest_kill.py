"""Runs that end in the middle, in a process of their own, by a signal."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from retrieval.catalog import Catalog, connect
from retrieval.ingest import ingest
from retrieval.space import Space
from retrieval.tables import Base

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")

ROOT = Path(__file__).parents[2]
FILES = 40

# Says "ready" before the first clip and "step" after each; the space is that of conftest.py.
CHILD = """
import importlib.util, sys
from pathlib import Path
spec = importlib.util.spec_from_file_location("shared", Path("tests/conftest.py").absolute())
shared = importlib.util.module_from_spec(spec)
spec.loader.exec_module(shared)
from retrieval.catalog import Catalog, connect
from retrieval.ingest import ingest
catalog = Catalog(connect(Path(sys.argv[1])))
print("ready", flush=True)
try:
    ingest(catalog, shared.tiny_space(), [sys.argv[2]], jobs=3,
           progress=lambda _: print("step", flush=True))
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


@contextmanager
def running(database: Path, folder: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", CHILD, str(database), str(folder)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as child:
        try:
            yield child
        finally:
            child.kill()


def read_lines(child: subprocess.Popen[str], count: int) -> list[str]:
    assert child.stdout
    return [child.stdout.readline().strip() for _ in range(count)]


def everything(database: Path) -> tuple[list[Any], list[Any], list[str]]:
    """Clips with sounds and windows, failures, and faults; all but ids and times of storing."""
    engine = connect(database)
    clips = """
        select c.path, c.size, c.mtime_ns, c.rate, c.channels, c.format, c.subtype, c.tags,
               c.missing_since, s.hash, s.duration, s.loudness, s.peak, w.start, w.end, w.vector
        from clips c join sounds s on s.id = c.sound_id left join windows w on w.sound_id = s.id
        order by c.path, w.start
    """
    failures = "select path, size, mtime_ns, reason from failures order by path"
    try:
        with engine.begin() as db:
            rows = [tuple(row) for row in db.execute(text(clips))]
            failed = [tuple(row) for row in db.execute(text(failures))]
        return rows, failed, Catalog(engine).integrity()
    finally:
        engine.dispose()


def clip_count(database: Path) -> int:
    return len({row[0] for row in everything(database)[0]})


@pytest.fixture
def folder(tmp_path: Path, write_tone: Any) -> Path:
    """Many short sounds, some of them equal, and two bad files."""
    for number in range(FILES):
        name = tmp_path / "sounds" / f"{number % 7}" / f"{number:02}.wav"
        write_tone(name, 200 + 50 * (number % 50), seconds=0.8 + (number % 5) / 2)
    (tmp_path / "sounds" / "0" / "empty.wav").write_bytes(b"")
    (tmp_path / "sounds" / "6" / "text.wav").write_text("no sound")
    return tmp_path / "sounds"


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return new_database(tmp_path / "killed.db")


def new_database(path: Path) -> Path:
    engine = connect(path)
    Base.metadata.create_all(engine)
    engine.dispose()
    return path


def test_runs_that_are_killed_end_as_one_clean_run(
    tmp_path: Path, folder: Path, database: Path, space: Space
) -> None:
    moments = random.Random(7)
    stored = []
    for steps in (0, 1, 7, 12):
        with running(database, folder) as child:
            assert read_lines(child, 1 + steps) == ["ready"] + ["step"] * steps
            time.sleep(moments.uniform(0, 0.004))  # anywhere in the work on the next clip
            child.send_signal(signal.SIGKILL)
            assert child.wait() == -signal.SIGKILL
        assert everything(database)[2] == []
        stored.append(clip_count(database))
    assert stored == sorted(stored)
    assert 15 < stored[-1] < FILES
    clean = new_database(tmp_path / "clean.db")
    for path in (database, clean):
        engine = connect(path)
        ingest(Catalog(engine), space, [folder])
        engine.dispose()
    assert everything(database) == everything(clean)
    assert clip_count(clean) == FILES
    assert len(everything(clean)[1]) == 2


@pytest.mark.usefixtures("interruptible")
def test_an_interrupt_from_the_keyboard_ends_the_run_at_once(folder: Path, database: Path) -> None:
    with running(database, folder) as child:
        read_lines(child, 1 + 5)
        child.send_signal(signal.SIGINT)
        sent = time.monotonic()
        rest, _ = child.communicate(timeout=30)
        assert time.monotonic() - sent < 5
        assert rest.split()[-1] == "interrupted"
        assert child.returncode == 0
    rows, _, faults = everything(database)
    assert faults == []
    assert 3 <= len({row[0] for row in rows}) < FILES
    assert all(row[-1] is not None for row in rows)  # no clip without its windows
