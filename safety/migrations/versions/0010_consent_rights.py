"""Consent as its owner wants it: scopes, keys of one's own, single-use permits, claims, and revocations that are closed."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from safety.db import Utc

revision = "0010_consent_rights"
down_revision = "0009_copies"
branch_labels = None
depends_on = None

WITHDRAWN = sa.text("withdrawal IS NOT NULL")
TABLES: dict[str, list[sa.Column[Any]]] = {
    "challenges": [
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("handle", sa.String(32), nullable=False, index=True),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("issued_at", Utc, nullable=False),
        sa.Column("expires_at", Utc, nullable=False),
        sa.Column("answered_at", Utc),
        sa.Column("outcome", sa.String(32)),
        sa.Column("recording", sa.String(71), index=True),
    ],
    "credentials": [
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("person", sa.String(36), sa.ForeignKey("people.id"), nullable=False, index=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("label", sa.String(64), nullable=False),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("credential", sa.LargeBinary),
        sa.Column("origin", sa.String(253)),
        sa.Column("uses", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("added_at", Utc, nullable=False),
        sa.Column("removed_at", Utc),
    ],
    "acquaintances": [
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("person", sa.String(36), sa.ForeignKey("people.id"), nullable=False, index=True),
        sa.Column("other", sa.String(64), nullable=False, index=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("asked_at", Utc),
        sa.Column("approved_at", Utc),
        sa.Column("ended_at", Utc),
    ],
    "representatives": [
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("person", sa.String(36), sa.ForeignKey("people.id"), nullable=False, index=True),
        sa.Column("representative", sa.String(36), sa.ForeignKey("people.id"), nullable=False, index=True),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("basis", sa.String(300), nullable=False),
        sa.Column("since", Utc, nullable=False),
        sa.Column("until", Utc),
        sa.Column("ended_at", Utc),
    ],
    "issued_permits": [
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("request", sa.String(36), nullable=False, index=True),
        sa.Column("person", sa.String(36), sa.ForeignKey("people.id"), nullable=False, index=True),
        sa.Column("grant_id", sa.String(36), nullable=False, index=True),
        sa.Column("holder", sa.String(64), nullable=False),
        sa.Column("scope", sa.String(71), nullable=False),
        sa.Column("issued_at", Utc, nullable=False),
        sa.Column("expires_at", Utc, nullable=False),
        sa.Column("spent_at", Utc, index=True),
        sa.Column("clip", sa.String(24)),
        sa.Column("voided_at", Utc),
    ],
    "notices": [
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("person", sa.String(36), sa.ForeignKey("people.id"), nullable=False, index=True),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("at", Utc, nullable=False, index=True),
        sa.Column("read_at", Utc),
    ],
    "claims": [
        sa.Column("number", sa.String(16), primary_key=True),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("key", sa.LargeBinary),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("contact", sa.String(64), index=True),
        sa.Column("clips", sa.Text, nullable=False),
        sa.Column("found", sa.Text, nullable=False),
        sa.Column("filed_at", Utc, nullable=False, index=True),
        sa.Column("due_at", Utc, nullable=False),
        sa.Column("status", sa.String(16), nullable=False, index=True),
        sa.Column("withheld_at", Utc),
        sa.Column("decided_at", Utc),
        sa.Column("moderator", sa.String(64)),
        sa.Column("reason", sa.Text),
        sa.Column("withdrawal", sa.String(36)),
    ],
    "clip_faces": [
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("subject", sa.String(71), nullable=False, index=True),
        sa.Column("engine", sa.String(64), nullable=False),
        sa.Column("starts", sa.Float, nullable=False),
        sa.Column("ends", sa.Float, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    ],
    "clip_keys": [
        sa.Column("subject", sa.String(71), primary_key=True),
        sa.Column("kek", sa.String(16), nullable=False),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
    ],
    "revocations": [
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("person", sa.String(36), nullable=False, index=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("at", Utc, nullable=False),
        sa.Column("ledger_position", sa.Integer, nullable=False),
        sa.Column("due", sa.Text, nullable=False),
        sa.Column("receipt", sa.Text, nullable=False),
        sa.Column("closed_at", Utc, index=True),
        sa.Column("closing", sa.Text),
    ],
    "sweepings": [
        sa.Column("revocation", sa.String(36), primary_key=True),
        sa.Column("subject", sa.String(36), primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("due_at", Utc, nullable=False),
        sa.Column("done_at", Utc),
        sa.Column("files", sa.Integer, nullable=False, server_default="0"),
        sa.Column("rows", sa.Integer, nullable=False, server_default="0"),
    ],
}
ADDED: dict[str, list[sa.Column[Any]]] = {
    "people": [sa.Column("of_age_on", sa.Date), sa.Column("died_on", sa.Date)],
    "grants": [sa.Column("scope", sa.Text, nullable=False, server_default="{}")],
    "grant_events": [
        sa.Column("credential", sa.String(36)),
        sa.Column("proof", sa.Text),
        sa.Column("actor", sa.String(36)),
    ],
}


def upgrade() -> None:
    for name, columns in TABLES.items():
        op.create_table(name, *columns)
    for table, columns in ADDED.items():
        for column in columns:
            op.add_column(table, column)
    op.create_index("ix_releases_draft", "releases", ["draft"])  # by what was seen in a draft, its clips are found
    op.drop_index("ix_releases_withdrawal", "releases")
    op.create_index(
        "ix_releases_withdrawal", "releases", ["withdrawal"], sqlite_where=WITHDRAWN, postgresql_where=WITHDRAWN
    )  # nearly all are live: an index of those sends SQLite through all of them to find a few


def downgrade() -> None:
    op.drop_index("ix_releases_withdrawal", "releases")
    op.create_index("ix_releases_withdrawal", "releases", ["withdrawal"])
    op.drop_index("ix_releases_draft", "releases")
    for table, columns in ADDED.items():
        for column in reversed(columns):
            op.drop_column(table, column.name)
    for name in reversed(TABLES):
        op.drop_table(name)
