"""After an outcome: drafts that will never be shown, and what is left of withdrawn clips, are removed.

Serving has stopped before this runs, because it reads the release row at every request; this is about what lies on disk and in
the database. Files are counted before they are deleted and rows when they are, so that the closing receipt can say how many.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from safety import records, releases
from safety.tables import releases as released
from streams import closing, inspections, submissions, traces
from streams.context import Context
from streams.events import Event
from streams.permits import LOST, PARENT_GONE, lost_permits, refuse
from streams.submissions import Submission
from streams.tables import sweepings

#: Outcomes after which a draft is of no use to anybody.
OVER = ("refused", "failed", "released")


@dataclass(frozen=True)
class Taken:
    """A withdrawn clip, whose it is, and the digests it is known by."""

    clip: str
    submission: str
    digests: tuple[str, ...]


def work_ended(event: Event, ctx: Context) -> None:
    """Keep only what may still be needed: the draft of a held clip, for its case; the sealed file of a released one."""
    with ctx.db.read() as conn:
        submission = submissions.get(conn, event.submission)
        release = releases.of_submission(conn, submission.id)
        waiting = closing.open_for(conn, submission.id)
    if submission.status in OVER:
        live = release is not None and release.withdrawal is None
        wanted = {release.sealed} if release is not None and live else set()
        if waiting:
            found = len(ctx.blobs.others(submission.id, wanted))
            with ctx.db.write() as conn:
                for revocation in waiting:
                    closing.note_files(conn, revocation, {submission.id: found})
        ctx.blobs.keep_only(submission.id, wanted)


def settle_ended(conn: sa.Connection, event: Event, made: None, ctx: Context) -> list[Event]:
    """Tell the revocations that waited for it. What was stopped but came to be held meanwhile, for another reason, ends here.

    Faces of nobody known are kept for who looks for themself in what is shown; of what never will be, they go at once.
    """
    waiting = closing.open_for(conn, event.submission)
    submission = submissions.get(conn, event.submission)
    if submission.status in ("refused", "failed") and not waiting:
        inspections.forget_faces(conn, submission.id, submission.draft)
    if not waiting:
        return []
    if submission.status == "held":
        return refuse(conn, event, _why(conn, ctx, submission), ctx, ctx.clock())
    if submission.status in OVER:
        gone = traces.forget(conn, {submission.id: [submission.draft] if submission.draft else []})
        for revocation in waiting:
            closing.mark_done(conn, ctx, revocation, gone)
    return []


def _why(conn: sa.Connection, ctx: Context, submission: Submission) -> str:
    """The clause that a submission ends under that a withdrawal stops: a permit lost, or the clip gone that it is a remix of."""
    permits = {p.id: p for v in records.verdicts_of(conn, submission.id) for p in v.permits}
    return LOST if lost_permits(conn, permits.values(), ctx) or submission.parent is None else PARENT_GONE


def work_withdrawn(event: Event, ctx: Context) -> None:
    """Delete the files of withdrawn clips. Their hashes and marks stay: without them a copy could not be recognised."""
    with ctx.db.read() as conn:
        taken = _taken(conn, event)
    found = {one.clip: ctx.blobs.others(one.submission, set()) for one in taken}
    with ctx.db.write() as conn:
        closing.note_files(conn, event.text("withdrawal"), {clip: len(paths) for clip, paths in found.items()})
    for paths in found.values():
        ctx.blobs.delete(paths)


def settle_withdrawn(conn: sa.Connection, event: Event, made: None, ctx: Context) -> list[Event]:
    """Delete what was seen of the clips and the pictures kept of them; say so, and close what is complete."""
    taken = _taken(conn, event)
    seen = traces.forget(conn, {one.submission: one.digests for one in taken})
    pictures = ctx.sealing.forget(conn, [one.clip for one in taken])
    gone = {one.clip: seen[one.submission] + pictures.get(one.clip, 0) for one in taken}
    closing.mark_done(conn, ctx, event.text("withdrawal"), gone)
    return []


def _taken(conn: sa.Connection, event: Event) -> tuple[Taken, ...]:
    """The clips an event is about, in its order; older events name one clip, or the first and the last of some."""
    rows = sa.select(released.c.clip, released.c.submission, released.c.draft, released.c.sealed)
    if isinstance(named := event.data.get("clips"), list):
        rows = rows.where(released.c.clip.in_([str(clip) for clip in named]))
    elif "clip" in event.data:
        rows = rows.where(released.c.clip == event.text("clip"))
    else:
        due = sa.select(sweepings.c.subject).where(
            sweepings.c.revocation == event.text("withdrawal"), sweepings.c.kind == "clip",
            sweepings.c.subject.between(event.text("first"), event.text("last")),
        )  # fmt: skip
        rows = rows.where(released.c.clip.in_(due))
    found = conn.execute(rows.order_by(released.c.released_at, released.c.clip))
    return tuple(Taken(r.clip, r.submission, (r.draft, r.sealed)) for r in found)
