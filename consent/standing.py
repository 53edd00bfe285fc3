"""Who may decide for whom: a person for themself, a guardian for a minor, an estate for one who has died.

Pure questions to the rows, asked in the caller's transaction; what changes them is in ``representation``. Nothing has to run on
the day somebody comes of age, or when an estate lets its time pass: every answer is worked out from dates at the moment it is
asked, so a job that did not run never leaves a grant alive. Whatever only takes back is open to more people than what widens.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

import sqlalchemy as sa

from consent.cameo_tables import representatives
from consent.people import Person, get
from consent.scope import AUDIENCES
from consent.tables import grant_events, people
from safety.errors import Forbidden
from safety.values import Value

Role = Literal["guardian", "estate"]
Act = Literal["grant", "approve", "confirm", "resume", "pause", "revoke", "erase", "protect", "claim"]
#: What only takes back or makes safe.
SAFE: frozenset[Act] = frozenset({"pause", "revoke", "erase", "protect", "claim"})
#: What each may do. A minor may take back but not widen; so may one whose death was recorded, who may be alive after all. Nobody
#: approves others for a person: that is about whom they know.
ACTS: dict[str, frozenset[Act]] = {
    "self": SAFE | {"grant", "approve", "resume"},
    "minor": frozenset({"pause", "revoke", "erase", "claim"}),
    "dead": frozenset({"pause", "revoke"}),
    "guardian": SAFE | {"grant", "resume"},
    "estate": SAFE | {"grant", "resume", "confirm"},
}
#: What no grant by a guardian or an estate allows, whatever it says: the one depicted cannot object to it. Labels of the shipped
#: policy; a label that a policy does not have forbids nothing and costs nothing.
NEVER = frozenset({
    "sexual", "sexual_minors", "nudity", "real_nudity", "nsfw", "swimwear_or_underwear",
    "violence", "gore", "graphic", "blood", "fight", "weapon", "self_harm",
})  # fmt: skip
#: What the dead granted is suspended until their estate confirms it, and ends when it does not within this time of the record:
#: six months, in which a succession is to be declared in France (code général des impôts, art. 641).
CONFIRM_WITHIN = timedelta(days=183)


class Representative(Value):
    """``representative`` (an id) acts for ``person`` (an id) as ``role``; ``basis`` says which document was shown."""

    id: str
    person: str
    representative: str
    role: Role
    basis: str
    since: datetime
    until: datetime | None
    ended_at: datetime | None


class Authority(Value):
    """That ``actor`` may decide for ``person`` (ids), as what, and which acts. ``actor`` is None when it is the person."""

    person: str
    actor: str | None
    role: Literal["self", "minor", "dead", "guardian", "estate"]
    acts: frozenset[Act]
    ends_at: datetime | None = None

    def check(self, act: Act) -> None:
        """Raises ``Forbidden`` when this is not theirs to do."""
        if act not in self.acts:
            raise Forbidden(_REFUSED.get((self.role, act), "Nobody may do this for somebody else; only the person can."))


class Terms(Value):
    """What a grant by this actor must be like: the labels it forbids and when it ends; ``role`` is for the receipt."""

    actor: str | None
    role: Literal["self", "guardian", "estate"]
    forbids: frozenset[str]
    expires_at: datetime | None


_MINOR = "A minor cannot give leave to be depicted; a guardian can, by name."
_DEAD = "This person's death was recorded, so only their estate decides; tell the operator if the record is wrong."
_REFUSED: dict[tuple[str, str], str] = {
    **{("minor", act): _MINOR for act in ("grant", "approve", "resume", "protect", "confirm")},
    **{("dead", act): _DEAD for act in ("grant", "approve", "resume", "erase", "protect", "claim", "confirm")},
    ("self", "confirm"): "What a living person granted needs no confirmation; there is nothing to do.",
    ("guardian", "confirm"): "What a guardian grants needs no confirmation; there is nothing to do.",
}


def comes_of_age(day: date) -> datetime:
    """The moment from which it is that day everywhere on earth: noon UTC. A minor anywhere is never taken for grown up early."""
    return datetime.combine(day, time(12), UTC)


def is_minor(conn: sa.Connection, person: str, now: datetime) -> bool:
    """Whether the person (an id) is known to be under age now."""
    day, _ = _dates(conn, person)
    return day is not None and now < comes_of_age(day)


def may_grant(conn: sa.Connection, person: str, now: datetime) -> str | None:
    """None when the person (id or handle) can give leave to be depicted by themself now; else the sentence that says why not."""
    owner = get(conn, person)
    day, died = _dates(conn, owner.id)
    if died is not None:
        return _DEAD
    return _MINOR if day is not None and now < comes_of_age(day) else None


def acting_for(conn: sa.Connection, person: str, actor: str | None, now: datetime) -> Authority:
    """As what ``actor`` may decide for ``person`` (ids or handles); None, or the person's own name, is the person.

    Raises ``UnknownPerson``, and ``Forbidden`` for somebody who does not act for them.
    """
    owner = get(conn, person)
    other = owner if actor is None else get(conn, actor)
    if other.id == owner.id:
        day, died = _dates(conn, owner.id)
        role: Literal["self", "minor", "dead"] = "self"
        if died is not None:
            role = "dead"
        elif day is not None and now < comes_of_age(day):
            role = "minor"
        return Authority(person=owner.id, actor=None, role=role, acts=ACTS[role])
    for one in in_office(conn, owner.id, now):
        if one.representative == other.id:
            return Authority(person=owner.id, actor=other.id, role=one.role, acts=ACTS[one.role], ends_at=one.until)
    raise Forbidden(f"@{other.handle} does not act for @{owner.handle}; only the person and their representatives do.")


def terms_of_grant(
    conn: sa.Connection,
    person: str,
    actor: str | None,
    holder: str,
    forbids: Iterable[str],
    expires_at: datetime | None,
    now: datetime,
) -> Terms:
    """What a grant to ``holder`` must be like when ``actor`` gives it; ``grants.grant`` writes just these terms.

    A guardian and an estate may grant to one handle at a time, never what ``NEVER`` names; a guardian's grant ends at the latest
    on the day of age. Raises ``Forbidden`` and ``UnknownPerson``.
    """
    authority = acting_for(conn, person, actor, now)
    authority.check("grant")
    own = frozenset(forbids)
    if authority.role not in ("guardian", "estate"):
        return Terms(actor=None, role="self", forbids=own, expires_at=expires_at)
    if holder in AUDIENCES:
        raise Forbidden("For somebody else leave is given to one person by name, never to a group; name them one by one.")
    ends = [end for end in (expires_at, authority.ends_at) if end is not None]
    return Terms(actor=authority.actor, role=authority.role, forbids=own | NEVER, expires_at=min(ends, default=None))


def hindrance(conn: sa.Connection, person: str, grant: str | None, now: datetime) -> Literal["paused", "expired"] | None:
    """Why a grant of the person (an id) is worth nothing now, whatever its own events say; None is their use of themself.

    What was granted before somebody came of age ends that day, whoever gave it, or with an earlier death; until then it holds
    while the guardian who gave it is in office. What the dead granted is suspended until their estate confirms it.
    """
    day, died = _dates(conn, person)
    if day is None and died is None:
        return None
    given, actor = now, None
    if grant is not None:
        event = sa.select(grant_events.c.at, grant_events.c.actor).where(
            grant_events.c.person == person, grant_events.c.grant_id == grant, grant_events.c.kind == "granted"
        )
        row = conn.execute(event).first()
        if row is None:
            return "expired"
        given, actor = row.at, row.actor
    if day is not None and given < comes_of_age(day):
        guardians = (r for r in in_office(conn, person, now) if r.role == "guardian" and r.since <= given)
        return None if any(g.representative == actor for g in guardians) else "expired"
    return None if died is None else _after_death(conn, person, grant, now)


def in_office(conn: sa.Connection, person: str, now: datetime) -> tuple[Representative, ...]:
    """Who acts for the person (an id) now: appointed, not dismissed, alive, known, of age, and the person's need still there."""
    return in_office_of(conn, [person], now)


