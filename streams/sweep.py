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
    """Keep only what may still be needed: the draft of a held clip, for its case; the sealed file of a released one."""
    with ctx.db.read() as conn:
        submission = submissions.get(conn, event.submission)
        release = releases.of_submission(conn, submission.id)
    if submission.status in ("refused", "failed", "released"):
        live = release is not None and release.withdrawal is None
        ctx.blobs.keep_only(submission.id, {release.sealed} if release is not None and live else set())


def work_withdrawn(event: Event, ctx: Context) -> None:
    """Remove a withdrawn clip's files. Its hash and marks stay: without them a copy could not be recognised."""
    ctx.blobs.keep_only(event.submission, set())
    ctx.sealing.forget(event.text("clip"))


def settle(conn: sa.Connection, event: Event, made: None, ctx: Context) -> list[Event]:
    """Nothing follows."""
    return []
