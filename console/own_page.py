"""Gathering what a person's page shows, from one consistent snapshot.

Nothing here changes anything, and nothing biometric is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from consent import circle, grants, notices, people, standing
from consent.circle import Acquaintance
from consent.grants import Grant
from consent.notices import Notice
from consent.people import Person
from consent.signing import credentials
from consent.signing.credentials import Credential
from consent.standing import Authority
from console import labels, signing
from safety.errors import BadInput
from streams import usage
from streams.context import Context
from streams.usage import ClipUse, GrantUse, Moment, Place

#: Rows of each list on the page; the rest is on pages of its own.
CLIPS, MOMENTS, NOTICES, ENDED = 20, 8, 30, 30
#: Statuses of a grant under which somebody may still be let in, now or later.
ALIVE = ("active", "paused")


@dataclass(frozen=True)
class Acting:
    """Somebody who acts for the person, or for whom the person acts: ``handle``, as what, on what ground, until when."""

    handle: str
    role: str
    basis: str
    until: datetime | None


@dataclass(frozen=True)
class Card:
    """A grant, what it forbids in words, and what was made with it."""

    grant: Grant
    forbids: tuple[str, ...]
    use: GrantUse


@dataclass(frozen=True)
class OwnPage:
    """``acts`` are what whoever looks may do; ``actor`` the handle of who acts for the person, empty when it is themself.

    ``role`` is as what they look, and ``manner`` how they sign.
    """

    person: Person
    actor: str
    role: str
    acts: frozenset[str]
    manner: signing.Manner
    paused: bool
    living: tuple[Card, ...]
    ended: tuple[Card, ...]
    ended_count: int
    asked: tuple[Acquaintance, ...]
    approved: tuple[Acquaintance, ...]
    unread: tuple[Notice, ...]
    unread_count: int
    read: tuple[Notice, ...]
    clips: tuple[ClipUse, ...]
    moments: tuple[Moment, ...]
    holders: Mapping[str, str]
    keys: tuple[Credential, ...]
    representatives: tuple[Acting, ...]
    wards: tuple[Acting, ...]


def read_own_page(ctx: Context, handle: str, actor: str, language: str) -> OwnPage:
    """Everything about ``handle`` for their page, as ``actor`` (a handle; empty: the person) may see and do it.

    Raises ``UnknownPerson``, and ``Forbidden`` for an actor who does not act for them.
    """
    now, policy = ctx.clock(), ctx.policy()
    with ctx.db.read() as conn:
        owner = people.get(conn, handle)
        authority = standing.acting_for(conn, owner.id, actor or None, now)
        other = None if authority.actor is None else people.get(conn, authority.actor)
        uses = usage.by_grant(conn, owner.id)
        given = grants.listing(conn, owner.id, now)
        cards = tuple(
            Card(g, labels.titles(policy, g.scope.forbids, language), uses.get(g.id, GrantUse(grant=g.id))) for g in given
        )
        known = circle.listing(conn, owner.id)
        told = notices.listing(conn, owner.id, limit=4 * NOTICES)
        return OwnPage(
            person=owner,
            actor=other.handle if other else "",
            role=authority.role,
            acts=_acts(owner, authority),
            manner=signing.manner_of(conn, other.id if other else owner.id),
            paused=grants.is_paused(conn, owner.id),
            living=tuple(c for c in cards if c.grant.status in ALIVE),
            ended=tuple(c for c in cards if c.grant.status not in ALIVE)[:ENDED],
            ended_count=sum(g.status not in ALIVE for g in given),
            asked=tuple(a for a in known if a.standing == "asked"),
            approved=tuple(a for a in known if a.standing == "approved"),
            unread=notices.gathered([n for n in told if n.read_at is None])[:NOTICES],
            unread_count=notices.unread(conn, owner.id),
            read=notices.gathered([n for n in told if n.read_at is not None])[:NOTICES],
            clips=usage.clips(conn, owner.id, CLIPS),
            moments=usage.history(conn, owner.id, MOMENTS),
            holders={g.id: g.holder for g in given},
            keys=credentials.listing(conn, owner.id),
            representatives=_acting(conn, standing.in_office(conn, owner.id, now), "representative"),
            wards=_acting(conn, standing.acts_for(conn, owner.id, now), "person"),
        )


def read_history(
    ctx: Context, handle: str, after: Place | None, limit: int = 50
) -> tuple[Person, tuple[Moment, ...], dict[str, str]]:
    """The person, a page of their history, and the holders of their grants by the grant's id."""
    with ctx.db.read() as conn:
        owner = people.get(conn, handle)
        holders = {g.id: g.holder for g in grants.listing(conn, owner.id, ctx.clock())}
        return owner, usage.history(conn, owner.id, limit, after), holders


def notice_of(moment: Moment, person: Person) -> Notice:
    """A moment of sort ``notice`` as the notice it is, so that it can be put into words."""
    body: dict[str, Any] = dict(moment.body)
    about = body.pop("acted_for", None)
    return Notice.model_validate(
        {"id": moment.id, "person": person.id, "kind": moment.what, "body": body, "at": moment.at, "acted_for": about}
    )


def write_place(place: Place) -> str:
    """Where a page ended, for an address."""
    at, sort, order, id = place
    return f"{at.timestamp() * 1e6:.0f}.{sort}.{order}.{id}"


def read_place(text: str | None) -> Place | None:
    """The inverse. Raises ``BadInput``."""
    if not text:
        return None
    try:
        at, sort, order, id = text.split(".", 3)
        seconds, rest = divmod(int(at), 1_000_000)
        return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest), sort, int(order), id
    except (ValueError, OverflowError, OSError) as reason:
        raise BadInput("That is not where a page ended; go back and follow the link to older entries.") from reason


def _acts(owner: Person, authority: Authority) -> frozenset[str]:
    """Nobody grants for, or pauses, a protected person: there is nothing to allow."""
    only = {"erase", "revoke", "claim"} if owner.kind == "protected" else authority.acts
    return frozenset(act for act in authority.acts if act in only)


def _acting(conn: sa.Connection, found: tuple[standing.Representative, ...], end: str) -> tuple[Acting, ...]:
    """The other end of each representation, by handle; one that was erased is left out."""
    made = []
    for one in found:
        other = people.find(conn, one.representative if end == "representative" else one.person)
        if other is not None:
            made.append(Acting(other.handle, one.role, one.basis, one.until))
    return tuple(made)
