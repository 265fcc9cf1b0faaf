"""Guards on vectors, on vectors whose cosines are known."""

from pathlib import Path

import numpy as np
import pytest

from retrieval.encoders.clap.probes import difference, probe_mels, probe_windows, refuse_alike
from retrieval.encoders.clap.words import BATCH, in_batches
from retrieval.errors import SpaceError
from retrieval.space import unit


def around(direction, cosine, count):
    """Unit vectors, each pair of which has the same cosine."""
    own = np.eye(count, count + 1, dtype=np.float32) * np.sqrt(1 - cosine)
    own[:, -1] = direction * np.sqrt(cosine)
    return own


def test_the_mean_cosine_of_unlike_prompts():
    assert refuse_alike(around(1, 0.6, 5), Path("x")) == pytest.approx(0.6, abs=1e-6)
    assert refuse_alike(around(1, 0.89, 5), Path("x")) == pytest.approx(0.89, abs=1e-6)
    with pytest.raises(SpaceError, match=r"unlike prompts is 0\.9100, below 0\.9") as caught:
        refuse_alike(around(1, 0.91, 5), Path("models/clap-music"))
    assert caught.value.path == "models/clap-music" and caught.value.remedy


def test_vectors_that_are_no_numbers_are_refused():
    with pytest.raises(SpaceError, match="is nan"):
        refuse_alike(np.full((3, 4), np.nan, np.float32), Path("x"))


def test_the_difference_is_the_largest():
    ones = [np.zeros((2, 3), np.float32), np.ones((1, 3), np.float32)]
    others = [ones[0] + np.float32(0.25), ones[1] - np.float32(0.5)]
    assert difference(ones, others) == 0.5


def test_probes_are_three_unlike_sounds():
    assert [len(one) for one in probe_windows()] == [480_000, 192_000, 24_000]
    flat = unit(probe_mels(fusion=False).reshape(3, -1))
    assert (flat @ flat.T - np.eye(3)).max() < 0.99


def test_batches_hold_rows_of_one_length_and_give_them_back_in_order():
    seen = []

    def tower(numbers):
        seen.append(numbers.shape)
        return numbers[:, :1].astype(np.float32)

    rows = [[place, *[0] * (1 + place % 2)] for place in range(2 * BATCH + 2)]
    np.testing.assert_array_equal(in_batches(rows, tower)[:, 0], np.arange(len(rows)))
    assert seen == [(BATCH, 2), (1, 2), (BATCH, 3), (1, 3)]
