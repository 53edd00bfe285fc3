"""A moderator's decision, and what it sets in motion, in one transaction."""

from __future__ import annotations

from safety import cases, records
from safety.cases import Case
from safety.errors import Conflict
from safety.values import derive
from safety.verdict import Outcome
from streams import log, submissions
from streams.context import Context
from streams.events import Event, EventType


def decide(ctx: Context, case_id: str, decision: Outcome, *, moderator: str, reason: str, note: str = "") -> Case:
    """Decide a case: ``allow`` lets the submission on from where it was held, ``block`` refuses it."""
    now = ctx.clock()
    with ctx.db.write() as conn:
        submission = submissions.get(conn, cases.get(conn, case_id).submission)
        case = cases.decide(conn, case_id, decision, moderator=moderator, reason=reason, note=note, at=now)
        if submission.status != "held":
            raise Conflict(f"The submission of case {case_id} is {submission.status}; there is nothing left to decide.")
        if decision == Outcome.BLOCK:
            submissions.end(conn, submission.id, "refused", now, clause=case.clause, detail=submission.detail)
            follows = _event(case, "ended", ctx, status="refused", clause=case.clause)
        elif case.gate == "prompt":
            # What cannot be issued any more is not there when generation and release ask for it, and they refuse.
            ctx.registry.issue(conn, records.read_verdict(conn, case.verdict).permits, now)
            submissions.move(
                conn, submission.id, status="in-flight", stage="generate", progress=0.0, words="waiting", ended_at=None
            )
            follows = _event(case, "screened", ctx, verdict=case.verdict)
        else:
            ctx.registry.issue(
                conn, records.read_verdict(conn, case.verdict).permits, now
            )  # waiting for a person used its time up
            submissions.move(conn, submission.id, status="in-flight", stage="seal", progress=0.0, words="waiting", ended_at=None)
            follows = _event(case, "inspected", ctx, verdict=case.verdict, draft=case.subject)
        log.append(conn, [follows])
    return case


def _event(case: Case, type: EventType, ctx: Context, **data: str | int) -> Event:
    return Event(id=derive(case.id, type), type=type, submission=case.submission, at=ctx.clock(), parent=case.id, data=dict(data))
