"""laion_clap itself, to compare with: never used when a library is filled or searched.

It builds three tokenizers of the hub and a text tower when it is imported or made, prints what it
loads, unpickles its checkpoints and needs packages that it does not declare. Here it gets the
tokenizer of an installed model instead of the hub, stand-ins for what is absent, its words are
caught, and it is handed weights that were read without executing anything.
"""

import contextlib
import io
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest import mock

import numpy as np
from numpy.typing import NDArray

from retrieval.encoders.clap.convert import read_checkpoint
from retrieval.encoders.clap.files import WEIGHTS, broken, missing, read_card, read_json
from retrieval.encoders.clap.layout import places
from retrieval.encoders.clap.mel import heard, log_mel
from retrieval.encoders.clap.torch_towers import import_clap, quiet

Vectors = NDArray[np.float32]

_POSITIONS = "text_branch.embeddings.position_ids"
_STAND_INS = (
    "torchvision", "torchvision.ops", "torchvision.ops.misc", "torchvision.transforms",
    "torchvision.transforms.functional", "torchvision.datasets", "PIL", "PIL.Image",
)  # fmt: skip


class Laion:
    """A CLAP_Module of laion_clap with its weights.

    Args:
        module: as laion_clap makes it.
        fusion: whether it was made with feature fusion.
    """

    def __init__(self, module: Any, *, fusion: bool) -> None:
        self.module = module
        self.fusion = fusion

    def audio(self, windows: Sequence[Vectors]) -> Vectors:
        """Mono windows of up to ten seconds at 48 kHz, each (samples,), to unit vectors (n, dim).

        With fusion the spectrogram is ours, because laion_clap's own needs torchaudio; the tower
        is its own.
        """
        import torch

        with torch.inference_mode():
            if not self.fusion:
                return np.asarray(self.module.get_audio_embedding_from_data(list(windows)))
            self.module.eval()
            given = self.module.model.get_audio_embedding([_fused(one) for one in windows])
            return np.asarray(given.numpy())

    def text(self, texts: Sequence[str]) -> Vectors:
        """Texts to unit vectors (n, dim)."""
        import torch

        with torch.inference_mode():
            return np.asarray(self.module.get_text_embedding(list(texts)))


def load_checkpoint(checkpoint: Path, model: Path, *, architecture: str, fusion: bool) -> Laion:
    """laion_clap with a .pt checkpoint.

    Args:
        checkpoint: of the layout that LAION published.
        model: the folder it was converted to: its tokenizer, and the sizes of its text tower.
        architecture: ``HTSAT-tiny`` or ``HTSAT-base``.
        fusion: whether the checkpoint was trained with feature fusion.

    Raises:
        SpaceError: the checkpoint holds more than plain weights.
        MissingExtra: laion_clap is not installed.
    """
    module = make_module(model, architecture, fusion=fusion)
    _fill(module, read_checkpoint(checkpoint))
    return Laion(module, fusion=fusion)


def load_folder(folder: Path) -> Laion:
    """laion_clap with the weights of an installed model.

    Raises:
        SpaceError: a file of the folder is absent or broken.
        MissingExtra: laion_clap is not installed.
    """
    card = read_card(folder)
    module = make_module(folder, card.architecture, fusion=card.fusion)
    from safetensors.torch import load_file

    _fill(module, _put_back(module.model.state_dict(), load_file(folder / WEIGHTS), folder))
    return Laion(module, fusion=card.fusion)


