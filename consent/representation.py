"""Recording that somebody cannot sign for themself, and who does it for them: minors with guardians, the dead with an estate.

Who may record this, and on which papers, is the console's question; here it is held to be possible, and written down. The ledger
learns that it happened, and neither a date nor a name. What follows from it is worked out in ``standing``.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

import sqlalchemy as sa
from pydantic import JsonValue

from consent import notices
from consent.cameo_tables import representatives
from consent.people import Person, get
from consent.standing import (
    Authority,
    Representative,
    Role,
    Terms,
    acting_for,
    acts_for,
    comes_of_age,
    dead_since,
    hindrance,
    in_office,
    is_minor,
    living_adult,
    may_grant,
    terms_of_grant,
)
from consent.tables import grant_events, people
from consent.version import bump
from safety import ledger
from safety.clock import Clock
from safety.errors import BadInput, Conflict
from safety.values import canonical, derive

__all__ = [
    "Authority", "Representative", "Terms", "acting_for", "acts_for", "correct_age", "correct_death", "dead_since", "dismiss",
    "hindrance", "in_office", "is_minor", "listing", "may_grant", "name_estate", "name_guardian", "record_death", "set_minor",
    "terms_of_grant",
]  # fmt: skip
#: Both parents, or two guardians that a court named.
MOST_GUARDIANS = 2
#: No country's age of majority lies above 21, so nobody comes of age later than that many years from now.
OLDEST_MINOR = timedelta(days=365 * 21 + 6)
LONGEST_BASIS = 300


def set_minor(conn: sa.Connection, person: str, of_age_on: date, guardian: str, basis: str, clock: Clock) -> Representative:
    """Record that ``person`` is under age until ``of_age_on``, and their guardian; again to correct the date.

    What they granted themself ends at once, and what a guardian grants ends that day: nothing is carried over. Raises
    ``BadInput``, ``UnknownPerson``, ``Forbidden`` for a guardian who cannot be one, and ``Conflict``.
    """
    owner, at = get(conn, person), clock()
    if not at < comes_of_age(of_age_on) <= at + OLDEST_MINOR:
        raise BadInput("The day somebody comes of age lies ahead, by 21 years at most; give that day.")
    if dead_since(conn, owner.id) is not None:
        raise Conflict("This person's death was recorded; their estate decides, not a guardian.")
    if acts_for(conn, owner.id, at):
        raise Conflict("This person acts for somebody, which a minor cannot; end that first.")
    conn.execute(sa.update(people).where(people.c.id == owner.id).values(of_age_on=of_age_on))
    mine = (representatives.c.person == owner.id, representatives.c.role == "guardian", representatives.c.ended_at.is_(None))
    conn.execute(sa.update(representatives).where(*mine).values(until=comes_of_age(of_age_on)))
    ledger.append(conn, "minor-recorded", owner.id, {}, at)
    known = [g for g in in_office(conn, owner.id, at) if g.representative == get(conn, guardian).id]
    bump(conn, "grants")
    return known[0] if known else name_guardian(conn, owner.id, guardian, basis, clock)


def name_guardian(conn: sa.Connection, person: str, guardian: str, basis: str, clock: Clock) -> Representative:
    """A first or second guardian of a minor, until the day of age. Raises as ``set_minor`` does."""
    owner, at = get(conn, person), clock()
    if not is_minor(conn, owner.id, at):
        raise Conflict("Only a minor has a guardian; record first when this person comes of age.")
    if len(in_office(conn, owner.id, at)) >= MOST_GUARDIANS:
        raise Conflict(f"This minor has {MOST_GUARDIANS} guardians; dismiss one before naming another.")
    day = conn.execute(sa.select(people.c.of_age_on).where(people.c.id == owner.id)).scalar_one()
    return _name(conn, owner, guardian, "guardian", basis, at, until=comes_of_age(day))


def record_death(
    conn: sa.Connection, person: str, died_on: date, basis: str, estate: str | None, clock: Clock
) -> Representative | None:  # fmt: skip
    """Record a death. Every grant is suspended with this transaction, and ends unless an estate confirms it in time.

    ``basis`` says which document was shown, never what stands in it. Raises ``BadInput``, ``UnknownPerson``, ``Conflict`` when it
    was recorded before, and ``Forbidden`` for an estate that cannot be one.
    """
    owner, at, shown = get(conn, person), clock(), _basis(basis)
    if dead_since(conn, owner.id) is not None:
        raise Conflict("This person's death was recorded before; name an estate, or correct the record.")
    earliest = owner.enrolled_at.date() - timedelta(days=1) if owner.kind == "enrolled" else date.min
    # The date may be a day ahead of ours where the person lived, or was enrolled.
    if not earliest <= died_on <= at.date() + timedelta(days=1):
        raise BadInput("A death lies in the past, and not before the person enrolled; give the date in the document.")
    conn.execute(sa.update(people).where(people.c.id == owner.id).values(died_on=died_on))
    statement = canonical({"act": "died", "person": owner.id, "basis": shown, "at": at.isoformat()}).decode()
    values = {"person": owner.id, "kind": "died", "at": at, "statement": statement, "signature": b""}
    conn.execute(sa.insert(grant_events).values(**values))
    ledger.append(conn, "death-recorded", owner.id, {}, at)
    bump(conn, "grants")
    notices.note(conn, owner.id, "death-recorded", {}, at)
    return None if estate is None else name_estate(conn, owner.id, estate, shown, clock)


def name_estate(conn: sa.Connection, person: str, estate: str, basis: str, clock: Clock) -> Representative:
    """Somebody who acts for one who has died, for good or until dismissed. Raises as ``record_death`` does."""
    owner, at = get(conn, person), clock()
    if dead_since(conn, owner.id) is None:
        raise Conflict("An estate acts for one who has died; record the death first.")
    return _name(conn, owner, estate, "estate", basis, at)


def correct_age(conn: sa.Connection, person: str, clock: Clock) -> None:
    """Take a mistaken record back: the person is of age, and what they granted is as it was; what guardians gave ends.

    Raises ``UnknownPerson`` and ``Conflict``.
    """
    owner, at = get(conn, person), clock()
    if not is_minor(conn, owner.id, at):
        raise Conflict("This person is not recorded as a minor; there is nothing to correct.")
    _take_back(conn, owner, clock)
    conn.execute(sa.update(people).where(people.c.id == owner.id).values(of_age_on=None))
    ledger.append(conn, "minor-corrected", owner.id, {}, at)


def correct_death(conn: sa.Connection, person: str, clock: Clock) -> None:
    """Take a mistaken record back: the person decides again, and what they granted is as it was; what an estate gave ends.

    Raises ``UnknownPerson`` and ``Conflict``.
    """
    owner, at = get(conn, person), clock()
    if dead_since(conn, owner.id) is None:
        raise Conflict("No death of this person is recorded; there is nothing to correct.")
    _take_back(conn, owner, clock)
    conn.execute(sa.update(people).where(people.c.id == owner.id).values(died_on=None))
    ledger.append(conn, "death-corrected", owner.id, {}, at)
    notices.note(conn, owner.id, "death-corrected", {}, at)


def dismiss(conn: sa.Connection, representation: str, clock: Clock) -> Representative:
    """End one representation (its id); a dismissed guardian's grants end with it. Raises ``BadInput`` and ``Conflict``."""
    at = clock()
    row = conn.execute(sa.select(representatives).where(representatives.c.id == representation)).mappings().first()
    if row is None:
        raise BadInput("No representation has that id; the person's page lists them.")
    if row["ended_at"] is not None:
        raise Conflict("This representation has ended already; there is nothing left to end.")
    actor = conn.execute(sa.select(people.c.handle).where(people.c.id == row["representative"])).scalar() or "erased"
    body: dict[str, JsonValue] = {"actor": actor, "role": row["role"]}
    notices.note(conn, row["person"], "representation-ended", body, at, cause=representation)
    conn.execute(sa.update(representatives).where(representatives.c.id == representation).values(ended_at=at))
    ledger.append(conn, "representative-ended", row["person"], {"id": representation, "role": row["role"]}, at)
    bump(conn, "grants")
    return Representative.model_validate(dict(row) | {"ended_at": at})


