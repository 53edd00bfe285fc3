"""Permits: leave for one requester to use one person, derived from a grant, and read again before it is acted on.

``permits_for`` answers at the first gate. ``still_valid`` is what release asks inside its own transaction: it believes nothing
the permit says and reads the grant, its events and the person again (guarantee G2).
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from consent import licences
from consent.grants import EVERYONE, Grant, listing, status_of
from consent.people import NOT_HANDLES, Person, find
from consent.tables import grants
from consent.tables import people as people_table
from safety.permit import Denial, Permit
from safety.values import derive

#: ``@handle`` in running text: not inside an address such as ``a@b.org``, and ended by anything a handle cannot hold.
MENTION = re.compile(r"(?<![A-Za-z0-9_.+@-])@([A-Za-z0-9_]{2,32})(?![A-Za-z0-9_@])")
#: What is said of the grant that comes nearest to allowing: the mildest reason first.
REASONS = ("paused", "expired", "revoked")


def mentions(text: str) -> tuple[str, ...]:
    """Handles asked for in ``text``, lower case, each once, in order; whether they exist is ``permits_for``'s question."""
    plain = unicodedata.normalize("NFKC", text)
    found = (match.group(1).lower() for match in MENTION.finditer(plain))
    return tuple(dict.fromkeys(handle for handle in found if handle not in NOT_HANDLES))


def permits_for(conn: sa.Connection, requester: str, persons: Iterable[str], now: datetime) -> tuple[Permit | Denial, ...]:
    """One answer a person, in order: may ``requester`` (a handle) use them now? ``persons`` are ids, handles or ``@handles``.

    A denial's reason is ``unknown-person``, ``protected``, ``no-grant``, ``revoked``, ``expired`` or ``paused``.
    """
    return tuple(_permit(conn, requester.strip().removeprefix("@").lower(), person, now) for person in persons)


def still_valid(conn: sa.Connection, permit: Permit, now: datetime) -> bool:
    """Whether the permit can be acted on now, as the caller's transaction sees it."""
    return why_lost(conn, permit, now) is None


def why_lost(conn: sa.Connection, permit: Permit, now: datetime) -> Denial | None:
    """None while the permit stands; else the reason it does not. A permit nobody could have been given is ``no-grant``."""
    if permit.kind == "licence":
        return licences.why_lost(conn, permit, now)
    person = _living(conn, permit.subject)
    if person is None:
        return Denial(subject=permit.subject, reason="unknown-person")
    if person.kind == "protected":
        return Denial(subject=permit.subject, reason="protected")
    if permit.expires_at is not None and now >= permit.expires_at:
        return Denial(subject=permit.subject, reason="expired")
    if permit.grant == own_grant(person.id):
        own = permit.holder == person.handle
        return None if own else Denial(subject=permit.subject, reason="no-grant")
    row = conn.execute(sa.select(grants).where(grants.c.id == permit.grant, grants.c.person == person.id)).first()
    if row is None or row.holder not in (permit.holder, EVERYONE) or frozenset(json.loads(row.forbids)) != permit.forbids:
        return Denial(subject=permit.subject, reason="no-grant")
    status = status_of(conn, row.id, person.id, row.expires_at, now)
    return None if status == "active" else Denial(subject=permit.subject, reason=status)


def own_grant(person: str) -> str:
    """The grant everyone has over themselves, without a row."""
    return derive(person, "grant/self")


def _permit(conn: sa.Connection, requester: str, asked: str, now: datetime) -> Permit | Denial:
    person = find(conn, asked)
    if person is None:
        return Denial(subject=asked, reason="unknown-person")
    if person.kind == "protected":
        return Denial(subject=person.id, reason="protected")
    if requester == person.handle:
        identity = own_grant(person.id)
        return Permit(
            id=derive(identity, f"permit/{requester}"),
            kind="cameo",
            subject=person.id,
            holder=requester,
            grant=identity,
            issued_at=now,
        )
    fitting = [g for g in listing(conn, person.id, now) if g.holder in (requester, EVERYONE)]
    best = _best(fitting)
    if best is None:
        reasons = {g.status for g in fitting}
        return Denial(subject=person.id, reason=next((r for r in REASONS if r in reasons), "no-grant"))
    return Permit(
        id=derive(best.id, f"permit/{requester}"), kind="cameo", subject=person.id, holder=requester, grant=best.id,
        forbids=best.forbids, issued_at=now, expires_at=best.expires_at,
    )  # fmt: skip


def _best(fitting: list[Grant]) -> Grant | None:
    """Of the active grants one by name before one for everyone, then the newest: the person's most particular, latest word."""
    active = [g for g in fitting if g.status == "active"]
    return max(active, key=lambda g: (g.holder != EVERYONE, g.granted_at, g.id), default=None)


def _living(conn: sa.Connection, person: str) -> Person | None:
    known = conn.execute(sa.select(people_table.c.handle).where(people_table.c.id == person)).first()
    return find(conn, person) if known is not None and known.handle is not None else None
