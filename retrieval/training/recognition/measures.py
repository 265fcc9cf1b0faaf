"""What tells how good outputs are while they are trained and calibrated."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from retrieval.evaluation.metrics import unweighted_average_recall
from retrieval.recognition.judgement import EMOTIONS

#: Temperatures that are tried; 1 leaves the chances as they are.
TEMPERATURES = np.geomspace(0.3, 4.0, 60)


def affect_loss(outputs: Tensor, affect: Tensor) -> Tensor:
    """Mean square error of valence and arousal (n, 2), and half of 1 - CCC of either."""
    off = outputs.mean(dim=0) - affect.mean(dim=0)  # (2,)
    mine, theirs = outputs - outputs.mean(dim=0), affect - affect.mean(dim=0)
    spread = mine.square().mean(dim=0) + theirs.square().mean(dim=0) + off.square()
    concordance = 2 * (mine * theirs).mean(dim=0) / spread  # (2,)
    return (outputs - affect).square().mean() + (1 - concordance).mean() / 2


def recall(outputs: Tensor, truth: NDArray[np.int64]) -> float:
    """UAR of the emotions that outputs (n, 10) name; truth (n,) is their number."""
    named = outputs[:, : len(EMOTIONS)].argmax(dim=1).numpy()
    return unweighted_average_recall(truth, named)


def temperature(outputs: Tensor, truth: NDArray[np.int64]) -> float:
    """What logits are divided by so that held-out labels are likeliest (Guo et al. 2017).

    Every emotion counts alike, as often as it may occur.
    """
    logits, label = outputs[:, : len(EMOTIONS)], torch.from_numpy(truth)
    counts = np.bincount(truth, minlength=len(EMOTIONS))
    weight = torch.from_numpy(1 / counts[truth]).float()  # (n,)
    losses = [
        float(
            (torch.nn.functional.cross_entropy(logits / t, label, reduction="none") * weight).sum()
        )
        for t in TEMPERATURES
    ]
    return float(TEMPERATURES[int(np.argmin(losses))])
