"""Networks on a task whose answer is known, folds, and the figures of names."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the extra [train]")
pytest.importorskip("ot", reason="needs the extra [fusion]")

from retrieval.evaluation.bootstrap import folds
from retrieval.training.fusion.batches import heard
from retrieval.training.fusion.figures import compared, measured, told
from retrieval.training.fusion.learning import Lesson, Recipe, chances, learn
from retrieval.training.fusion.study import FOLDS, named_in_folds, spare

RECIPE = Recipe(epochs=12, rate=3e-3)


def lesson(count: int = 96) -> Lesson:
    """Four labels; each stream tells one half of the label, in one frame among noise."""
    rng = np.random.default_rng(0)
    clips, labels = [], []
    for number in range(count):
        high, late = divmod(number % 4, 2)
        windows = []
        for _ in range(1 + number % 2):
            one = 0.3 * rng.standard_normal((rng.integers(4, 9), 6))
            other = 0.3 * rng.standard_normal((rng.integers(2, 6), 5))
            one[rng.integers(len(one)), high] += 3
            other[rng.integers(len(other)), 2 + late] += 3
            windows.append((one.astype(np.float32), other.astype(np.float32)))
        clips.append(windows)
        labels.append(f"{high}{late}")
    return Lesson(heard(clips), labels)


def accuracy(given: Lesson, way: str, rows: range = range(64)) -> float:
    spared, asked = range(64, 80), range(80, 96)
    learned = learn(given, rows, spared, way, RECIPE, seed=0)  # type: ignore[arg-type]
    best = chances(learned, given.heard, asked).argmax(axis=1)
    return float(np.mean([learned.classes[n] == given.labels[r] for n, r in zip(best, asked)]))  # noqa: B905


def test_one_stream_tells_half_of_the_label_and_both_tell_it_whole() -> None:
    given = lesson()
    assert all(accuracy(given, way) <= 0.75 for way in ("first", "second"))
    assert all(accuracy(given, way) >= 0.9 for way in ("concatenation", "transport", "mata"))


def test_the_same_seed_gives_the_same_network_and_clips_are_means_of_windows() -> None:
    given, recipe = lesson(32), replace(RECIPE, epochs=1)
    one, two = (learn(given, range(24), (), "mata", recipe, seed=5) for _ in range(2))
    rows = list(range(24, 32))
    found = chances(one, given.heard, rows)
    np.testing.assert_array_equal(found, chances(two, given.heard, rows))
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-6)
    backwards = chances(one, given.heard, rows[::-1])
    np.testing.assert_allclose(backwards[::-1], found, atol=1e-6)


def test_without_speakers_to_end_by_it_makes_the_steps_of_the_recipe() -> None:
    given = lesson(32)  # 48 windows: 2 steps an epoch
    recipe = replace(RECIPE, epochs=9, blind=6)
    assert learn(given, range(32), (), "first", recipe, seed=0).epochs == 3
    assert learn(given, range(32), (), "first", replace(recipe, blind=99), seed=0).epochs == 9


def test_no_speaker_is_asked_whom_the_network_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    given, speakers = lesson(40), [f"s{number // 4}" for number in range(40)]
    from retrieval.training.fusion import study

    heard_by = []

    def watched(lesson, rows, spared, way, recipe, seed):  # type: ignore[no-untyped-def]
        heard_by.append({speakers[row] for row in (*rows, *spared)})
        return learn(lesson, rows, spared, way, replace(recipe, epochs=1), seed)

    monkeypatch.setattr(study, "learn", watched)
    named = named_in_folds(given, speakers, "first", RECIPE)
    fold = folds(speakers, FOLDS)
    assert len(named) == 40 and len(heard_by) == FOLDS
    for number, known in enumerate(heard_by):
        asked = {speakers[row] for row in np.flatnonzero(fold == number)}
        assert asked.isdisjoint(known) and asked | known == set(speakers)


def test_a_fold_is_spared_only_if_nothing_is_lost_by_it() -> None:
    fold = np.array([0, 1, 2, 3, 4] * 2)
    same = ["a"] * 5 + ["b"] * 5
    assert spare(same, fold, 3) == ([0, 1, 2, 5, 6, 7], [4, 9])
    # Fold 4 alone shows c, so it cannot be spared; and no other shows all that is left.
    odd = ["a"] * 4 + ["c"] + ["b"] * 4 + ["c"]
    assert spare(odd, fold, 3) == ([0, 1, 2, 4, 5, 6, 7, 9], [])
    assert spare(["a", "b", "a", "b", "a"], np.arange(5), 0) == ([1, 2, 3, 4], [])


def test_figures_are_those_of_scikit_learn() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(0)
    true, named = rng.integers(0, 5, 200), rng.integers(0, 5, 200)
    named[:90] = true[:90]
    wanted = [
        metrics.accuracy_score(true, named),
        metrics.f1_score(true, named, average="macro"),
        metrics.balanced_accuracy_score(true, named),
    ]
    np.testing.assert_allclose(measured(true, named, 5), wanted)


def test_differences_are_on_the_same_draws() -> None:
    speakers = [f"s{number % 6}" for number in range(60)]
    true = np.arange(60) % 3
    better, worse = true.copy(), true.copy()
    better[:6], worse[:18] = (true[:6] + 1) % 3, (true[:18] + 1) % 3
    names = {"mata": better, "first": worse}
    found = compared(speakers, true, names, 3, [("mata", "first")], draws=50)
    apart, gain = found["mata less first"][0], 12 / 60
    assert apart.value == pytest.approx(gain)
    # Every speaker loses as much, so every draw does.
    assert (apart.low, apart.high) == pytest.approx((gain, gain))
    assert told("mata less first", ("a", "b")) == "transport and attention less a alone"
