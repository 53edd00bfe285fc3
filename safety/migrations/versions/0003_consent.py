"""Tables of consent/."""

import sqlalchemy as sa
from alembic import op

from safety.db import Utc

revision = "0003_consent"
down_revision = "0002_streams"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "consent_versions",
        sa.Column("name", sa.String(16), nullable=False),
        sa.Column("value", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_consent_versions"),
    )
    op.create_table(
        "people",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("handle", sa.String(32), nullable=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("public_key", sa.LargeBinary(32), nullable=True),
        sa.Column("enrolled_at", Utc, nullable=False),
        sa.Column("erased_at", Utc, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_people"),
        sa.UniqueConstraint("handle", name="uq_people_handle"),
    )
    op.create_table(
        "person_keys",
        sa.Column("person", sa.String(36), nullable=False),
        sa.Column("kek", sa.String(16), nullable=False),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(["person"], ["people.id"]),
        sa.PrimaryKeyConstraint("person", name="pk_person_keys"),
    )
    op.create_table(
        "person_secrets",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("person", sa.String(36), nullable=False),
        sa.Column("role", sa.String(24), nullable=False),
        sa.Column("engine", sa.String(64), nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("at", Utc, nullable=False),
        sa.ForeignKeyConstraint(["person"], ["people.id"]),
        sa.PrimaryKeyConstraint("id", name="pk_person_secrets"),
    )
    op.create_index("ix_person_secrets_person", "person_secrets", ["person"])
    op.create_table(
        "grants",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("person", sa.String(36), nullable=False),
        sa.Column("holder", sa.String(64), nullable=False),
        sa.Column("forbids", sa.Text, nullable=False),
        sa.Column("granted_at", Utc, nullable=False),
        sa.Column("expires_at", Utc, nullable=True),
        sa.Column("receipt", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["person"], ["people.id"]),
        sa.PrimaryKeyConstraint("id", name="pk_grants"),
    )
    op.create_index("ix_grants_holder", "grants", ["holder"])
    op.create_index("ix_grants_person", "grants", ["person"])
    op.create_table(
        "grant_events",
        sa.Column("position", sa.Integer, nullable=False, autoincrement=True),
        sa.Column("person", sa.String(36), nullable=False),
        sa.Column("grant_id", sa.String(36), nullable=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("at", Utc, nullable=False),
        sa.Column("statement", sa.Text, nullable=False),
        sa.Column("signature", sa.LargeBinary(64), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["people.id"]),
        sa.ForeignKeyConstraint(["grant_id"], ["grants.id"]),
        sa.PrimaryKeyConstraint("position", name="pk_grant_events"),
    )
    op.create_index("ix_grant_events_grant_id", "grant_events", ["grant_id"])
    op.create_index("ix_grant_events_person", "grant_events", ["person"])
    op.create_table(
        "reservations",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("holder", sa.String(200), nullable=False),
        sa.Column("title", sa.String(300), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("policy", sa.String(8), nullable=False),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("verified", sa.Boolean, nullable=False),
        sa.Column("filed_at", Utc, nullable=False),
        sa.Column("expires_at", Utc, nullable=True),
        sa.Column("withdrawn_at", Utc, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_reservations"),
    )
    op.create_index("ix_reservations_holder", "reservations", ["holder"])
    op.create_table(
        "reservation_names",
        sa.Column("reservation", sa.String(36), nullable=False),
        sa.Column("name", sa.String(300), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("ordinal", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["reservation"], ["reservations.id"]),
        sa.PrimaryKeyConstraint("reservation", "name", name="pk_reservation_names"),
    )
    op.create_table(
        "reservation_pictures",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("reservation", sa.String(36), nullable=False),
        sa.Column("fingerprinter", sa.String(64), nullable=False),
        sa.Column("pdq", sa.LargeBinary(32), nullable=False),
        sa.Column("quality", sa.Integer, nullable=False),
        sa.Column("embedding", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(["reservation"], ["reservations.id"]),
        sa.PrimaryKeyConstraint("id", name="pk_reservation_pictures"),
    )
    op.create_index("ix_reservation_pictures_fingerprinter", "reservation_pictures", ["fingerprinter"])
    op.create_index("ix_reservation_pictures_reservation", "reservation_pictures", ["reservation"])
    op.create_table(
        "reservation_licences",
        sa.Column("reservation", sa.String(36), nullable=False),
        sa.Column("licensee", sa.String(64), nullable=False),
        sa.Column("licensed_at", Utc, nullable=False),
        sa.ForeignKeyConstraint(["reservation"], ["reservations.id"]),
        sa.PrimaryKeyConstraint("reservation", "licensee", name="pk_reservation_licences"),
    )


def downgrade() -> None:
    op.drop_table("reservation_licences")
    op.drop_table("reservation_pictures")
    op.drop_table("reservation_names")
    op.drop_table("reservations")
    op.drop_table("grant_events")
    op.drop_table("grants")
    op.drop_table("person_secrets")
    op.drop_table("person_keys")
    op.drop_table("people")
    op.drop_table("consent_versions")
