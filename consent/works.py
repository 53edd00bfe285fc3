"""Reservations: what a rights holder says no to, precisely, and its withdrawal.

A reservation never changes once filed; it is withdrawn, or runs out. One filed by a holder whose standing was not verified
makes prompts and clips wait for a person, it never blocks. Every change raises the ``works`` counter in its transaction, so that
matchers and releases see it at once.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Literal

import sqlalchemy as sa
from pydantic import AwareDatetime, Field, StringConstraints, field_validator

from consent.copies.filing import References, keep, read_references
from consent.errors import FilingRefused, UnknownWork
from consent.sounds.recordings_filing import SoundReferences
from consent.tables import (
    reservation_licences,
    reservation_names,
    reservation_pictures,
    reservation_sounds,
    reservations,
)
from consent.version import bump
from safety import ledger
from safety.clock import Clock
from safety.values import Value, canonical, derive, digest

__all__ = ["Filing", "Name", "References", "Reservation", "add", "read_references", "withdraw"]

#: ``person``: somebody's name; ``style``: how an artist works, matched only where a prompt asks for the style.
Kind = Literal["character", "look", "logo", "title", "recording", "work", "person", "brand", "style"]
Scope = Literal["prompt", "output", "training"]
Policy = Literal["deny", "hold", "allow"]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]


class Name(Value):
    """A name or alias and its language (BCP 47; ``und`` when unknown)."""

    name: Text
    language: Annotated[str, StringConstraints(max_length=16)] = "und"


class Filing(Value):
    """What a holder files. The title is matched too unless other ``names`` are given. ``policy``: ``deny`` blocks, ``hold`` waits
    for a person, ``allow`` only registers; ``licensees`` are handles that may use it anyway."""

    holder: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    title: Text
    kind: Kind
    names: tuple[Name, ...] = Field(default=(), max_length=100)
    description: Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)] = ""
    policy: Policy = "deny"
    scope: frozenset[Scope] = frozenset({"prompt", "output", "training"})
    licensees: frozenset[str] = frozenset()
    expires_at: AwareDatetime | None = None

    @field_validator("licensees")
    @classmethod
    def _plain_handles(cls, given: frozenset[str]) -> frozenset[str]:
        return frozenset(handle.strip().removeprefix("@").lower() for handle in given if handle.strip())

    @property
    def all_names(self) -> tuple[Name, ...]:
        """What prompts are searched for, each spelling once."""
        unique = {n.name: n for n in (self.names or (Name(name=self.title),))}
        return tuple(unique.values())


class Reservation(Filing):
    """A filing that was accepted. ``verified``: the holder's standing was."""

    id: str
    verified: bool
    filed_at: datetime
    withdrawn_at: datetime | None = None
    pictures: int = 0
    sounds: int = 0

    def in_force(self, now: datetime) -> bool:
        """Neither withdrawn nor run out."""
        return self.withdrawn_at is None and (self.expires_at is None or now < self.expires_at)


def add(
    conn: sa.Connection, filing: Filing, clock: Clock, *, verified: bool, references: References | None = None,
    sounds: SoundReferences | None = None,
) -> Reservation:  # fmt: skip
    """File one reservation. Filing the same thing twice is refused with ``FilingRefused``."""
    at = clock()
    identity, known = free_id(conn, filing)
    if known:
        raise FilingRefused(f"{filing.title!r} is reserved in these same words already; withdraw that filing first to change it.")
    write(conn, [(identity, filing)], verified, at, bump(conn, "works"))
    prints = references.prints if references else ()
    if references:
        keep(conn, identity, references)
    if sounds:
        sounds.keep(conn, identity)
    body: dict[str, object] = {"holder": filing.holder, "title": filing.title, "kind": filing.kind, "policy": filing.policy}
    if sounds:
        body["sounds"] = len(sounds.prints)
    if references and references.clips:
        body["clips"] = references.clips
    ledger.append(conn, "work-reserved", identity, body | {"verified": verified, "pictures": len(prints)}, at)
    return get(conn, identity)


def withdraw(conn: sa.Connection, reservation: str, clock: Clock) -> Reservation:
    """Take a reservation back; doing it twice does it once. Raises ``UnknownWork``."""
    found, at = get(conn, reservation), clock()
    if found.withdrawn_at is not None:
        return found
    gone = {"withdrawn_at": at, "revision": bump(conn, "works")}
    conn.execute(sa.update(reservations).where(reservations.c.id == found.id).values(**gone))
    ledger.append(conn, "work-withdrawn", found.id, {"holder": found.holder}, at)
    return get(conn, reservation)


