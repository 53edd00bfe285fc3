"""Tables of provenance/."""

import sqlalchemy as sa
from alembic import op

from safety.db import Utc

revision = "0004_provenance"
down_revision = "0003_consent"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sealed_clips",
        sa.Column("mark", sa.String(24), nullable=False),
        sa.Column("clip", sa.String(200), nullable=False),
        sa.Column("sha256", sa.String(80), nullable=False),
        sa.Column("content", sa.String(80), nullable=False),
        sa.Column("manifest", sa.LargeBinary(), nullable=False),
        sa.Column("title", sa.String(300), nullable=False),
        sa.Column("creator", sa.String(200), nullable=False),
        sa.Column("parent", sa.String(24), nullable=True),
        sa.Column("sealed_at", Utc(), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.PrimaryKeyConstraint("mark", name="pk_sealed_clips"),
    )
    op.create_index("ix_sealed_clips_clip", "sealed_clips", ["clip"])
    op.create_index("ix_sealed_clips_content", "sealed_clips", ["content"])
    op.create_table(
        "sealed_looks",
        sa.Column("mark", sa.String(24), sa.ForeignKey("sealed_clips.mark"), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("time", sa.Float(), nullable=False),
        sa.Column("hash", sa.String(16), nullable=False),
        sa.Column("high", sa.Integer(), nullable=False),
        sa.Column("wide", sa.Integer(), nullable=False),
        sa.Column("grey", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("mark", "ordinal", name="pk_sealed_looks"),
    )


def downgrade() -> None:
    op.drop_table("sealed_looks")
    op.drop_index("ix_sealed_clips_content", table_name="sealed_clips")
    op.drop_index("ix_sealed_clips_clip", table_name="sealed_clips")
    op.drop_table("sealed_clips")
