"""Changing the key-encryption key: every wrapped key is wrapped anew, and then the old key is destroyed.

What this is for: the wrapped key of an erased person lingers in old backups and in a database's log. Once the key that wrapped
it is gone, it opens nothing. The same is true of everybody's row in those backups, so a new backup belongs to it.
It goes in short transactions, may be interrupted anywhere and is taken up where it stopped (``key_files`` says why).
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import sqlalchemy as sa

from consent.cameo_tables import claims, clip_keys
from consent.errors import VaultLocked
from consent.tables import person_keys
from consent.vault.keys import DATA_KEY, Vault
from safety import ledger
from safety.errors import Conflict
from safety.values import Value

#: Roles that other keys are wrapped under, as ``clip_faces`` and ``claims`` have them; a test holds them together.
CLIP_KEY, CLAIM_KEY = "clip-key", "claim-key"
_PARTS = {"people": (person_keys, "person", DATA_KEY), "clips": (clip_keys, "subject", CLIP_KEY)}
#: Keys wrapped anew in one transaction: tens of milliseconds, so that nobody waits for it.
BATCH = 1000


class Cursor(Value):
    """How far a change of keys has come: the last owner seen of a part, and how many keys were wrapped anew."""

    part: Literal["people", "clips"] = "people"
    last: str = ""
    people: int = 0
    clips: int = 0
    done: bool = False


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


def step(conn: sa.Connection, vault: Vault, at: Cursor, most: int = BATCH) -> Cursor:
    """Wrap up to ``most`` keys anew, from where ``at`` stands; return where the next step begins.

    One pass is enough: what is stored meanwhile is wrapped by the next key. Raises ``Conflict`` before ``begin``, and
    ``VaultLocked`` for a row that is damaged.
    """
    old, new = _ids(vault)
    table, name, role = _PARTS[at.part]
    owner = table.c[name]
    query = sa.select(owner.label("owner"), table.c.wrapped, table.c.kek).where(owner > at.last).order_by(owner).limit(most)
    rows = conn.execute(query).all()
    if not rows:
        return at.model_copy(update={"part": "clips", "last": ""} if at.part == "people" else {"done": True})
    anew = [
        {"whose": row.owner, "wrapped": vault.rewrap(row.owner, role, bytes(row.wrapped), old)} for row in rows if row.kek == old
    ]
    if anew:
        conn.execute(sa.update(table).where(owner == sa.bindparam("whose")).values(kek=new), anew)
    return at.model_copy(update={"last": rows[-1].owner, at.part: getattr(at, at.part) + len(anew)})


def conclude(conn: sa.Connection, vault: Vault, walked: Cursor, at: datetime) -> Rotation:
    """Wrap what is left, hold that nothing needs the old key, and tell the ledger. The old key is still there.

    Raises ``Conflict`` when ``step`` is not done.
    """
    old, new = _ids(vault)
    if needed(conn, old):
        raise Conflict("Keys are left that the old key wrapped; go on wrapping them anew.")
    counts = {"people": walked.people, "clips": walked.clips, "claims": _claims(conn, vault, old, new)}
    body: dict[str, object] = counts | {"old": old, "new": new}
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


def _claims(conn: sa.Connection, vault: Vault, old: str, new: str) -> int:
    """Claims are few and say not by which key theirs is wrapped: all are tried, and those of the old one wrapped anew.

    One that neither opens was lost before; it stays as it is.
    """
    done = 0
    for row in conn.execute(sa.select(claims.c.number, claims.c.key).where(claims.c.key.is_not(None))).all():
        if vault.opens(row.number, CLAIM_KEY, bytes(row.key), new):
            continue
        try:
            key = vault.rewrap(row.number, CLAIM_KEY, bytes(row.key), old)
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
