"""Recording that somebody cannot sign for themself, and who does it for them; each in one transaction with its consequences.

Who may record it, and on which papers, is for the doors to decide. What a representative then does are the ordinary acts of
``granting`` and ``revocation``, with themself as ``actor``.
"""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa

from consent import estate, people, representation
from consent.permits import own_grant
from consent.signing.credentials import Proof
from consent.signing.statements import Document
from consent.standing import Representative
from consent.tables import grant_events
from safety.signed import Signed
from safety.tables import release_permits, releases
from safety.values import Value
from streams import notices
from streams.context import Context
from streams.withdrawal import withdraw


class Recorded(Value):
    """Who acts for the child, and the receipt of the clips that went; None when none was there."""

    representative: Representative
    receipt: Signed | None


class Standing(Value):
    """Who acts for a person now, for whom the person acts, and which of their grants wait for an estate (ids)."""

    minor: bool
    dead: bool
    represented_by: tuple[Representative, ...]
    acts_for: tuple[Representative, ...]
    waiting: tuple[str, ...]


def record_minor(ctx: Context, person: str, of_age_on: date, guardian: str, basis: str) -> Recorded:
    """Record a minor and their guardian; clips that rest on leave the child gave are withdrawn, as nobody could give it.

    Clips that rest on a guardian's grant stay. Raises as ``representation.set_minor``.
    """
    with ctx.db.write() as conn:
        named = representation.set_minor(conn, person, of_age_on, guardian, basis, ctx.clock)
        clips = _on_own_leave(conn, named.person)
        if not clips:
            return Recorded(representative=named, receipt=None)
        _, receipt = withdraw(
            conn, ctx, clips, cause="moderation", kind="minor", subject=named.person, at=ctx.clock(),
            reason="the person shown is under age and could not give leave",
        )  # fmt: skip
    return Recorded(representative=named, receipt=receipt)


def name_guardian(ctx: Context, person: str, guardian: str, basis: str) -> Representative:
    """A second guardian, or one after another was dismissed. Raises as ``representation.name_guardian``."""
    with ctx.db.write() as conn:
        return representation.name_guardian(conn, person, guardian, basis, ctx.clock)


def correct_age(ctx: Context, person: str) -> None:
    """The record of a minor was a mistake. Raises as ``representation.correct_age``."""
    with ctx.db.write() as conn:
        representation.correct_age(conn, person, ctx.clock)


def record_death(ctx: Context, person: str, died_on: date, basis: str, estate: str | None = None) -> Representative | None:
    """Record a death: nothing new is made of the person; what is out stays out until the estate decides.

    Raises as ``representation.record_death``.
    """
    with ctx.db.write() as conn:
        return representation.record_death(conn, person, died_on, basis, estate, ctx.clock)


def name_estate(ctx: Context, person: str, estate: str, basis: str) -> Representative:
    """Who acts for one who has died. Raises as ``representation.name_estate``."""
    with ctx.db.write() as conn:
        return representation.name_estate(conn, person, estate, basis, ctx.clock)


def correct_death(ctx: Context, person: str) -> None:
    """The record of a death was a mistake. Raises as ``representation.correct_death``."""
    with ctx.db.write() as conn:
        representation.correct_death(conn, person, ctx.clock)


def dismiss(ctx: Context, representation_id: str) -> Representative:
    """End one representation; raises as ``representation.dismiss``."""
    with ctx.db.write() as conn:
        return representation.dismiss(conn, representation_id, ctx.clock)


def draft_confirmation(ctx: Context, person: str, actor: str, only: tuple[str, ...] | None = None) -> Document:
    """What the estate signs to let grants of the dead hold on; good for five minutes. Raises as ``estate.confirmation``."""
    with ctx.db.read() as conn:
        return estate.confirmation(conn, person, actor, ctx.clock(), only)


def confirm(ctx: Context, document: Document, proof: Proof | None = None) -> tuple[str, ...]:
    """Act on a signed ``draft_confirmation``; the ids of the grants that hold on. Raises as ``estate.confirm``."""
    with ctx.db.write() as conn:
        kept = estate.confirm(conn, document, ctx.parts.vault, ctx.clock, proof)
        if kept:
            notices.tell_acted(conn, str(document["person"]), str(document["actor"]), "confirmed", ctx.clock())
    return kept


def standing_of(ctx: Context, person: str) -> Standing:
    """How things stand for a person, for their page. Raises ``UnknownPerson``."""
    with ctx.db.read() as conn:
        owner, now = people.get(conn, person), ctx.clock()
        return Standing(
            minor=representation.is_minor(conn, owner.id, now),
            dead=representation.dead_since(conn, owner.id) is not None,
            represented_by=representation.in_office(conn, owner.id, now),
            acts_for=representation.acts_for(conn, owner.id, now),
            waiting=estate.waiting(conn, owner.id, now),
        )


def _on_own_leave(conn: sa.Connection, person: str) -> tuple[str, ...]:
    """Live clips of the person (an id) that rest on what they granted themself, or made of themself."""
    events = grant_events.c
    own = sa.select(events.grant_id).where(events.person == person, events.kind == "granted", events.actor.is_(None))
    used = release_permits.c
    rested = sa.or_(used.grant_id == own_grant(person), used.grant_id.in_(own))
    rows = sa.select(releases.c.clip).join(release_permits).where(used.subject == person, releases.c.withdrawal.is_(None), rested)
    return tuple(conn.execute(rows.distinct().order_by(releases.c.clip)).scalars())
