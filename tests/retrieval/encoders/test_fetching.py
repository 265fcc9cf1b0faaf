"""Files of a hub: whole and as recorded, or one clear line that says what to do."""

import errno
import hashlib
import shutil
from pathlib import Path
from typing import IO, Any

import pytest

from retrieval.encoders.models import fetching
from retrieval.encoders.models.fetching import HUB, NotThere, fetch
from retrieval.encoders.models.fetching import hub as hub_address
from retrieval.errors import SpaceError

PLACE = ("laion/clap", "main", "model.bin")
PATH = "laion/clap/resolve/main/model.bin"
CONTENT = bytes(range(256)) * 9000  # 2.3 MB: several blocks
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "model.bin"


def test_a_file_arrives_whole_and_its_progress_is_told(hub: Any, target: Path) -> None:
    hub.files[PATH] = CONTENT
    told: list[tuple[str, int, int | None]] = []
    assert fetch(*PLACE, target, watch=lambda *one: told.append(one)) == SHA256
    assert target.read_bytes() == CONTENT
    assert told[-1] == ("model.bin", len(CONTENT), len(CONTENT))
    assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)
    assert hub.asked == [(PATH, "affetto", None)]


def test_a_redirected_file_is_held_against_the_record_of_the_hub(hub: Any, target: Path) -> None:
    hub.files[PATH], hub.recorded[PATH] = CONTENT, SHA256
    assert fetch(*PLACE, target) == SHA256
    assert [path for path, *_ in hub.asked] == [PATH, f"storage/{PATH}"]
    hub.recorded[PATH] = "0" * 64
    with pytest.raises(SpaceError, match="the file that arrived is another one"):
        fetch(*PLACE, target)


def test_another_file_than_the_expected_one_is_refused(hub: Any, target: Path) -> None:
    hub.files[PATH] = CONTENT
    assert fetch(*PLACE, target, sha256=SHA256) == SHA256
    with pytest.raises(SpaceError, match=f"its sha256 is {SHA256} and not {'1' * 64}") as caught:
        fetch(*PLACE, target, sha256="1" * 64)
    assert caught.value.path == f"{hub.address}/{PATH}"
    assert "do not trust this hub" in str(caught.value.remedy)


def test_a_broken_connection_goes_on_where_it_stopped(hub: Any, target: Path) -> None:
    hub.files[PATH], hub.broken[PATH] = CONTENT, 2
    assert fetch(*PLACE, target, sha256=SHA256) == SHA256
    half, three_quarters = len(CONTENT) // 2, len(CONTENT) * 3 // 4
    assert [span for *_, span in hub.asked] == [
        None,
        f"bytes={half}-",
        f"bytes={three_quarters}-",
    ]


def test_a_connection_that_breaks_every_time_is_an_error(hub: Any, target: Path) -> None:
    hub.files[PATH], hub.broken[PATH] = CONTENT, 99
    with pytest.raises(SpaceError, match=r"broke off 3 times: .* bytes came") as told:
        fetch(*PLACE, target)
    assert "try again" in str(told.value.remedy)
    assert "--from FILE" in str(told.value.remedy)


@pytest.mark.parametrize(
    ("code", "error", "remedy"),
    [
        (404, r"no such file \(404\)", "--from FILE"),
        (401, r"refuses this file \(401\)", "fetch it yourself"),
        (403, r"refuses this file \(403\)", "fetch it yourself"),
        (503, r"answers with an error \(503\)", "try later"),
    ],
)
def test_a_refusal_of_the_hub_says_what_to_do(
    hub: Any, target: Path, code: int, error: str, remedy: str
) -> None:
    hub.refused[PATH] = code
    with pytest.raises(SpaceError, match=error) as caught:
        fetch(*PLACE, target)
    assert isinstance(caught.value, NotThere) == (code == 404)
    assert remedy in str(caught.value.remedy)
    assert not target.exists()


def test_an_unreachable_hub_is_one_line(
    target: Path, hub: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(SpaceError, match="the hub cannot be reached") as caught:
        fetch(*PLACE, target)
    assert "--from FILE" in str(caught.value.remedy)
    assert "\n" not in str(caught.value)
    assert hub.asked == []


def test_the_address_of_the_hub_may_be_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_ENDPOINT", raising=False)
    assert hub_address() == HUB
    monkeypatch.setenv("HF_ENDPOINT", "https://mirror.example/")
    assert hub_address() == "https://mirror.example"
    monkeypatch.setenv("HF_ENDPOINT", "file:///etc")
    with pytest.raises(SpaceError, match="not an address of the web"):
        hub_address()


def test_a_file_that_does_not_fit_is_known_before_it_is_fetched(
    hub: Any, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.files[PATH] = CONTENT
    usage = type(shutil.disk_usage(target.parent))(10**9, 10**9, 1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(SpaceError, match="2 MB are needed and 0 MB are free") as caught:
        fetch(*PLACE, target)
    assert "AFFETTO_MODELS" in str(caught.value.remedy)
    assert not target.exists()


def test_a_disk_that_becomes_full_is_no_fault_of_the_hub(
    hub: Any, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.files[PATH] = CONTENT
    write = fetching._write

    class Full:
        def write(self, _: bytes) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    def full(_out: IO[bytes], block: bytes, where: Path) -> None:
        write(Full(), block, where)  # type: ignore[arg-type]

    monkeypatch.setattr(fetching, "_write", full)
    with pytest.raises(SpaceError, match="cannot be written: No space left on device"):
        fetch(*PLACE, target)
    assert len(hub.asked) == 1
