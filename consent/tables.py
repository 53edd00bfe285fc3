"""Tables of this folder. What may be forgotten lies apart from what must be kept.

``person_keys``, ``person_secrets`` and ``person_sightings`` hold everything biometric, encrypted; deleting the key row makes the
rest noise. Grants and reservations never change: what happened to them are rows of ``grant_events`` or a time of withdrawal.
"""

from __future__ import annotations

import sqlalchemy as sa

from safety.db import Utc, metadata

consent_versions = sa.Table(
    "consent_versions",
    metadata,
    sa.Column("name", sa.String(16), primary_key=True),
    sa.Column("value", sa.Integer, nullable=False),
)

people = sa.Table(
    "people",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("handle", sa.String(32), unique=True),  # null once erased
    sa.Column("kind", sa.String(16), nullable=False),  # enrolled, protected
    sa.Column("public_key", sa.LargeBinary(32)),
    sa.Column("enrolled_at", Utc, nullable=False),
    sa.Column("erased_at", Utc),
    sa.Column("of_age_on", sa.Date),  # null: of age; until that day a minor, who cannot grant
    sa.Column("died_on", sa.Date),  # null: alive
)

person_keys = sa.Table(
    "person_keys",
    metadata,
    sa.Column("person", sa.String(36), sa.ForeignKey("people.id"), primary_key=True),
    sa.Column("kek", sa.String(16), nullable=False),  # which key-encryption key wrapped it
    sa.Column("wrapped", sa.LargeBinary, nullable=False),
)

person_secrets = sa.Table(
    "person_secrets",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("person", sa.String(36), sa.ForeignKey("people.id"), nullable=False, index=True),
    sa.Column("role", sa.String(24), nullable=False),  # face-template, portrait, signing-key
    sa.Column("engine", sa.String(64), nullable=False),  # what made it; templates of different engines are never compared
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("at", Utc, nullable=False),
)

person_sightings = sa.Table(
    "person_sightings",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("person", sa.String(36), sa.ForeignKey("people.id"), nullable=False, index=True),
    sa.Column("subject", sa.String(71), nullable=False, index=True),  # digest of the clip they were seen or heard in
    sa.Column("role", sa.String(24), nullable=False),  # seen-face, heard-voice
    sa.Column("engine", sa.String(64), nullable=False),
    sa.Column("starts", sa.Float, nullable=False),
    sa.Column("ends", sa.Float, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)

grants = sa.Table(
    "grants",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("person", sa.String(36), sa.ForeignKey("people.id"), nullable=False, index=True),
    sa.Column("holder", sa.String(64), nullable=False, index=True),
    sa.Column("forbids", sa.Text, nullable=False),
    sa.Column("scope", sa.Text, nullable=False, server_default="{}"),  # the rest of ``consent.scope.Scope``, as JSON
    sa.Column("granted_at", Utc, nullable=False),
    sa.Column("expires_at", Utc),
    sa.Column("receipt", sa.Text, nullable=False),
)

grant_events = sa.Table(
    "grant_events",
    metadata,
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("person", sa.String(36), sa.ForeignKey("people.id"), nullable=False, index=True),
    sa.Column("grant_id", sa.String(36), sa.ForeignKey("grants.id"), index=True),  # null: about every grant of the person
    sa.Column("kind", sa.String(16), nullable=False),  # granted, revoked, paused, resumed
    sa.Column("at", Utc, nullable=False),
    sa.Column("statement", sa.Text, nullable=False),
    sa.Column("signature", sa.LargeBinary, nullable=False),
    sa.Column("credential", sa.String(36)),  # which key signed; null: the one kept for the person, or nobody
    sa.Column("proof", sa.Text),  # a passkey's authenticator data and client data, as JSON
    sa.Column("actor", sa.String(36)),  # who signed for the person, when it was a representative
)

reservations = sa.Table(
    "reservations",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("holder", sa.String(200), nullable=False, index=True),
    sa.Column("title", sa.String(300), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("policy", sa.String(8), nullable=False),  # deny, hold, allow
    sa.Column("scope", sa.Text, nullable=False),  # JSON list of prompt, output, training
    sa.Column("verified", sa.Boolean, nullable=False),
    sa.Column("filed_at", Utc, nullable=False),
    sa.Column("expires_at", Utc),
    sa.Column("withdrawn_at", Utc),
    sa.Column("revision", sa.Integer, nullable=False, server_default="0", index=True),  # the ``works`` counter at its last change
)

reservation_names = sa.Table(
    "reservation_names",
    metadata,
    sa.Column("reservation", sa.String(36), sa.ForeignKey("reservations.id"), primary_key=True),
    sa.Column("name", sa.String(300), primary_key=True),
    sa.Column("language", sa.String(16), nullable=False),
    sa.Column("ordinal", sa.Integer, nullable=False),
)

reservation_pictures = sa.Table(
    "reservation_pictures",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("reservation", sa.String(36), sa.ForeignKey("reservations.id"), nullable=False, index=True),
    sa.Column("fingerprinter", sa.String(64), nullable=False, index=True),
    sa.Column("pdq", sa.LargeBinary(32), nullable=False),
    sa.Column("quality", sa.Integer, nullable=False),
    sa.Column("embedding", sa.LargeBinary, nullable=False),  # float32, little endian, unit length; empty for a clip's frames
    sa.Column("ordinal", sa.Integer, nullable=False, server_default="0"),  # which picture or clip of the filing, each from 1
    sa.Column("time", sa.Float),  # seconds into the clip; null: a picture
    sa.Column("code", sa.LargeBinary),  # int8, 256 numbers; null where nothing finds altered copies
    sa.Column("points", sa.LargeBinary),  # rows of safety.fingerprint.POINT, and those of the mirror image
    sa.Column("mirrored", sa.LargeBinary),
    sa.Column("shape", sa.Float, nullable=False, server_default="0"),  # width by height
)

reservation_sounds = sa.Table(
    "reservation_sounds",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("reservation", sa.String(36), sa.ForeignKey("reservations.id"), nullable=False, index=True),
    sa.Column("printer", sa.String(64), nullable=False, index=True),  # what made it; prints of different ones are never compared
    sa.Column("ordinal", sa.Integer, nullable=False),  # which of the filing's recordings, from 0
    sa.Column("print", sa.LargeBinary, nullable=False),  # safety.sound_print.SoundPrint.to_bytes
)

reservation_licences = sa.Table(
    "reservation_licences",
    metadata,
    sa.Column("reservation", sa.String(36), sa.ForeignKey("reservations.id"), primary_key=True),
    sa.Column("licensee", sa.String(64), primary_key=True),
    sa.Column("licensed_at", Utc, nullable=False),
)
