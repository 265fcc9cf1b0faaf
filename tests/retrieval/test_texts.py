from pathlib import Path

import pytest

from retrieval.errors import PromptError
from retrieval.texts import Line, read_texts


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_text_file_by_line(tmp_path: Path) -> None:
    file = written(tmp_path, "a.txt", "\ufeffone \n\n  two\n")
    assert read_texts(file) == (Line("one"), Line("two"))


def test_a_table_by_its_text_column_or_its_first(tmp_path: Path) -> None:
    named = written(tmp_path, "a.csv", 'id,Caption\n1,"calm, warm"\n2,\n3,cold\n')
    assert read_texts(named) == (Line("calm, warm"), Line("cold"))
    bare = written(tmp_path, "b.csv", "calm,1\ncold,2\n")
    assert read_texts(bare) == (Line("calm"), Line("cold"))
    tabs = written(tmp_path, "c.tsv", "n\ttext\n1\tgo, now\n")
    assert read_texts(tabs) == (Line("go, now"),)


def test_subtitles_with_times(tmp_path: Path) -> None:
    text = (
        "1\r\n00:00:01,500 --> 00:00:03,000\r\n<i>Don't</i>\r\ngo.\r\n\r\n"
        "2\r\n01:02:03.250 --> 01:02:04.5\r\nStay.\r\n\r\nbroken\r\n"
    )
    lines = read_texts(written(tmp_path, "a.srt", text))
    assert lines == (Line("Don't go.", 1.5, 3.0), Line("Stay.", 3723.25, 3724.5))


def test_files_without_text(tmp_path: Path) -> None:
    with pytest.raises(PromptError, match="no text"):
        read_texts(written(tmp_path, "a.txt", "\n \n"))
    with pytest.raises(PromptError, match="cannot be read"):
        read_texts(tmp_path / "absent.txt")
    (tmp_path / "b.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PromptError, match="not UTF-8"):
        read_texts(tmp_path / "b.txt")
