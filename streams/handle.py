"""Handling one event by one stage: at most one settlement, whatever crashes, repeats or arrives late (G5, G6).

1. Settled before? Then nothing happens.
2. The attempt is counted before it begins, so that one that kills the process is counted too.
3. ``work``. If it fails, the event is tried again, and after ``MAX_ATTEMPTS`` the submission ends as ``failed``.
4. One transaction: ``settle``, the events that follow, the mark that it was settled, the reader's cursor.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

import sqlalchemy as sa

from safety import cases
from safety.errors import ClearanceError, Unavailable
from streams import log, submissions
from streams.context import Context
from streams.events import Event
from streams.stage import Stage

MAX_ATTEMPTS = 3
FAILED = "CLR-FAILED"
#: How often a database that is away is asked for again, seconds.
DATABASE_SECONDS = 1.0
#: Stages whose settlement does not depend on the submission being in flight.
AFTERWARDS = frozenset({"tidy", "sweep"})

logger = logging.getLogger(__name__)


class TryAgain(Exception):
    """The event was not settled and should be handled again; ``wait`` seconds from now."""

    def __init__(self, wait: float) -> None:
        super().__init__(f"again in {wait} s")
        self.wait = wait


def handle(stage: Stage, event: Event, ctx: Context, also: Callable[[sa.Connection], None] = lambda _: None) -> list[Event]:
    """Settle ``event`` by ``stage`` and return what follows; ``also`` runs in the same transaction (a cursor moves, say).

    Raises ``TryAgain`` when it was not settled.
    """
    with ctx.db.write() as conn:
        if log.is_handled(conn, stage.name, event):
            also(conn)
            return []
        if not submissions.exists(conn, event.submission):  # another house's event on a shared broker
            log.set_aside(conn, stage.name, event.encode(), "the submission it names is not in this database", ctx.clock())
            log.mark_handled(conn, stage.name, event, ctx.clock())
            also(conn)
            return []
        attempt = log.count_attempt(conn, stage.name, event)
    if attempt > MAX_ATTEMPTS:
        return _give_up(stage, event, ctx, also, "it ended the process each time")
    try:
        made = stage.work(event, ctx)
        if not _was_interrupted(stage, made, ctx):
            return _settle(stage, event, ctx, also, lambda conn: stage.settle(conn, event, made, ctx))
    except Unavailable as reason:  # our side is away: not the event's fault, and never an outcome
        return _postpone(stage, event, ctx, reason)
    except Exception as reason:
        if ctx.stopping.is_set():
            return _postpone(stage, event, ctx, reason)
        logger.exception("stage %s, event %s, attempt %d", stage.name, event.id, attempt)
        if attempt < MAX_ATTEMPTS:
            raise TryAgain(0.2 * attempt) from reason
        return _give_up(stage, event, ctx, also, _sentence(reason))
    return _postpone(stage, event, ctx, None)


def _was_interrupted(stage: Stage, made: object, ctx: Context) -> bool:
    """Whether drawing stopped because the runner stops, and not because consent was lost."""
    return ctx.stopping.is_set() and stage.name == "generate" and getattr(made, "digest", None) is None


def _settle(
    stage: Stage,
    event: Event,
    ctx: Context,
    also: Callable[[sa.Connection], None],
    effect: Callable[[sa.Connection], list[Event]],
) -> list[Event]:
    with ctx.db.write() as conn:
        follows: list[Event] = []
        if not log.is_handled(conn, stage.name, event):
            if stage.name in AFTERWARDS or submissions.get(conn, event.submission).status == "in-flight":
                follows = effect(conn)
            log.append(conn, follows)
            log.mark_handled(conn, stage.name, event, ctx.clock())
        also(conn)
    return follows


def _postpone(stage: Stage, event: Event, ctx: Context, reason: Exception | None) -> list[Event]:
    """Take the attempt back, waiting for the database if it is what is away: an outage must never use attempts up."""
    while True:
        try:
            with ctx.db.write() as conn:
                log.forget_attempt(conn, stage.name, event)
            break
        except Unavailable:
            logger.warning("the database is away; stage %s waits with event %s", stage.name, event.id)
            if ctx.stopping.wait(DATABASE_SECONDS):
                break
    raise TryAgain(1.0) from reason


def _give_up(stage: Stage, event: Event, ctx: Context, also: Callable[[sa.Connection], None], why: str) -> list[Event]:
    now = ctx.clock()
    detail = f"Making this clip failed in the stage {stage.name}: {why}. Nothing was shown; you can submit it again."

    def effect(conn: sa.Connection) -> list[Event]:
        log.set_aside(conn, stage.name, event.encode(), why, now)
        if stage.name in AFTERWARDS:
            return []
        cases.close(conn, event.submission, now)
        submissions.end(conn, event.submission, "failed", now, clause=FAILED, detail=detail)
        return [event.then("ended", now, status="failed", clause=FAILED)]

    return _settle(stage, event, ctx, also, effect)


def _sentence(reason: Exception) -> str:
    return reason.detail.rstrip(".") if isinstance(reason, ClearanceError) else type(reason).__name__
