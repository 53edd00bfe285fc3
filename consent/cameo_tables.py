"""Tables of what a person does about their likeness beside granting it: proving that it is theirs, the keys they sign with,
whom they know, who acts for them, what was made of them, and what strangers to the system ask for.

Rows here hold no picture and no template in the clear: what is biometric is sealed with a key of the person or of the clip, in
columns called ``sealed``.
"""

from __future__ import annotations

import sqlalchemy as sa

from safety.db import Utc, metadata

challenges = sa.Table(
    "challenges",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("handle", sa.String(32), nullable=False, index=True),
    sa.Column("body", sa.Text, nullable=False),  # the digits to say and the turns to make, as JSON
    sa.Column("issued_at", Utc, nullable=False),
    sa.Column("expires_at", Utc, nullable=False),
    sa.Column("answered_at", Utc),  # answered once, well or badly, and never again
    sa.Column("outcome", sa.String(32)),  # passed, or why it was refused
    sa.Column("recording", sa.String(71), index=True),  # digest of what was sent, so that it is not sent twice
)

credentials = sa.Table(
    "credentials",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("person", sa.String(36), sa.ForeignKey("people.id"), nullable=False, index=True),
    sa.Column("kind", sa.String(16), nullable=False),  # kept (by us, sealed), software (theirs), passkey
    sa.Column("label", sa.String(64), nullable=False),
    sa.Column("public_key", sa.LargeBinary, nullable=False),  # 32 raw bytes of Ed25519; of a passkey its COSE key
    sa.Column("credential", sa.LargeBinary),  # a passkey's own id
    sa.Column("origin", sa.String(253)),  # the site a passkey was made for, as https://host
    sa.Column("uses", sa.BigInteger, nullable=False, server_default="0"),  # a passkey's counter at its last use
    sa.Column("added_at", Utc, nullable=False),
    sa.Column("removed_at", Utc),
)

acquaintances = sa.Table(
    "acquaintances",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("person", sa.String(36), sa.ForeignKey("people.id"), nullable=False, index=True),
    sa.Column("other", sa.String(64), nullable=False, index=True),  # a handle
    sa.Column("kind", sa.String(16), nullable=False),  # user: may use me; co-star: may be shown beside me
    sa.Column("asked_at", Utc),  # null: the person named them unasked
    sa.Column("approved_at", Utc),
    sa.Column("ended_at", Utc),
)

representatives = sa.Table(
    "representatives",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("person", sa.String(36), sa.ForeignKey("people.id"), nullable=False, index=True),
    sa.Column("representative", sa.String(36), sa.ForeignKey("people.id"), nullable=False, index=True),
    sa.Column("role", sa.String(16), nullable=False),  # guardian, estate
    sa.Column("basis", sa.String(300), nullable=False),  # which document was shown; never the document
    sa.Column("since", Utc, nullable=False),
    sa.Column("until", Utc),  # a guardian's ends on the day the person comes of age
    sa.Column("ended_at", Utc),
)

issued_permits = sa.Table(
    "issued_permits",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("request", sa.String(36), nullable=False, index=True),  # the submission it is bound to
    sa.Column("person", sa.String(36), sa.ForeignKey("people.id"), nullable=False, index=True),
    sa.Column("grant_id", sa.String(36), nullable=False, index=True),
    sa.Column("holder", sa.String(64), nullable=False),
    sa.Column("scope", sa.String(71), nullable=False),  # digest of what was permitted
    sa.Column("issued_at", Utc, nullable=False),
    sa.Column("expires_at", Utc, nullable=False),
    sa.Column("spent_at", Utc, index=True),
    sa.Column("clip", sa.String(24)),  # what it was spent on
    sa.Column("voided_at", Utc),  # given back unspent: refused, failed, revoked
)

notices = sa.Table(
    "notices",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("person", sa.String(36), sa.ForeignKey("people.id"), nullable=False, index=True),
    sa.Column("kind", sa.String(24), nullable=False),  # used, refused, withdrawn, asked, ...
    sa.Column("body", sa.Text, nullable=False),  # JSON of ids and handles
    sa.Column("at", Utc, nullable=False, index=True),
    sa.Column("read_at", Utc),
)

claims = sa.Table(
    "claims",
    metadata,
    sa.Column("number", sa.String(16), primary_key=True),  # what the claimant is given: CLM-XXXX-XXXX
    sa.Column("kind", sa.String(24), nullable=False),  # depicted, intimate, minor, deceased
    sa.Column("key", sa.LargeBinary),  # wrapped; everything sealed of the claim goes with it
    sa.Column("sealed", sa.LargeBinary),  # contact, statement and typed signature
    sa.Column("contact", sa.String(64), index=True),  # keyed hash of the contact: how many claims one address has open
    sa.Column("clips", sa.Text, nullable=False),  # JSON list of clips asked about
    sa.Column("found", sa.Text, nullable=False),  # JSON list of clips found to be the same, or to show the claimant
    sa.Column("filed_at", Utc, nullable=False, index=True),
    sa.Column("due_at", Utc, nullable=False),
    sa.Column("status", sa.String(16), nullable=False, index=True),  # open, upheld, rejected, withdrawn
    sa.Column("withheld_at", Utc),  # shown to nobody while it is open
    sa.Column("decided_at", Utc),
    sa.Column("moderator", sa.String(64)),
    sa.Column("reason", sa.Text),
    sa.Column("withdrawal", sa.String(36)),
)

clip_faces = sa.Table(
    "clip_faces",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("subject", sa.String(71), nullable=False, index=True),  # digest of the clip
    sa.Column("engine", sa.String(64), nullable=False),
    sa.Column("starts", sa.Float, nullable=False),
    sa.Column("ends", sa.Float, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)

clip_keys = sa.Table(
    "clip_keys",
    metadata,
    sa.Column("subject", sa.String(71), primary_key=True),
    sa.Column("kek", sa.String(16), nullable=False),
    sa.Column("wrapped", sa.LargeBinary, nullable=False),
)
