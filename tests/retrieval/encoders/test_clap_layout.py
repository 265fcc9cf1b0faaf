"""Where weights of a checkpoint go, for each kind of weight."""

import pytest

from retrieval.encoders.clap.layout import places

BLOCK, OURS = "audio_branch.layers.2.blocks.5.", "audio_model.audio_encoder.layers.2.blocks.5."


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("logit_scale_a", "logit_scale_a"),
        ("text_projection.0.weight", "text_projection.linear1.weight"),
        ("audio_projection.2.bias", "audio_projection.linear2.bias"),
        ("text_branch.pooler.dense.bias", "text_model.pooler.dense.bias"),
        ("audio_branch.bn0.running_var", "audio_model.audio_encoder.batch_norm.running_var"),
        ("audio_branch.norm.weight", "audio_model.audio_encoder.norm.weight"),
        (
            "audio_branch.patch_embed.fusion_model.local_att.0.bias",
            "audio_model.audio_encoder.patch_embed.fusion_model.local_att.0.bias",
        ),
        (
            "audio_branch.layers.0.downsample.reduction.weight",
            "audio_model.audio_encoder.layers.0.downsample.reduction.weight",
        ),
        (BLOCK + "norm1.weight", OURS + "layernorm_before.weight"),
        (BLOCK + "norm2.bias", OURS + "layernorm_after.bias"),
        (BLOCK + "mlp.fc1.weight", OURS + "intermediate.dense.weight"),
        (BLOCK + "mlp.fc2.bias", OURS + "output.dense.bias"),
        (BLOCK + "attn.proj.bias", OURS + "attention.output.dense.bias"),
        (
            BLOCK + "attn.relative_position_bias_table",
            OURS + "attention.self.relative_position_bias_table",
        ),
    ],
)
def test_a_weight_under_another_name(theirs, ours):
    assert places(theirs) == (ours,)


def test_query_key_and_value_are_one_weight_there():
    parts = tuple(f"{OURS}attention.self.{part}.weight" for part in ("query", "key", "value"))
    assert places(BLOCK + "attn.qkv.weight") == parts


@pytest.mark.parametrize(
    "name",
    [
        "audio_transform.sequential.0.weight",
        "text_transform.sequential.3.bias",
        "audio_branch.tscam_conv.weight",
        "audio_branch.head.bias",
        "audio_branch.spectrogram_extractor.stft.conv_real.weight",
        "audio_branch.logmel_extractor.melW",
        BLOCK + "attn_mask",
        "text_branch.embeddings.position_ids",
    ],
)
def test_weights_that_no_vector_needs(name):
    assert places(name) == ()


@pytest.mark.parametrize("name", ["visual.conv1.weight", BLOCK + "attn.bias", "logit_scale"])
def test_unknown_weights(name):
    assert places(name) is None
