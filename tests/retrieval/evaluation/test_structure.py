"""Measures of clouds of vectors."""

import itertools
import math

import numpy as np
import pytest
import scipy.stats
import sklearn.metrics

from retrieval.evaluation.structure import (
    centred,
    distances,
    mantel,
    mmd,
    modality_gap,
    silhouette,
)
from retrieval.space import Vectors, unit


@pytest.fixture
def cloud() -> Vectors:
    return np.random.default_rng(1).standard_normal((60, 5)).astype(np.float32)


def test_the_gap_is_the_distance_of_the_means(cloud: Vectors) -> None:
    shift = np.array([0.0, 3.0, 4.0, 0.0, 0.0], dtype=np.float32)
    assert modality_gap(cloud, cloud + shift) == pytest.approx(5, rel=1e-5)
    vectors = unit(cloud)
    assert modality_gap(vectors, vectors[::-1]) == pytest.approx(0, abs=1e-6)


def test_mmd_is_the_formula_pair_by_pair(cloud: Vectors) -> None:
    x, y = cloud[:20], cloud[20:50] + np.float32(0.5)
    joined = np.concatenate([x, y])
    distances = [math.dist(a, b) for i, a in enumerate(joined) for b in joined[i + 1 :]]
    square = np.median(distances) ** 2

    def mean(some: Vectors, others: Vectors) -> float:
        kernel = [math.exp(-(math.dist(a, b) ** 2) / (2 * square)) for a in some for b in others]
        return float(np.mean(kernel))

    expected = math.sqrt(mean(x, x) + mean(y, y) - 2 * mean(x, y))
    assert mmd(x, y) == pytest.approx(expected, rel=1e-3)


def test_mmd_grows_with_the_distance_of_the_samples(cloud: Vectors) -> None:
    near, far = mmd(cloud, cloud + 0.2), mmd(cloud, cloud + 2)
    assert mmd(cloud, cloud) == 0
    assert 0 < near < far < math.sqrt(2)
    assert mmd(cloud[:1], cloud[:1]) == 0


@pytest.mark.parametrize("scale", [0.0, 3.0])
def test_silhouette_is_that_of_scikit_learn(cloud: Vectors, scale: float) -> None:
    groups = np.arange(60) % 4
    groups[0] = 9  # alone in its group
    vectors = cloud + scale * groups[:, None]
    theirs = sklearn.metrics.silhouette_score(vectors.astype(float), groups)
    assert silhouette(vectors, groups) == pytest.approx(theirs, abs=1e-6)


def test_silhouette_by_chunks_is_that_of_the_whole(
    cloud: Vectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = np.array(["sad", "angry", "calm"])[np.arange(60) % 3]
    whole = silhouette(cloud, names)
    monkeypatch.setattr("retrieval.evaluation.structure.CHUNK", 7)
    assert silhouette(cloud, names) == pytest.approx(whole)


def test_one_group_has_no_silhouette(cloud: Vectors) -> None:
    assert math.isnan(silhouette(cloud, np.zeros(60)))


def test_doubles_have_a_silhouette_of_one() -> None:
    vectors = np.array([[1, 0], [1, 0], [0, 1], [0, 1]], dtype=np.float32)
    assert silhouette(vectors, ["a", "a", "b", "b"]) == pytest.approx(1)
    assert silhouette(vectors * 0, ["a", "a", "b", "b"]) == 0


def test_centred_vectors_lie_around_nothing(cloud: Vectors) -> None:
    moved = centred(cloud + np.float32(3))
    assert np.linalg.norm(moved, axis=1) == pytest.approx(np.ones(60))
    assert moved == pytest.approx(unit(cloud - cloud.mean(axis=0)), abs=1e-5)


def test_distances_are_those_of_pairs(cloud: Vectors) -> None:
    found = distances(cloud[:4])
    assert found == pytest.approx(
        np.array([[math.dist(a, b) for b in cloud[:4]] for a in cloud[:4]]), abs=1e-6
    )


def test_mantel_is_the_share_of_all_orders_of_the_items(cloud: Vectors) -> None:
    x, y = distances(cloud[:5]), distances(cloud[:5] + cloud[5:10] * 0.6)
    pairs = np.triu_indices(5, 1)
    rhos = [
        scipy.stats.spearmanr(x[np.ix_(order, order)][pairs], y[pairs]).statistic
        for order in map(list, itertools.permutations(range(5)))
    ]
    rho, p = mantel(x, y, permutations=3000)
    assert rho == pytest.approx(rhos[0])
    assert p == pytest.approx(np.mean(np.array(rhos) >= rhos[0] - 1e-9), abs=0.02)


def test_mantel_of_the_same_distances_is_as_sure_as_the_orders_allow(cloud: Vectors) -> None:
    x = distances(cloud[:8])
    assert mantel(x, x, permutations=99) == (pytest.approx(1), 0.01)
    assert np.isnan(mantel(x[:2, :2], x[:2, :2])).all()
    assert np.isnan(mantel(np.zeros((4, 4)), x[:4, :4])).all()
