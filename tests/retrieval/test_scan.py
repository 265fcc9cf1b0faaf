import os
import socket
import sys
from pathlib import Path

import pytest

from retrieval.errors import AudioError
from retrieval.scan import Scan, inside, printable, scan

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX file system")
needs_rights = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything"
)


def put(path: Path, content: bytes = b"RIFF") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def names(found: Scan, folder: Path) -> list[str]:
    return [os.path.relpath(file.path, folder) for file in found.files]


def reasons(found: Scan, folder: Path) -> dict[str, str]:
    return {os.path.relpath(bad.path, folder): bad.reason for bad in found.bad}


def test_sounds_are_found_by_suffix_in_order_of_path(tmp_path: Path) -> None:
    for name in ("b/two.flac", "a.WAV", "b/one.mp3", "c.ogg", "notes.txt", "b/cover.jpg"):
        put(tmp_path / name)
    assert names(scan([tmp_path]), tmp_path) == ["a.WAV", "b/one.mp3", "b/two.flac", "c.ogg"]


def test_size_and_time_are_those_of_the_file(tmp_path: Path) -> None:
    sound = put(tmp_path / "a.wav", b"12345")
    os.utime(sound, ns=(1, 1_700_000_000_123_456_789))
    (file,) = scan([tmp_path]).files
    assert (file.size, file.mtime_ns) == (5, sound.stat().st_mtime_ns)


def test_hidden_files_and_folders_are_skipped_unless_given(tmp_path: Path) -> None:
    put(tmp_path / ".hidden.wav")
    put(tmp_path / ".cache" / "a.wav")
    assert scan([tmp_path]).files == ()
    assert names(scan([tmp_path / ".cache"]), tmp_path) == [".cache/a.wav"]


def test_a_file_given_by_name_is_taken_whatever_its_suffix(tmp_path: Path) -> None:
    take = put(tmp_path / "take.dat")
    assert names(scan([take]), tmp_path) == ["take.dat"]


def test_a_file_reached_through_several_sources_is_found_once(tmp_path: Path) -> None:
    sound = put(tmp_path / "a" / "b.wav")
    assert names(scan([tmp_path, tmp_path / "a", sound]), tmp_path) == ["a/b.wav"]


def test_relative_sources_become_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / "a.wav")
    monkeypatch.chdir(tmp_path)
    found = scan(["."])
    assert [file.path for file in found.files] == [str(tmp_path / "a.wav")]
    assert found.sources == {str(tmp_path)}


def test_a_source_that_does_not_exist_is_refused_at_once(tmp_path: Path) -> None:
    put(tmp_path / "a.wav")
    with pytest.raises(AudioError) as refusal:
        scan([tmp_path, tmp_path / "gone"])
    assert refusal.value.path == str(tmp_path / "gone")
    assert refusal.value.remedy


@posix_only
def test_linked_folders_are_followed_and_keep_the_name_that_was_typed(tmp_path: Path) -> None:
    put(tmp_path / "elsewhere" / "a.wav")
    (tmp_path / "library").mkdir()
    (tmp_path / "library" / "linked").symlink_to(tmp_path / "elsewhere")
    found = scan([tmp_path / "library"])
    assert names(found, tmp_path) == ["library/linked/a.wav"]
    assert found.bad == ()


@posix_only
def test_a_file_is_found_at_its_real_place_rather_than_through_a_link(tmp_path: Path) -> None:
    put(tmp_path / "z" / "a.wav")
    (tmp_path / "a").symlink_to(tmp_path / "z")
    assert names(scan([tmp_path]), tmp_path) == ["z/a.wav"]


@posix_only
def test_loops_of_links_end_and_are_reported(tmp_path: Path) -> None:
    put(tmp_path / "a" / "one.wav")
    put(tmp_path / "b" / "two.wav")
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    (tmp_path / "a" / "to_b").symlink_to(tmp_path / "b")
    (tmp_path / "b" / "to_a").symlink_to(tmp_path / "a")
    (tmp_path / "self").symlink_to(tmp_path / "self")
    (tmp_path / "self.wav").symlink_to(tmp_path / "self.wav")
    found = scan([tmp_path])
    assert names(found, tmp_path) == ["a/one.wav", "b/two.wav"]
    assert reasons(found, tmp_path) == {
        "a/up": "a symbolic link to a folder above it",
        "self": "a symbolic link that leads back to itself",
        "self.wav": "a symbolic link that leads back to itself",
    }


