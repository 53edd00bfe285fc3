"""What a clip gate saw, kept for the console, for replay, and for searching again without decoding."""

import sqlalchemy as sa
from alembic import op

revision = "0007_inspections"
down_revision = "0006_revisions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "clip_words",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("submission", sa.String(36), nullable=False),
        sa.Column("draft", sa.String(71), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_clip_words"),
    )
    op.create_index("ix_clip_words_submission", "clip_words", ["submission"])
    op.create_table(
        "shot_prints",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("submission", sa.String(36), nullable=False),
        sa.Column("draft", sa.String(71), nullable=False),
        sa.Column("frame", sa.Integer, nullable=False),
        sa.Column("time", sa.Float, nullable=False),
        sa.Column("fingerprinter", sa.String(64), nullable=False),
        sa.Column("pdq", sa.LargeBinary(32), nullable=False),
        sa.Column("quality", sa.Integer, nullable=False),
        sa.Column("embedding", sa.LargeBinary, nullable=False),
        sa.Column("code", sa.LargeBinary, nullable=True),
        sa.Column("points", sa.LargeBinary, nullable=False),
        sa.Column("shape", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_shot_prints"),
    )
    op.create_index("ix_shot_prints_submission", "shot_prints", ["submission"])
    op.create_table(
        "sound_prints",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("submission", sa.String(36), nullable=False),
        sa.Column("draft", sa.String(71), nullable=False),
        sa.Column("ordinal", sa.Integer, nullable=False),
        sa.Column("printer", sa.String(64), nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sound_prints"),
    )
    op.create_index("ix_sound_prints_submission", "sound_prints", ["submission"])
    op.create_table(
        "person_sightings",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("person", sa.String(36), nullable=False),
        sa.Column("subject", sa.String(71), nullable=False),
        sa.Column("role", sa.String(24), nullable=False),
        sa.Column("engine", sa.String(64), nullable=False),
        sa.Column("starts", sa.Float, nullable=False),
        sa.Column("ends", sa.Float, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name="fk_person_sightings_person_people"),
        sa.PrimaryKeyConstraint("id", name="pk_person_sightings"),
    )
    op.create_index("ix_person_sightings_person", "person_sightings", ["person"])
    op.create_index("ix_person_sightings_subject", "person_sightings", ["subject"])


def downgrade() -> None:
    for table in ("person_sightings", "sound_prints", "shot_prints", "clip_words"):
        op.drop_table(table)
