"""Adding and removing the keys a person signs with themself.

The first key of their own needs the caller's authority alone, which the doors decide; from then on every change of keys is
signed by a key that is there already. The key we keep cannot stand in for it, or whoever holds our vault could add one.
Ledger entries hold the kind and the digest of the public key, no label and no passkey's id.
"""

from __future__ import annotations

import unicodedata
from datetime import datetime

import sqlalchemy as sa

from consent.cameo_tables import credentials
from consent.errors import ProofNeeded, ProofRefused, Taken
from consent.people import Person
from consent.signing import passkeys
from consent.signing.credentials import Credential, Kind, Proof, as_credential, living, needs_proof, proven
from consent.signing.passkeys import Registration, Site, from_base64
from consent.signing.statements import Document, accept
from consent.tables import person_secrets
from safety import ledger
from safety.clock import Clock
from safety.errors import BadInput, Conflict, NotFound
from safety.signer import verify
from safety.values import derive, digest

RAW_KEY = 32
#: Living keys one person may have: devices they sign with, far above anybody's.
MOST_KEYS = 20
MOST_LABEL = 64


def add_software(
    conn: sa.Connection,
    owner: Person,
    public_key: bytes,
    label: str,
    document: Document,
    possession: str,
    clock: Clock,
    proof: Proof | None = None,
) -> Credential:
    """Let the holder of ``public_key`` (32 raw bytes of Ed25519) sign for ``owner``.

    ``document`` is ``statements.prepare("add-credential", owner.id, now, addition("software", label, public_key))``;
    ``possession`` the new key's signature over it, base64, so that nobody locks themself out with a mistyped key. The first key
    of their own needs only that; a later one needs a ``proof`` over the document by an earlier one.
    Raises ``BadInput``, ``StatementRefused``, ``ProofNeeded``, ``ProofRefused``, ``Taken`` and ``Conflict``.
    """
    _check_raw(public_key)
    name = check_label(label)
    statement = accept(document, "add-credential", owner.id, clock, addition("software", name, public_key))
    if not verify(public_key, from_base64(possession), statement):
        raise ProofRefused("The new key did not sign the statement that adds it; sign it with that key.")
    _authorise(conn, owner, statement, proof)
    return _insert(conn, owner, "software", name, public_key, clock())


def add_passkey(
    conn: sa.Connection,
    owner: Person,
    registration: Registration,
    label: str,
    opening: Document,
    site: Site,
    clock: Clock,
    addition_document: Document | None = None,
    proof: Proof | None = None,
) -> Credential:
    """Let a passkey that was just made sign for ``owner``.

    ``opening`` is the ``register-passkey`` statement (about ``{"label": label}``) whose hash the passkey was made over. Where the
    person has a key of their own already, ``addition_document`` is the ``add-credential`` statement about the new key and
    ``proof`` the earlier key's signature over it. Raises as ``add_software`` does.
    """
    name = check_label(label)
    made = passkeys.register(registration, accept(opening, "register-passkey", owner.id, clock, {"label": name}), site)
    statement = b""
    if needs_proof(conn, owner.id):
        if addition_document is None:
            raise ProofNeeded("You have a key already; sign with it that this passkey is to be added.")
        statement = accept(addition_document, "add-credential", owner.id, clock, addition("passkey", name, made.public_key))
    _authorise(conn, owner, statement, proof)
    return _insert(conn, owner, "passkey", name, made.public_key, clock(), made.id, made.uses, site.origin)


