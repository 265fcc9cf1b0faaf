import json
import os
import subprocess
import sys
import threading
from datetime import datetime
from pathlib import Path

import pytest

from retrieval.errors import Busy, LibraryError
from retrieval.lock import WriterLock

HOLD = """
import sys
from pathlib import Path
from retrieval.lock import WriterLock
with WriterLock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def hold(folder: Path) -> subprocess.Popen[str]:
    """Another process that holds the lock until its standard input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_process_is_told_who_writes(tmp_path: Path) -> None:
    with hold(tmp_path) as process:
        with pytest.raises(Busy) as caught, WriterLock(tmp_path):
            pass
        process.communicate("")
    error = caught.value
    assert f"process {process.pid} is writing" in error.error
    assert f"since {datetime.now():%Y-}" in error.error
    assert str(tmp_path) in error.error  # the command it was started with
    assert error.remedy == f"wait, or stop process {process.pid}"
    assert error.path == str(tmp_path)
    assert process.returncode == 0
    with WriterLock(tmp_path):
        pass


def test_the_lock_dies_with_its_process(tmp_path: Path) -> None:
    with hold(tmp_path) as process:
        process.kill()
    left = json.loads((tmp_path / "writer.lock").read_text())
    assert left["pid"] == process.pid
    with WriterLock(tmp_path):
        assert json.loads((tmp_path / "writer.lock").read_text())["pid"] == os.getpid()


def test_a_second_thread_is_refused(tmp_path: Path) -> None:
    refused: list[Busy] = []

    def write() -> None:
        try:
            with WriterLock(tmp_path):
                pass
        except Busy as error:
            refused.append(error)

    with WriterLock(tmp_path):
        thread = threading.Thread(target=write)
        thread.start()
        thread.join()
    assert len(refused) == 1
    assert f"process {os.getpid()} " in refused[0].error
    write()
    assert len(refused) == 1


def test_an_error_inside_lets_go_of_the_lock(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), WriterLock(tmp_path):
        raise ZeroDivisionError
    with WriterLock(tmp_path):
        pass


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\x00", b'"pid"', b'{"pid": 1}'])
def test_a_holder_that_left_no_name_is_still_a_holder(tmp_path: Path, content: bytes) -> None:
    with WriterLock(tmp_path) as held:
        held.path.write_bytes(content)
        with pytest.raises(Busy, match="another process"), WriterLock(tmp_path):
            pass


def test_a_longer_name_of_an_earlier_holder_is_gone(tmp_path: Path) -> None:
    (tmp_path / "writer.lock").write_text("x" * 5000)
    with WriterLock(tmp_path) as held:
        assert set(json.loads(held.path.read_text())) == {"pid", "host", "command", "since"}
    assert held.path.read_bytes() == b""


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="cannot be written") as caught:
        WriterLock(tmp_path / "absent").__enter__()
    assert caught.value.path == str(tmp_path / "absent")
