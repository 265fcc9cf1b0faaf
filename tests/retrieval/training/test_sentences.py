"""Open sentences: one clear feeling each, only from what may be trained on."""

import json

import pytest

pytest.importorskip("torch")

from retrieval.training.sentences import LONGEST, sentences


@pytest.fixture
def labels(tmp_path):
    folder = tmp_path / "goemotions"
    folder.mkdir()
    (folder / "labels.txt").write_text("joy\nanger\ncaring\n")
    lines = [
        ("What a day!", "0"), ('He said "no" again', "1"), ("Take care", "2"),
        ("Both at once", "0,1"), ("long " * LONGEST, "0"), ("Second joy", "0"), ("Third joy", "0"),
    ]  # fmt: skip
    table = "".join(f"{text}\t{label}\tid\n" for text, label in lines)
    (folder / "train.tsv").write_text(table)
    (folder / "test.tsv").write_text("Never seen\t0\tid\n")
    (tmp_path / "clap4emo").mkdir()
    captions = {"S": ["Tears fall."], "N": ["A plain report."]}
    (tmp_path / "clap4emo" / "GPTEmo_Caps.json").write_text(json.dumps(captions))
    return tmp_path


def test_one_clear_feeling_each(labels):
    found = {caption.text: caption.meaning.feeling for caption in sentences(labels)}
    assert found == {
        "What a day!": "happy", 'He said "no" again': "angry", "Second joy": "happy",
        "Third joy": "happy", "Tears fall.": "sad", "A plain report.": "neutral",
    }  # fmt: skip


def test_at_most_so_many_a_feeling(labels):
    happy = [c.text for c in sentences(labels, most=2) if c.meaning.feeling == "happy"]
    assert happy == ["What a day!", "Second joy"]


def test_missing_sources_give_nothing(tmp_path):
    assert sentences(tmp_path) == []
