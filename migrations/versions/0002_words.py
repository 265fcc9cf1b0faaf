"""The words of clips as a full-text table, and the vectors of transcripts."""

import sqlalchemy as sa
from alembic import op

from retrieval import fulltext

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "transcript_vectors",
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("encoder", sa.String(64), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("hash", "encoder", name="pk_transcript_vectors"),
    )
    # A cache of clips and labels; a later change of what it reads fills it again.
    fulltext.create(op.get_bind())
