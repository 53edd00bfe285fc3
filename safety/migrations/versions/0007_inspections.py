"""What a clip gate saw, kept for the console, for replay, and for searching again without decoding."""

revision = "0007_inspections"
down_revision = "0006_revisions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
