import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.ranking import Candidate, best_per_clip, collapse, diversify
from retrieval.space import unit


def candidates(*clips: int, sounds: tuple[int, ...] | None = None) -> list[Candidate]:
    sounds = sounds or clips
    return [
        Candidate(window=n, clip=clip, sound=sounds[n], cosine=1 - n / 10)
        for n, clip in enumerate(clips)
    ]


def test_best_per_clip_keeps_the_first_of_each() -> None:
    assert [one.window for one in best_per_clip(candidates(5, 7, 5, 9, 7))] == [0, 1, 3]


def test_collapse_folds_copies_and_near_duplicates_of_other_clips() -> None:
    apart = np.eye(4, dtype=np.float32)
    assert collapse(candidates(1, 2, 3, 4), apart) == [0, 1, 2, 3]
    assert collapse(candidates(1, 2, 3, 4, sounds=(8, 9, 8, 8)), apart) == [0, 1]
    close = unit(apart + np.array([[0], [0], [0], [0]], dtype=np.float32))
    close[2] = unit(close[:1] + 0.001)[0]
    assert collapse(candidates(1, 2, 3, 4), close) == [0, 1, 3]


def test_collapse_leaves_windows_of_one_clip_alone() -> None:
    same = np.ones((3, 2), dtype=np.float32) / np.sqrt(2)
    assert collapse(candidates(1, 1, 1), same) == [0, 1, 2]


def test_collapse_of_many_is_quick_and_right() -> None:
    n = 3000
    vectors = unit(np.random.default_rng(0).normal(size=(n, 16)).astype(np.float32))
    vectors[1::2] = vectors[::2]
    assert collapse(candidates(*range(n)), vectors) == list(range(0, n, 2))


def slow_mmr(scores: list[float], vectors: np.ndarray, k: int, balance: float) -> list[int]:
    low, span = min(scores), (max(scores) - min(scores)) or 1.0
    chosen: list[int] = []
    while len(chosen) < min(k, len(scores)):
        gains = {
            n: (1 - balance) * (scores[n] - low) / span
            - balance * max([float(vectors[n] @ vectors[c]) for c in chosen], default=0.0)
            for n in range(len(scores))
            if n not in chosen
        }
        chosen.append(max(gains, key=lambda n: (gains[n], -n)))
    return chosen


@given(st.integers(1, 12), st.integers(1, 15), st.floats(0, 1), st.integers(0, 100))
def test_diversify_equals_its_definition(n: int, k: int, balance: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    vectors = np.abs(unit(rng.normal(size=(n, 5)).astype(np.float32)))
    scores = sorted(rng.random(n).tolist(), reverse=True)
    assert diversify(scores, vectors, k, balance) == slow_mmr(scores, vectors, k, balance)


def test_diversify_prefers_what_is_unlike() -> None:
    vectors = unit(np.array([[1, 0], [1, 0.01], [0, 1]], dtype=np.float32))
    assert diversify([0.9, 0.89, 0.5], vectors, 3, 0.0) == [0, 1, 2]
    assert diversify([0.9, 0.89, 0.5], vectors, 2, 0.7) == [0, 2]
    assert diversify([], vectors, 2, 0.7) == []


@pytest.mark.parametrize("k", [1, 2, 9])
def test_diversify_gives_what_was_asked_or_all(k: int) -> None:
    vectors = np.eye(4, dtype=np.float32)
    assert len(diversify([0.4, 0.3, 0.2, 0.1], vectors, k, 0.5)) == min(k, 4)
