"""After an outcome: drafts that will never be shown, and the files of withdrawn clips, are removed from the store.

Serving has stopped before this runs, because it reads the release row at every request; this is about what lies on disk.
"""

from __future__ import annotations

import sqlalchemy as sa

from safety import releases
from streams import submissions
from streams.context import Context
from streams.events import Event


def work_ended(event: Event, ctx: Context) -> None:
    """Remove the draft of a clip that was refused, failed, or is out in its sealed form; a held one is kept for the case."""
    with ctx.db.read() as conn:
        submission = submissions.get(conn, event.submission)
    if submission.draft and submission.status in ("refused", "failed", "released"):
        ctx.blobs.remove(submission.id, submission.draft)


def work_withdrawn(event: Event, ctx: Context) -> None:
    """Remove a withdrawn clip's files. Its hash and marks stay: without them a copy could not be recognised."""
    with ctx.db.read() as conn:
        release = releases.get(conn, event.text("clip"))
    for blob in (release.draft, release.sealed):
        ctx.blobs.remove(release.submission, blob)
    ctx.sealing.forget(release.clip)


def settle(conn: sa.Connection, event: Event, made: None, ctx: Context) -> list[Event]:
    """Nothing follows."""
    return []
