"""Sounds beside speech, on spaces that know them."""

import numpy as np
import pytest
import sklearn.metrics

from retrieval.emotions import lookup
from retrieval.evaluation.clips import Sound
from retrieval.evaluation.metrics import random_average_precision
from retrieval.evaluation.sounds import tables
from retrieval.evaluation.table import Estimate
from retrieval.space import Layer
from tests.retrieval.evaluation.made import rows_where, sound, space_of, table_of

CLASSES = ("clock_tick", "laughing", "rain")
WORDS = ("clock tick", "laughing", "rain")
AFFECT = Layer(np.array([[0, 0], [1, 1], [0, -0.5]], np.float32), np.zeros(2, np.float32))
SPACE = space_of(lambda text: [text == word for word in WORDS], 3, AFFECT)


@pytest.fixture(scope="module")
def sounds() -> list[Sound]:
    rng = np.random.default_rng(0)
    return [
        sound(
            np.eye(3)[number % 3] + rng.normal(0, 0.7, 3),
            speaker=f"s{number % 5}",
            kind="nonverbal" if number % 3 == 1 else "environment",
            raw=CLASSES[number % 3],
        )
        for number in range(45)
    ]


def test_classes_rank_as_another_library_computes(sounds: list[Sound]) -> None:
    table = table_of(tables(SPACE, sounds), "sounds")
    vectors = np.concatenate([one.vectors for one in sounds])
    means = []
    for number, word in enumerate(WORDS):
        (row,) = rows_where(table, prompt=word)
        relevant = np.arange(45) % 3 == number
        means.append(sklearn.metrics.average_precision_score(relevant, vectors[:, number]))
        order = np.argsort(-vectors[:, number])
        assert isinstance(row["AP"], Estimate)
        assert row["AP"].value == pytest.approx(means[-1])
        assert isinstance(row["P@10"], Estimate) and isinstance(row["P@1"], Estimate)
        assert row["P@10"].value == pytest.approx(relevant[order[:10]].mean())
        assert row["P@1"].value == relevant[order[0]]
        assert (row["clips"], row["ranked by"]) == (15, "made")
    (mean,) = rows_where(table, prompt="mean")
    assert isinstance(mean["AP"], Estimate)
    assert mean["AP"].value == pytest.approx(np.mean(means))
    assert mean["AP"].low < mean["AP"].value < mean["AP"].high
    assert mean["random AP"] == random_average_precision(15, 45)


def test_a_sound_is_named_by_its_class(sounds: list[Sound]) -> None:
    rivals = {"same": lambda prompts, sounds: np.zeros((len(prompts), len(sounds)))}
    (row,) = rows_where(table_of(tables(SPACE, sounds, rivals), "sound_naming"), corpus="toy")
    named = [int(one.vectors[0].argmax()) for one in sounds]
    theirs = sklearn.metrics.balanced_accuracy_score(np.arange(45) % 3, named)
    assert isinstance(row["made"], Estimate) and isinstance(row["same"], Estimate)
    assert row["made"].value == pytest.approx(theirs)
    assert row["same"].value == pytest.approx(1 / 3)
    assert row["chance"] == 1 / 3


def test_a_draw_without_a_class_does_not_pull_its_interval_down() -> None:
    made = [
        sound(np.eye(3)[number], speaker=f"s{number}", kind="environment", raw=raw)
        for number, raw in enumerate(CLASSES)
    ]
    (row,) = rows_where(table_of(tables(SPACE, made), "sounds"), prompt="rain")
    assert row["P@1"] == Estimate(1.0, 1.0, 1.0)


def test_what_feels_nothing_is_measured_from_neutral() -> None:
    rain = [sound([0, 0, 1], kind="environment", raw="rain") for _ in range(3)]
    glad = [sound([0, 1, 0], "happy", kind="speech"), sound([0, 1, 0], "sad", kind="speech")]
    still = [sound([0, 0, 1], "calm", kind="speech")]
    unknown = [sound([0, 0, 1], "", kind="speech", raw="x"), sound([0, 0, 1], "sad")]
    axes = {"neutral": [0, 0, 1], "happy": [0, 1, 0]}
    space = space_of(lambda text: axes.get(text, [1, 0, 0]), 3, AFFECT)
    table = table_of(tables(space, [*rain, *glad, *still, *unknown]), "neutral")
    assert [row["clips"] for row in table.records()] == [3, 2, 1]
    neutral = lookup("neutral")
    assert neutral is not None
    at = (neutral.valence, neutral.arousal)
    for name, affect, first in (
        ("environment", (0, -0.5), 1),
        ("speech with feeling", (1, 1), 0),
        ("speech without feeling", (0, -0.5), 1),
    ):
        (row,) = rows_where(table, sounds=name)
        found = [row[key] for key in ("distance", "neutral first", "valence", "arousal")]
        wanted = [np.hypot(affect[0] - at[0], affect[1] - at[1]), first, *affect]
        numbers = [cell.value for cell in found if isinstance(cell, Estimate)]
        assert numbers == pytest.approx(wanted, abs=1e-6)


def test_speech_alone_has_no_sounds() -> None:
    spoken = [sound([0, 0, 1], "sad", kind="speech", raw="sadness")]
    assert [table.name for table in tables(SPACE, spoken)] == ["neutral"]
    assert tables(SPACE, [sound([0, 0, 1], "sad")]) == []
