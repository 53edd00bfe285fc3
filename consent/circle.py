"""Whom a person knows: those who may use them (``user``) and those they may be shown beside (``co-star``).

An approval widens consent, so it is a statement signed like a grant's; ending one needs no key. Grants to ``approved`` and to
``mutuals`` are worth what these rows say at the moment somebody asks.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import sqlalchemy as sa
from pydantic import JsonValue

from consent.cameo_tables import acquaintances
from consent.errors import ConsentError, UnknownPerson
from consent.people import Person, check_handle, find, get
from consent.signing import deeds
from consent.signing.credentials import Proof
from consent.signing.statements import Document
from consent.tables import people as people_table
from consent.vault.keys import Vault
from consent.version import bump
from safety import ledger
from safety.clock import Clock
from safety.values import Value, derive

Kind = Literal["user", "co-star"]
KINDS: tuple[Kind, ...] = ("user", "co-star")
Standing = Literal["asked", "approved", "ended"]


class Acquaintance(Value):
    """``other`` (a handle) asked ``person`` (an id), or was approved unasked, as a ``kind``.

    ``ended_at`` is also how somebody who asked is told no.
    """

    id: str
    person: str
    other: str
    kind: Kind
    asked_at: datetime | None
    approved_at: datetime | None
    ended_at: datetime | None

    @property
    def standing(self) -> Standing:
        if self.ended_at is not None:
            return "ended"
        return "asked" if self.approved_at is None else "approved"


def about(other: str, kind: Kind) -> dict[str, JsonValue]:
    """What an approval's statement is about."""
    return {"other": other, "kind": kind}


def ask(conn: sa.Connection, asker: str, person: str, kind: Kind, clock: Clock) -> Acquaintance:
    """``asker`` (a handle) asks to be approved; asking again while it is open changes nothing.

    Raises ``UnknownPerson`` and ``BadInput``, and ``ConsentError`` for a protected person or oneself.
    """
    owner, other = _enrolled(conn, person), check_handle(asker)
    if other == owner.handle:
        raise ConsentError("Nobody needs their own approval; ask somebody else.")
    return current(conn, owner.id, other, kind) or _insert(conn, owner, other, kind, asked_at=clock())


def approve(
    conn: sa.Connection,
    person: str,
    other: str,
    kind: Kind,
    vault: Vault,
    clock: Clock,
    *,
    document: Document | None = None,
    proof: Proof | None = None,
) -> Acquaintance:
    """``person`` approves ``other`` (a handle), who may have asked or not, signed as a grant is.

    Who has a key of their own signs ``statements.prepare("approve", ...)`` about ``about(other, kind)``. Raises
    ``UnknownPerson``, ``BadInput``, ``ConsentError``, ``Forbidden``, and what ``deeds.sign`` raises.
    """
    owner, handle, at = _enrolled(conn, person), check_handle(other), clock()
    if handle == owner.handle:
        raise ConsentError("Everyone may use their own likeness already; approve somebody else.")
    what = about(handle, kind)
    deed = deeds.sign(conn, owner, "approve", what, vault, clock, right="approve", document=document, proof=proof)
    deeds.record(conn, owner.id, "approved", [None], deed, at)
    known = current(conn, owner.id, handle, kind) or _insert(conn, owner, handle, kind)
    if known.approved_at is None:
        conn.execute(sa.update(acquaintances).where(acquaintances.c.id == known.id).values(approved_at=at))
        bump(conn, "grants")
        ledger.append(conn, "circle-approved", owner.id, {"kind": kind, "id": known.id}, at)
    return _get(conn, known.id)


def end(conn: sa.Connection, person: str, other: str, kind: Kind, clock: Clock) -> Acquaintance:
    """Say no to an ask, or take an approval back; permits that rest on it are lost with this transaction.

    Raises ``UnknownPerson``, also when there is nothing to end.
    """
    owner, handle, at = get(conn, person), other.strip().removeprefix("@").lower(), clock()
    known = current(conn, owner.id, handle, kind)
    if known is None:
        raise UnknownPerson(f"@{handle[:40]} neither asked this person nor was approved; the list of their circle shows who was.")
    conn.execute(sa.update(acquaintances).where(acquaintances.c.id == known.id).values(ended_at=at))
    bump(conn, "grants")
    ledger.append(conn, "circle-ended", owner.id, {"kind": kind, "id": known.id}, at)
    return _get(conn, known.id)


