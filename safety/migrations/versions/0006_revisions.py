"""When each reservation last changed, so that an index in memory reads only what it has not seen."""

import sqlalchemy as sa
from alembic import op

revision = "0006_revisions"
down_revision = "0005_console"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("reservations", sa.Column("revision", sa.Integer, nullable=False, server_default="0"))
    op.create_index("ix_reservations_revision", "reservations", ["revision"])


def downgrade() -> None:
    op.drop_index("ix_reservations_revision", "reservations")
    op.drop_column("reservations", "revision")
