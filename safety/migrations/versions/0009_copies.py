"""Reserved clips, frame by frame, and what finds altered copies of a picture."""

import sqlalchemy as sa
from alembic import op

revision = "0009_copies"
down_revision = "0008_sounds"
branch_labels = None
depends_on = None

TABLE = "reservation_pictures"


def upgrade() -> None:
    op.add_column(TABLE, sa.Column("ordinal", sa.Integer, nullable=False, server_default="0"))
    op.add_column(TABLE, sa.Column("time", sa.Float, nullable=True))
    op.add_column(TABLE, sa.Column("code", sa.LargeBinary, nullable=True))
    op.add_column(TABLE, sa.Column("points", sa.LargeBinary, nullable=True))
    op.add_column(TABLE, sa.Column("mirrored", sa.LargeBinary, nullable=True))
    op.add_column(TABLE, sa.Column("shape", sa.Float, nullable=False, server_default="0"))


def downgrade() -> None:
    for column in ("shape", "mirrored", "points", "code", "time", "ordinal"):
        op.drop_column(TABLE, column)
