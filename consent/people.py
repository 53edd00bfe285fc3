"""Who is known: enrolled people, who may grant the use of their likeness, and protected people, who are never depicted.

A person is a row with an id and a handle; all that is biometric is sealed in the vault. Erasing deletes the key and the sealed
rows (``erasure``), and leaves a row without a name, so that a receipt or a ledger entry about them still points at something.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Literal

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from consent.errors import UnknownPerson
from consent.tables import people, person_secrets
from consent.vault.keys import Vault
from safety.errors import BadInput
from safety.values import Value, derive

#: Half of a handle's grammar is that ``@handle`` can be found in running text without doubt where it ends.
HANDLE = re.compile(r"[a-z0-9_]{2,32}")
#: Words that mean somebody else wherever a handle may stand.
NOT_HANDLES = frozenset({"everyone", "approved", "mutuals", "nobody", "system", "anonymous", "me"})

Kind = Literal["enrolled", "protected"]


class Person(Value):
    """``public_key`` is the hex of the 32 raw bytes that verify this person's grants and receipts; protected people have none."""

    id: str
    handle: str
    kind: Kind
    enrolled_at: datetime
    public_key: str | None = None


def check_handle(handle: str) -> str:
    """The handle without its ``@``, in lower case. Raises ``BadInput`` when it is not one."""
    plain = handle.strip().removeprefix("@").lower()
    if not HANDLE.fullmatch(plain) or plain in NOT_HANDLES:
        raise BadInput("A handle has 2 to 32 letters a-z, digits or underscores, and is not a reserved word; choose another.")
    return plain


def find(conn: sa.Connection, person: str) -> Person | None:
    """The living person with this id, handle or ``@handle``."""
    plain = person.strip().removeprefix("@").lower()
    row = conn.execute(
        sa.select(people).where(people.c.erased_at.is_(None), sa.or_(people.c.handle == plain, people.c.id == plain))
    ).first()
    return None if row is None else _person(row)


def get(conn: sa.Connection, person: str) -> Person:
    """Like ``find``, but raises ``UnknownPerson``."""
    found = find(conn, person)
    if found is None:
        raise UnknownPerson(f"Nobody is enrolled as {person[:40]!r}; check the name, or enrol them first.")
    return found


def listing(conn: sa.Connection, kind: Kind | None = None) -> tuple[Person, ...]:
    """Every living person, by handle."""
    query = sa.select(people).where(people.c.erased_at.is_(None)).order_by(people.c.handle)
    if kind is not None:
        query = query.where(people.c.kind == kind)
    return tuple(_person(row) for row in conn.execute(query))


def new_id(conn: sa.Connection, handle: str) -> str:
    """The id the handle's next owner has: whoever takes the name of an erased person is another person."""
    generation = 0
    while conn.execute(sa.select(people.c.id).where(people.c.id == derive("person", handle, generation))).first():
        generation += 1
    return derive("person", handle, generation)


def portrait(conn: sa.Connection, person: str, vault: Vault) -> NDArray[np.uint8]:
    """The reference picture of an enrolled person's face, RGB uint8, in memory only.

    Raises ``UnknownPerson`` and ``VaultLocked``.
    """
    owner = get(conn, person)
    query = sa.select(person_secrets).where(person_secrets.c.person == owner.id, person_secrets.c.role == "portrait")
    row = conn.execute(query).first()
    if row is None:
        raise UnknownPerson("This person has no reference picture and cannot be depicted.")
    return unpack(vault.open(conn, owner.id, "portrait", row.id, row.sealed))


def templates(conn: sa.Connection, engine: str, vault: Vault) -> tuple[list[Person], NDArray[np.float32]]:
    """Every template that ``engine`` made of a face, opened: the owner of each row, and float32 (n, 128). In memory only."""
    return _templates(conn, "face-template", engine, vault, 128)


def voice_templates(conn: sa.Connection, engine: str, vault: Vault) -> tuple[list[Person], NDArray[np.float32]]:
    """Like ``templates``, for voices: float32 (n, 256)."""
    return _templates(conn, "voice-template", engine, vault, 256)


def _templates(
    conn: sa.Connection, role: str, engine: str, vault: Vault, numbers: int
) -> tuple[list[Person], NDArray[np.float32]]:  # fmt: skip
    query = (
        sa.select(person_secrets.c.id.label("row"), person_secrets.c.sealed, people)
        .join(people, people.c.id == person_secrets.c.person)
        .where(people.c.erased_at.is_(None), person_secrets.c.role == role, person_secrets.c.engine == engine)
        .order_by(person_secrets.c.id)
    )
    owners: list[Person] = []
    rows: list[NDArray[np.float32]] = []
    for row in conn.execute(query):
        owners.append(_person(row))
        rows.append(np.frombuffer(vault.open(conn, row.id, role, row.row, row.sealed), "<f4"))
    return owners, np.stack(rows) if rows else np.zeros((0, numbers), np.float32)


def pack(picture: NDArray[np.uint8]) -> bytes:
    """A picture as bytes without an image codec: height, width, then RGB."""
    height, width = picture.shape[:2]
    return np.array([height, width], "<u4").tobytes() + np.ascontiguousarray(picture, np.uint8).tobytes()


def unpack(data: bytes) -> NDArray[np.uint8]:
    """The inverse of ``pack``."""
    height, width = (int(n) for n in np.frombuffer(data[:8], "<u4"))
    return np.frombuffer(data[8:], np.uint8).reshape(height, width, 3).copy()


def _person(row: sa.Row[tuple[object, ...]]) -> Person:
    key = bytes(row.public_key).hex() if row.public_key else None
    return Person(id=row.id, handle=row.handle, kind=row.kind, enrolled_at=row.enrolled_at, public_key=key)
