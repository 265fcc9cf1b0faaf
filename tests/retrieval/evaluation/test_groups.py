"""Groups of people, and speakers by themselves."""

import numpy as np
import pytest
import sklearn.metrics

from retrieval.evaluation.clips import Sound
from retrieval.evaluation.groups import age_group, less_their_speaker, tables
from retrieval.evaluation.table import Estimate
from tests.retrieval.evaluation.made import rows_where, sound, space_of, table_of

LABELS = ("angry", "sad", "happy")
AXES = (*LABELS, "voice")
SPACE = space_of(lambda text: [text == axis for axis in AXES], 4)


def made(seed: int = 0, offset: float = 0.0, corpus: str = "toy", count: int = 120) -> list[Sound]:
    """Four speakers: women are heard clearly, men badly; each voice adds something of its own."""
    rng = np.random.default_rng(seed)
    voices = rng.normal(0, offset, (4, 4))
    sounds = []
    for number in range(count):
        speaker, label = number % 4, number // 4 % 3
        noise = 0.2 if speaker % 2 else 0.8
        vector = np.eye(4)[label] + voices[speaker] + rng.normal(0, noise, 4)
        sounds.append(
            sound(
                vector, LABELS[label], f"s{speaker}", corpus=corpus, language="en",
                gender="female" if speaker % 2 else "male", age=("", "25", "31", "x")[speaker],
            )
        )  # fmt: skip
    return sounds


def named(sounds: list[Sound]) -> tuple[list[int], list[int]]:
    true = [LABELS.index(one.clip.emotion.name) for one in sounds if one.clip.emotion]
    return true, [int(one.vectors[0, :3].argmax()) for one in sounds]


def test_groups_are_measured_among_themselves() -> None:
    sounds = made()
    table = table_of(tables(SPACE, sounds), "groups")
    assert {(row["by"], row["group"]) for row in table.records()} == {
        ("language", "en"), ("gender", "female"), ("gender", "male"),
        ("age", "20 to 29"), ("age", "30 to 44"),
    }  # fmt: skip
    for gender in ("female", "male"):
        (row,) = rows_where(table, group=gender)
        here = [one for one in sounds if one.clip.gender == gender]
        theirs = sklearn.metrics.balanced_accuracy_score(*named(here))
        assert isinstance(row["UAR"], Estimate) and isinstance(row["P@10"], Estimate)
        assert row["UAR"].value == pytest.approx(theirs)
        precisions = []
        for number, label in enumerate(LABELS):
            first = sorted(here, key=lambda one, axis=number: -one.vectors[0, axis])[:10]
            hits = [one.clip.emotion.name == label for one in first if one.clip.emotion]
            precisions.append(np.mean(hits))
        assert row["P@10"].value == pytest.approx(np.mean(precisions))
        assert (row["clips"], row["speakers"]) == (60, 2)
        assert row["chance"] == pytest.approx(1 / 3)
        assert row["chance P@10"] == pytest.approx(1 / 3)


def test_each_corpus_keeps_its_own_labels() -> None:
    """Of a corpus with two labels, neither is named by the third; UAR is over all five classes."""
    other = [one for one in made(1, corpus="two") if one.clip.emotion.name != "happy"]  # type: ignore[union-attr]
    both = [*made(), *other]
    (row,) = rows_where(table_of(tables(SPACE, both), "groups"), group="en")
    recalls = []
    for sounds, count in ((both[:120], 3), (other, 2)):
        truth, _ = named(sounds)
        # a third label that the corpus lacks is no candidate
        said = [int(one.vectors[0, :count].argmax()) for one in sounds]
        recalls += list(sklearn.metrics.recall_score(truth, said, average=None))
    assert isinstance(row["UAR"], Estimate)
    assert row["UAR"].value == pytest.approx(np.mean(recalls))
    assert row["chance"] == pytest.approx((3 / 3 + 2 / 2) / 5)


def test_a_voice_of_its_own_is_taken_away() -> None:
    sounds = made(offset=1.5)
    (row,) = rows_where(table_of(tables(SPACE, sounds), "per_speaker"), corpus="toy")
    plain, own = row["UAR"], row["UAR by speaker"]
    assert isinstance(plain, Estimate) and isinstance(own, Estimate)
    assert plain.value == pytest.approx(sklearn.metrics.balanced_accuracy_score(*named(sounds)))
    assert own.value > plain.value + 0.1
    moved = less_their_speaker(sounds)
    mean = np.mean([one.centre for one in sounds[::4]], axis=0)
    vector = sounds[4].vectors[0] - mean
    assert moved[4].vectors[0] == pytest.approx(vector / np.linalg.norm(vector), abs=1e-5)
    assert [one.clip for one in moved] == [one.clip for one in sounds]


def test_a_speaker_of_one_label_or_few_clips_is_no_voice() -> None:
    few = made(count=36)  # nine clips each
    assert "per_speaker" not in {table.name for table in tables(SPACE, few)}
    one_label = [*made(), *(sound(np.ones(4), "sad", "s9") for _ in range(12))]
    assert "per_speaker" not in {table.name for table in tables(SPACE, one_label)}


def test_small_groups_say_nothing() -> None:
    assert tables(SPACE, made(count=12)) == []
    assert tables(SPACE, []) == []


@pytest.mark.parametrize(
    ("age", "group"),
    [("12", "under 13"), ("13", "13 to 19"), ("29", "20 to 29"), ("60", "60 and over"),
     ("", ""), ("old", "")],
)  # fmt: skip
def test_ages_are_spans(age: str, group: str) -> None:
    assert age_group(age) == group
