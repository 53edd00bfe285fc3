"""Stage two: generation, only from an allowed prompt and permits that are still alive, and stopped when they die."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from safety import records
from streams import submissions
from streams.context import Context
from streams.events import Event
from streams.permits import LOST, PARENT_GONE, is_orphan, lost_permits, refuse
from streams.watch import Watch


@dataclass(frozen=True)
class Draft:
    """The drawn clip, stored; ``digest`` is None when consent was lost on the way."""

    digest: str | None


def work(event: Event, ctx: Context) -> Draft:
    """Draw the clip into the store, asking between steps whether to go on."""
    with ctx.db.read() as conn:
        submission = submissions.get(conn, event.submission)
        permits = records.read_verdict(conn, event.text("verdict")).permits
        if is_orphan(conn, submission.parent) or lost_permits(conn, permits, ctx):
            return Draft(None)
        order = ctx.generation.order(conn, submission, permits)
    watch = Watch(ctx, submission.id, permits)
    digest = ctx.generation.draw(order, should_stop=watch.should_stop, progress=watch.progress)
    return Draft(digest)


def settle(conn: sa.Connection, event: Event, made: Draft, ctx: Context) -> list[Event]:
    """Note the draft, or the loss of consent that stopped it."""
    now = ctx.clock()
    if made.digest is None:
        orphan = is_orphan(conn, submissions.get(conn, event.submission).parent)
        return refuse(conn, event, PARENT_GONE if orphan else LOST, ctx, now)
    submissions.move(conn, event.submission, draft=made.digest, stage="inspect", progress=0.0, words="waiting")
    return [event.then("drafted", now, verdict=event.text("verdict"), draft=made.digest)]
