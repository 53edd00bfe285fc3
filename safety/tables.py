"""The kernel's tables: policies, verdicts, cases, releases, withdrawals, the ledger and its checkpoints."""

from __future__ import annotations

import sqlalchemy as sa

from safety.db import Utc, metadata

WITHDRAWN = sa.text("withdrawal IS NOT NULL")

policies = sa.Table(
    "policies",
    metadata,
    sa.Column("hash", sa.String(71), primary_key=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("first_used_at", Utc, nullable=False),
)

verdicts = sa.Table(
    "verdicts",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("submission", sa.String(36), nullable=False, index=True),
    sa.Column("gate", sa.String(16), nullable=False),
    sa.Column("subject", sa.String(71), nullable=False),
    sa.Column("outcome", sa.String(8), nullable=False),
    sa.Column("policy", sa.String(71), nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("at", Utc, nullable=False),
)

cases = sa.Table(
    "cases",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("submission", sa.String(36), nullable=False, index=True),
    sa.Column("gate", sa.String(16), nullable=False),
    sa.Column("verdict", sa.String(36), nullable=False),
    sa.Column("subject", sa.String(71), nullable=False),
    sa.Column("clause", sa.String(64), nullable=False),
    sa.Column("opened_at", Utc, nullable=False),
    sa.Column("status", sa.String(16), nullable=False, index=True),
    sa.Column("decision", sa.String(8)),
    sa.Column("moderator", sa.String(64)),
    sa.Column("reason", sa.String(64)),
    sa.Column("note", sa.Text),
    sa.Column("decided_at", Utc),
)

releases = sa.Table(
    "releases",
    metadata,
    sa.Column("clip", sa.String(24), primary_key=True),
    sa.Column("submission", sa.String(36), nullable=False, unique=True),
    sa.Column("requester", sa.String(64), nullable=False, index=True),
    sa.Column("parent", sa.String(24), index=True),
    sa.Column("draft", sa.String(71), nullable=False, index=True),
    sa.Column("sealed", sa.String(71), nullable=False),
    sa.Column("prompt_verdict", sa.String(36), nullable=False),
    sa.Column("clip_verdict", sa.String(36), nullable=False),
    sa.Column("policy", sa.String(71), nullable=False),
    sa.Column("released_at", Utc, nullable=False),
    sa.Column("withdrawal", sa.String(36)),
    sa.Column("withdrawn_at", Utc),
    # Of withdrawn clips alone: nearly all are live, and SQLite would look up a few live ones by going through all of them.
    sa.Index("ix_releases_withdrawal", "withdrawal", sqlite_where=WITHDRAWN, postgresql_where=WITHDRAWN),
)

release_permits = sa.Table(
    "release_permits",
    metadata,
    sa.Column("clip", sa.String(24), sa.ForeignKey("releases.clip"), primary_key=True),
    sa.Column("permit", sa.String(36), primary_key=True),
    sa.Column("subject", sa.String(36), nullable=False, index=True),
    sa.Column("grant_id", sa.String(36), nullable=False, index=True),
    sa.Column("body", sa.Text, nullable=False),
)

withdrawals = sa.Table(
    "withdrawals",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("cause", sa.String(32), nullable=False),
    sa.Column("subject", sa.String(64), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("at", Utc, nullable=False),
    sa.Column("clips", sa.Integer, nullable=False),
    sa.Column("receipt", sa.Text),
)

ledger = sa.Table(
    "ledger",
    metadata,
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.String(32), nullable=False, index=True),
    sa.Column("subject", sa.String(80), nullable=False, index=True),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("at", sa.String(40), nullable=False),
    sa.Column("leaf", sa.LargeBinary(32), nullable=False),
)

checkpoints = sa.Table(
    "checkpoints",
    metadata,
    sa.Column("size", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("root", sa.LargeBinary(32), nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("at", Utc, nullable=False),
)
