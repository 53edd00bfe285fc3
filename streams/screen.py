"""Stage one: the prompt gate. Reads the prompt, asks the detectors and the registries, and judges."""

from __future__ import annotations

import sqlalchemy as sa

from safety import records
from safety.cases import open_case
from safety.judge import judge
from safety.policy import Policy
from safety.prompt import Prompt
from safety.values import derive
from safety.verdict import Outcome, Verdict
from streams import submissions
from streams.context import Context
from streams.events import Event
from streams.history import earlier
from streams.permits import LOST, refuse
from streams.reasons import language_for


def work(event: Event, ctx: Context) -> tuple[Policy, Verdict]:
    """Judge the prompt under today's policy."""
    with ctx.db.read() as conn:
        submission = submissions.get(conn, event.submission)
        came_before = earlier(conn, submission)
    prompt = Prompt(text=submission.prompt, language=submission.language, earlier=came_before)
    reports, allowed = ctx.gates.prompt(prompt, submission.requester, submission.cameos, submission.parent)
    permits = ctx.registry.bind(allowed, submission.id)
    policy = ctx.policy()
    verdict = judge(
        policy, "prompt", id=derive(event.id, "verdict"), subject=prompt.digest, reports=reports, permits=permits, at=ctx.clock()
    )  # fmt: skip
    return policy, verdict


def settle(conn: sa.Connection, event: Event, made: tuple[Policy, Verdict], ctx: Context) -> list[Event]:
    """Keep the verdict; let it on, hold it for a person, or refuse it."""
    policy, verdict = made
    records.keep_policy(conn, policy, verdict.at)
    records.keep_verdict(conn, event.submission, verdict)
    submissions.move(conn, event.submission, prompt_verdict=verdict.id)
    if verdict.outcome == Outcome.ALLOW and ctx.registry.issue(conn, verdict.permits, verdict.at):
        return refuse(conn, event, LOST, ctx, verdict.at)
    return conclude(conn, event, verdict, ctx, on_allow=event.then("screened", verdict.at, verdict=verdict.id))


def conclude(conn: sa.Connection, event: Event, verdict: Verdict, ctx: Context, on_allow: Event) -> list[Event]:
    """What any gate's verdict leads to: ``on_allow``, a case, or a refusal with its clause."""
    if verdict.outcome == Outcome.ALLOW:
        submissions.move(conn, event.submission, stage=ctx.next_stage(on_allow.type), progress=0.0, words="waiting")
        return [on_allow]
    submission = submissions.get(conn, event.submission)
    detail = verdict.explain(language_for(submission), submission.prompt)
    if verdict.outcome == Outcome.HOLD:
        open_case(conn, event.submission, verdict, verdict.at)
        submissions.end(conn, event.submission, "held", verdict.at, clause=verdict.clause, detail=detail)
        return [event.then("ended", verdict.at, status="held", clause=verdict.clause)]
    submissions.end(conn, event.submission, "refused", verdict.at, clause=verdict.clause, detail=detail)
    return [event.then("ended", verdict.at, status="refused", clause=verdict.clause)]
