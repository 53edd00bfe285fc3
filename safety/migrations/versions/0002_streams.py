"""Tables of streams/."""

import sqlalchemy as sa
from alembic import op

from safety.db import Utc

revision = "0002_streams"
down_revision = "0001_safety"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
