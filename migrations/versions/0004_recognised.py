"""What is said in clips, with times, and which emotion their voices and words have."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "spoken",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("clip_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("start", sa.Double(), nullable=True),
        sa.Column("end", sa.Double(), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clip_id"], ["clips.id"], name="fk_spoken_clip_id_clips", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_spoken"),
        sa.UniqueConstraint("clip_id", "position", name="uq_spoken_clip_id_position"),
    )
    op.create_table(
        "recognised",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("clip_id", sa.Integer(), nullable=False),
        sa.Column("recogniser", sa.String(64), nullable=False),
        sa.Column("start", sa.Double(), nullable=True),
        sa.Column("end", sa.Double(), nullable=True),
        sa.Column("words", sa.String(), nullable=True),
        sa.Column("fusion", sa.String(), nullable=False),
        sa.Column("recognised", sa.String(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("valence", sa.Double(), nullable=False),
        sa.Column("arousal", sa.Double(), nullable=False),
        sa.Column("voice_emotion", sa.String(), nullable=True),
        sa.Column("voice_valence", sa.Double(), nullable=True),
        sa.Column("voice_arousal", sa.Double(), nullable=True),
        sa.Column("words_emotion", sa.String(), nullable=True),
        sa.Column("words_valence", sa.Double(), nullable=True),
        sa.Column("words_arousal", sa.Double(), nullable=True),
        sa.Column("mismatch", sa.Double(), nullable=True),
        sa.Column("state", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["clip_id"], ["clips.id"], name="fk_recognised_clip_id_clips", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_recognised"),
    )
    op.create_index("ix_recognised_clip_id_start", "recognised", ["clip_id", "start"])
