"""Stage five: release. One transaction re-reads everything the clip rests on, then shows it, or does not (G1, G2).

Nothing is worked out beforehand: whatever was true a moment ago is asked again here, where no other writer can be.
"""

from __future__ import annotations

import sqlalchemy as sa

from safety import cases, records, releases
from safety.errors import NotFound
from safety.permit import Permit
from safety.prompt import Prompt
from safety.values import derive
from safety.verdict import Gate, Outcome, Verdict
from streams import notices, submissions
from streams.context import Context
from streams.events import Event
from streams.permits import LOST, PARENT_GONE, is_orphan, lost_permits, refuse
from streams.submissions import Submission

#: A clip is inspected again when the registries changed after its inspection; this often, then a person looks.
MAX_INSPECTIONS = 5
NOT_CLEARED = "CLR-NOT-CLEARED"


def work(event: Event, ctx: Context) -> None:
    """Nothing: a release rests only on what its own transaction reads."""


def settle(conn: sa.Connection, event: Event, made: None, ctx: Context) -> list[Event]:
    """Release the clip, send it back to inspection, or refuse it."""
    now = ctx.clock()
    submission = submissions.get(conn, event.submission)
    prompt = _cleared(conn, submission.prompt_verdict, "prompt", Prompt(text=submission.prompt).digest)
    clip = _cleared(conn, event.text("verdict"), "clip", event.text("draft"))
    if prompt is None or clip is None or not ctx.sealing.made_from(conn, event.text("sealed"), event.text("draft")):
        return refuse(conn, event, NOT_CLEARED, ctx, now)
    permits = _all_permits(prompt, clip)
    if lost_permits(conn, permits, ctx):
        return refuse(conn, event, LOST, ctx, now)
    if is_orphan(conn, submission.parent):
        return refuse(conn, event, PARENT_GONE, ctx, now)
    if ctx.registry.version(conn) != submission.registry:
        return _inspect_again(conn, event, ctx)
    return _release(conn, event, ctx, submission, prompt, clip, permits)


def _release(
    conn: sa.Connection,
    event: Event,
    ctx: Context,
    submission: Submission,
    prompt: Verdict,
    clip: Verdict,
    permits: tuple[Permit, ...],
) -> list[Event]:
    now, name = ctx.clock(), event.text("clip")
    release = releases.Release(
        clip=name, submission=submission.id, requester=submission.requester, parent=submission.parent, draft=event.text("draft"),
        sealed=event.text("sealed"), prompt_verdict=prompt.id, clip_verdict=clip.id, policy=clip.policy, released_at=now,
    )  # fmt: skip
    if ctx.registry.spend(conn, permits, submission.id, name, now):
        return refuse(conn, event, LOST, ctx, now)
    releases.insert(conn, release, permits)
    notices.tell_release(conn, release, permits, now)
    submissions.end(conn, submission.id, "released", now, clip=name)
    return [event.then("ended", now, status="released", clip=name)]


def _inspect_again(conn: sa.Connection, event: Event, ctx: Context) -> list[Event]:
    """The registries changed since the inspection: someone new may be in the picture, or a new reservation may match."""
    rounds = len(records.verdicts_of(conn, event.submission, "clip"))
    if rounds >= MAX_INSPECTIONS:
        return refuse(conn, event, NOT_CLEARED, ctx, ctx.clock())
    submission = submissions.get(conn, event.submission)
    submissions.move(conn, event.submission, stage="inspect", progress=0.0, words="looking again")
    return [event.then("drafted", ctx.clock(), verdict=submission.prompt_verdict, draft=event.text("draft"))]


def _cleared(conn: sa.Connection, verdict_id: str | None, gate: Gate, subject: str) -> Verdict | None:
    """The verdict when it is about exactly ``subject`` at ``gate`` and allows it, itself or by a moderator's decision."""
    try:
        verdict = records.read_verdict(conn, verdict_id or "")
        if verdict.gate != gate or verdict.subject != subject:
            return None
        if verdict.outcome == Outcome.ALLOW:
            return verdict
        if verdict.outcome == Outcome.HOLD and cases.get(conn, derive(verdict.id, "case")).decision == Outcome.ALLOW:
            return verdict
    except NotFound:
        return None
    return None


def _all_permits(*verdicts: Verdict) -> tuple[Permit, ...]:
    return tuple({p.id: p for v in verdicts for p in v.permits}.values())
