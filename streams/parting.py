"""Ending an approval, with what rested on it: what somebody made by it, or what shows the two together, is withdrawn.

To take an approval back is to revoke, not to pause: the same transaction withdraws the clips with their remixes and signs a
receipt.
"""

from __future__ import annotations

import sqlalchemy as sa

from consent import circle, people
from consent.people import Person
from consent.scope import APPROVED, MUTUALS
from consent.tables import grants
from safety import releases
from safety.signed import Signed
from safety.tables import release_permits
from safety.tables import releases as release_table
from streams import reach
from streams.context import Context
from streams.withdrawal import withdraw


def unapprove(ctx: Context, person: str, other: str, kind: circle.Kind = "user") -> Signed | None:
    """``person`` says no to ``other`` (a handle), who asked or was approved; the receipt, or None when nothing had been approved.

    Raises ``UnknownPerson`` when there is nothing between them.
    """
    with ctx.db.write() as conn:
        owner, at = people.get(conn, person), ctx.clock()
        handle = other.strip().removeprefix("@").lower()
        clips = _together(conn, owner, handle) if kind == "co-star" else _made_by(conn, owner, handle)
        ended = circle.end(conn, owner.id, handle, kind, ctx.clock)
        if ended.approved_at is None:
            return None
        waiting = reach.waiting_by_loss(conn, ctx, owner.id, releases.with_remixes(conn, clips))
        _, receipt = withdraw(
            conn, ctx, clips, cause="revocation", subject=owner.id, reason="an approval was taken back", at=at,
            kind="approval", waiting=waiting, promised={"approvals": 1}, says={"approval": ended.id},
        )  # fmt: skip
    return receipt


def _made_by(conn: sa.Connection, owner: Person, other: str) -> tuple[str, ...]:
    """Live clips that ``other`` made of the person as one they approved; and, of mutuals, those the person made of the other."""
    clips = _resting(conn, owner.id, (APPROVED, MUTUALS), other)
    second = people.find(conn, other)
    return clips if second is None else (*clips, *_resting(conn, second.id, (MUTUALS,), owner.handle))


def _resting(conn: sa.Connection, person: str, audiences: tuple[str, ...], requester: str) -> tuple[str, ...]:
    rows = (
        sa.select(release_table.c.clip)
        .join(release_permits, release_permits.c.clip == release_table.c.clip)
        .join(grants, grants.c.id == release_permits.c.grant_id)
        .where(grants.c.person == person, grants.c.holder.in_(audiences))
        .where(release_table.c.requester == requester, release_table.c.withdrawal.is_(None))
    )
    return tuple(conn.execute(rows.distinct().order_by(release_table.c.clip)).scalars())


def _together(conn: sa.Connection, owner: Person, other: str) -> tuple[str, ...]:
    """Live clips that show the person beside ``other`` because they had approved it."""
    second = people.find(conn, other)
    if second is None:
        return ()
    mine, theirs = release_permits.alias("mine"), release_permits.alias("theirs")
    rows = (
        sa.select(release_table.c.clip)
        .join(mine, mine.c.clip == release_table.c.clip)
        .join(theirs, theirs.c.clip == release_table.c.clip)
        .where(mine.c.subject == owner.id, theirs.c.subject == second.id, release_table.c.withdrawal.is_(None))
    )
    shown = conn.execute(rows.distinct().order_by(release_table.c.clip)).scalars().all()
    return tuple(clip for clip in shown if _needed(conn, clip, owner.id, second.id))


def _needed(conn: sa.Connection, clip: str, person: str, other: str) -> bool:
    """Whether the person's leave named the other; who shows themself beside a person needs no approval as a co-star."""
    own = [p for p in releases.permits_of(conn, clip) if p.subject == person]
    needed = any(p.company is not None and other in p.company for p in own)
    return needed and releases.get(conn, clip).requester != people.get(conn, other).handle
