"""Reserved recordings and what they sound like."""

revision = "0008_sounds"
down_revision = "0007_inspections"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