def in_office_of(conn: sa.Connection, persons: Iterable[str], now: datetime) -> tuple[Representative, ...]:
    """Like ``in_office``, for many people (ids, some hundreds) in one query."""
    rows = _alive(representatives.c.person.in_([*persons]), now)
    return tuple(_representative(row) for row in conn.execute(rows).mappings())


def acts_for(conn: sa.Connection, representative: str, now: datetime) -> tuple[Representative, ...]:
    """For whom this person (an id) acts now."""
    rows = _alive(representatives.c.representative == representative, now)
    return tuple(_representative(row) for row in conn.execute(rows).mappings())


def dead_since(conn: sa.Connection, person: str) -> datetime | None:
    """When the death of the person (an id) was recorded; None while they live."""
    if _dates(conn, person)[1] is None:
        return None
    events = grant_events.c
    query = sa.select(events.at).where(events.person == person, events.kind == "died").order_by(events.position.desc())
    return conn.execute(query.limit(1)).scalar()


def living_adult(conn: sa.Connection, person: str, now: datetime) -> Person:
    """The enrolled, living, grown-up person with that id or handle. Raises ``UnknownPerson`` and ``Forbidden``."""
    found = get(conn, person)
    if found.kind != "enrolled":
        raise Forbidden("Whoever acts for somebody signs with a key of their own, so they must be enrolled, not protected.")
    if may_grant(conn, found.id, now) is not None:
        raise Forbidden("Whoever acts for somebody must be of age and alive; name somebody else.")
    return found


