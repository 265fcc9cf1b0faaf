import os
from pathlib import Path

import pytest

from retrieval.errors import PromptError
from retrieval.spoken.lines import Line
from retrieval.spoken.sidecars import LARGEST, read_sidecar, sidecar_of

SRT = "1\n00:00:01,000 --> 00:00:02,000\nZażółć gęślą jaźń\n"


def beside(folder: Path, *names: str) -> str | None:
    """The name of the sidecar of take.wav among files of these names."""
    for name in names:
        (folder / name).write_text("x")
    found = sidecar_of(folder / "take.wav")
    return None if found is None else found.name


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        (["take.txt", "take.vtt", "take.srt"], "take.srt"),
        (["take.txt", "take.vtt"], "take.vtt"),
        (["take.srt", "take.wav.srt"], "take.wav.srt"),
        (["take.wav.txt", "take.srt"], "take.srt"),
        (["take.SRT"], "take.SRT"),
        (["take.wav.Txt"], "take.wav.Txt"),
        (["Take.srt", "take2.srt", "take.flac.srt", "take.csv", "take"], None),
    ],
)
def test_which_file_is_the_sidecar(tmp_path: Path, names: list[str], chosen: str | None) -> None:
    assert beside(tmp_path, *names) == chosen


def test_small_letters_come_before_capitals(tmp_path: Path) -> None:
    if beside(tmp_path, "take.SRT", "take.srt") == "take.SRT":
        pytest.skip("this file system does not tell them apart")
    assert beside(tmp_path) == "take.srt"


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert sidecar_of(tmp_path / "none" / "take.wav") is None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le-mark"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "take.srt"
    marked = "\ufeff" + SRT if encoding == "utf-16-le-mark" else SRT
    file.write_bytes(marked.encode(encoding.removesuffix("-mark")))
    assert read_sidecar(file) == (Line("Zażółć gęślą jaźń", 1.0, 2.0),)


def test_what_is_neither_is_latin(tmp_path: Path) -> None:
    file = tmp_path / "take.txt"
    file.write_bytes("Café olé\r\n\r\n  bitte  \n".encode("latin-1"))
    assert read_sidecar(file) == (Line("Café olé"), Line("bitte"))


def test_subtitles_by_their_suffix_whatever_its_case(tmp_path: Path) -> None:
    file = tmp_path / "take.VTT"
    file.write_text("WEBVTT\n\n00:01.000 --> 00:02.000\n<v Anna>Hello\n")
    assert read_sidecar(file) == (Line("Hello", 1.0, 2.0),)


@pytest.mark.parametrize(("name", "text"), [("a.txt", " \n"), ("a.srt", ""), ("a.vtt", "WEBVTT\n")])
def test_an_empty_sidecar_says_nothing(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    assert read_sidecar(tmp_path / name) == ()


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.srt", b"just words", "no subtitles"),
        ("a.txt", b"RIFF\0\0\0\0WAVE", "is not text"),
        ("a.txt", b"\xff\xfe\0", "is not text"),
        ("a.txt", b"a" * (LARGEST + 1), "larger than 8 MB"),
    ],
)
def test_broken_sidecars(tmp_path: Path, name: str, content: bytes, reason: str) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(PromptError, match=reason) as fault:
        read_sidecar(file)
    assert fault.value.path == str(file)
    assert fault.value.remedy


def test_a_sidecar_that_cannot_be_read(tmp_path: Path) -> None:
    os.mkdir(tmp_path / "a.srt")
    with pytest.raises(PromptError, match="cannot be read"):
        read_sidecar(tmp_path / "a.srt")
