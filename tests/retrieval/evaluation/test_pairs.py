"""Labelled sentences as they are read, and pairs that are built of them."""

from collections import Counter
from pathlib import Path

import pytest

from retrieval.errors import PromptError
from retrieval.evaluation.pairs import (
    APART,
    GOEMOTIONS,
    MELD,
    How,
    Sentence,
    partners,
    prior,
    read_sentences,
)
from retrieval.recognition.judgement import EMOTIONS

NAMES = "admiration anger caring neutral sadness"
ROWS = [
    ("what a wonderful thing you made", "0"),
    ("too short", "1"),
    ("I am so angry about that", "1"),
    ("I am so angry about that", "1"),
    ("both of these at once here", "1,4"),
    ("poor [NAME] has lost it all", "4"),
    (" ".join(["long"] * 26), "4"),
    ('a "quoted" word for the table', "3"),
]


def labels(folder: Path) -> Path:
    """A folder of corpora with a few sentences of either source."""
    place = folder / "labels" / "goemotions"
    place.mkdir(parents=True)
    (place / "labels.txt").write_text("\n".join(NAMES.split()), encoding="utf-8")
    lines = "".join(f"{text}\t{label}\tid\n" for text, label in ROWS)
    (place / "dev.tsv").write_text(lines, encoding="utf-8")
    meld = folder / "labels" / "meld"
    meld.mkdir()
    (meld / "test_sent_emo.csv").write_text(
        'Sr No.,Utterance,Emotion\n1,"Oh, that is great news!",joy\n2,No way.,surprise\n'
        "3,I hate all of this,anger\n",
        encoding="utf-8",
    )
    return folder


def test_rows_with_one_label_that_we_know_are_read(tmp_path: Path) -> None:
    found = read_sentences(labels(tmp_path), "goemotions", "val")
    assert [(one.text, one.emotion) for one in found] == [
        ("what a wonderful thing you made", "happy"),
        ("I am so angry about that", "angry"),
        ('a "quoted" word for the table', "neutral"),
    ]
    assert [one.valence for one in found] == [prior(one.emotion)[0] for one in found]


def test_meld_is_read_with_its_own_labels(tmp_path: Path) -> None:
    found = read_sentences(labels(tmp_path), "meld", "test")
    assert [(one.text, one.emotion, one.corpus) for one in found] == [
        ("Oh, that is great news!", "happy", "meld"),
        ("I hate all of this", "angry", "meld"),
    ]


def test_labels_beside_a_table_are_found(tmp_path: Path) -> None:
    table = labels(tmp_path) / "clips.csv"
    table.write_text("path,emotion,speaker\n", encoding="utf-8")
    assert read_sentences(table, "meld", "test")


def test_a_missing_file_is_one_error(tmp_path: Path) -> None:
    with pytest.raises(PromptError, match="cannot be read"):
        read_sentences(labels(tmp_path), "goemotions", "test")


def test_every_label_is_one_of_our_emotions() -> None:
    assert {*GOEMOTIONS.values(), *MELD.values()} <= set(EMOTIONS)


def sentences(**counts: int) -> list[Sentence]:
    return [
        Sentence(f"{emotion} {number}", emotion, prior(emotion)[0], "goemotions")
        for emotion, count in counts.items()
        for number in range(count)
    ]


WRITTEN = sentences(neutral=3, happy=4, calm=2, sad=4, angry=4, surprised=2)


def test_matching_partners_have_the_emotion_of_the_voice() -> None:
    voices = ["happy", "sad", "fearful", "neutral"]
    found = partners(voices, WRITTEN, "matching")
    assert [one and one.emotion for one in found] == ["happy", "sad", None, "neutral"]


def test_mismatching_partners_lie_apart_and_are_drawn_evenly() -> None:
    found = partners(["happy"] * 400, WRITTEN, "mismatching")
    counts = Counter(one.emotion for one in found if one)
    assert set(counts) == {"sad", "angry"}
    assert abs(counts["sad"] - counts["angry"]) < 60
    assert all(one and abs(one.valence - prior("happy")[0]) >= APART for one in found)


@pytest.mark.parametrize("emotion", ["neutral", "surprised", "unheard of"])
def test_a_voice_without_clear_valence_has_no_mismatching_partner(emotion: str) -> None:
    assert partners([emotion], WRITTEN, "mismatching") == [None]


def test_neutral_partners_fit_every_voice() -> None:
    found = partners(["happy", "sad", "neutral"], WRITTEN, "neutral")
    assert all(one and one.emotion == "neutral" for one in found)


def test_a_sentence_comes_again_only_after_all_others() -> None:
    found = [one.text for one in partners(["happy"] * 8, WRITTEN, "matching") if one]
    assert len(set(found[:4])) == 4
    assert set(found[4:]) == set(found[:4])


@pytest.mark.parametrize("how", ["matching", "mismatching", "neutral"])
def test_the_seed_decides(how: How) -> None:
    voices = ["happy", "sad", "angry"] * 5
    assert partners(voices, WRITTEN, how, 3) == partners(voices, WRITTEN, how, 3)
    assert partners(voices, WRITTEN, how, 3) != partners(voices, WRITTEN, how, 4)
