"""What a broker lost: events that were published, were settled by nobody, and are not waiting at the broker either.

A topic deleted, a disk gone, an offset committed too far by a client library: the database knows what was settled, so the
difference can be found and published again. It must never mistake an event that is being worked on for a lost one.
"""

from __future__ import annotations

import sqlalchemy as sa

from streams import admin, log
from streams.context import Context
from streams.events import Event
from streams.pipeline import AFTER, STAGES
from streams.stage import Stage


class LostAndFound:
    """Compares the log with what each stage settled. Remembers up to where everything is settled, so that it reads little."""

    def __init__(self, ctx: Context, bootstrap: str, prefix: str, group: str) -> None:
        self._ctx, self._bootstrap, self._prefix, self._group = ctx, bootstrap, prefix, group
        self._settled: dict[str, int] = {}

    def find(self, published: int) -> list[Event]:
        """The lost events among those up to the position ``published``. Raises ``BrokerError``.

        The order of the steps makes it exact. What is not settled is read first, then the lag: a stage without lag has taken
        everything that was published before, and takes an event off the broker only after it settled it. Whatever is not
        settled even then was lost.
        """
        with self._ctx.db.read() as conn:
            waiting = [(stage, self._unsettled(conn, stage, published)) for stage in (*STAGES, *AFTER)]
        if not any(events for _, events in waiting):
            return []
        lag = admin.lag(self._bootstrap, self._prefix, self._group)
        with self._ctx.db.read() as conn:
            return [
                event
                for stage, events in waiting
                if lag[stage.name] == 0
                for event in events
                if not log.is_handled(conn, stage.name, event)
            ]

    def _unsettled(self, conn: sa.Connection, stage: Stage, published: int) -> list[Event]:
        after = self._settled.get(stage.name, 0)
        found = log.unsettled(conn, stage.name, stage.consumes, after=after, until=published)
        self._settled[stage.name] = found[0][0] - 1 if found else published
        return [event for _, event in found]
