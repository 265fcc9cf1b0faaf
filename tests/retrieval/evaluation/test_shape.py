"""The shape of the shared space, on clouds laid out by hand."""

import numpy as np
import pytest
import sklearn.metrics

from retrieval.emotions import lookup
from retrieval.evaluation.clips import Sound
from retrieval.evaluation.shape import tables
from retrieval.space import unit
from tests.retrieval.evaluation.made import rows_where, sound, space_of, table_of

LABELS = ("angry", "sad", "happy", "calm", "fearful")


def place(label: str, height: float) -> np.ndarray:
    term = lookup(label)
    assert term is not None
    return np.array([term.valence, term.arousal, height])


# text lies as sound does, but on the other side
SPACE = space_of(lambda text: place(text, -2.0), 3)


def made(noise: float = 0.1, **facts: str) -> list[Sound]:
    rng = np.random.default_rng(5)
    return [
        sound(
            place(LABELS[number % 5], 2.0) + rng.normal(0, noise, 3),
            LABELS[number % 5],
            f"s{number % 3}",
            **facts,
        )
        for number in range(60)
    ]


def test_the_gap_is_between_each_clip_and_its_label_and_centring_closes_it() -> None:
    sounds = made()
    (row,) = rows_where(table_of(tables(SPACE, sounds), "gap"), corpus="toy")
    clips = np.concatenate([one.vectors for one in sounds])
    texts = unit(np.array([place(LABELS[number % 5], -2.0) for number in range(60)]))
    gap = np.linalg.norm(clips.mean(axis=0) - texts.mean(axis=0))
    assert row["clips"] == 60
    assert row["modality gap"] == pytest.approx(gap)
    before, after = row["MMD"], row["centred MMD"]
    assert isinstance(before, float) and isinstance(after, float)
    assert gap > 1.5
    assert isinstance(row["centred gap"], float) and row["centred gap"] < 0.1
    assert after < before / 2


def test_silhouettes_are_those_of_another_library() -> None:
    sounds = made()
    (row,) = rows_where(table_of(tables(SPACE, sounds), "silhouette"), corpus="toy")
    clips = np.concatenate([one.vectors for one in sounds])
    labels = [number % 5 for number in range(60)]
    speakers = [number % 3 for number in range(60)]
    theirs = sklearn.metrics.silhouette_score(clips, labels)
    assert row["by emotion"] == pytest.approx(theirs, abs=1e-5)
    theirs = sklearn.metrics.silhouette_score(clips, speakers)
    assert row["by speaker"] == pytest.approx(theirs, abs=1e-5)
    assert row["by sentence"] is None
    said = table_of(tables(SPACE, made(sentence="S1")), "silhouette").records()[0]
    assert np.isnan(float(str(said["by sentence"])))  # one sentence is no grouping


def test_labels_that_lie_as_valence_and_arousal_do_are_found() -> None:
    rsa = table_of(tables(SPACE, made(0.02)), "rsa")
    (plane,) = rows_where(rsa, against="valence and arousal")
    (prompts,) = rows_where(rsa, against="label prompts")
    assert (plane["labels"], prompts["labels"]) == (5, 5)
    for row in (plane, prompts):
        rho, p = row["rho"], row["p"]
        assert isinstance(rho, float) and isinstance(p, float)
        assert rho > 0.9
        assert p < 0.05


def test_two_labels_have_no_shape_and_one_no_table() -> None:
    two = [one for one in made() if one.clip.emotion and one.clip.emotion.name in LABELS[:2]]
    names = {table.name: table.rows for table in tables(SPACE, two)}
    assert len(names["gap"]) == 1
    assert "rsa" not in names
    assert tables(SPACE, two[::2]) == []
