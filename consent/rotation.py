"""Changing the key-encryption key: every wrapped key is wrapped anew, and then the old key is destroyed.

What this is for: the wrapped key of an erased person lingers in old backups and in a database's log. Once the key that wrapped
it is gone, it opens nothing. The same is true of everybody's row in those backups, so a new backup belongs to it.
It goes in short transactions, may be interrupted anywhere and is taken up where it stopped (``key_files`` says why).
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from consent.cameo_tables import claims, clip_keys
from consent.errors import VaultLocked
from consent.keys import DATA_KEY, Vault
from consent.tables import person_keys
from safety import ledger
from safety.errors import Conflict
from safety.values import Value

#: Roles that other keys are wrapped under, as ``clip_faces`` and ``claims`` have them; a test holds them together.
CLIP_KEY, CLAIM_KEY = "clip-key", "claim-key"
#: Keys wrapped anew in one transaction: tens of milliseconds, so that nobody waits for it.
BATCH = 1000


class Rotation(Value):
    """How many keys were wrapped anew. ``old`` and ``new`` are ids of key-encryption keys."""

    people: int = 0
    clips: int = 0
    claims: int = 0
    old: str
    new: str
    ledger_position: int


def begin(conn: sa.Connection, vault: Vault) -> None:
    """Make the next key; what is wrapped from now on is wrapped by it. Does nothing when it is there already."""
    vault.files.begin()


def step(conn: sa.Connection, vault: Vault, most: int = BATCH) -> tuple[int, int]:
    """Wrap up to ``most`` keys of people and as many of clips anew; return how many of each. Done when both are 0.

    Raises ``Conflict`` before ``begin``, and ``VaultLocked`` for a row that is damaged.
    """
    old, new = _ids(vault)
    done = []
    for table, name, role in ((person_keys, "person", DATA_KEY), (clip_keys, "subject", CLIP_KEY)):
        owner = table.c[name]
        rows = conn.execute(sa.select(owner.label("owner"), table.c.wrapped).where(table.c.kek == old).limit(most)).all()
        for row in rows:
            values = {"kek": new, "wrapped": vault.rewrap(row.owner, role, bytes(row.wrapped))}
            conn.execute(sa.update(table).where(owner == row.owner).values(**values))
        done.append(len(rows))
    return done[0], done[1]


def conclude(conn: sa.Connection, vault: Vault, people: int, clips: int, at: datetime) -> Rotation:
    """Wrap what is left, hold that nothing needs the old key, and tell the ledger. The old key is still there.

    Raises ``Conflict`` when ``step`` is not done.
    """
    old, new = _ids(vault)
    if needed(conn, old):
        raise Conflict("Keys are left that the old key wrapped; go on wrapping them anew.")
    body: dict[str, object] = {"people": people, "clips": clips, "claims": _claims(conn, vault, new), "old": old, "new": new}
    position = ledger.append(conn, "keys-rotated", "vault", body, at)
    return Rotation.model_validate(body | {"ledger_position": position})


def destroy(conn: sa.Connection, vault: Vault) -> bool:
    """Destroy the old key, when nothing needs it. ``conclude`` must be on disk: call ``erasure.scrub`` in between.

    Returns False when there is no old key, or one is needed still.
    """
    changing = vault.files.changing
    if changing is None or needed(conn, changing[0]):
        return False
    return vault.files.finish()


def needed(conn: sa.Connection, kek: str) -> bool:
    """Whether a person's or a clip's key is wrapped by this one."""
    return any(
        conn.execute(sa.select(table.c.kek).where(table.c.kek == kek).limit(1)).first() for table in (person_keys, clip_keys)
    )


def _claims(conn: sa.Connection, vault: Vault, new: str) -> int:
    """Claims are few and say not by which key theirs is wrapped: all are tried, and those of the old one wrapped anew.

    One that neither opens was lost before; it stays as it is.
    """
    done = 0
    for row in conn.execute(sa.select(claims.c.number, claims.c.key).where(claims.c.key.is_not(None))).all():
        if vault.opens(row.number, CLAIM_KEY, bytes(row.key), new):
            continue
        try:
            key = vault.rewrap(row.number, CLAIM_KEY, bytes(row.key))
        except VaultLocked:
            continue
        conn.execute(sa.update(claims).where(claims.c.number == row.number).values(key=key))
        done += 1
    return done


def _ids(vault: Vault) -> tuple[str, str]:
    changing = vault.files.changing
    if changing is None:
        raise Conflict("No change of keys was begun; begin one first.")
    return changing
