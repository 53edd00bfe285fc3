"""One relay at a time for one database, without a clock: whoever holds a lock that dies with its holder.

On SQLite everything runs on one machine and the lock is an open file; on PostgreSQL it is a session's advisory lock. Leading
is a courtesy that spares the broker duplicates: if two ever lead, nothing is done twice.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from safety.db import WRITER_LOCK
from streams.context import Context
from streams.lock import RunnerLock

#: The advisory lock's number on PostgreSQL, next to the writers' one.
LEADER_LOCK = WRITER_LOCK + 1


class Leader:
    """``take`` as often as you like: it asks the database whether the lock is still held."""

    def __init__(self, ctx: Context) -> None:
        self._engine = ctx.db.engine
        self._file = RunnerLock(ctx.settings.home, "relay")
        self._conn: sa.Connection | None = None
        self._leads = False

    def take(self) -> bool:
        """Whether this process leads now."""
        if self._engine.dialect.name == "sqlite":
            self._leads = self._leads or self._file.take()
            return self._leads
        return self._take_session_lock()

    def give_back(self) -> None:
        """Let another lead."""
        self._leads = False
        self._file.give_back()
        if self._conn is not None:
            self._conn.invalidate()  # closes the session, and with it the lock
            self._conn.close()
            self._conn = None

    def _take_session_lock(self) -> bool:
        try:
            if self._conn is None:
                self._conn = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            if self._leads:  # a lost connection lost the lock, so the question is also the check
                self._conn.execute(sa.select(1))
            else:
                self._leads = bool(self._conn.execute(sa.select(sa.func.pg_try_advisory_lock(LEADER_LOCK))).scalar_one())
        except SQLAlchemyError:
            self.give_back()
        return self._leads
