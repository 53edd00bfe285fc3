"""Permits: leave for one requester to use one person, derived from a grant, and read again before it is acted on.

``permits_for`` answers at the first gate. ``why_lost`` is what every later step asks inside its own transaction: it believes
nothing the permit says and reads the grant, its events, the circle and the person again (guarantee G2). How a permit is bound to
one request and used once is in ``consent.issuing``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from consent import circle, issuing, licences
from consent.grants import Grant, listing, scope_of, status_of
from consent.people import NOT_HANDLES, Person, find
from consent.scope import APPROVED, AUDIENCES, EVERYONE, MUTUALS, Scope
from consent.standing import hindrance, is_minor
from consent.tables import grants
from consent.tables import people as people_table
from safety.permit import Denial, Permit
from safety.values import derive

#: ``@handle`` in running text: not inside an address such as ``a@b.org``, and ended by anything a handle cannot hold.
MENTION = re.compile(r"(?<![A-Za-z0-9_.+@-])@([A-Za-z0-9_]{2,32})(?![A-Za-z0-9_@])")
#: What is said of the grant that comes nearest to allowing: the mildest reason first.
REASONS = ("too-often", "paused", "expired", "revoked")
#: Of several grants that fit, the most particular counts: by name, then the smaller audience.
PARTICULAR = {EVERYONE: 0, MUTUALS: 1, APPROVED: 2}


def mentions(text: str) -> tuple[str, ...]:
    """Handles asked for in ``text``, lower case, each once, in order; whether they exist is ``permits_for``'s question."""
    plain = unicodedata.normalize("NFKC", text)
    found = (match.group(1).lower() for match in MENTION.finditer(plain))
    return tuple(dict.fromkeys(handle for handle in found if handle not in NOT_HANDLES))


def permits_for(conn: sa.Connection, requester: str, persons: Iterable[str], now: datetime) -> tuple[Permit | Denial, ...]:
    """One answer a person, in order: may ``requester`` (a handle) use them now, together? ``persons`` are ids or (@)handles.

    A denial's reason is ``unknown-person``, ``protected``, ``no-grant``, ``revoked``, ``expired``, ``paused`` or ``too-often``.
    Who may be shown beside whom is in each permit's ``company``, of those asked for; ``streams.scope`` checks that it is kept to.
    """
    holder = requester.strip().removeprefix("@").lower()
    asked = [(name, find(conn, name)) for name in persons]
    together = frozenset(person.id for _, person in asked if person is not None)
    return tuple(_permit(conn, holder, name, person, together, now) for name, person in asked)


def still_valid(conn: sa.Connection, permit: Permit, now: datetime) -> bool:
    """Whether the permit can be acted on now, as the caller's transaction sees it."""
    return why_lost(conn, permit, now) is None


def why_lost(conn: sa.Connection, permit: Permit, now: datetime) -> Denial | None:
    """None while the permit stands; else the reason it does not. A permit nobody could have been given is ``no-grant``."""
    if permit.kind == "licence":
        return licences.why_lost(conn, permit, now)
    reason = _why_not(conn, permit, now)
    if reason is None and permit.request is not None:
        reason = issuing.why_not(conn, permit, now)
    return None if reason is None else Denial(subject=permit.subject, reason=reason)


def own_grant(person: str) -> str:
    """The grant everyone has over themselves, without a row."""
    return derive(person, "grant/self")


def _why_not(conn: sa.Connection, permit: Permit, now: datetime) -> str | None:
    person = _living(conn, permit.subject)
    if person is None:
        return "unknown-person"
    if person.kind == "protected":
        return "protected"
    if permit.expires_at is not None and now >= permit.expires_at:
        return "expired"
    if permit.grant == own_grant(person.id):
        own = permit.holder == person.handle and not permit.limits
        return _own_hindrance(conn, person.id, now) if own else "no-grant"
    row = conn.execute(sa.select(grants).where(grants.c.id == permit.grant, grants.c.person == person.id)).first()
    if row is None or not _covers(conn, row.holder, person, permit.holder):
        return "no-grant"
    scope = scope_of(row)
    if scope.forbids != permit.forbids or scope.words != permit.words or not _keeps_company(conn, scope, person, permit):
        return "no-grant"
    status = status_of(conn, row.id, person.id, row.expires_at, now)
    return None if status == "active" else status


def _permit(
    conn: sa.Connection, requester: str, asked: str, person: Person | None, together: frozenset[str], now: datetime
) -> Permit | Denial:
    if person is None:
        return Denial(subject=asked, reason="unknown-person")
    if person.kind == "protected":
        return Denial(subject=person.id, reason="protected")
    if requester == person.handle:
        if (hindered := _own_hindrance(conn, person.id, now)) is not None:
            return Denial(subject=person.id, reason=hindered)
        own = own_grant(person.id)
        return Permit(
            id=derive(own, f"permit/{requester}"), kind="cameo", subject=person.id, holder=requester, grant=own, issued_at=now
        )
    fitting = [g for g in listing(conn, person.id, now) if _covers(conn, g.holder, person, requester)]
    best = _best([g for g in fitting if g.status == "active"])
    if best is None:
        reasons = {g.status for g in fitting}
        return Denial(subject=person.id, reason=next((r for r in REASONS if r in reasons), "no-grant"))
    if not issuing.has_room(conn, best.id, best.scope.limit, now):
        return Denial(subject=person.id, reason="too-often")
    company = allowed_company(conn, best.scope, person, requester)
    return Permit(
        id=derive(best.id, f"permit/{requester}"), kind="cameo", subject=person.id, holder=requester, grant=best.id,
        forbids=best.scope.forbids, words=best.scope.words, company=None if company is None else company & together,
        issued_at=now, expires_at=best.expires_at,
    )  # fmt: skip


def allowed_company(conn: sa.Connection, scope: Scope, person: Person, holder: str) -> frozenset[str] | None:
    """Ids of those who may be shown beside ``person`` by ``holder``; None when anybody who granted it too may."""
    if scope.company == "anyone":
        return None
    if scope.company == "alone":
        return frozenset()
    own = find(conn, holder)
    return circle.co_stars(conn, person.id) | (frozenset() if own is None else {own.id})


def _keeps_company(conn: sa.Connection, scope: Scope, person: Person, permit: Permit) -> bool:
    allowed = allowed_company(conn, scope, person, permit.holder)
    if allowed is None or permit.company is None:
        return allowed is None and permit.company is None
    return permit.company <= allowed


def _own_hindrance(conn: sa.Connection, person: str, now: datetime) -> str | None:
    """Why somebody may not use themself now, when that is so: minors cannot, nor can those who are recorded as dead."""
    hindered = hindrance(conn, person, None, now)
    return "minor" if hindered is not None and is_minor(conn, person, now) else hindered


def _covers(conn: sa.Connection, holder: str, person: Person, requester: str) -> bool:
    """Whether a grant to ``holder`` is one to ``requester``, by name or by audience."""
    if holder not in AUDIENCES:
        return holder == requester
    if holder == EVERYONE:
        return True
    return (
        circle.approves(conn, person.id, requester, "user") if holder == APPROVED else circle.are_mutuals(conn, person, requester)
    )


def _best(active: list[Grant]) -> Grant | None:
    """Of the active grants the most particular one, then the newest: the person's closest, latest word."""
    return max(active, key=lambda g: (PARTICULAR.get(g.holder, 3), g.granted_at, g.id), default=None)


def _living(conn: sa.Connection, person: str) -> Person | None:
    known = conn.execute(sa.select(people_table.c.handle).where(people_table.c.id == person)).first()
    return find(conn, person) if known is not None and known.handle is not None else None
