"""The plans of many windows at once, for training; `encoders.fused.transport` makes one."""

import numpy as np
import torch
from torch import Tensor

from retrieval.encoders.fused.transport import CLOSE, ENTROPY, ROUNDS, pot, ways
from retrieval.training.fusion.network import Side


def plans(one: Side, other: Side) -> Tensor:
    """What goes from the frames of one side to those of the other, window by window, (n, t, u).

    Nothing comes from a frame that only fills up, and nothing goes to one. The plan is given and
    not learned: no gradient goes through it. A clip is then trained as it will be heard, where the
    plan is made between two graphs; the frames that are carried over learn all the same.
    """
    x, y = (side.frames.detach().numpy() for side in (one, other))
    there, also = one.there.numpy(), other.there.numpy()
    far = ways(x, y, there[:, :, None] & also[:, None, :])  # (n, t, u)
    weights = (mask / mask.sum(axis=1, keepdims=True) for mask in (there, also))
    pot()
    import ot.batch

    with np.errstate(divide="ignore"):  # the logarithm of no weight
        found = ot.batch.solve_batch(
            far, ENTROPY, *weights, max_iter=ROUNDS, tol=CLOSE, method="log_sinkhorn", grad="detach"
        )
    return torch.from_numpy(np.asarray(found.plan, dtype=np.float32))
