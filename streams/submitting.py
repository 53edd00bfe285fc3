"""Sending work in, and waiting for how it ends."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from safety import releases
from safety.errors import Gone
from streams import submissions
from streams.context import Context
from streams.submissions import Order, Submission

#: How often a waiting caller looks, seconds.
LOOK_SECONDS = 0.2


def submit(ctx: Context, order: Order) -> Submission:
    """Write the attempt down and set it off. Raises ``BadInput`` and its kin before anything is written.

    A remix needs a live parent, and every cameo named in ``order.cameos`` must be known: those are mistakes of the caller,
    told at once. What the prompt itself says is the prompt gate's business.
    """
    submissions.check(order)
    for handle in order.cameos:
        ctx.registry.person(handle)
    with ctx.db.write() as conn:
        if order.remix_of is not None and releases.get(conn, order.remix_of).withdrawal is not None:
            raise Gone(f"The clip {order.remix_of} was withdrawn and cannot be remixed.")
        return submissions.get(conn, submissions.create(conn, order, ctx.clock()))


def wait(
    ctx: Context, ids: Iterable[str], timeout: float, on_change: Callable[[list[Submission]], None] | None = None
) -> list[Submission]:
    """Look until none of ``ids`` is in flight or ``timeout`` seconds are over; ``on_change`` sees every look."""
    ids, end = list(ids), time.monotonic() + timeout
    while True:
        with ctx.db.read() as conn:
            now = [submissions.get(conn, id) for id in ids]
        if on_change is not None:
            on_change(now)
        if all(s.status != "in-flight" for s in now) or time.monotonic() > end:
            return now
        time.sleep(LOOK_SECONDS)
