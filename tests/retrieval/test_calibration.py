import numpy as np
import pytest

from retrieval.calibration import MIDDLE, PRIOR_COUNT, SLOPE, Background, score_of
from retrieval.space import unit


def vectors(n: int, seed: int = 0, dim: int = 8) -> np.ndarray:
    return unit(np.random.default_rng(seed).normal(size=(n, dim)) + 0.5)


def test_spread_equals_the_spread_of_all_cosines() -> None:
    library, prompts = vectors(200), vectors(3, seed=1)
    cosines = prompts @ library.T
    mean, deviation = Background.of(library).spread(prompts)
    np.testing.assert_allclose(mean, cosines.mean(axis=1), rtol=1e-5)
    np.testing.assert_allclose(deviation, cosines.std(axis=1), rtol=1e-4)


def test_z_has_mean_zero_and_deviation_one_over_the_library() -> None:
    library, prompts = vectors(200), vectors(3, seed=1)
    z = Background.of(library).z(prompts, prompts @ library.T)
    np.testing.assert_allclose(z.mean(axis=1), 0, atol=1e-4)
    np.testing.assert_allclose(z.std(axis=1), 1, rtol=1e-4)


def test_leaning_equals_pooling_the_vectors_themselves() -> None:
    own, prior = vectors(30), vectors(PRIOR_COUNT, seed=2)
    pooled = Background.of(np.concatenate([own, prior]))
    leaning = Background.of(own).leaning_on(Background.of(prior))
    np.testing.assert_allclose(leaning.mean, pooled.mean, atol=1e-7)
    np.testing.assert_allclose(leaning.covariance, pooled.covariance, atol=1e-7)
    assert Background.of(own).leaning_on(None).count == 30


def test_a_large_library_hardly_leans() -> None:
    own = Background.of(vectors(100_000))
    leaning = own.leaning_on(Background.of(-vectors(300, seed=3)))
    np.testing.assert_allclose(leaning.mean, own.mean, atol=3e-3)


def test_a_direction_without_spread_does_not_divide_by_zero() -> None:
    same = np.tile(vectors(1), (5, 1))
    assert np.isfinite(Background.of(same).z(vectors(2), vectors(2) @ same.T)).all()


def test_score_is_a_rising_chance() -> None:
    z = np.linspace(-8, 8, 201)
    scores = score_of(z)
    assert (np.diff(scores) > 0).all()
    assert float(score_of(MIDDLE)) == pytest.approx(0.5)
    odds = scores / (1 - scores)
    np.testing.assert_allclose(np.log(odds), SLOPE * (z - MIDDLE), atol=1e-6)