def remove(
    conn: sa.Connection, owner: Person, credential: str, document: Document, clock: Clock, proof: Proof | None
) -> Credential:
    """Let a key sign no more. ``document`` is the ``remove-credential`` statement about ``{"credential": credential}``.

    It needs a proof by a living key, be it the same. The last one stays when we keep no key for the person: then nobody could
    grant anything any more; they add another first, or erase themself. Raises as ``add_software`` does, and ``NotFound``.
    """
    own = living(conn, owner.id)
    if all(row.id != credential for row in own):
        raise NotFound("You have no such key; your page lists them.")
    statement = accept(document, "remove-credential", owner.id, clock, {"credential": credential})
    if len(own) == 1 and not _kept(conn, owner.id):
        raise Conflict("This is the only key you can sign with; add another first.")
    _authorise(conn, owner, statement, proof)
    at = clock()
    conn.execute(sa.update(credentials).where(credentials.c.id == credential).values(removed_at=at))
    row = conn.execute(sa.select(credentials).where(credentials.c.id == credential)).one()
    ledger.append(conn, "credential-removed", owner.id, {"kind": row.kind, "key": digest(bytes(row.public_key))}, at)
    return as_credential(row)


def found(conn: sa.Connection, person: str, public_key: bytes, label: str, at: datetime) -> Credential:
    """The first key of somebody who enrols with a software key of their own; ``cameos.enrol`` calls it."""
    _check_raw(public_key)
    return _insert(conn, person, "software", check_label(label), public_key, at)


def forget(conn: sa.Connection, person: str, at: datetime) -> int:
    """End all keys of somebody who is erased and drop what names a device; return how many. Public keys stay, as proof."""
    values = {"removed_at": sa.func.coalesce(credentials.c.removed_at, at), "label": "", "credential": None, "origin": None}
    return conn.execute(sa.update(credentials).where(credentials.c.person == person).values(**values)).rowcount


def addition(kind: Kind, label: str, public_key: bytes) -> Document:
    """What an ``add-credential`` statement is about."""
    return {"kind": kind, "label": check_label(label), "key": digest(public_key)}


def check_label(label: str) -> str:
    """What the person calls a key, on one line. Raises ``BadInput``."""
    plain = " ".join(unicodedata.normalize("NFC", label).split())
    if not plain or len(plain) > MOST_LABEL or not plain.isprintable():
        raise BadInput(f"A key has a name of 1 to {MOST_LABEL} characters, such as “my phone”; choose one.")
    return plain


def _authorise(conn: sa.Connection, owner: Person, statement: bytes, proof: Proof | None) -> None:
    """A change of keys is signed by a key of the person's own, when they have one. The kept key cannot stand in for it."""
    own = living(conn, owner.id)
    if not own:
        return
    if proof is None:
        raise ProofNeeded("You have a key already; sign this change of keys with it.")
    proven(conn, own, statement, proof)


def _insert(
    conn: sa.Connection, owner: Person | str, kind: Kind, label: str, public_key: bytes, at: datetime,
    passkey: bytes | None = None, uses: int = 0, origin: str | None = None,
) -> Credential:  # fmt: skip
    person = owner if isinstance(owner, str) else owner.id
    if len(living(conn, person)) >= MOST_KEYS:
        raise Conflict(f"You have {MOST_KEYS} keys already; remove one first.")
    same = credentials.c.public_key == public_key
    if passkey is not None:
        same = sa.or_(same, credentials.c.credential == passkey)
    if conn.execute(sa.select(credentials.c.id).where(same).limit(1)).first():
        raise Taken("This key was added before; use it, or make a new one.")
    made = conn.execute(sa.select(sa.func.count()).select_from(credentials).where(credentials.c.person == person)).scalar_one()
    values = {"id": derive(person, "credential", made), "person": person, "kind": kind, "label": label, "added_at": at}
    values |= {"public_key": public_key, "credential": passkey, "uses": uses, "origin": origin}
    conn.execute(sa.insert(credentials).values(**values))
    ledger.append(conn, "credential-added", person, {"kind": kind, "key": digest(public_key)}, at)
    return as_credential(conn.execute(sa.select(credentials).where(credentials.c.id == values["id"])).one())


def _check_raw(public_key: bytes) -> None:
    if len(public_key) != RAW_KEY:
        raise BadInput("A software key has 32 raw bytes of Ed25519; `clearance keys new` makes one.")


def _kept(conn: sa.Connection, person: str) -> bool:
    rows = sa.select(person_secrets.c.id).where(person_secrets.c.person == person, person_secrets.c.role == "signing-key")
    return conn.execute(rows.limit(1)).first() is not None