def _put_back(theirs: Mapping[str, Any], ours: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """ClapModel's weights under the names of laion_clap, and its own where no vector needs them."""
    import torch

    state = dict(theirs)
    for name in state:
        if there := places(name):
            if not all(one in ours for one in there):
                raise broken(folder / WEIGHTS, f"a weight is absent: {there[0]}")
            parts = [ours[one] for one in there]
            state[name] = torch.cat(parts) if len(parts) > 1 else parts[0]
    return state


def _fill(module: Any, state: Mapping[str, Any]) -> None:
    """Have laion_clap load weights that are known to be plain, from memory."""
    import torch

    reach = module.model.text_branch.config.max_position_embeddings
    # laion_clap deletes this table without asking whether it is there.
    whole = {_POSITIONS: torch.arange(reach)[None], **state}
    buffer = io.BytesIO()
    torch.save(whole, buffer)
    buffer.seek(0)
    with contextlib.redirect_stdout(io.StringIO()):
        module.load_ckpt(buffer, verbose=False)
    module.eval()


def make_module(model: Path, architecture: str, *, fusion: bool) -> Any:
    """A CLAP_Module with the weights it starts from.

    Args:
        model: a folder with a RoBERTa tokenizer, and the sizes of the text tower in config.json.
        architecture: ``HTSAT-tiny`` or ``HTSAT-base``.
        fusion: whether to make it with feature fusion.

    Raises:
        MissingExtra: laion_clap is not installed.
    """
    if find_spec("laion_clap") is None:
        raise missing("laion-clap")
    import_clap()
    with _caught(), _local_hub(model), _stand_ins():
        import laion_clap

        return laion_clap.CLAP_Module(enable_fusion=fusion, device="cpu", amodel=architecture)


@contextlib.contextmanager
def _caught() -> Iterator[None]:
    """Off the network and off the screen; sys.path as it was."""
    path = list(sys.path)
    with (
        quiet(),
        mock.patch.dict(os.environ, {"HF_HUB_OFFLINE": "1", "WANDB_MODE": "disabled"}),
        contextlib.redirect_stdout(io.StringIO()),
    ):
        try:
            yield
        finally:
            sys.path[:] = path


@contextlib.contextmanager
def _local_hub(model: Path) -> Iterator[None]:
    """RoBERTa from a folder, and no other tokenizer: laion_clap's text tower uses none."""
    from transformers import (
        BartTokenizer,
        BertTokenizer,
        RobertaConfig,
        RobertaModel,
        RobertaTokenizer,
    )

    text = read_json(model / "config.json")["text_config"]
    sizes = {name: text[name] for name in _SIZES}
    fresh = RobertaModel(RobertaConfig(**sizes, layer_norm_eps=1e-5))
    tokenizer = RobertaTokenizer.from_pretrained(str(model))
    with (
        mock.patch.object(BertTokenizer, "from_pretrained", return_value=None),
        mock.patch.object(BartTokenizer, "from_pretrained", return_value=None),
        mock.patch.object(RobertaTokenizer, "from_pretrained", return_value=tokenizer),
        mock.patch.object(RobertaModel, "from_pretrained", return_value=fresh),
    ):
        yield


_SIZES = (
    "vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size",
    "max_position_embeddings", "type_vocab_size",
)  # fmt: skip


@contextlib.contextmanager
def _stand_ins() -> Iterator[None]:
    """Empty modules for what laion_clap imports and does not use on this way.

    transformers' classes must have been imported before: it looks for the real ones.
    """
    empty = {} if _works("torchvision") else {name: _Empty(name) for name in _STAND_INS[:6]}
    empty |= {} if _works("PIL") else {name: _Empty(name) for name in _STAND_INS[6:]}
    with mock.patch.dict(sys.modules, {**empty, "torchaudio": None}):
        before = set(sys.modules)
        yield
        kept = {name: sys.modules[name] for name in set(sys.modules) - before}
    sys.modules.update(kept)  # what was imported meanwhile stays


def _works(package: str) -> bool:
    if find_spec(package) is None:
        return False
    try:
        __import__(package)
    except Exception:  # built for another torch
        return False
    return True


class _Empty(ModuleType):
    """A module with any name in it."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (), {})


def _fused(window: Vectors) -> dict[str, Any]:
    import torch

    samples = heard(window)
    mel = torch.from_numpy(log_mel(samples, fusion=True))  # (1001, 64)
    return {
        "mel_fusion": mel.expand(4, -1, -1),
        "longer": torch.tensor([False]),
        "waveform": torch.from_numpy(samples),
    }
