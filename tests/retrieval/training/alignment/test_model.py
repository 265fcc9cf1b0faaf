"""The models: padding, the attention, its guide, and a task that needs alignment."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the extra [train]")

from retrieval.training.alignment.fitting import (  # noqa: E402
    Recipe,
    Utterance,
    batch_of,
    fit,
    hear,
    labels_of,
    ua,
)
from retrieval.training.alignment.guide import NEAR, diagonal  # noqa: E402
from retrieval.training.alignment.model import (  # noqa: E402
    Aligned,
    Sizes,
    SpeechAlone,
    WordsAlone,
    looked,
)

SMALL = Sizes(frame=9, word=8, classes=3, dense=8, state=8, heads=2)


def utterance(frames, words, label=0, rng=None):
    rng = rng or np.random.default_rng(frames * words)
    return Utterance(
        path="", speaker="a", label=label, spoken=("word",) * words,
        frames=rng.standard_normal((frames, 9)).astype(np.float32), hop=0.08,
        words=rng.standard_normal((words, 8)).astype(np.float32), span=(0.0, frames * 0.08),
    )  # fmt: skip


@pytest.mark.parametrize("make", [Aligned, SpeechAlone, WordsAlone])
@pytest.mark.parametrize("every", [1, 4])
def test_what_is_said_of_one_does_not_depend_on_its_neighbours(make, every):
    torch.manual_seed(0)
    model = make(Sizes(9, 8, 3, dense=8, every=every, state=8, heads=2)).eval()
    short, long = utterance(7, 2), utterance(20, 6)
    together, alone = hear(model, [short, long]), hear(model, [short])
    np.testing.assert_allclose(together.chances[0], alone.chances[0], atol=1e-5)
    for map_, whole in zip(alone.attention, together.attention, strict=False):
        assert map_.shape == (2, -(-7 // every))
        np.testing.assert_allclose(map_, whole, atol=1e-5)
        np.testing.assert_allclose(map_.sum(axis=1), 1.0, atol=1e-5)


def test_the_attention_spelled_out_is_that_of_torch():
    torch.manual_seed(0)
    look = torch.nn.MultiheadAttention(16, 4, batch_first=True)
    asked, speech = torch.randn(2, 5, 16), torch.randn(2, 9, 16)
    padding = torch.arange(9) >= torch.tensor([[9], [6]])
    wanted = look(asked, speech, speech, key_padding_mask=padding)
    for one, other in zip(wanted, looked(look, asked, speech, padding), strict=True):
        torch.testing.assert_close(one, other)


def test_the_guide_costs_what_its_formula_says():
    attention = np.random.default_rng(0).dirichlet(np.ones(6), (2, 3)).astype(np.float32)
    places, said = np.array([[0.2, 0.5, 0.9], [0.4, 0.8, 0.0]]), [3, 2]
    spans = [(1.0, 5.0), (0.0, 6.0)]
    costs = []
    for utterance_ in range(2):
        first, last = spans[utterance_]
        for word in range(said[utterance_]):
            cost = 0.0
            for frame in range(6):
                far = places[utterance_, word] - (frame + 0.5 - first) / (last - first)
                near = np.exp(-(far**2) / (2 * NEAR**2))
                cost += attention[utterance_, word, frame] * (1 - near)
            costs.append(cost)
    found = diagonal(
        torch.from_numpy(attention), torch.from_numpy(places), torch.tensor(said),
        torch.tensor(spans),
    )  # fmt: skip
    assert float(found) == pytest.approx(np.mean(costs), abs=1e-6)


def marked(rng, words=3, kinds=5, length=3):
    """Words of random kinds, each spoken for some frames that carry a mark of + or -.

    One word is flagged, which only its vector tells; the label is the mark on its frames. So a
    word must find its own frames: neither speech nor words alone tell the label.
    """
    spoken, flagged = rng.permutation(kinds)[:words], int(rng.integers(words))
    marks = rng.integers(0, 2, words)
    frames = rng.normal(0, 0.1, (words * length + 4, kinds + 1)).astype(np.float32)
    start, at = int(rng.integers(0, 4)), []
    for kind, mark in zip(spoken, marks, strict=True):
        frames[start : start + length, kind] += 1
        frames[start : start + length, -1] += 2 * mark - 1
        at.append((start, start + length))
        start += length
    vectors = np.zeros((words, kinds + 1), dtype=np.float32)
    vectors[np.arange(words), spoken], vectors[flagged, -1] = 1, 1
    made = Utterance(
        path="", speaker="a", label=int(marks[flagged]), spoken=("word",) * words, frames=frames,
        hop=0.08, words=vectors, span=(at[0][0] * 0.08, at[-1][1] * 0.08),
    )  # fmt: skip
    return made, at[flagged], flagged


def test_a_word_finds_its_frames_where_the_task_needs_it():
    rng = np.random.default_rng(0)
    made = [marked(rng) for _ in range(500)]
    train, val = [one for one, _, _ in made[:400]], [one for one, _, _ in made[400:]]
    sizes = Sizes(frame=6, word=6, classes=2, dense=16, state=16, heads=2, dropout=0.0)
    recipe = Recipe(rate=1e-2, batch=32, epochs=12, patience=12)
    model = fit(Aligned, sizes, train, val, recipe)
    heard = hear(model, val)
    assert ua(heard.chances, labels_of(val)) > 0.9
    found = [
        start <= int(map_[flagged].argmax()) < end
        for map_, (_, (start, end), flagged) in zip(heard.attention, made[400:], strict=True)
    ]
    assert np.mean(found) > 0.8  # by chance 3 frames of 13: .23


def test_a_guide_makes_words_look_along_the_diagonal():
    torch.manual_seed(0)
    model = Aligned(Sizes(9, 8, 2, dense=8, state=8, heads=2, dropout=0.0))
    batch = batch_of([utterance(15, 3, rng=np.random.default_rng(n)) for n in range(20)])
    places = torch.tensor([1 / 6, 1 / 2, 5 / 6]).expand(20, 3)
    spans = torch.tensor([[0.0, 15.0]]).expand(20, 2)
    optimiser = torch.optim.Adam(model.parameters(), 1e-2)
    costs = []
    for _ in range(60):
        cost = diagonal(model(batch).attention, places, batch.said, spans)
        optimiser.zero_grad()
        cost.backward()
        optimiser.step()
        costs.append(float(cost.detach()))
    middles = (model(batch).attention @ (torch.arange(15) + 0.5)).detach().mean(dim=0)
    assert costs[-1] < costs[0] / 2
    torch.testing.assert_close(middles, torch.tensor([2.5, 7.5, 12.5]), atol=1.0, rtol=0)


def test_training_repeats_itself():
    made = [utterance(6 + n % 5, 1 + n % 3, n % 3) for n in range(12)]
    recipe = Recipe(epochs=2)
    one, other = (hear(fit(Aligned, SMALL, made, made, recipe), made) for _ in range(2))
    np.testing.assert_array_equal(one.chances, other.chances)


def test_a_batch_is_padded_with_zeros():
    batch = batch_of([utterance(4, 2), utterance(6, 1)])
    assert batch.frames.shape == (2, 6, 9) and batch.spoken.tolist() == [4, 6]
    assert batch.words.shape == (2, 2, 8) and batch.said.tolist() == [2, 1]
    assert not batch.frames[0, 4:].any() and not batch.words[1, 1:].any()
