"""Losses that put sound and words into one space.

All take a table of logits, anchors in rows and candidates in columns, so that both directions
(sound to words, words to sound) are the same function called on the table and its transpose.
"""

import torch
from torch import Tensor

_APART = -1e9  # the logit of a candidate that an anchor is not compared with


def contrastive(logits: Tensor, positives: Tensor, compared: Tensor | None = None) -> Tensor:
    """Cross entropy between softmax(logits) and the share of each positive (SupCon, outer form).

    Khosla et al. 2020: mean over anchors of -sum_j w_ij log softmax(logits_i)_j with the rows of
    w summing to one. With one positive a row it is InfoNCE.

    Args:
        logits: (n, m) similarities over the temperature.
        positives: (n, m) how well a candidate suits an anchor, 0..1; 0 is a negative.
        compared: (n, m) bool, the candidates an anchor is compared with; all if None.

    Returns:
        A scalar: the mean over anchors with a positive; 0 if there is none.
    """
    if compared is not None:
        logits = logits.masked_fill(~compared, _APART)
        positives = positives * compared
    total = positives.sum(dim=1)  # (n,)
    share = positives / total.clamp(min=1e-9).unsqueeze(1)  # (n, m)
    per_anchor = -(share * logits.log_softmax(dim=1)).sum(dim=1)  # (n,)
    anchors = total > 0
    return (per_anchor * anchors).sum() / anchors.sum().clamp(min=1)


def rank_n_contrast(logits: Tensor, distances: Tensor, graded: float = 1.0) -> Tensor:
    """Cross-modal Rank-N-Contrast in O(n^2 log n).

    Zha et al. 2023, with sounds as anchors and texts as candidates (or the mirror): for each
    pair (i, j) the candidate j must win over every candidate that is at least as far from i,

        L_ij = -log( exp(s_ij) / sum_{k: d_ik >= d_ij} exp(s_ik) ),

    ties in d included. The term j = i of a matching pair with d_ii = 0 is InfoNCE.

    Args:
        logits: (n, n) similarities over the temperature; the pair of anchor i is candidate i.
        distances: (n, n) between the labels, rounded by the caller so that ties are equal.
        graded: weight of the mean over the n - 1 terms j != i; 0 leaves InfoNCE.

    Returns:
        A scalar: the mean over anchors of L_ii + graded * mean_{j != i} L_ij, over 1 + graded.
    """
    count = len(logits)
    terms = rank_terms(logits, distances)  # (n, n)
    pairs = terms.diagonal().mean()
    if graded == 0 or count == 1:
        return pairs
    others = (terms.sum() - terms.diagonal().sum()) / (count * (count - 1))
    return (pairs + graded * others) / (1 + graded)


def rank_terms(logits: Tensor, distances: Tensor) -> Tensor:
    """Every L_ij of `rank_n_contrast` (n, m), for anchors that need not have a pair.

    Each row is sorted from far to near, so that a running logsumexp up to the last member of a
    group of ties is the sum asked for.
    """
    ordered, order = distances.sort(dim=1, descending=True)  # (n, m)
    running = logits.gather(1, order).logcumsumexp(dim=1)  # (n, m)
    nearer = -ordered.contiguous()  # ascending
    # The place one past the last equal value, less one.
    ends = torch.searchsorted(nearer, nearer, right=True) - 1  # (n, m)
    sums = torch.empty_like(running).scatter(1, order, running.gather(1, ends))
    return sums - logits


def concordance(predicted: Tensor, wanted: Tensor) -> Tensor:
    """1 - Lin's concordance correlation coefficient, mean over columns of (n, c)."""
    mean_p, mean_w = predicted.mean(dim=0), wanted.mean(dim=0)  # (c,)
    covariance = ((predicted - mean_p) * (wanted - mean_w)).mean(dim=0)  # (c,)
    spread = predicted.var(dim=0, unbiased=False) + wanted.var(dim=0, unbiased=False)
    ccc = 2 * covariance / (spread + (mean_p - mean_w).square() + 1e-6)  # (c,)
    return 1 - ccc.mean()
