"""What the tests do with a pipeline: submit, watch that nothing is ever missing from the count, and read how it ended."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from safety import ledger, releases
from streams import submissions
from streams.context import Context
from streams.submissions import STATUSES, Order, Submission


def submit(ctx: Context, *prompts: str, requester: str = "ann", **more: object) -> list[str]:
    """Submit prompts and return the submissions' ids."""
    with ctx.db.write() as conn:
        return [
            submissions.create(conn, Order.model_validate({"prompt": p, "requester": requester} | more), ctx.clock())
            for p in prompts
        ]


def look(ctx: Context, ids: Iterable[str]) -> list[Submission]:
    """Read submissions; at every look the attempts add up (guarantee G5)."""
    with ctx.db.read() as conn:
        count = submissions.count(conn)
        assert count["attempts"] == sum(count[status] for status in STATUSES)
        return [submissions.get(conn, id) for id in ids]


def until(
    ctx: Context, ids: Iterable[str], done: Callable[[Submission], bool] | None = None, seconds: float = 60
) -> list[Submission]:
    """Look until each submission is ``done`` (by default: has an outcome); fail when that takes too long."""
    ids, end = list(ids), time.monotonic() + seconds
    done = done or (lambda s: s.status != "in-flight")
    while True:
        found = look(ctx, ids)
        late = [(s.prompt[:30], s.status, s.stage) for s in found if not done(s)]
        if not late:
            return found
        assert time.monotonic() < end, f"still {late}"
        time.sleep(0.02)


def wait_for(condition: Callable[[], bool], seconds: float = 30) -> None:
    """Wait until a condition holds; fail when it does not."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "what was waited for did not happen"
        time.sleep(0.02)


def assert_one_outcome_each(ctx: Context, ids: Iterable[str]) -> None:
    """Each submission has one outcome in the ledger, and as many releases as that says."""
    with ctx.db.read() as conn:
        for id in ids:
            outcomes = [e.body["status"] for e in ledger.entries(conn, kind="outcome", subject=id)]
            released = list(ledger.entries(conn, kind="release", subject=id))
            assert len([o for o in outcomes if o != "held"]) == 1, outcomes
            assert len(released) == outcomes.count("released")
            assert (releases.of_submission(conn, id) is not None) == bool(released)
        ledger.verify(conn, ctx.signer.public_key)
