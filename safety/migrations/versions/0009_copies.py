"""Reserved clips, frame by frame, and where in them a picture stands."""

revision = "0009_copies"
down_revision = "0008_sounds"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
