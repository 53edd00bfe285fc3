"""Permits read again: at generation, at release, and whenever someone asks whether work may go on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from safety import cases, releases
from safety.errors import NotFound
from safety.explanation import explain_loss
from safety.permit import Permit
from streams import submissions
from streams.context import Context
from streams.events import Event
from streams.reasons import language_for

#: The clause a refusal names when a permit was lost between the prompt and the release.
LOST = "CLR-CONSENT-LOST"
#: The clause when the clip that was remixed was withdrawn meanwhile.
PARENT_GONE = "CLR-PARENT-WITHDRAWN"


def lost_permits(conn: sa.Connection, permits: Iterable[Permit], ctx: Context) -> tuple[Permit, ...]:
    """Those permits that no longer hold, as this connection's transaction sees it."""
    now = ctx.clock()
    return tuple(p for p in permits if not ctx.registry.still_valid(conn, p, now))


def is_orphan(conn: sa.Connection, parent: str | None) -> bool:
    """Whether the clip that this would be a remix of is shown no more, or never was."""
    if parent is None:
        return False
    try:
        return releases.get(conn, parent).withdrawal is not None
    except NotFound:
        return True


def refuse(conn: sa.Connection, event: Event, clause: str, ctx: Context, at: datetime) -> list[Event]:
    """End a submission as refused under ``clause``; its open cases go with it, and its draft."""
    detail = explain_loss(clause, language_for(submissions.get(conn, event.submission)))
    cases.close(conn, event.submission, at)
    submissions.end(conn, event.submission, "refused", at, clause=clause, detail=detail)
    return [event.then("ended", at, status="refused", clause=clause)]