@posix_only
def test_links_outside_the_sources_that_point_at_each_other_end(tmp_path: Path) -> None:
    put(tmp_path / "p" / "one.wav")
    put(tmp_path / "q" / "two.wav")
    (tmp_path / "p" / "q").symlink_to(tmp_path / "q")
    (tmp_path / "q" / "p").symlink_to(tmp_path / "p")
    (tmp_path / "start").mkdir()
    (tmp_path / "start" / "p").symlink_to(tmp_path / "p")
    assert names(scan([tmp_path / "start"]), tmp_path) == [
        "start/p/one.wav",
        "start/p/q/two.wav",
    ]


@posix_only
def test_what_is_not_a_file_is_reported_and_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.wav")  # opening it would wait for ever
    (tmp_path / "null.wav").symlink_to("/dev/null")
    (tmp_path / "broken.wav").symlink_to(tmp_path / "gone.wav")
    (tmp_path / "broken.txt").symlink_to(tmp_path / "gone.txt")
    found = scan([tmp_path])
    assert found.files == ()
    assert reasons(found, tmp_path) == {
        "broken.wav": "a symbolic link to a file that is gone",
        "null.wav": "a character device, not a file",
        "pipe.wav": "a fifo, not a file",
    }


@posix_only
def test_a_fifo_given_by_name_is_reported(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert reasons(scan([tmp_path / "pipe"]), tmp_path) == {"pipe": "a fifo, not a file"}


@posix_only
def test_a_socket_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # a socket's path may have 100 bytes at most
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.wav")
        assert reasons(scan(["."]), tmp_path) == {"socket.wav": "a socket, not a file"}


@pytest.mark.skipif(sys.platform != "linux", reason="macOS and Windows refuse such names")
def test_names_that_are_not_utf8_are_reported_in_a_printable_form(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path)
    for name in (b"caf\xe9.wav", b"d\xfcr/a.wav", "café.wav".encode()):
        target = os.path.join(folder, name)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        Path(os.fsdecode(target)).write_bytes(b"RIFF")
    found = scan([tmp_path])
    assert names(found, tmp_path) == ["café.wav"]
    assert reasons(found, tmp_path) == {
        "caf\\xe9.wav": "its name is not UTF-8",
        "d\\xfcr": "a folder whose name is not UTF-8",
    }
    for bad in found.bad:
        bad.path.encode()  # can be stored and printed


@needs_rights
def test_a_folder_that_cannot_be_read_is_reported(tmp_path: Path) -> None:
    put(tmp_path / "open" / "a.wav")
    put(tmp_path / "shut" / "b.wav")
    (tmp_path / "shut").chmod(0)
    try:
        found = scan([tmp_path])
    finally:
        (tmp_path / "shut").chmod(0o755)
    assert names(found, tmp_path) == ["open/a.wav"]
    assert found.unread == {str(tmp_path / "shut")}
    assert reasons(found, tmp_path) == {"shut": "a folder that cannot be read: permission denied"}


def test_a_folder_that_fails_to_list_does_not_stop_the_scan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "open" / "a.wav")
    put(tmp_path / "shut" / "b.wav")
    real = os.scandir

    def scandir(folder: str) -> object:
        if folder.endswith("shut"):
            raise PermissionError(13, "Permission denied", folder)
        return real(folder)

    monkeypatch.setattr(os, "scandir", scandir)
    found = scan([tmp_path])
    assert names(found, tmp_path) == ["open/a.wav"]
    assert found.unread == {str(tmp_path / "shut")}
    assert reasons(found, tmp_path) == {"shut": "a folder that cannot be read: permission denied"}


def test_inside_compares_whole_names() -> None:
    assert inside("/a/b", ["/a"])
    assert inside("/a", ["/a"])
    assert not inside("/ab", ["/a"])
    assert inside("/a", ["/"])


def test_printable_leaves_utf8_alone() -> None:
    assert printable("/näh/音.wav") == "/näh/音.wav"
    assert printable(os.fsdecode(b"/\xff.wav")) == "/\\xff.wav"
