"""The fast losses against the formulas written out, in value and in gradient."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from retrieval.training.losses import concordance, contrastive, rank_n_contrast  # noqa: E402


def written_out(logits, distances, graded):
    """Rank-N-Contrast as the formula says it, pair by pair."""
    count = len(logits)
    pairs, others = [], []
    for i in range(count):
        for j in range(count):
            farther = [k for k in range(count) if distances[i, k] >= distances[i, j]]
            term = torch.logsumexp(logits[i, farther], dim=0) - logits[i, j]
            (pairs if i == j else others).append(term)
    if graded == 0:
        return torch.stack(pairs).mean()
    return (torch.stack(pairs).mean() + graded * torch.stack(others).mean()) / (1 + graded)


@pytest.mark.parametrize("graded", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("levels", [2, 4, 1000])
@pytest.mark.parametrize("count", [2, 5, 17])
def test_rank_n_contrast_is_the_formula(count, levels, graded):
    generator = torch.Generator().manual_seed(count * levels)
    logits = 3 * torch.randn(count, count, generator=generator, dtype=torch.float64)
    distances = torch.randint(0, levels, (count, count), generator=generator).double()
    fast, slow = (logits.clone().requires_grad_() for _ in range(2))
    value = rank_n_contrast(fast, distances, graded)
    wanted = written_out(slow, distances, graded)
    value.backward()
    wanted.backward()
    assert value.item() == pytest.approx(wanted.item(), rel=1e-12)
    torch.testing.assert_close(fast.grad, slow.grad, rtol=1e-10, atol=1e-12)


def test_rank_n_contrast_without_graded_terms_is_infonce():
    logits = torch.randn(9, 9, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    distances = (torch.arange(9)[:, None] - torch.arange(9)[None, :]).abs().double()
    infonce = torch.nn.functional.cross_entropy(logits, torch.arange(9))
    assert rank_n_contrast(logits, distances, 0.0).item() == pytest.approx(infonce.item())


def test_rank_n_contrast_prefers_similarities_in_the_order_of_the_labels():
    values = torch.linspace(-1, 1, 8, dtype=torch.float64)
    distances = (values[:, None] - values[None, :]).abs()
    ordered = rank_n_contrast(-5 * distances, distances)
    reversed_ = rank_n_contrast(5 * distances, distances)
    shuffled = rank_n_contrast(-5 * distances[torch.tensor([3, 1, 7, 0, 2, 6, 4, 5])], distances)
    assert ordered < shuffled < reversed_


def test_contrastive_with_one_positive_a_row_is_cross_entropy():
    logits = torch.randn(6, 10, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    place = torch.tensor([0, 3, 9, 4, 4, 1])
    positives = torch.nn.functional.one_hot(place, 10).double()
    wanted = torch.nn.functional.cross_entropy(logits, place)
    assert contrastive(logits, positives).item() == pytest.approx(wanted.item())


def test_contrastive_shares_the_target_by_weight():
    logits = torch.tensor([[1.0, 2.0, 0.5]], dtype=torch.float64)
    log_p = logits.log_softmax(dim=1)[0]
    value = contrastive(logits, torch.tensor([[1.0, 0.0, 0.5]], dtype=torch.float64))
    assert value.item() == pytest.approx(-(log_p[0] * 2 + log_p[2]).item() / 3)


def test_contrastive_leaves_out_what_is_not_compared():
    generator = torch.Generator().manual_seed(3)
    logits = torch.randn(4, 6, generator=generator, dtype=torch.float64)
    positives = torch.rand(4, 6, generator=generator, dtype=torch.float64)
    compared = torch.tensor([[True] * 3 + [False] * 3] * 4)
    wanted = contrastive(logits[:, :3], positives[:, :3])
    assert contrastive(logits, positives, compared).item() == pytest.approx(wanted.item())


def test_contrastive_ignores_anchors_without_a_positive():
    logits = torch.randn(3, 4, generator=torch.Generator().manual_seed(4), dtype=torch.float64)
    positives = torch.tensor([[1.0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 1, 0]], dtype=torch.float64)
    wanted = contrastive(logits[[0, 2]], positives[[0, 2]])
    assert contrastive(logits, positives).item() == pytest.approx(wanted.item())
    assert contrastive(logits, torch.zeros(3, 4)).item() == 0.0


def test_concordance_by_hand():
    predicted = np.array([0.1, 0.4, -0.3, 0.9])
    wanted = np.array([0.0, 0.5, -0.2, 0.6])
    covariance = np.mean((predicted - predicted.mean()) * (wanted - wanted.mean()))
    apart = (predicted.mean() - wanted.mean()) ** 2
    ccc = 2 * covariance / (predicted.var() + wanted.var() + apart)
    value = concordance(torch.tensor(predicted)[:, None], torch.tensor(wanted)[:, None])
    assert value.item() == pytest.approx(1 - ccc, abs=1e-5)
    assert concordance(torch.tensor(wanted)[:, None], torch.tensor(wanted)[:, None]) < 1e-5
