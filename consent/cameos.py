"""Enrolling a likeness: a person who may grant the use of it, or a protected person whom nobody may depict.

A face is enrolled once. What is enrolled under another name, or protected, is refused before anything is stored. Templates,
portrait and signing key go into the vault; the ledger learns that it happened, and nothing of what was shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from consent import people
from consent.duplicates import Known
from consent.errors import LikenessRefused, Taken
from consent.faces.engine import FaceFinder
from consent.faces.thresholds import MATCH, threshold
from consent.likeness import Likeness, read_likeness
from consent.people import Kind, Person
from consent.signing import own_keys
from consent.tables import people as people_table
from consent.tables import person_secrets
from consent.vault.keys import Vault
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
    _keep(conn, person, secrets, likeness.engine, vault, at)
    if own_key is not None:
        own_keys.found(conn, person, own_key, "my first key", at)
    bump(conn, "people")
    body: dict[str, object] = {"kind": kind, "engine": likeness.engine, "templates": len(likeness.templates)}
    ledger.append(conn, f"person-{kind}", person, body, at)
    return people.get(conn, person)


def renew(conn: sa.Connection, person: str, likeness: Likeness, vault: Vault, clock: Clock) -> Person:
    """Keep ``likeness`` in place of the templates and portrait of an enrolled person, whose face it must be.

    Keys, grants and clips stay as they are. Raises ``UnknownPerson``; ``LikenessRefused`` when it is another's face, or the
    person is protected; ``Known`` when it is like somebody else's too.
    """
    owner, at = people.get(conn, person), clock()
    if owner.kind != "enrolled":
        raise LikenessRefused("A protected person is not enrolled; ask the operator to look into it.")
    owners, known = people.templates(conn, likeness.engine, vault)
    own = known[[i for i, other in enumerate(owners) if other.id == owner.id]]
    middle = likeness.templates.mean(axis=0)
    middle /= max(1e-12, float(np.linalg.norm(middle)))
    if float((own @ middle).max(initial=-1.0)) < MATCH:
        raise LikenessRefused(f"The face is not the one that is enrolled as @{owner.handle}; only they can renew it.")
    _refuse_known_face(conn, likeness, vault, but=owner.id)
    replaced = person_secrets.c.role.in_(("face-template", "portrait"))
    conn.execute(sa.delete(person_secrets).where(person_secrets.c.person == owner.id, replaced))
    secrets = [("face-template", t.astype("<f4").tobytes()) for t in likeness.templates]
    _keep(conn, owner.id, [*secrets, ("portrait", people.pack(likeness.portrait))], likeness.engine, vault, at)
    bump(conn, "people")
    ledger.append(conn, "person-renewed", owner.id, {"engine": likeness.engine, "templates": len(likeness.templates)}, at)
    return owner


def _keep(
    conn: sa.Connection, person: str, secrets: Sequence[tuple[str, bytes]], engine: str, vault: Vault, at: datetime
) -> None:  # fmt: skip
    """Seal each role and its bytes for the person."""
    for ordinal, (role, data) in enumerate(secrets):
        secret = derive(person, role, ordinal)
        sealed = vault.seal(conn, person, role, secret, data)
        values = {"id": secret, "person": person, "role": role, "engine": engine, "sealed": sealed, "at": at}
        conn.execute(sa.insert(person_secrets).values(**values))


def _refuse_known_face(conn: sa.Connection, likeness: Likeness, vault: Vault, but: str | None = None) -> None:
    """Raise ``Known`` when any template is like one of somebody else than ``but``; whose it is is not given away."""
    everyone, rows = people.templates(conn, likeness.engine, vault)
    others = [i for i, owner in enumerate(everyone) if owner.id != but]
    if not others:
        return
    owners, known = [everyone[i] for i in others], rows[others]
    cosines = known @ likeness.templates.T
    nearest = int(np.argmax(cosines.max(axis=1)))
    if float(cosines[nearest].max()) < threshold(len(owners)):
        return
    owner = owners[nearest]
    if owner.kind == "protected":
        sentence = "This face belongs to a protected person, who is not to be depicted; it cannot be enrolled."
        raise Known(sentence, owner.id, "face")
    sentence = "This face is enrolled under another handle already; erase that one first, or ask the operator to look into it."
    raise Known(sentence, owner.id, "face")
