"""The keys a person signs with: the one we keep for them until they have their own, a software key of theirs, or a passkey.

Whoever has a living key of their own signs with it, and nobody here can sign in their place. Withdrawing and pausing never wait
for a key: without a proof they are signed with the key we keep, or, when that is gone, with nothing, and say so.
Rows and ledger entries hold public keys and their digests only.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import sqlalchemy as sa
from pydantic import Field

from consent.cameo_tables import credentials
from consent.errors import ProofNeeded, ProofRefused, VaultLocked
from consent.people import Person
from consent.signing import passkeys
from consent.signing.passkeys import from_base64
from consent.vault.keys import Vault
from safety.signer import verify
from safety.values import Value

Kind = Literal["software", "passkey"]
ED25519, UNSIGNED = "Ed25519", "none"


class Proof(Value):
    """A person's signature by a key of their own; base64 or base64url. ``credential`` is our id of the key, a passkey's own,
    or a software key's public key in hex.

    A passkey's has what it signed beside it: ``authenticator_data`` and ``client_data``.
    """

    credential: str
    signature: str
    authenticator_data: str | None = None
    client_data: str | None = None


class Attested(Value):
    """A signature over a statement, with what an outsider needs to verify it.

    ``credential`` is None for the kept key. ``public_key`` is hex: 32 raw bytes, or a passkey's COSE key; empty when unsigned,
    and then ``signature`` is empty too and ``algorithm`` is ``none``. ``proof`` is a passkey's data, base64.
    """

    signature: bytes
    credential: str | None
    public_key: str
    algorithm: str
    proof: dict[str, str] | None = None


class Credential(Value):
    """A key of the person's own. ``passkey`` is a passkey's own id, base64url; ``origin`` the site it was made for."""

    id: str
    kind: Kind
    label: str
    public_key: str
    passkey: str | None = Field(default=None)
    origin: str | None = Field(default=None)
    added_at: datetime
    removed_at: datetime | None


def attest(
    conn: sa.Connection, owner: Person, statement: bytes, vault: Vault, proof: Proof | None, *, needed: bool = True
) -> Attested:
    """Sign ``statement`` for ``owner``, or accept that they signed it. Call it inside the transaction that acts on it.

    Raises ``ProofNeeded`` when they have a key of their own and gave no proof, ``ProofRefused`` when the proof does not hold, and
    ``VaultLocked`` when there is no key at all. With ``needed=False`` (a revocation, a pause) it raises none of them.
    """
    own = living(conn, owner.id)
    if proof is not None:
        try:
            return proven(conn, own, statement, proof)
        except ProofRefused:
            if needed:
                raise
    elif own and needed:
        raise ProofNeeded("You sign for your likeness with a key of your own; sign with your passkey or your key file.")
    try:
        signature = vault.sign(conn, owner.id, statement)
    except VaultLocked:
        if needed:
            raise
        return Attested(signature=b"", credential=None, public_key="", algorithm=UNSIGNED)
    return Attested(signature=signature, credential=None, public_key=owner.public_key or "", algorithm=ED25519)


def needs_proof(conn: sa.Connection, person: str) -> bool:
    """Whether the person (an id) has a living key of their own, and so signs with it."""
    return bool(living(conn, person))


def listing(conn: sa.Connection, person: str, *, removed: bool = False) -> tuple[Credential, ...]:
    """The person's own living keys, oldest first; with ``removed`` also those that sign no more, which old receipts need."""
    query = sa.select(credentials).where(credentials.c.person == person).order_by(credentials.c.added_at, credentials.c.id)
    if not removed:
        query = query.where(credentials.c.removed_at.is_(None))
    return tuple(as_credential(row) for row in conn.execute(query))


def passkey_ids(conn: sa.Connection, person: str) -> tuple[bytes, ...]:
    """The own ids of the person's living passkeys, for ``passkeys.signing_options`` and ``registration_options``."""
    return tuple(bytes(row.credential) for row in living(conn, person) if row.kind == "passkey")


def proven(conn: sa.Connection, own: Sequence[sa.Row[tuple[object, ...]]], statement: bytes, proof: Proof) -> Attested:
    """The proof, when one of the keys ``own`` made it over ``statement``. Raises ``ProofRefused``.

    A passkey's counter has to rise, or somebody has a copy (WebAuthn level 3, section 6.1.1).
    """
    row = next((r for r in own if proof.credential in _names(r)), None)
    if row is None:
        raise ProofRefused("This key does not sign for the person; sign with one of the keys that are known here.")
    key, signature = bytes(row.public_key), from_base64(proof.signature)
    if row.kind == "software":
        if not verify(key, signature, statement):
            raise ProofRefused("The signature was not made by this key over this statement; sign it again.")
        return Attested(signature=signature, credential=row.id, public_key=key.hex(), algorithm=ED25519)
    if proof.authenticator_data is None or proof.client_data is None:
        raise ProofRefused("A passkey's signature comes with what it signed; send both of the browser's answers along.")
    data, client = from_base64(proof.authenticator_data), from_base64(proof.client_data)
    uses = passkeys.check(key, signature, data, client, statement, row.origin)
    if (uses or row.uses) and uses <= row.uses:
        raise ProofRefused("This passkey's counter went backwards, so there may be a copy of it; remove it and make a new one.")
    conn.execute(sa.update(credentials).where(credentials.c.id == row.id).values(uses=uses))
    shown = {"authenticator_data": base64.b64encode(data).decode(), "client_data": base64.b64encode(client).decode()}
    algorithm = passkeys.algorithm_of(key)
    return Attested(signature=signature, credential=row.id, public_key=key.hex(), algorithm=algorithm, proof=shown)


def living(conn: sa.Connection, person: str) -> Sequence[sa.Row[tuple[object, ...]]]:
    """Rows of the keys that sign for ``person`` (an id) now."""
    own = sa.select(credentials).where(credentials.c.person == person, credentials.c.removed_at.is_(None))
    return conn.execute(own.where(credentials.c.kind != "kept")).all()


def _names(row: sa.Row[tuple[object, ...]]) -> tuple[str, ...]:
    """What a proof may call a key: our id, a passkey's own, or the public key of a key file, which knows no other name."""
    return (row.id, bytes(row.public_key).hex() if row.credential is None else passkeys.to_url(bytes(row.credential)))


def as_credential(row: sa.Row[tuple[object, ...]]) -> Credential:
    """A row of ``credentials`` as a value."""
    own = None if row.credential is None else passkeys.to_url(bytes(row.credential))
    return Credential(
        id=row.id, kind=row.kind, label=row.label, public_key=bytes(row.public_key).hex(), passkey=own, origin=row.origin,
        added_at=row.added_at, removed_at=row.removed_at,
    )  # fmt: skip