def current(conn: sa.Connection, person: str, other: str, kind: Kind) -> Acquaintance | None:
    """What stands between the person (an id) and ``other`` now, asked or approved."""
    query = sa.select(acquaintances).where(
        acquaintances.c.person == person, acquaintances.c.other == other, acquaintances.c.kind == kind,
        acquaintances.c.ended_at.is_(None),
    )  # fmt: skip
    row = conn.execute(query).mappings().first()
    return None if row is None else Acquaintance.model_validate(dict(row))


def listing(conn: sa.Connection, person: str) -> tuple[Acquaintance, ...]:
    """Everybody the person's circle ever had, those who wait for an answer first, then the approved ones by handle."""
    owner = get(conn, person)
    rows = conn.execute(sa.select(acquaintances).where(acquaintances.c.person == owner.id)).mappings()
    order = {"asked": 0, "approved": 1, "ended": 2}
    found = [Acquaintance.model_validate(dict(row)) for row in rows]
    return tuple(sorted(found, key=lambda a: (order[a.standing], a.kind, a.other, a.id)))


def approves(conn: sa.Connection, person: str, other: str, kind: Kind) -> bool:
    """Whether the person (an id) approved the handle ``other`` and did not take it back."""
    known = current(conn, person, other, kind)
    return known is not None and known.approved_at is not None


def are_mutuals(conn: sa.Connection, person: Person, other: str) -> bool:
    """Whether the two approved each other as users; the other must be enrolled too."""
    if not approves(conn, person.id, other, "user"):
        return False
    second = find(conn, other)
    return second is not None and second.kind == "enrolled" and approves(conn, second.id, person.handle, "user")


def co_stars(conn: sa.Connection, person: str) -> frozenset[str]:
    """Ids of living people whom the person (an id) approved to be shown beside."""
    query = (
        sa.select(people_table.c.id)
        .join(acquaintances, acquaintances.c.other == people_table.c.handle)
        .where(
            acquaintances.c.person == person, acquaintances.c.kind == "co-star", acquaintances.c.approved_at.is_not(None),
            acquaintances.c.ended_at.is_(None), people_table.c.erased_at.is_(None),
        )
    )  # fmt: skip
    return frozenset(conn.execute(query).scalars())


def forget(conn: sa.Connection, person: str, handle: str, at: datetime) -> None:
    """End everything the erased person's circle had, and what others had with their handle: its next owner is somebody else."""
    mine = sa.or_(acquaintances.c.person == person, acquaintances.c.other == handle)
    conn.execute(sa.update(acquaintances).where(mine, acquaintances.c.ended_at.is_(None)).values(ended_at=at))
    bump(conn, "grants")


def _enrolled(conn: sa.Connection, person: str) -> Person:
    owner = get(conn, person)
    if owner.kind == "protected":
        raise ConsentError("A protected person is never depicted, so nobody can be approved; enrol them instead.")
    return owner


def _insert(conn: sa.Connection, owner: Person, other: str, kind: Kind, asked_at: datetime | None = None) -> Acquaintance:
    same = sa.and_(acquaintances.c.person == owner.id, acquaintances.c.other == other, acquaintances.c.kind == kind)
    before = conn.execute(sa.select(sa.func.count()).select_from(acquaintances).where(same)).scalar_one()
    id = derive(owner.id, f"circle/{kind}/{other}", before)
    conn.execute(sa.insert(acquaintances).values(id=id, person=owner.id, other=other, kind=kind, asked_at=asked_at))
    return _get(conn, id)


def _get(conn: sa.Connection, id: str) -> Acquaintance:
    return Acquaintance.model_validate(
        dict(conn.execute(sa.select(acquaintances).where(acquaintances.c.id == id)).mappings().one())
    )
