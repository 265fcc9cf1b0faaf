"""Where each weight of a LAION-CLAP checkpoint lies in the layout of transformers' ClapModel.

The two programs hold the same network. One keeps query, key and value of the audio tower in one
matrix, and weights that no vector needs; the rest only has other names.
"""

import re

# Weights that no vector depends on: classifiers, a second projection used in training only,
# and tables that both programs compute themselves.
_UNUSED = re.compile(
    r"(audio|text)_transform\.|audio_branch\.(tscam_conv|head|spectrogram_extractor|"
    r"logmel_extractor)\.|audio_branch\.layers\.\d+\.blocks\.\d+\.attn_mask$|"
    r"text_branch\.embeddings\.(position_ids|token_type_ids)$"
)

# Their names and ours in transformers, tried from the top; the first that fits is taken.
_RENAMED = (
    (r"logit_scale_[at]", r"\g<0>"),
    (r"(audio|text)_projection\.0\.(weight|bias)", r"\1_projection.linear1.\2"),
    (r"(audio|text)_projection\.2\.(weight|bias)", r"\1_projection.linear2.\2"),
    (r"text_branch\.(.+)", r"text_model.\1"),
    (r"audio_branch\.bn0\.(.+)", r"audio_model.audio_encoder.batch_norm.\1"),
    (r"audio_branch\.((?:patch_embed|norm)\..+)", r"audio_model.audio_encoder.\1"),
    (r"audio_branch\.(layers\.\d+\.downsample\..+)", r"audio_model.audio_encoder.\1"),
    (r"audio_branch\.(layers\.\d+\.blocks\.\d+)\.(.+)", r"audio_model.audio_encoder.\1.\2"),
)

# The parts of one block of the audio tower.
_BLOCK = (
    ("attn.proj.", "attention.output.dense."),
    ("attn.relative_position", "attention.self.relative_position"),
    ("mlp.fc1.", "intermediate.dense."),
    ("mlp.fc2.", "output.dense."),
    ("norm1.", "layernorm_before."),
    ("norm2.", "layernorm_after."),
)

_BLOCK_OF = re.compile(r"(audio_model\.audio_encoder\.layers\.\d+\.blocks\.\d+\.)(.+)")


def places(name: str) -> tuple[str, ...] | None:
    """Where a weight of the checkpoint goes.

    Args:
        name: of a weight in laion_clap's state, without "module.".

    Returns:
        One name in ClapModel; three for a weight that is cut in three along its first axis
        (query, key, value); none for a weight that is not needed; None for an unknown name.
    """
    if _UNUSED.match(name):
        return ()
    for theirs, ours in _RENAMED:
        if found := re.fullmatch(theirs, name):
            return _in_block(found.expand(ours))
    return None


def _in_block(name: str) -> tuple[str, ...] | None:
    found = _BLOCK_OF.fullmatch(name)
    if not found:
        return (name,)
    block, part = found.groups()
    if part.startswith("attn.qkv."):
        kind = part.removeprefix("attn.qkv.")
        return tuple(f"{block}attention.self.{one}.{kind}" for one in ("query", "key", "value"))
    for theirs, ours in _BLOCK:
        if part.startswith(theirs):
            return (block + ours + part.removeprefix(theirs),)
    return None
