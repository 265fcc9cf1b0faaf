"""A checkpoint as LAION published it, as a folder that transformers' ClapModel reads."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from retrieval.encoders.clap.files import WEIGHTS, broken, first_line, missing
from retrieval.encoders.clap.layout import places
from retrieval.encoders.clap.mel import filters
from retrieval.encoders.clap.torch_towers import POSITIONS, TYPES, import_clap, quiet
from retrieval.encoders.clap.words import Pieces
from retrieval.errors import SpaceError

#: Channels of the first stage, and blocks of each stage.
ARCHITECTURES: Mapping[str, tuple[int, tuple[int, ...]]] = {
    "HTSAT-tiny": (96, (2, 2, 6, 2)),
    "HTSAT-base": (128, (2, 2, 12, 2)),
}

_MEL = "audio_branch.logmel_extractor.melW"
_WORDS = "text_model.embeddings.word_embeddings.weight"
_PLACES = "text_model.embeddings.position_embeddings.weight"
_INNER = "text_model.encoder.layer.0.intermediate.dense.weight"
_LAYER = re.compile(r"text_model\.encoder\.layer\.(\d+)\.")
_NAMED = 6  # names that an error lists


def convert(
    checkpoint: Path, tokenizer: Path, out: Path, *, architecture: str, fusion: bool
) -> None:
    """Write config.json, model.safetensors and tokenizer.json of the same network.

    Nothing of the checkpoint is executed: it may hold tensors and plain values only.

    Args:
        checkpoint: a .pt file, whose origin the caller has checked.
        tokenizer: a folder with RoBERTa's tokenizer.json, or vocab.json and merges.txt.
        out: a folder, made if it is absent.
        architecture: ``HTSAT-tiny`` or ``HTSAT-base``.
        fusion: whether the checkpoint was trained with feature fusion.

    Raises:
        SpaceError: the checkpoint holds something else, is of another architecture, or lacks
            weights; the tokenizer is too small, or larger than the network.
        MissingExtra: a package of the extra `clap` is not installed.
    """
    pieces = Pieces(tokenizer)
    state = rearranged(read_checkpoint(checkpoint), checkpoint)
    config = _config(state, architecture, fusion=fusion, path=checkpoint)
    _refuse_others(state, config, checkpoint)
    if pieces.size > len(state[_WORDS]):
        raise broken(tokenizer, f"{pieces.size} pieces, and the network knows {len(state[_WORDS])}")
    from safetensors.torch import save_file

    out.mkdir(parents=True, exist_ok=True)
    whole = {name: tensor.contiguous() for name, tensor in state.items()}
    save_file(whole, out / WEIGHTS, metadata={"format": "pt"})
    (out / WEIGHTS).chmod(0o644)  # it is made for its owner only
    (out / "config.json").write_text(config.to_json_string(use_diff=False), encoding="utf-8")
    pieces.save(out)


def read_checkpoint(path: Path) -> dict[str, Any]:
    """The tensors of a checkpoint by name, without executing anything of it.

    Raises:
        SpaceError: the file cannot be read, or holds more than tensors and plain values.
        MissingExtra: torch is not installed.
    """
    try:
        import torch
    except ImportError as fault:
        raise missing("torch") from fault
    try:
        with torch.serialization.safe_globals(_numbers()):
            whole = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as fault:  # torch and pickle share no public root
        raise SpaceError(
            f"the checkpoint cannot be read as plain weights: {first_line(fault)}",
            path=path,
            remedy="fetch it again from where it was published",
        ) from fault
    state = whole.get("state_dict", whole) if isinstance(whole, dict) else {}
    tensors = {
        str(name).removeprefix("module."): tensor
        for name, tensor in state.items()
        if isinstance(tensor, torch.Tensor)
    }
    if not tensors:
        raise SpaceError("the checkpoint holds no weights", path=path)
    return tensors


def rearranged(state: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """The same weights under the names of ClapModel.

    Raises:
        SpaceError: a weight is unknown, or the spectrogram is another than ours.
    """
    if _MEL in state and not np.allclose(state[_MEL].numpy(), filters(), atol=1e-6):
        raise SpaceError("the checkpoint hears through other mel bands than CLAP's", path=path)
    moved: dict[str, Any] = {}
    unknown = []
    for name, tensor in state.items():
        there = places(name)
        if there is None:
            unknown.append(name)
        elif there:
            parts = tensor.chunk(len(there)) if len(there) > 1 else (tensor,)
            moved.update(zip(there, parts, strict=False))  # a part that lacks is found below
    if unknown:
        raise _unlike(path, "has weights that CLAP has not", unknown)
    return moved


def _config(state: dict[str, Any], architecture: str, *, fusion: bool, path: Path) -> Any:
    """The configuration of ClapModel; the sizes of the text tower are those of its weights."""
    if architecture not in ARCHITECTURES:
        known = ", ".join(ARCHITECTURES)
        raise SpaceError(f"no architecture {architecture!r}", path=path, remedy=f"one of: {known}")
    if absent := [name for name in (_WORDS, _PLACES, _INNER) if name not in state]:
        raise _unlike(path, "lacks weights", absent)
    channels, depths = ARCHITECTURES[architecture]
    audio = {
        "patch_embeds_hidden_size": channels,
        "depths": list(depths),
        "hidden_size": channels * 2 ** (len(depths) - 1),
        "enable_fusion": fusion,
        "fusion_type": "aff_2d" if fusion else None,
    }
    _, clap_config = import_clap()
    return clap_config(text_config=_text_config(state), audio_config=audio)


def _text_config(state: Mapping[str, Any]) -> dict[str, Any]:
    words, width = state[_WORDS].shape
    layers = {found[1] for name in state if (found := _LAYER.match(name))}
    return {
        "vocab_size": words,
        "hidden_size": width,
        "num_hidden_layers": len(layers),
        "num_attention_heads": width // 64,
        "intermediate_size": len(state[_INNER]),
        "max_position_embeddings": len(state[_PLACES]),
        "layer_norm_eps": 1e-5,  # RoBERTa's; the default of ClapConfig is another
    }


def _refuse_others(state: dict[str, Any], config: Any, path: Path) -> None:
    """Compare names and shapes with those of the network; add the tables it computes itself."""
    import torch

    clap_model, _ = import_clap()
    with quiet(), torch.device("meta"):
        wanted = {name: tuple(one.shape) for name, one in clap_model(config).state_dict().items()}
    reach = wanted[POSITIONS]
    state[POSITIONS] = torch.arange(reach[1])[None]  # (1, reach)
    state[TYPES] = torch.zeros(reach, dtype=torch.int64)
    found = {name: tuple(tensor.shape) for name, tensor in state.items()}
    if absent := sorted(wanted.keys() - found.keys()):
        raise _unlike(path, "lacks weights", absent)
    if other := sorted(found.keys() - wanted.keys()):
        raise _unlike(path, "has weights that this architecture has not", other)
    if bent := sorted(name for name in wanted if wanted[name] != found[name]):
        raise _unlike(path, "has weights of other shapes than this architecture", bent)


def _numbers() -> list[Any]:
    """What some checkpoints hold beside tensors: numpy's numbers, which execute nothing."""
    scalar = np.float64(0).__reduce__()[0]
    kinds = {type(np.dtype(kind)) for kind in ("f2", "f4", "f8", "i4", "i8", "b1")}
    return [(scalar, f"numpy.{core}.multiarray.scalar") for core in ("core", "_core")] + [
        np.dtype,
        *kinds,
    ]


def _unlike(path: Path, error: str, names: list[str]) -> SpaceError:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return SpaceError(
        f"the checkpoint {error}: {', '.join(names[:_NAMED])}{more}",
        path=path,
        remedy="state its architecture and whether it was trained with fusion",
    )
