"""Reserved recordings and what they sound like."""

import sqlalchemy as sa
from alembic import op

revision = "0008_sounds"
down_revision = "0007_inspections"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reservation_sounds",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("reservation", sa.String(36), sa.ForeignKey("reservations.id"), nullable=False),
        sa.Column("printer", sa.String(64), nullable=False),
        sa.Column("ordinal", sa.Integer, nullable=False),
        sa.Column("print", sa.LargeBinary, nullable=False),
    )
    op.create_index("ix_reservation_sounds_reservation", "reservation_sounds", ["reservation"])
    op.create_index("ix_reservation_sounds_printer", "reservation_sounds", ["printer"])


def downgrade() -> None:
    op.drop_table("reservation_sounds")
