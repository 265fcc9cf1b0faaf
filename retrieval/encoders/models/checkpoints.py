"""The published checkpoints of the LAION-CLAP family (Wu et al. 2023), as one table.

Each has two names: that of the space it becomes here, and its own. A sha256 stands here only where
it was read in a published place; a pickled checkpoint without one is an unknown checkpoint, which
is taken only when the caller says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from retrieval.errors import SpaceError

Layout = Literal["hf", "pt"]

DEFAULT = "clap"

# Files of the Hugging Face layout besides the weights; only the first must be there.
CONFIG = "config.json"
TOKENIZER_FILES = (
    "tokenizer.json",
    "vocab.json",
    "merges.txt",
    "tokenizer_config.json",
    "special_tokens_map.json",
)
SAFETENSORS, PICKLED = "model.safetensors", "pytorch_model.bin"

_TINY, _BASE = "HTSAT-tiny", "HTSAT-base"
_APACHE, _CC0 = "Apache-2.0", "CC0-1.0"
_LAION, _WU = "laion", "lukewys/laion_clap"
# The last commit of lukewys/laion_clap known to hold all seven files.
_WU_REVISION = "b3708341862f581175dba5c356a4ebf74a9b6651"


@dataclass(frozen=True)
class Checkpoint:
    """One published checkpoint.

    Attributes:
        name: of the space it becomes.
        checkpoint: its own name, as its authors call it.
        repository, revision: where it lies on the hub.
        layout: "hf" is a folder for transformers' ClapModel, "pt" one pickled file of laion_clap.
        weights: the pickled file; in the "hf" layout model.safetensors is taken where there is one.
        sha256: of the pickled file, in hexadecimal; None where none was found published.
        megabytes: to fetch, roughly.
        architecture: of the audio tower, as laion_clap names it.
        fusion: whether it was trained with feature fusion for long sounds.
        licence: of the weights, as its repository states it.
        description: one line for people.
        warning: what is known to be wrong with it.
    """

    name: str
    checkpoint: str
    repository: str
    revision: str
    layout: Layout
    weights: str
    sha256: str | None
    megabytes: int
    architecture: str
    fusion: bool
    licence: str
    description: str
    warning: str | None = None


def _hf(
    name: str,
    checkpoint: str,
    revision: str,
    sha256: str,
    description: str,
    *,
    base: bool = False,
    fusion: bool = False,
    warning: str | None = None,
) -> Checkpoint:
    return Checkpoint(
        name=name,
        checkpoint=checkpoint,
        repository=f"{_LAION}/{checkpoint}",
        revision=revision,
        layout="hf",
        weights=PICKLED,
        sha256=sha256,
        megabytes=780 if base else 618,
        architecture=_BASE if base else _TINY,
        fusion=fusion,
        licence=_APACHE,
        description=description,
        warning=warning,
    )


def _pt(
    name: str,
    checkpoint: str,
    sha256: str | None,
    description: str,
    *,
    base: bool = False,
    fusion: bool = False,
) -> Checkpoint:
    return Checkpoint(
        name=name,
        checkpoint=checkpoint,
        repository=_WU,
        revision=_WU_REVISION,
        layout="pt",
        weights=f"{checkpoint}.pt",
        sha256=sha256,
        megabytes=2352 if base else 1860,
        architecture=_BASE if base else _TINY,
        fusion=fusion,
        licence=_CC0,
        description=description,
    )


# Sources of the sha256, all of them Git LFS records of the hub itself, which names its large files
# by their sha256: the page of the file for the folders of laion, 630k-audioset-best (and, equal,
# the copy in spaces/amphion/PicoAudio); the commit 4226474e for music_audioset_... and
# music_speech_audioset_... (the latter, equal, in audo/AudioSep); the commit b3708341 for
# music_speech_epoch_15_esc_89.25. For clap-htsat-unfused, whose page was not found, the manifests
# of several public programs agree. For 630k-best and both fusion files nothing was found.
CHECKPOINTS = (
    _hf(
        "clap",
        "clap-htsat-unfused",
        "8fa0f1c6d0433df6e97c127f64b2a1d6c0dcda8a",
        "1cd3c601bc4afe0fa87be3de4c13dd2cfadd249fac1e29acf74a9b296c3219bb",
        "general sound up to 10 s; the default",
    ),
    _hf(
        "clap-fused",
        "clap-htsat-fused",
        "cca9e288ab447cee67d9ada1f85ddb46500f1401",
        "1ed5d0215d887551ddd0a49ce7311b21429ebdf1e6a129d4e68f743357225253",
        "general sound of any length, by fusion",
        fusion=True,
    ),
    _hf(
        "clap-general",
        "larger_clap_general",
        "ada0c23a36c4e8582805bb38fec3905903f18b41",
        "314eb00cce6ad68d25237b8446b659ccdb136ed4672c1bca470f142f72455026",
        "general sound, music, speech; larger tower",
        base=True,
    ),
    _hf(
        "clap-music",
        "larger_clap_music",
        "a0b4534a14f58e20944452dff00a22a06ce629d1",
        "5c289311f4a030d768af7ffbfdecd01b008aa64824211899a4e59f4f9d154fd1",
        "music; larger tower; refused, see models.md",
        base=True,
        warning="its text tower gives unlike prompts all but the same vector (mean cosine .9993): "
        "it is refused when it is used; another one for music is clap-music-audioset",
    ),
    _hf(
        "clap-music-and-speech",
        "larger_clap_music_and_speech",
        "195c3a3e68faebb3e2088b9a79e79b43ddbda76b",
        "b73c5e596fda5b29b522a1ab3f0842977fe2b147bf8b78c2ec5f7ae6267038a1",
        "music and speech; larger tower",
        base=True,
    ),
    _pt(
        "clap-630k",
        "630k-best",
        None,
        "general sound up to 10 s, without AudioSet",
    ),
    _pt(
        "clap-630k-audioset",
        "630k-audioset-best",
        "8053c9775516af2f4902e1e8281e356cc1bf7a85e8b761908170767b77c3f037",
        "general sound up to 10 s",
    ),
    _pt(
        "clap-630k-fusion",
        "630k-fusion-best",
        None,
        "any length, by fusion, without AudioSet",
        fusion=True,
    ),
    _pt(
        "clap-630k-audioset-fusion",
        "630k-audioset-fusion-best",
        None,
        "any length, by fusion",
        fusion=True,
    ),
    _pt(
        "clap-music-audioset",
        "music_audioset_epoch_15_esc_90.14",
        "fae3e9c087f2909c28a09dc31c8dfcdacbc42ba44c70e972b58c1bd1caf6dedd",
        "music and general sound; larger tower",
        base=True,
    ),
    _pt(
        "clap-music-speech",
        "music_speech_epoch_15_esc_89.25",
        "a27dfbd00d96781020d83044136f084343edab799d2657ef3cfe5c4f2222bb28",
        "music and speech; larger tower",
        base=True,
    ),
    _pt(
        "clap-music-speech-audioset",
        "music_speech_audioset_epoch_15_esc_89.98",
        "51c68f12f9d7ea25fdaaccf741ec7f81e93ee594455410f3bca4f47f88d8e006",
        "music, speech, general sound; larger tower",
        base=True,
    ),
)

# The RoBERTa tokenizer that a .pt lacks: that of `clap`, of which these are the published sha256.
TOKENIZER: Mapping[str, str] = {
    "tokenizer.json": "77ef92283d67f0d97e1454909a964afcbfa2019f0fb9f18f8e88d5c25c3ba729",
    "vocab.json": "ed19656ea1707df69134c4af35c8ceda2cc9860bf2c3495026153a133670ab5e",
    "merges.txt": "fe36cab26d4f4421ed725e10a2e9ddb7f799449c603a96e7f29b5a3c82a95862",
    "tokenizer_config.json": "377f91458f7729a4574a84c77bdce67dbc3c58c1a345a29bbf8c4eb1307948a3",
    "special_tokens_map.json": "06e405a36dfe4b9604f484f6a1e619af1a7f7d09e34a8555eb0b77b66318067f",
}


def find_checkpoint(name: str) -> Checkpoint | None:
    """The checkpoint of a name, either of its two; None if it is not of this family."""
    name = name.removesuffix(".pt")
    return next((one for one in CHECKPOINTS if name in (one.name, one.checkpoint)), None)


def checkpoint_with(sha256: str) -> Checkpoint | None:
    """The checkpoint whose pickled file has this sha256; None if it is unknown."""
    return next((one for one in CHECKPOINTS if one.sha256 == sha256), None)


def known_checkpoint(name: str) -> Checkpoint:
    """As `find_checkpoint`.

    Raises:
        SpaceError: there is none of this name.
    """
    found = find_checkpoint(name)
    if found is None:
        names = ", ".join(one.name for one in CHECKPOINTS)
        raise SpaceError(
            f"there is no checkpoint {name!r} in the LAION-CLAP family",
            remedy=f"choose one of: {names}",
        )
    return found
