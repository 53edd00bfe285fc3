"""Tables of consent/."""

import sqlalchemy as sa
from alembic import op

from safety.db import Utc

revision = "0003_consent"
down_revision = "0002_streams"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
