"""What consent says inside a transaction, in the three questions the pipeline asks."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from consent import people, permits
from consent.version import version
from safety.db import Database
from safety.permit import Permit


class ConsentRegistry:
    """Reads the consent tables through the caller's connection, so that the answer is the transaction's own."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def version(self, conn: sa.Connection) -> int:
        """Rises with every person and every work that a clip would be searched for."""
        return version(conn, "people") + version(conn, "works")

    def still_valid(self, conn: sa.Connection, permit: Permit, now: datetime) -> bool:
        """Whether the permit can be acted on now."""
        return permits.still_valid(conn, permit, now)

    def person(self, handle: str) -> str:
        """Id of the living person with that handle. Raises ``NotFound``."""
        with self._db.read() as conn:
            return people.get(conn, handle).id
