"""The map of clips and texts."""

import numpy as np
import pytest

from retrieval.evaluation.plane import map_of
from retrieval.space import Vectors


@pytest.fixture
def clips() -> Vectors:
    return np.random.default_rng(2).standard_normal((40, 6)).astype(np.float32)


GROUPS = np.repeat([0, 1, 2], [30, 5, 5])


def test_groups_and_texts_share_a_middle_whatever_their_gap_and_size(clips: Vectors) -> None:
    texts = clips[:4] + np.float32(10)
    found = map_of(clips, GROUPS, texts, 3)
    means = np.stack([found.clips[one == GROUPS].mean(axis=0) for one in range(3)])
    np.testing.assert_allclose(means.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(found.texts[:3].mean(axis=0), 0, atol=1e-5)


def test_the_axes_hold_the_most_variance(clips: Vectors) -> None:
    wide = clips * np.array([1, 9, 1, 4, 1, 1], dtype=np.float32)
    found = map_of(wide, GROUPS, wide[:3], 3)
    for axis, dimension in enumerate((1, 3)):
        likeness = np.corrcoef(found.clips[:, axis], wide[:, dimension])[0, 1]
        assert likeness > 0.95  # the largest part of an axis is positive
    whole = np.square(wide - wide.mean(axis=0)).sum()
    planar = np.square(found.clips - found.clips.mean(axis=0)).sum(axis=0)
    np.testing.assert_allclose(found.shares, planar / whole, rtol=1e-4)
    assert found.shares[0] > found.shares[1]
    assert sum(found.shares) > 0.8


def test_a_text_lies_where_the_same_vector_lies(clips: Vectors) -> None:
    centred = clips - np.stack([clips[one == GROUPS].mean(axis=0) for one in range(3)]).mean(axis=0)
    texts = np.concatenate([centred[:3] - centred[:3].mean(axis=0), centred[7:8]])
    found = map_of(clips, GROUPS, texts, 3)
    np.testing.assert_allclose(found.texts[3], found.clips[7], atol=1e-4)
