"""A pickled state of weights to safetensors, which can hold nothing but weights."""

from pathlib import Path
from typing import Any

from retrieval.errors import SpaceError

# Tables of the text tower that every version of transformers computes and not every one saves.
_PLACES, _KINDS = "text_model.embeddings.position_ids", "text_model.embeddings.token_type_ids"
_LEARNED = "text_model.embeddings.position_embeddings.weight"


def to_safetensors(weights: Path, out: Path) -> None:
    """Write the weights of a pytorch_model.bin as safetensors, under the same names.

    Args:
        weights: a file whose sha256 the caller has compared; it is read as weights only.

    Raises:
        SpaceError: it holds anything else than named weights.
    """
    # Imported here, because they belong to the extra.
    import torch
    from safetensors.torch import save_file

    try:
        state = torch.load(weights, map_location="cpu", weights_only=True)
        # Copies, because two names of one weight cannot be written as safetensors.
        named = {str(name): tensor.contiguous().clone() for name, tensor in state.items()}
    except Exception as fault:  # torch and pickle share no public root
        reason = str(fault).partition("\n")[0]
        raise SpaceError(
            f"the file does not hold weights alone: {reason}",
            path=weights,
            remedy="fetch it again; if it stays so, do not trust it",
        ) from fault
    save_file(_tables(named) | named, out, metadata={"format": "pt"})


def _tables(named: dict[str, Any]) -> dict[str, Any]:
    if _LEARNED not in named:
        return {}
    import torch

    reach = len(named[_LEARNED])
    kinds = torch.zeros((1, reach), dtype=torch.int64)
    return {_PLACES: torch.arange(reach)[None].clone(), _KINDS: kinds}
