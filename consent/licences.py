"""Licences: leave for one licensee to use a reserved work, read again before it is acted on like a grant."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from consent.errors import UnknownWork
from consent.tables import reservation_licences, reservations
from consent.version import bump
from safety import ledger
from safety.clock import Clock
from safety.permit import Denial, Permit
from safety.values import derive


def license_work(conn: sa.Connection, reservation: str, licensee: str, clock: Clock) -> None:
    """Let ``licensee`` (a handle) use the work. Doing it twice does it once. Raises ``UnknownWork``."""
    who, at = _handle(licensee), clock()
    _check(conn, reservation)
    if _row(conn, reservation, who) is not None:
        return
    conn.execute(sa.insert(reservation_licences).values(reservation=reservation, licensee=who, licensed_at=at))
    bump(conn, "works")
    ledger.append(conn, "work-licensed", reservation, {"licensee": who}, at)


def end_licence(conn: sa.Connection, reservation: str, licensee: str, clock: Clock) -> bool:
    """End a licence; False when there was none. Raises ``UnknownWork``."""
    who = _handle(licensee)
    _check(conn, reservation)
    table = reservation_licences
    gone = conn.execute(sa.delete(table).where(table.c.reservation == reservation, table.c.licensee == who)).rowcount
    if gone:
        bump(conn, "works")
        ledger.append(conn, "work-unlicensed", reservation, {"licensee": who}, clock())
    return bool(gone)


def lapse(conn: sa.Connection, licensee: str) -> int:
    """End every licence of somebody who is erased: the handle's next owner is another person. How many that were."""
    gone = conn.execute(sa.delete(reservation_licences).where(reservation_licences.c.licensee == licensee)).rowcount
    if gone:
        bump(conn, "works")
    return int(gone)


def licences_for(conn: sa.Connection, requester: str, works: Iterable[str], now: datetime) -> tuple[Permit | Denial, ...]:
    """One answer a reservation, in order: does ``requester`` hold a licence for it now?

    A work whose own policy is ``allow`` is licensed to everyone. A denial's reason is ``no-grant`` or ``unknown-work``.
    """
    who = _handle(requester)
    return tuple(_permit(conn, who, work, now) for work in works)


def why_lost(conn: sa.Connection, permit: Permit, now: datetime) -> Denial | None:
    """None while the licence stands, or the work is not reserved any more; else why not."""
    work = conn.execute(sa.select(reservations).where(reservations.c.id == permit.subject)).first()
    if work is None:
        return Denial(subject=permit.subject, reason="unknown-work")
    if work.withdrawn_at is not None or (work.expires_at is not None and now >= work.expires_at):
        return None
    held = work.policy == "allow" or _row(conn, permit.subject, permit.holder) is not None
    return (
        None if held and permit.grant == licence_id(permit.subject, permit.holder) else Denial(subject=work.id, reason="no-grant")
    )


def licence_id(reservation: str, licensee: str) -> str:
    """The name a licence has, whoever asks."""
    return derive(reservation, f"licence/{licensee}")


def _permit(conn: sa.Connection, who: str, work: str, now: datetime) -> Permit | Denial:
    grant = licence_id(work, who)
    permit = Permit(id=derive(grant, "permit"), kind="licence", subject=work, holder=who, grant=grant, issued_at=now)
    return why_lost(conn, permit, now) or permit


def _handle(name: str) -> str:
    return name.strip().removeprefix("@").lower()


def _check(conn: sa.Connection, reservation: str) -> None:
    if conn.execute(sa.select(reservations.c.id).where(reservations.c.id == reservation)).first() is None:
        raise UnknownWork("No reservation has that id; `clearance works list` shows them.")


def _row(conn: sa.Connection, reservation: str, licensee: str) -> sa.Row[tuple[object, ...]] | None:
    table = reservation_licences
    return conn.execute(sa.select(table).where(table.c.reservation == reservation, table.c.licensee == licensee)).first()
