"""Single-use permits: a permit is bound to one request, one scope and a time, counted against the grant's limit, and spent once.

A row is written when the prompt gate lets a request on, spent in the transaction that releases its clip, and voided when the
request ends otherwise or the grant does. What was issued and neither spent, voided nor expired counts as used: so a limit cannot
be passed by asking for many clips at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import sqlalchemy as sa

from consent.cameo_tables import issued_permits as issued
from consent.scope import Limit
from safety.errors import Conflict
from safety.permit import Denial, Permit
from safety.values import derive


def bind(permit: Permit, request: str) -> Permit:
    """The same leave for one request (a submission's id) alone. Doing it twice gives the same permit."""
    return permit.model_copy(update={"id": derive(permit.grant, f"permit/{permit.holder}/{request}"), "request": request})


def issue(conn: sa.Connection, permit: Permit, limit: Limit | None, now: datetime, life: timedelta) -> Denial | None:
    """Write a bound permit down, to be spent within ``life``; again for the same request it is only given more time.

    Returns why not, when the grant's limit is reached, or the permit was spent or voided meanwhile. Raises ``Conflict`` for one
    that is not bound.
    """
    if permit.request is None:
        raise Conflict("A permit is issued for a request; this one is bound to none.")
    ends = now + life if permit.expires_at is None else min(now + life, permit.expires_at)
    row = conn.execute(sa.select(issued).where(issued.c.id == permit.id)).first()
    if row is not None:
        if row.spent_at is not None or row.voided_at is not None or row.scope != permit.scope:
            return Denial(subject=permit.subject, reason="spent")
        conn.execute(sa.update(issued).where(issued.c.id == permit.id).values(expires_at=ends))
        return None
    if not has_room(conn, permit.grant, limit, now):
        return Denial(subject=permit.subject, reason="too-often")
    conn.execute(
        sa.insert(issued).values(
            id=permit.id, request=permit.request, person=permit.subject, grant_id=permit.grant, holder=permit.holder,
            scope=permit.scope, issued_at=now, expires_at=ends,
        )
    )  # fmt: skip
    return None


def why_not(conn: sa.Connection, permit: Permit, now: datetime) -> str | None:
    """None while the row of a bound permit can be acted on; else ``no-grant``, ``spent``, ``revoked`` or ``expired``."""
    row = conn.execute(sa.select(issued).where(issued.c.id == permit.id)).first()
    if row is None or row.request != permit.request or row.scope != permit.scope:
        return "no-grant"
    if row.spent_at is not None:
        return "spent"
    if row.voided_at is not None:
        return "revoked"
    return "expired" if now >= row.expires_at else None


def refusal(conn: sa.Connection, permit: Permit, request: str, limit: Limit | None, now: datetime) -> Denial | None:
    """Why the permit cannot be used up for ``request`` now; None when it can.

    The caller has asked ``permits.why_lost`` in the same transaction.
    """
    if permit.request != request:
        return Denial(subject=permit.subject, reason="no-grant")
    if (reason := why_not(conn, permit, now)) is not None:
        return Denial(subject=permit.subject, reason=reason)
    if limit is not None and _spent(conn, permit.grant, now - limit.span) >= limit.count:
        return Denial(subject=permit.subject, reason="too-often")
    return None


def spend(conn: sa.Connection, permit: Permit, request: str, clip: str, limit: Limit | None, now: datetime) -> Denial | None:
    """Use the permit up for ``clip``; the caller's transaction is the release's. Returns why it cannot be used."""
    if (denied := refusal(conn, permit, request, limit, now)) is not None:
        return denied
    used = sa.update(issued).where(issued.c.id == permit.id, issued.c.spent_at.is_(None), issued.c.voided_at.is_(None))
    done = conn.execute(used.values(spent_at=now, clip=clip)).rowcount
    return None if done == 1 else Denial(subject=permit.subject, reason="spent")


def void(conn: sa.Connection, at: datetime, *, request: str | None = None, grants: Iterable[str] = ()) -> int:
    """Give back what was not spent, of one request or of these grants; how many that were."""
    ended = [*grants]
    which = issued.c.request == request if request is not None else issued.c.grant_id.in_(ended)
    open_ones = sa.update(issued).where(which, issued.c.spent_at.is_(None), issued.c.voided_at.is_(None))
    return int(conn.execute(open_ones.values(voided_at=at)).rowcount)


def has_room(conn: sa.Connection, grant: str, limit: Limit | None, now: datetime) -> bool:
    """Whether one more may be issued: those spent in the last span and those still open stay below the limit.

    All holders of a grant are counted together: the limit is about how often the person is shown.
    """
    if limit is None:
        return True
    open_ones = sa.select(sa.func.count()).where(
        issued.c.grant_id == grant, issued.c.spent_at.is_(None), issued.c.voided_at.is_(None), issued.c.expires_at > now
    )
    waiting = int(conn.execute(open_ones).scalar_one())
    return waiting + _spent(conn, grant, now - limit.span) < limit.count


def _spent(conn: sa.Connection, grant: str, since: datetime) -> int:
    query = sa.select(sa.func.count()).where(issued.c.grant_id == grant, issued.c.spent_at > since)
    return int(conn.execute(query).scalar_one())
