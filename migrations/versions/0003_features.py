"""What was measured of sounds and their windows by signal processing."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

# As in the first version of retrieval/features/measures.py; a later one adds its own revision.
MEASURED = (
    "pitch_median",
    "pitch_low",
    "pitch_high",
    "pitch_range",
    "pitch_slope",
    "voiced_share",
    "loudness",
    "loudness_range",
    "silence_share",
    "pause_count",
    "pause_length",
    "speaking_rate",
    "articulation_rate",
    "jitter",
    "shimmer",
    "hnr",
    "tilt",
    "brightness",
)


def upgrade() -> None:
    op.create_table(
        "features",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sound_id", sa.Integer(), nullable=False),
        sa.Column("method", sa.Integer(), nullable=False),
        sa.Column("start", sa.Double(), nullable=True),
        sa.Column("end", sa.Double(), nullable=True),
        *(
            sa.Column(name, sa.Integer() if name == "pause_count" else sa.Double(), nullable=True)
            for name in MEASURED
        ),
        sa.ForeignKeyConstraint(
            ["sound_id"], ["sounds.id"], name="fk_features_sound_id_sounds", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_features"),
    )
    op.create_index("ix_features_sound_id_start", "features", ["sound_id", "start"])
