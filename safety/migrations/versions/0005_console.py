"""Tables of console/."""

import sqlalchemy as sa
from alembic import op

from safety.db import Utc

revision = "0005_console"
down_revision = "0004_provenance"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
