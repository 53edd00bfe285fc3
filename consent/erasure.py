"""Forgetting a person: their key goes, and with it everything that was sealed for them.

What stays is what proves that consent was asked and ended: the person's id, and signed records of grants without a name or a
face. Nothing here touches clips; withdrawing those is the pipeline's part.
"""

from __future__ import annotations

import sqlalchemy as sa

from consent import grants
from consent.errors import ConsentError
from consent.keys import Vault
from consent.people import get
from consent.tables import people, person_keys, person_secrets, person_sightings
from consent.version import bump
from safety import ledger
from safety.clock import Clock
from safety.db import Database
from safety.values import Value

#: What an erasure keeps, and why; part of its receipt.
KEPT = {"person id, signed grants and revocations": "proof that consent was given and ended (GDPR art. 7(1) and 17(3)(e))"}


class Erasure(Value):
    """What an erasure did: ``secrets`` sealed rows deleted, ``revoked`` grants ended, and its place in the ledger."""

    person: str
    secrets: int
    revoked: tuple[str, ...]
    ledger_position: int


def erase(conn: sa.Connection, person: str, vault: Vault, clock: Clock) -> Erasure:
    """End the person's grants, then delete their key and all it sealed. Call ``scrub`` after the transaction.

    Raises ``UnknownPerson``. A key that cannot be opened stops neither the erasure nor the end of the grants.
    """
    owner, at = get(conn, person), clock()
    revoked = grants.revoke(conn, owner.id, vault, clock).grants if owner.kind == "enrolled" else ()
    count = sum(
        conn.execute(sa.delete(table).where(table.c.person == owner.id)).rowcount for table in (person_secrets, person_sightings)
    )
    conn.execute(sa.delete(person_keys).where(person_keys.c.person == owner.id))
    conn.execute(sa.update(people).where(people.c.id == owner.id).values(handle=None, erased_at=at))
    bump(conn, "people")
    bump(conn, "grants")
    position = ledger.append(conn, "person-erased", owner.id, {"kind": owner.kind, "sealed_rows": count, "kept": KEPT}, at)
    return Erasure(person=owner.id, secrets=count, revoked=revoked, ledger_position=position)


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
