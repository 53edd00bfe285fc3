"""Stage three: the clip gate. Watches, listens and searches the finished draft, and judges exactly these bytes."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from safety import records
from safety.judge import judge
from safety.policy import Policy
from safety.values import derive
from safety.verdict import Verdict
from streams import inspections, submissions
from streams.context import Context
from streams.events import Event
from streams.inspections import Seen
from streams.screen import conclude
from streams.watch import Watch


@dataclass(frozen=True)
class Inspection:
    """The verdict, the version of the registries it was searched in, and what is kept of the draft beside it."""

    policy: Policy
    verdict: Verdict
    registry: int
    seen: Seen


def work(event: Event, ctx: Context) -> Inspection:
    """Search the draft in the registries as they are now and judge it."""
    draft = event.text("draft")
    with ctx.db.read() as conn:
        submission = submissions.get(conn, event.submission)
        permits = records.read_verdict(conn, event.text("verdict")).permits
        version = ctx.registry.version(conn)
    watch = Watch(ctx, submission.id, permits)
    with ctx.blobs.open_path(submission.id, draft) as path:
        found = ctx.gates.clip(path, submission.requester, permits, watch.progress, submission.prompt)
    policy = ctx.policy()
    verdict = judge(
        policy, "clip", id=derive(event.id, "verdict"), subject=draft, reports=found.reports, permits=found.permits,
        at=ctx.clock(),
    )  # fmt: skip
    return Inspection(policy, verdict, version, found.seen)


def settle(conn: sa.Connection, event: Event, made: Inspection, ctx: Context) -> list[Event]:
    """Keep the verdict; let the clip on, hold it for a person, or refuse it."""
    verdict = made.verdict
    records.keep_policy(conn, made.policy, verdict.at)
    records.keep_verdict(conn, event.submission, verdict)
    inspections.keep(conn, event.submission, verdict.subject, made.seen, getattr(ctx.parts, "vault", None))
    submissions.move(conn, event.submission, clip_verdict=verdict.id, registry=made.registry)
    passed = event.then("inspected", verdict.at, verdict=verdict.id, draft=verdict.subject)
    return conclude(conn, event, verdict, ctx, on_allow=passed)