def listing(conn: sa.Connection, person: str) -> tuple[Representative, ...]:
    """Everybody who ever acted for the person, in the order they were named."""
    owner = get(conn, person)
    rows = sa.select(representatives).where(representatives.c.person == owner.id)
    found = conn.execute(rows.order_by(representatives.c.since, representatives.c.id)).mappings()
    return tuple(Representative.model_validate(dict(row)) for row in found)


def _take_back(conn: sa.Connection, owner: Person, clock: Clock) -> None:
    """Dismiss whoever acts for ``owner`` and end what they granted; unsigned, as nobody who could sign it should have to."""
    at = clock()
    for one in in_office(conn, owner.id, at):
        dismiss(conn, one.id, clock)
    events = grant_events.c
    ended = sa.select(events.grant_id).where(events.person == owner.id, events.kind == "revoked", events.grant_id.is_not(None))
    given = sa.select(events.grant_id).where(events.person == owner.id, events.kind == "granted", events.actor.is_not(None))
    taken = [*conn.execute(given.where(events.grant_id.not_in(ended)).order_by(events.position)).scalars()]
    for grant in taken:
        statement = canonical({"act": "revoked", "person": owner.id, "grant": grant, "at": at.isoformat()}).decode()
        values = {"person": owner.id, "grant_id": grant, "kind": "revoked", "at": at, "statement": statement, "signature": b""}
        conn.execute(sa.insert(grant_events).values(**values))
    if taken:
        ledger.append(conn, "grant-revoked", owner.id, {"grants": len(taken), "all": False, "ids": taken}, at)
    bump(conn, "grants")


def _name(
    conn: sa.Connection, owner: Person, other: str, role: Role, basis: str, at: datetime, until: datetime | None = None
) -> Representative:
    """Write one representative down, who must be able to be it."""
    shown = _basis(basis)
    if get(conn, other).id == owner.id:
        raise BadInput("Nobody acts for themself as a representative; name somebody else.")
    named = living_adult(conn, other, at)
    if any(r.representative == named.id for r in in_office(conn, owner.id, at)):
        raise Conflict(f"@{named.handle} acts for @{owner.handle} already; there is nothing to add.")
    before = sa.select(sa.func.count()).select_from(representatives).where(representatives.c.person == owner.id)
    row = Representative(
        id=derive(owner.id, "representative", int(conn.execute(before).scalar_one())), person=owner.id, representative=named.id,
        role=role, basis=shown, since=at, until=until, ended_at=None,
    )  # fmt: skip
    conn.execute(sa.insert(representatives).values(**row.model_dump()))
    ledger.append(conn, "representative-named", owner.id, {"id": row.id, "role": role}, at)
    bump(conn, "grants")
    notices.note(conn, owner.id, "representative-named", {"actor": named.handle, "role": role}, at, cause=row.id)
    return row


def _basis(basis: str) -> str:
    shown = " ".join(basis.split())
    if not 0 < len(shown) <= LONGEST_BASIS:
        raise BadInput(f"Say in up to {LONGEST_BASIS} characters which document was shown, such as a birth or death certificate.")
    return shown