def _after_death(conn: sa.Connection, person: str, grant: str | None, now: datetime) -> Literal["paused", "expired"] | None:
    events, recorded = grant_events.c, dead_since(conn, person)
    if grant is None or recorded is None:
        return "expired"
    estate = any(r.role == "estate" for r in in_office(conn, person, now))
    after = sa.select(events.position).where(events.grant_id == grant, events.at >= recorded)
    by_estate = events.kind.in_(("confirmed", "granted")) & events.actor.is_not(None)
    if conn.execute(after.where(by_estate).limit(1)).first() is not None:
        return None if estate else "paused"
    return "expired" if now >= recorded + CONFIRM_WITHIN else "paused"


def _alive(where: sa.ColumnElement[bool], now: datetime) -> sa.Select[tuple[object, ...]]:
    act, other, owner = representatives.c, people.alias("other"), people.alias("owner")
    # The day of age is noon UTC of its date, so at a given moment those are of age whose date is that of twelve hours before.
    grown = (now - timedelta(hours=12)).date()
    needs = sa.or_(
        sa.and_(act.role == "estate", owner.c.died_on.is_not(None)),
        sa.and_(act.role == "guardian", owner.c.died_on.is_(None), owner.c.of_age_on > grown),
    )
    return (
        sa.select(representatives)
        .join(other, other.c.id == act.representative)
        .join(owner, owner.c.id == act.person)
        .where(where, needs, act.since <= now, act.ended_at.is_(None), sa.or_(act.until.is_(None), act.until > now))
        .where(other.c.kind == "enrolled", other.c.erased_at.is_(None), other.c.died_on.is_(None), owner.c.erased_at.is_(None))
        .where(sa.or_(other.c.of_age_on.is_(None), other.c.of_age_on <= grown))
        .order_by(act.since, act.id)
    )


def _dates(conn: sa.Connection, person: str) -> tuple[date | None, date | None]:
    row = conn.execute(sa.select(people.c.of_age_on, people.c.died_on).where(people.c.id == person)).first()
    return (None, None) if row is None else (row.of_age_on, row.died_on)


def _representative(row: sa.RowMapping) -> Representative:
    return Representative.model_validate(dict(row))
