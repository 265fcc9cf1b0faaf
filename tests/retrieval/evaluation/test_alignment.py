"""From a library to the clips, the texts and the measures of an alignment."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from retrieval.errors import PromptError
from retrieval.evaluation.alignment import Alignment, Asked, align, labelled_clips, texts_for
from retrieval.evaluation.grouping import OVERALL
from retrieval.filters import parse_filters
from retrieval.library import Library
from retrieval.query import Ground


def test_every_labelled_clip_takes_part_with_the_mean_of_its_windows(tones: Ground) -> None:
    found = labelled_clips(tones, Asked())
    assert [Path(path).name for path in found.paths] == sorted(
        f"{word}-{take}.wav" for word in ("angry", "calm", "sad") for take in range(4)
    )
    assert found.names == ("angry", "calm", "sad")
    assert found.groups.tolist() == [0] * 4 + [1] * 4 + [2] * 4
    assert (found.unlabelled, found.alone) == (1, 0)
    rows = [row for row in tones.catalog.hits(tones.index.ids()) if row.path == found.paths[5]]
    mean = tones.index.vectors(np.array([row.window_id for row in rows])).mean(axis=0)
    np.testing.assert_allclose(found.vectors[5], mean / np.linalg.norm(mean), atol=1e-6)


def test_blocks_follow_the_label_inside_which_labels_are_shuffled(tones: Ground) -> None:
    assert set(labelled_clips(tones, Asked()).blocks) == {0}
    assert labelled_clips(tones, Asked(within="speaker")).blocks.tolist() == [0, 1] * 6


def test_filters_choose_and_a_group_of_one_is_left_out(tones: Ground) -> None:
    only = parse_filters(["emotion=sad|calm"])
    assert labelled_clips(tones, Asked(filters=only)).names == ("calm", "sad")
    few = parse_filters(["path!~sad-1", "path!~sad-2", "path!~sad-3"])
    found = labelled_clips(tones, Asked(filters=few))
    assert (found.names, found.alone) == (("angry", "calm"), 1)


def test_the_texts_of_these_groups_are_their_closest(aligned: Alignment) -> None:
    assert aligned.texts == ("angry", "calm", "a sad voice", "rain")
    assert aligned.matrix.shape == aligned.calibrated_matrix.shape == (3, 4)
    for group in range(3):
        expected = aligned.cosines[4 * group : 4 * group + 4].mean(axis=0)
        np.testing.assert_allclose(aligned.matrix[group], expected, atol=1e-6)
    assert aligned.matrix.argmax(axis=1).tolist() == [0, 1, 2]
    values = dict(zip(OVERALL, aligned.tested.values.tolist(), strict=False))
    assert values["uar"] == values["best_prompt"] == values["best_group"] == 1
    assert aligned.recalls().values.tolist() == [1, 1, 1]
    assert (aligned.silhouettes().values > 0.5).all()
    assert aligned.tested.p[OVERALL.index("uar")] == 0.01


def test_a_text_of_no_group_is_in_no_measure(tones: Ground, aligned: Alignment) -> None:
    without = align(tones, Asked(prompts=("sad=a sad voice",), permutations=99))
    np.testing.assert_array_equal(without.tested.values, aligned.tested.values)
    assert without.gap == aligned.gap


def test_another_label_makes_other_groups(tones: Ground) -> None:
    found = align(tones, Asked(by="speaker", permutations=19))
    assert found.clips.names == ("anna", "ben")
    assert found.tested.p[OVERALL.index("contrast")] > 0.05
    assert found.unworded == ("anna", "ben")


def test_names_of_the_vocabulary_are_words(aligned: Alignment) -> None:
    assert aligned.unworded == ()


def test_texts_by_group() -> None:
    names = ("calm", "sad")
    assert texts_for(names, ()) == names
    assert texts_for(names, ("sad", "rain", "rain", "sad = in tears = now")) == (
        "calm",
        "in tears = now",
        "rain",
    )


@pytest.mark.parametrize("prompt", ["glad=in a good mood", "sad=", " "])
def test_a_prompt_that_names_no_group_is_refused(prompt: str) -> None:
    with pytest.raises(PromptError, match="neither a text nor GROUP=TEXT") as caught:
        texts_for(("calm", "sad"), [prompt])
    assert caught.value.remedy == "groups here: calm, sad"


def test_labels_that_cannot_be_compared_are_refused(tones: Ground) -> None:
    with pytest.raises(PromptError, match="no clip has a label 'mood'") as caught:
        align(tones, Asked(by="mood"))
    assert "affetto label CSV" in str(caught.value.remedy)
    assert "emotion, speaker" in str(caught.value.remedy)
    with pytest.raises(PromptError, match="no clip has a label 'take'"):
        align(tones, Asked(within="take"))
    with pytest.raises(PromptError, match="makes 1 group of two clips or more"):
        align(tones, Asked(filters=parse_filters(["emotion=sad"])))


def test_a_copy_of_a_sound_does_not_count_twice(tones: Ground, tmp_path: Path) -> None:
    lines = ["path,emotion"]
    for path in labelled_clips(tones, Asked()).paths:
        name = Path(path).name
        shutil.copy(path, tmp_path / name)
        lines.append(f"{name},{name.split('-')[0]}")
    shutil.copy(tmp_path / "sad-1.wav", tmp_path / "a-copy.wav")
    (tmp_path / "labels.csv").write_text("\n".join([*lines, "a-copy.wav,sad"]), encoding="utf-8")
    with Library(tmp_path / "library", create=True) as library:
        library.ingest(tmp_path, space=tones.space)
        library.label(tmp_path / "labels.csv")
        found = labelled_clips(library.ground(tones.space), Asked())
    assert len(found.paths) == 12
    assert str(tmp_path / "a-copy.wav") in found.paths
    assert str(tmp_path / "sad-1.wav") not in found.paths
    assert (found.unlabelled, found.alone) == (0, 0)
