"""Forgetting a person: their key goes, and with it everything that was sealed for them.

What stays is what proves that consent was asked and ended: the person's id, and signed records of grants without a name or a
face. Nothing here touches released clips; withdrawing those is the pipeline's part. A copy of the database made earlier still
holds the person's wrapped key: its operator lets it expire, and rotates the key file (docs/consent.md).
"""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from consent import grants, issuing, licences
from consent.cameo_tables import acquaintances, challenges, credentials, notices, representatives
from consent.cameo_tables import clip_faces as clip_face_rows
from consent.errors import ConsentError
from consent.faces import clip_faces
from consent.liveness import challenge
from consent.people import get
from consent.signing import own_keys
from consent.tables import people, person_keys, person_secrets, person_sightings
from consent.vault.keys import Vault
from consent.version import bump
from safety import ledger
from safety.clock import Clock
from safety.db import Database
from safety.values import Value

#: What an erasure keeps, and why; part of its receipts.
KEPT = {
    "the person's id, and when they were enrolled and erased": "so that records kept point at something that has no name",
    "signed grants, pauses and revocations, with the handles of those they let": (
        "proof that consent was given and ended (GDPR art. 7(1) and 17(3)(e))"
    ),
    "public keys the person signed with, without a name or a device": (
        "so that what they signed can still be verified (GDPR art. 7(1) and 17(3)(e))"
    ),
    "digests of recordings shown at enrolment": "so that a recording is not sent again; they say nothing of anybody",
    "who acted for the person, and on what ground": "proof that whoever granted or revoked for them might (GDPR art. 17(3)(e))",
    "notices to others about their own likeness, and what was asked for under the handle": (
        "proof of how others' likeness was used (GDPR art. 17(3)(e))"
    ),
    "claims filed about clips, sealed under a key of the claim": "proof of how a claim was answered (GDPR art. 17(3)(e))",
}
#: Ids named one by one in a statement.
_CHUNK = 500
#: What is deleted of ``person_secrets``, by the name receipts give it; anything else is a key.
_SECRETS = {"face-template": "templates", "voice-template": "voice_templates", "portrait": "portraits"}


class Erasure(Value):
    """What an erasure did: ``secrets`` sealed rows deleted, ``revoked`` grants ended, and its place in the ledger.

    ``forgotten`` counts what was deleted, by kind.
    """

    person: str
    secrets: int
    revoked: tuple[str, ...]
    forgotten: dict[str, int]
    ledger_position: int


def belongings(conn: sa.Connection, person: str, handle: str, faces: Collection[str] = ()) -> dict[str, int]:
    """How many rows an erasure of the person (an id) would delete, by kind. ``faces`` are rows of ``clip_faces`` like them."""
    rows = sa.select(person_secrets.c.role, sa.func.count()).where(person_secrets.c.person == person)
    counts = dict.fromkeys([*_SECRETS.values(), "keys"], 0)
    for role, number in conn.execute(rows.group_by(person_secrets.c.role)):
        kind = _SECRETS.get(role, "keys")
        counts[kind] += number
    counts["keys"] += _count(conn, person_keys.c.person == person)
    counts |= {kind: _count(conn, where) for kind, (_, where) in _others(person, handle).items()}
    named = sorted(faces)
    parts = (named[i : i + _CHUNK] for i in range(0, len(named), _CHUNK))
    counts["faces_in_clips"] = sum(_count(conn, clip_face_rows.c.id.in_(some)) for some in parts)
    return counts


def erase(
    conn: sa.Connection,
    person: str,
    vault: Vault,
    clock: Clock,
    *,
    faces: Collection[str] = (),
    ended: tuple[str, ...] | None = None,
) -> Erasure:
    """End the person's grants, then delete their key and all it sealed. Call ``scrub`` after the transaction.

    ``faces`` are the rows of ``clip_faces`` that are like them, found beforehand; ``ended`` the grants that the caller has ended
    in this transaction, every one. Raises ``UnknownPerson``. A key that cannot be opened stops neither the erasure nor the end of
    the grants.
    """
    owner, at = get(conn, person), clock()
    revoked = ended or ()
    if ended is None and owner.kind == "enrolled":
        revoked = grants.revoke(conn, owner.id, vault, clock).grants
    forgotten = belongings(conn, owner.id, owner.handle, faces)
    count = sum(
        conn.execute(sa.delete(table).where(table.c.person == owner.id)).rowcount for table in (person_secrets, person_sightings)
    )
    conn.execute(sa.delete(person_keys).where(person_keys.c.person == owner.id))
    clip_faces.forget_rows(conn, faces)
    for table, where in _others(owner.id, owner.handle).values():
        if table not in (credentials, challenges):
            conn.execute(sa.delete(table).where(where))
    own_keys.forget(conn, owner.id, at)
    issuing.void(conn, at, grants=grants.lapse(conn, owner.handle, at))
    licences.lapse(conn, owner.handle)
    challenge.forget(conn, owner.handle)
    conn.execute(sa.delete(notices).where(notices.c.person == owner.id))  # uncounted: taking back writes some itself
    conn.execute(
        sa.update(representatives).where(
            sa.or_(representatives.c.person == owner.id, representatives.c.representative == owner.id),
            representatives.c.ended_at.is_(None),
        ).values(ended_at=at)
    )  # fmt: skip
    conn.execute(sa.update(people).where(people.c.id == owner.id).values(handle=None, erased_at=at))
    bump(conn, "people")
    bump(conn, "grants")
    body: dict[str, object] = {"kind": owner.kind, "sealed_rows": count, "forgotten": forgotten, "kept": KEPT}
    position = ledger.append(conn, "person-erased", owner.id, body, at)
    return Erasure(person=owner.id, secrets=count, revoked=revoked, forgotten=forgotten, ledger_position=position)


def _others(person: str, handle: str) -> dict[str, tuple[sa.Table, sa.ColumnElement[bool]]]:
    """Which rows of other tables are the person's alone, by the name receipts give them.

    They are deleted, but for credentials and challenges, which are emptied of everything but a public key or a digest.
    """
    return {
        "sightings": (person_sightings, person_sightings.c.person == person),
        "credentials": (credentials, credentials.c.person == person),
        "challenges": (challenges, challenges.c.handle == handle),
        "acquaintances": (acquaintances, sa.or_(acquaintances.c.person == person, acquaintances.c.other == handle)),
    }


def _count(conn: sa.Connection, where: sa.ColumnElement[bool]) -> int:
    return int(conn.execute(sa.select(sa.func.count()).where(where)).scalar_one())


def scrub(database: Database) -> None:
    """Write the log of recent changes away, so that not even a deleted key's row is left in it. Call after ``erase``.

    SQLite keeps old pages in its write-ahead log until a checkpoint; PostgreSQL's log is its operator's to expire.
    Raises ``ConsentError`` when a reader still holds the log: then it is to be called again.
    """
    if database.engine.dialect.name != "sqlite":
        return
    with database.engine.connect() as conn:
        busy = conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]
    if busy:
        raise ConsentError("The database's log is still being read; the erasure is done, scrub again in a moment.")
