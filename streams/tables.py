"""The pipeline's tables: submissions, the log of events with its cursors, what was handled, what was seen of each draft, and
dead letters."""

from __future__ import annotations

import sqlalchemy as sa

from safety.db import Utc, metadata

submissions = sa.Table(
    "submissions",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("requester", sa.String(64), nullable=False, index=True),
    sa.Column("prompt", sa.Text, nullable=False),
    sa.Column("language", sa.String(16)),
    sa.Column("cameos", sa.Text, nullable=False),
    sa.Column("parent", sa.String(24)),
    sa.Column("seed", sa.BigInteger, nullable=False),
    sa.Column("width", sa.Integer, nullable=False),
    sa.Column("height", sa.Integer, nullable=False),
    sa.Column("seconds", sa.Float, nullable=False),
    sa.Column("submitted_at", Utc, nullable=False),
    sa.Column("status", sa.String(16), nullable=False, index=True),
    sa.Column("stage", sa.String(16), nullable=False),
    sa.Column("progress", sa.Float, nullable=False),
    sa.Column("words", sa.String(120), nullable=False),
    sa.Column("clause", sa.String(64)),
    sa.Column("detail", sa.Text),
    sa.Column("prompt_verdict", sa.String(36)),
    sa.Column("clip_verdict", sa.String(36)),
    sa.Column("draft", sa.String(71)),
    sa.Column("registry", sa.Integer),
    sa.Column("clip", sa.String(24), index=True),
    sa.Column("ended_at", Utc),
)

log = sa.Table(
    "log",
    metadata,
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("type", sa.String(16), nullable=False, index=True),
    sa.Column("event", sa.String(36), nullable=False, unique=True),
    sa.Column("submission", sa.String(36), nullable=False, index=True),
    sa.Column("body", sa.LargeBinary, nullable=False),
)

cursors = sa.Table(
    "cursors",
    metadata,
    sa.Column("reader", sa.String(32), primary_key=True),
    sa.Column("position", sa.Integer, nullable=False),
)

handled = sa.Table(
    "handled",
    metadata,
    sa.Column("stage", sa.String(16), primary_key=True),
    sa.Column("event", sa.String(36), primary_key=True),
    sa.Column("at", Utc, nullable=False),
)

attempts = sa.Table(
    "attempts",
    metadata,
    sa.Column("stage", sa.String(16), primary_key=True),
    sa.Column("event", sa.String(36), primary_key=True),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("reason", sa.Text),
)

sealings = sa.Table(
    "sealings",
    metadata,
    sa.Column("sealed", sa.String(71), primary_key=True),
    sa.Column("clip", sa.String(24), nullable=False, index=True),
    sa.Column("submission", sa.String(36), nullable=False),
    sa.Column("draft", sa.String(71), nullable=False),
    sa.Column("at", Utc, nullable=False),
)

clip_words = sa.Table(
    "clip_words",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("submission", sa.String(36), nullable=False, index=True),
    sa.Column("draft", sa.String(71), nullable=False),
    sa.Column("body", sa.Text, nullable=False),  # a ``safety.passage.Passage`` as JSON
)

shot_prints = sa.Table(
    "shot_prints",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("submission", sa.String(36), nullable=False, index=True),
    sa.Column("draft", sa.String(71), nullable=False),
    sa.Column("frame", sa.Integer, nullable=False),
    sa.Column("time", sa.Float, nullable=False),
    sa.Column("fingerprinter", sa.String(64), nullable=False),
    sa.Column("pdq", sa.LargeBinary(32), nullable=False),
    sa.Column("quality", sa.Integer, nullable=False),
    sa.Column("embedding", sa.LargeBinary, nullable=False),  # float16, little endian, unit length
    sa.Column("code", sa.LargeBinary),  # int8
    sa.Column("points", sa.LargeBinary, nullable=False),  # rows of ``safety.fingerprint.POINT``
    sa.Column("shape", sa.Float, nullable=False),
)

sound_prints = sa.Table(
    "sound_prints",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("submission", sa.String(36), nullable=False, index=True),
    sa.Column("draft", sa.String(71), nullable=False),
    sa.Column("ordinal", sa.Integer, nullable=False),
    sa.Column("printer", sa.String(64), nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
)

revocations = sa.Table(
    "revocations",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),  # that of the withdrawal
    sa.Column("person", sa.String(36), nullable=False, index=True),
    sa.Column("kind", sa.String(16), nullable=False),  # revocation, erasure, claim, death
    sa.Column("at", Utc, nullable=False),
    sa.Column("ledger_position", sa.Integer, nullable=False),
    sa.Column("due", sa.Text, nullable=False),  # JSON: how many of each kind of thing are to be gone
    sa.Column("receipt", sa.Text, nullable=False),  # what was promised when it returned
    sa.Column("closed_at", Utc, index=True),
    sa.Column("closing", sa.Text),  # the receipt whose counts are of what happened
)

sweepings = sa.Table(
    "sweepings",
    metadata,
    sa.Column("revocation", sa.String(36), primary_key=True),
    sa.Column("subject", sa.String(36), primary_key=True),  # a clip or a submission
    sa.Column("kind", sa.String(16), nullable=False),  # clip, draft, generation
    sa.Column("due_at", Utc, nullable=False),
    sa.Column("done_at", Utc),
    sa.Column("files", sa.Integer, nullable=False, server_default="0"),  # files deleted
    sa.Column("rows", sa.Integer, nullable=False, server_default="0"),  # rows deleted of what was seen of it
)

dead_letters = sa.Table(
    "dead_letters",
    metadata,
    sa.Column("id", sa.String(80), primary_key=True),
    sa.Column("position", sa.Integer, nullable=False, unique=True),
    sa.Column("stage", sa.String(16), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("at", Utc, nullable=False),
)
