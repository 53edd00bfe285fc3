"""Steps that the tests of the pipeline share: submit, run to the end, look."""

from __future__ import annotations

from safety import cases
from safety.cases import Case
from streams import submissions
from streams.context import Context
from streams.local import step
from streams.pipeline import AFTER, BY_NAME, STAGES
from streams.submissions import Order, Submission
from streams.submitting import submit


def send(ctx: Context, prompt: str = "a boat", requester: str = "kim", **more: object) -> Submission:
    """Submit one prompt."""
    return submit(ctx, Order(prompt=prompt, requester=requester, **more))  # type: ignore[arg-type]


def drain(ctx: Context, *, until: str | None = None) -> None:
    """Let every stage do all it can, in this thread; with ``until``, stop before that stage."""
    stages = [*STAGES, *AFTER]
    if until is not None:
        stages = stages[: [s.name for s in stages].index(until)]
    for _ in range(1000):
        done = [step(stage, ctx) for stage in stages]
        if not any(done):
            return
    raise AssertionError("the pipeline does not come to rest")


def run(ctx: Context, stage: str) -> None:
    """One step of one stage."""
    assert step(BY_NAME[stage], ctx)


def look(ctx: Context, submission: Submission) -> Submission:
    """The submission as it stands now."""
    with ctx.db.read() as conn:
        return submissions.get(conn, submission.id)


def open_cases(ctx: Context) -> tuple[Case, ...]:
    with ctx.db.read() as conn:
        return cases.listing(conn)