def get(conn: sa.Connection, reservation: str) -> Reservation:
    """One reservation. Raises ``UnknownWork``."""
    row = conn.execute(sa.select(reservations).where(reservations.c.id == reservation)).first()
    if row is None:
        raise UnknownWork("No reservation has that id; `clearance works list` shows them.")
    return _read(conn, [row])[0]


def listing(conn: sa.Connection, *, holder: str | None = None, withdrawn: bool = False) -> tuple[Reservation, ...]:
    """Reservations by title, of one holder or of all, with those taken back when asked for."""
    query = sa.select(reservations).order_by(reservations.c.title, reservations.c.id)
    if holder is not None:
        query = query.where(reservations.c.holder == holder)
    if not withdrawn:
        query = query.where(reservations.c.withdrawn_at.is_(None))
    return tuple(_read(conn, conn.execute(query).all()))


def free_id(conn: sa.Connection, filing: Filing) -> tuple[str, bool]:
    """The id this filing gets, and whether the same filing is in force already under it."""
    words, generation = digest(canonical(filing.model_dump(mode="json") | _sorted(filing))), 0
    while True:
        identity = derive(words, "reservation", generation)
        row = conn.execute(sa.select(reservations.c.withdrawn_at).where(reservations.c.id == identity)).first()
        if row is None or row.withdrawn_at is None:
            return identity, row is not None
        generation += 1


def write(conn: sa.Connection, filings: Sequence[tuple[str, Filing]], verified: bool, at: datetime, revision: int) -> None:
    """Insert rows for filings under their ids; ``revision`` is the ``works`` counter that the caller has raised for them. Telling
    the ledger is the caller's part too."""
    if not filings:
        return
    rows = [
        filing.model_dump(include={"holder", "title", "kind", "description", "policy", "expires_at"})
        | {"id": identity, "scope": json.dumps(sorted(filing.scope)), "verified": verified, "filed_at": at, "revision": revision}
        for identity, filing in filings
    ]
    conn.execute(sa.insert(reservations), rows)
    names = [
        {"reservation": i, "name": n.name, "language": n.language, "ordinal": order}
        for i, f in filings
        for order, n in enumerate(f.all_names)
    ]
    conn.execute(sa.insert(reservation_names), names)
    licences = [{"reservation": i, "licensee": who, "licensed_at": at} for i, f in filings for who in sorted(f.licensees)]
    if licences:
        conn.execute(sa.insert(reservation_licences), licences)


def _sorted(filing: Filing) -> dict[str, object]:
    """Sets in one order, so that equal filings have equal digests."""
    return {"scope": sorted(filing.scope), "licensees": sorted(filing.licensees)}


def _read(conn: sa.Connection, rows: Sequence[sa.Row[tuple[object, ...]]]) -> list[Reservation]:
    """Reservations with their names, licensees and number of pictures and sounds; four queries, however many rows."""
    wanted = {row.id for row in rows}
    names: dict[str, list[Name]] = {}
    licensees: dict[str, list[str]] = {}
    one = next(iter(wanted)) if len(wanted) == 1 else None
    for row in _about(conn, reservation_names, one, reservation_names.c.ordinal):
        names.setdefault(row.reservation, []).append(Name(name=row.name, language=row.language))
    for row in _about(conn, reservation_licences, one, reservation_licences.c.licensee):
        licensees.setdefault(row.reservation, []).append(row.licensee)
    stills = _counts(conn, reservation_pictures, reservation_pictures.c.time.is_(None))
    sounds = _counts(conn, reservation_sounds)
    return [
        Reservation(
            id=row.id, holder=row.holder, title=row.title, kind=row.kind, description=row.description, policy=row.policy,
            scope=frozenset(json.loads(row.scope)), verified=row.verified, filed_at=row.filed_at, expires_at=row.expires_at,
            withdrawn_at=row.withdrawn_at, names=tuple(names.get(row.id, ())), licensees=frozenset(licensees.get(row.id, ())),
            pictures=stills.get(row.id, 0), sounds=sounds.get(row.id, 0),
        )
        for row in rows
    ]  # fmt: skip


def _about(
    conn: sa.Connection, table: sa.Table, reservation: str | None, order: sa.Column[object]
) -> Iterable[sa.Row[tuple[object, ...]]]:
    query = sa.select(table).order_by(order)
    return conn.execute(query if reservation is None else query.where(table.c.reservation == reservation))


def _counts(conn: sa.Connection, table: sa.Table, *where: sa.ColumnElement[bool]) -> dict[str, int]:
    """How many rows each reservation has."""
    per_work = sa.select(table.c.reservation, sa.func.count()).where(*where).group_by(table.c.reservation)
    return {row[0]: row[1] for row in conn.execute(per_work)}
