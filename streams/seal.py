"""Stage four: marks in picture and sound, the badge, the signed manifest. What leaves this stage is what will be shown."""

from __future__ import annotations

import sqlalchemy as sa

from streams import submissions
from streams.context import Context
from streams.events import Event
from streams.sealed import Sealed
from streams.watch import Watch


def work(event: Event, ctx: Context) -> Sealed:
    """Mark, encode and sign the draft into a new blob."""
    with ctx.db.read() as conn:
        submission = submissions.get(conn, event.submission)
    watch = Watch(ctx, submission.id, ())
    return ctx.sealing.seal_draft(submission, event.text("draft"), watch.progress)


def settle(conn: sa.Connection, event: Event, made: Sealed, ctx: Context) -> list[Event]:
    """Record the marks, so that a later look-up finds the clip, and pass it to release."""
    now = ctx.clock()
    ctx.sealing.record(conn, made, now)
    submissions.move(conn, event.submission, stage="release", progress=0.0, words="waiting")
    return [
        event.then(
            "sealed", now, verdict=event.text("verdict"), draft=event.text("draft"),
            sealed=made.digest, clip=made.clip,
        )
    ]  # fmt: skip
