"""Tables of safety/."""

import sqlalchemy as sa
from alembic import op

from safety.db import Utc

revision = "0001_safety"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
