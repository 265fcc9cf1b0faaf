"""Measures of a labelling against slow formulas, and what shuffled labels make of them."""

import math
from itertools import combinations

import numpy as np
import pytest
from scipy.stats import spearmanr

from retrieval.evaluation.grouping import (
    MATCHING,
    OVERALL,
    Groups,
    Numbers,
    Scene,
    shuffle_test,
    shuffles,
    silhouette_of_groups,
    swap_test,
)
from retrieval.evaluation.structure import silhouette
from retrieval.space import unit

COUNT = 4


@pytest.fixture
def groups() -> Groups:
    return np.repeat(np.arange(COUNT), [10, 15, 20, 5])


def scene_of(groups: Groups, pull: float, seed: int = 0) -> Scene:
    """Clips that are drawn to the text of their group, more or less."""
    rng = np.random.default_rng(seed)
    texts = unit(rng.standard_normal((COUNT, 6)))
    clips = unit(rng.standard_normal((len(groups), 6)) + pull * texts[groups])
    cosines = (clips @ texts.T).astype(np.float64)
    z = (cosines - cosines.mean(axis=0)) / cosines.std(axis=0)
    return Scene(clips, texts, z, np.arange(len(groups)))


def overall(scene: Scene, groups: Groups) -> dict[str, float]:
    return dict(zip(OVERALL, scene.measure(groups).tolist(), strict=False))


def means_of(scene: Scene, groups: Groups) -> Numbers:
    return np.stack([scene.clips[groups == one].mean(axis=0) for one in range(COUNT)])


def test_silhouettes_are_those_of_the_whole(groups: Groups) -> None:
    scene = scene_of(groups, 1.0)
    distances = np.array([[math.dist(a, b) for b in scene.clips] for a in scene.clips], "f4")
    found = silhouette_of_groups(distances @ np.eye(COUNT, dtype="f4")[groups], groups)
    by_clip = float(found @ np.bincount(groups)) / len(groups)
    assert by_clip == pytest.approx(silhouette(scene.clips, groups), abs=1e-5)
    measured = scene.measure(groups)
    np.testing.assert_allclose(measured[len(OVERALL) : -COUNT], found, atol=1e-4)
    assert measured[OVERALL.index("silhouette")] == pytest.approx(found.mean(), abs=1e-4)


def test_a_group_without_items_has_no_silhouette_and_one_alone_has_zero() -> None:
    distances = np.array([[0, 1, 4], [1, 0, 4], [4, 4, 0]], dtype=np.float32)
    groups = np.array([0, 0, 2])
    found = silhouette_of_groups(distances @ np.eye(3, dtype="f4")[groups], groups)
    np.testing.assert_allclose(found, [0.75, np.nan, 0])


def test_contrast_is_the_mean_over_pairs(groups: Groups) -> None:
    scene = scene_of(groups, 1.0)
    pairs: dict[bool, list[float]] = {True: [], False: []}
    for one, other in combinations(range(len(groups)), 2):
        same = bool(groups[one] == groups[other])
        pairs[same].append(float(scene.clips[one] @ scene.clips[other]))
    expected = np.mean(pairs[True]) - np.mean(pairs[False])
    assert overall(scene, groups)["contrast"] == pytest.approx(expected, abs=1e-5)


def test_matching_counts_clips_groups_and_texts(groups: Groups) -> None:
    scene = scene_of(groups, 0.7)
    found, own = overall(scene, groups), np.arange(COUNT)
    for name, scores in (("uar", scene.clips @ scene.texts.T), ("uar_calibrated", scene.z)):
        recalls = [
            np.mean([row.argmax() == one for row in scores[groups == one]]) for one in range(COUNT)
        ]
        assert found[name] == pytest.approx(np.mean(recalls))
    cosines = means_of(scene, groups) @ scene.texts.T
    assert found["best_prompt"] == np.mean(cosines.argmax(axis=1) == own)
    assert found["best_group"] == np.mean(cosines.argmax(axis=0) == own)


def test_recalls_of_the_groups_make_the_uar(groups: Groups) -> None:
    measured = scene_of(groups, 0.7).measure(groups)
    assert measured[-COUNT:].mean() == pytest.approx(measured[OVERALL.index("uar")])


def test_rsa_is_spearman_of_the_two_sets_of_distances(groups: Groups) -> None:
    scene = scene_of(groups, 1.0)
    pairs = list(combinations(range(COUNT), 2))
    means = means_of(scene, groups)
    heard = [math.dist(means[a], means[b]) for a, b in pairs]
    read = [math.dist(scene.texts[a], scene.texts[b]) for a, b in pairs]
    expected = spearmanr(heard, read).statistic
    assert overall(scene, groups)["rsa"] == pytest.approx(expected)


