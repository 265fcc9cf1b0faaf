"""`affetto attention` as a newcomer types it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli import affetto
from retrieval.errors import PromptError
from retrieval.library import Library


@pytest.fixture
def take(tmp_path: Path, write_tone) -> Path:
    return write_tone(tmp_path / "take.wav", seconds=2.0)


def run(*words: object, **how):
    return CliRunner().invoke(affetto, ["attention", *map(str, words)], **how)


def test_words_of_a_file_and_its_map(take, tmp_path):
    done = run(take, "--text", "oh dear me", "--out", tmp_path / "map.html")
    assert done.exit_code == 0, done.output
    assert [line.split()[0] for line in done.stdout.splitlines()[:3]] == ["oh", "dear", "me"]
    assert "written:" in done.stderr and "by letters" in done.stderr
    assert ">dear</text>" in (tmp_path / "map.html").read_text()


def test_json_has_words_with_times_and_weights(take):
    found = json.loads(run(take, "--text", "oh dear", "--json").stdout)
    (passage,) = found["passages"]
    assert found["path"] == str(take)
    assert [sorted(word) for word in passage["words"]] == [["end", "start", "weight", "word"]] * 2


def test_a_library_knows_what_is_said(take, tmp_path, space):
    (tmp_path / "labels.csv").write_text("path,transcript\ntake.wav,oh my\n")
    with Library(tmp_path / "library", create=True) as library:
        library.ingest([take], space=space)
        library.label(tmp_path / "labels.csv")
        assert library.attention(take).passages[0].words == ("oh", "my")
    done = run(take, "--library", tmp_path / "library")
    assert done.stdout.startswith("oh ")


def test_nobody_knows_what_is_said(take, monkeypatch, tmp_path):
    monkeypatch.setenv("AFFETTO_LIBRARY", "")
    monkeypatch.setattr("retrieval.library.default_folder", lambda: tmp_path / "none")
    done = run(take)
    assert isinstance(done.exception, PromptError) and "--text" in str(done.exception)


def test_a_map_of_another_kind_is_refused_before_the_work(tmp_path):
    done = run(tmp_path / "absent.wav", "--text", "oh", "--out", tmp_path / "map.svg")
    assert isinstance(done.exception, PromptError) and "HTML or PNG" in str(done.exception)
