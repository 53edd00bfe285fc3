"""Enrolling a likeness: a person who may grant the use of it, or a protected person whom nobody may depict.

A face is enrolled once. What is enrolled under another name, or protected, is refused before anything is stored. Templates,
portrait and signing key go into the vault; the ledger learns that it happened, and nothing of what was shown.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from consent import own_keys, people
from consent.errors import Taken
from consent.faces.engine import FaceFinder
from consent.faces.thresholds import threshold
from consent.keys import Vault
from consent.likeness import Likeness, read_likeness
from consent.people import Kind, Person
from consent.tables import people as people_table
from consent.tables import person_secrets
from consent.version import bump
from safety import ledger
from safety.clock import Clock
from safety.media import Picture
from safety.values import derive


def enrol(
    conn: sa.Connection,
    handle: str,
    pictures: Sequence[Picture] | Likeness,
    engine: FaceFinder,
    vault: Vault,
    clock: Clock,
    *,
    video: bool = False,
    public_key: bytes | None = None,
) -> Person:
    """Enrol the one person shown by ``pictures`` as ``@handle``.

    With ``public_key`` (32 raw bytes of Ed25519) they sign with a key of their own from the start and none is made for them here.
    Looking at pictures is slow: call ``likeness.read_likeness`` first and give its result, to keep the write transaction short.
    Raises ``BadInput`` for the handle, ``LikenessRefused`` for the pictures, ``Taken`` when the name or the face is known.
    """
    return _admit(conn, "enrolled", handle, pictures, engine, vault, clock, video=video, own_key=public_key)


def protect(
    conn: sa.Connection,
    handle: str,
    pictures: Sequence[Picture] | Likeness,
    engine: FaceFinder,
    vault: Vault,
    clock: Clock,
    *,
    video: bool = False,
) -> Person:
    """Enter a person who is never to be depicted; the same refusals as ``enrol``."""
    return _admit(conn, "protected", handle, pictures, engine, vault, clock, video=video)


def _admit(
    conn: sa.Connection,
    kind: Kind,
    handle: str,
    pictures: Sequence[Picture] | Likeness,
    engine: FaceFinder,
    vault: Vault,
    clock: Clock,
    *,
    video: bool,
    own_key: bytes | None = None,
) -> Person:
    name = people.check_handle(handle)
    likeness = pictures if isinstance(pictures, Likeness) else read_likeness(pictures, engine, video=video)
    if people.find(conn, name) is not None:
        raise Taken(f"Somebody is enrolled as @{name} already; choose another handle, or erase that one first.")
    _refuse_known_face(conn, likeness, vault)
    person, at = people.new_id(conn, name), clock()
    signing = Ed25519PrivateKey.generate() if kind == "enrolled" and own_key is None else None
    public = signing.public_key().public_bytes_raw() if signing else own_key
    row = {"id": person, "handle": name, "kind": kind, "public_key": public, "enrolled_at": at}
    conn.execute(sa.insert(people_table).values(**row))
    vault.admit(conn, person)
    secrets = [("face-template", t.astype("<f4").tobytes()) for t in likeness.templates]
    secrets.append(("portrait", people.pack(likeness.portrait)))
    if signing:
        secrets.append(("signing-key", signing.private_bytes_raw()))
    for ordinal, (role, data) in enumerate(secrets):
        secret = derive(person, role, ordinal)
        sealed = vault.seal(conn, person, role, secret, data)
        values = {"id": secret, "person": person, "role": role, "engine": likeness.engine, "sealed": sealed, "at": at}
        conn.execute(sa.insert(person_secrets).values(**values))
    if own_key is not None:
        own_keys.found(conn, person, own_key, "my first key", at)
    bump(conn, "people")
    body: dict[str, object] = {"kind": kind, "engine": likeness.engine, "templates": len(likeness.templates)}
    ledger.append(conn, f"person-{kind}", person, body, at)
    return people.get(conn, person)


def _refuse_known_face(conn: sa.Connection, likeness: Likeness, vault: Vault) -> None:
    """Raise ``Taken`` when any template is like one that is known; the other person's name is not given away."""
    owners, known = people.templates(conn, likeness.engine, vault)
    if not owners:
        return
    cosines = known @ likeness.templates.T
    nearest = int(np.argmax(cosines.max(axis=1)))
    if float(cosines[nearest].max()) < threshold(len(owners)):
        return
    if owners[nearest].kind == "protected":
        raise Taken("This face belongs to a protected person, who is not to be depicted; it cannot be enrolled.")
    raise Taken("This face is enrolled under another handle already; erase that one first, or ask the operator to look into it.")
