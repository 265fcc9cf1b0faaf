"""What else the attention is asked for in training: words come one after the other.

A loss of emotion alone does not ask that a word looks at where it is said. This one does, and is
told no word's time: only when the recording begins and ends to sound, and how long words are.
"""

import torch
from torch import Tensor

#: How far from the diagonal is still near, as a share of the sounding part. Tachibana et al. have
#: .2 for letters, which are many; words are few.
NEAR = 0.1


def diagonal(attention: Tensor, places: Tensor, said: Tensor, spans: Tensor) -> Tensor:
    """Guided attention (Tachibana et al. 2018): weight far from the diagonal costs.

    The mean over words of sum_t A[w, t] (1 - exp(-(p_w - t / T)^2 / (2 g^2))), with the time t
    counted from the first to the last sound, so that silence before and after is no speech.

    Args:
        attention: (n, w, t), rows sum to 1.
        places: (n, w) where the middle of each word lies on the diagonal, 0..1.
        said: (n,) how many words there are.
        spans: (n, 2) the first and the last frame that sounds; fractions are allowed.
    """
    first, last = spans[:, :1], spans[:, 1:]
    frames = torch.arange(attention.shape[2]) + 0.5
    time = (frames - first) / (last - first).clamp(min=1.0)  # (n, t)
    far = places.unsqueeze(2) - time.unsqueeze(1)  # (n, w, t)
    cost = (attention * (1 - torch.exp(-(far**2) / (2 * NEAR**2)))).sum(dim=2)  # (n, w)
    real = torch.arange(attention.shape[1]) < said.unsqueeze(1)
    return cost[real].mean()