def test_cka_is_the_formula_over_all_clips(groups: Groups) -> None:
    scene = scene_of(groups, 1.0)
    x = scene.clips - scene.clips.mean(axis=0)
    y = scene.texts[groups] - scene.texts[groups].mean(axis=0)
    shared = np.linalg.norm(x.T @ y) ** 2
    expected = shared / (np.linalg.norm(x.T @ x) * np.linalg.norm(y.T @ y))
    assert overall(scene, groups)["cka"] == pytest.approx(expected, rel=1e-4)


def test_clips_that_are_their_texts_reach_the_top(groups: Groups) -> None:
    texts = scene_of(groups, 0.0).texts
    scene = Scene(texts[groups], texts, (texts[groups] @ texts.T).astype(float), np.arange(50))
    found = overall(scene, groups)
    assert found.pop("contrast") > 0
    assert found == pytest.approx(dict.fromkeys(found, 1.0), abs=1e-3)


def test_two_groups_have_no_shape() -> None:
    texts, groups = unit(np.eye(2, 3)), np.array([0, 0, 1, 1])
    scene = Scene(texts[groups], texts, np.eye(2)[groups], np.arange(4))
    tested = shuffle_test(scene, groups, np.zeros(4, int), 9, 0)
    rsa = OVERALL.index("rsa")
    assert math.isnan(tested.values[rsa])
    assert math.isnan(tested.p[rsa])


def test_p_is_the_share_of_shuffles_that_reach_the_value(
    groups: Groups, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene, blocks = scene_of(groups, 0.15), np.zeros(len(groups), dtype=np.int64)
    shuffled = [scene.measure(one) for one in shuffles(groups, blocks, 40, seed=3)]
    reached = (np.stack(shuffled) >= scene.measure(groups) - 1e-6).sum(axis=0)
    for columns in (512, 12, 1):  # in one batch, in several, one by one
        monkeypatch.setattr("retrieval.evaluation.grouping.COLUMNS", columns)
        tested = shuffle_test(scene, groups, blocks, 40, seed=3)
        np.testing.assert_allclose(tested.p, (reached + 1) / 41)
        np.testing.assert_allclose(tested.expected, np.mean(shuffled, axis=0), atol=1e-6)


def test_groups_that_are_there_are_found_and_drawn_ones_are_not(groups: Groups) -> None:
    blocks = np.zeros(len(groups), dtype=np.int64)
    there = shuffle_test(scene_of(groups, 2.0), groups, blocks, 99, 0)
    named = dict(zip(OVERALL, there.p.tolist(), strict=False))
    assert named["contrast"] == named["uar"] == named["cka"] == 0.01
    at = OVERALL.index("contrast")
    drawn = [
        shuffle_test(scene_of(groups, 0.0, seed), groups, blocks, 19, 0).p[at] for seed in range(20)
    ]
    assert 0.3 < np.mean(drawn) < 0.8


def test_shuffles_keep_the_labels_of_each_block(groups: Groups) -> None:
    blocks = np.arange(len(groups)) % 3
    shuffled = list(shuffles(groups, blocks, 5, seed=1))
    for one in shuffled:
        for block in range(3):
            here = blocks == block
            assert sorted(one[here]) == sorted(groups[here])
    assert len({one.tobytes() for one in shuffled}) == 5
    again = list(shuffles(groups, blocks, 5, seed=1))
    np.testing.assert_array_equal(shuffled, again)


def test_a_label_that_never_changes_within_a_block_can_show_nothing(groups: Groups) -> None:
    tested = shuffle_test(scene_of(groups, 2.0), groups, groups, 19, 0)
    assert set(tested.p) == {1.0}


def test_dealing_out_texts_anew_is_renaming_the_groups(groups: Groups) -> None:
    scene, order = scene_of(groups, 0.7), np.array([2, 0, 3, 1])
    renamed = np.argsort(order)[groups]  # the clips of group order[i] are under text i
    start = OVERALL.index(MATCHING[0])
    expected = scene.measure(renamed)[start : len(OVERALL)]
    np.testing.assert_allclose(scene.match(scene.tally(groups).dealt(order)), expected, atol=1e-6)


def test_texts_that_belong_to_other_groups_match_by_chance_only(groups: Groups) -> None:
    scene, wrong = scene_of(groups, 2.0), np.array([1, 0, 3, 2])[groups]
    right, missed = swap_test(scene, groups, 99, 0), swap_test(scene, wrong, 99, 0)
    uar, cka = MATCHING.index("uar"), MATCHING.index("cka")
    assert right.p[uar] < 0.1
    assert missed.p[uar] > 0.3
    shuffled = shuffle_test(scene, wrong, np.zeros_like(wrong), 99, 0)
    assert shuffled.p[OVERALL.index("cka")] == 0.01  # that clips group is enough for it
    assert missed.p[cka] > 0.1
