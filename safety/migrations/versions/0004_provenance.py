"""Tables of provenance/."""

import sqlalchemy as sa
from alembic import op

from safety.db import Utc

revision = "0004_provenance"
down_revision = "0003_consent"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
