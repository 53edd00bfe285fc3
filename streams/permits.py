"""Permits read again: at generation, at release, and whenever someone asks whether work may go on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from safety import cases
from safety.permit import Permit
from streams import submissions
from streams.context import Context
from streams.events import Event
from streams.reasons import language_for

#: The clause a refusal names when a permit was lost between the prompt and the release.
LOST = "CLR-CONSENT-LOST"
SAYS = {
    "en": "CLR-CONSENT-LOST, A lost permission. A permission this clip needed was taken back or ran out, so it is not shown. "
    "What would pass: Ask the person for a new grant and send it again, or leave them out.",
    "fr": "CLR-CONSENT-LOST, Une autorisation perdue. Une autorisation nécessaire à cette vidéo a été retirée ou a expiré : elle "
    "n'est pas montrée. Ce qui passerait : Demandez une nouvelle autorisation à cette personne, ou retirez-la.",
}


def lost_permits(conn: sa.Connection, permits: Iterable[Permit], ctx: Context) -> tuple[Permit, ...]:
    """Those permits that no longer hold, as this connection's transaction sees it."""
    now = ctx.clock()
    return tuple(p for p in permits if not ctx.registry.still_valid(conn, p, now))


def refuse(
    conn: sa.Connection, event: Event, clause: str, ctx: Context, at: datetime, says: dict[str, str] = SAYS
) -> list[Event]:
    """End a submission as refused under ``clause``; its open cases go with it, and its draft."""
    language = language_for(submissions.get(conn, event.submission))
    cases.close(conn, event.submission, at)
    submissions.end(conn, event.submission, "refused", at, clause=clause, detail=says.get(language) or says["en"])
    return [event.then("ended", at, status="refused", clause=clause)]
