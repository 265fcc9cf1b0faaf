from pathlib import Path

import pytest

from retrieval.errors import PromptError
from retrieval.labels import read_labels


def table(folder: Path, text: str) -> Path:
    path = folder / "clips.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_columns_become_labels_and_empty_cells_say_nothing(tmp_path: Path) -> None:
    clip = str(tmp_path / "a.wav")
    file = table(
        tmp_path, "path,emotion,speaker,transcript\na.wav,sad,07,I never left\nb.wav,x,,\n"
    )
    read = read_labels(file, [clip])
    assert read.labels == {clip: {"emotion": "sad", "speaker": "07"}}
    assert read.transcripts == {clip: "I never left"}
    assert read.unmatched == ("b.wav",)


def test_an_empty_cell_is_no_label(tmp_path: Path) -> None:
    clip = str(tmp_path / "a.wav")
    read = read_labels(table(tmp_path, "file,emotion,note\na.wav,sad,\n"), [clip])
    assert read.labels == {clip: {"emotion": "sad"}}
    assert read.transcripts == {}


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiters_quotes_and_a_byte_order_mark(tmp_path: Path, delimiter: str) -> None:
    clip = str(tmp_path / "a, b.wav")
    text = f'\ufeffpath{delimiter}mood\n"a, b.wav"{delimiter}"so; so\nlow"\n'
    read = read_labels(table(tmp_path, text), [clip])
    assert read.labels == {clip: {"mood": "so; so\nlow"}}


def test_paths_are_absolute_beside_the_table_or_below_a_root(tmp_path: Path) -> None:
    root = tmp_path / "sounds"
    clips = [str(tmp_path / "beside.wav"), str(root / "sub" / "below.wav"), "/elsewhere/c.wav"]
    text = "path,n\nbeside.wav,1\nsub/below.wav,2\n/elsewhere/c.wav,3\n"
    read = read_labels(table(tmp_path, text), clips, [root])
    assert [read.labels[clip]["n"] for clip in clips] == ["1", "2", "3"]


def test_a_table_from_elsewhere_matches_by_the_end_of_the_path_if_only_one_has_it(
    tmp_path: Path,
) -> None:
    clips = ["/music/a/take.wav", "/music/b/take.wav", "/music/b/solo.wav"]
    text = "path,n\na/take.wav,1\ntake.wav,2\n./solo.wav,3\nlo.wav,4\n"
    read = read_labels(table(tmp_path, text), clips)
    assert {clip: labels["n"] for clip, labels in read.labels.items()} == {
        "/music/a/take.wav": "1",
        "/music/b/solo.wav": "3",
    }
    assert read.unmatched == ("take.wav", "lo.wav")


def test_a_transcript_column_can_be_named(tmp_path: Path) -> None:
    clip = str(tmp_path / "a.wav")
    file = table(tmp_path, "path,Said,text\na.wav,go away,label\n")
    read = read_labels(file, [clip], transcript_column="said")
    assert read.transcripts == {clip: "go away"}
    assert read.labels == {clip: {"text": "label"}}
    with pytest.raises(PromptError, match="no column 'words'") as fault:
        read_labels(file, [clip], transcript_column="words")
    assert "Said" in str(fault.value)


def test_tables_that_cannot_be_used(tmp_path: Path) -> None:
    with pytest.raises(PromptError, match="cannot be read"):
        read_labels(tmp_path / "absent.csv", [])
    with pytest.raises(PromptError, match="no column of paths"):
        read_labels(table(tmp_path, "clipname,emotion\na,b\n"), [])
    (tmp_path / "latin.csv").write_bytes(b"path\n\xe9.wav\n")
    with pytest.raises(PromptError, match="not UTF-8"):
        read_labels(tmp_path / "latin.csv", [])
