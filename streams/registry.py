"""What consent says inside a transaction, in the questions the pipeline asks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import sqlalchemy as sa

from consent import grants, issuing, people, permits
from consent.scope import Limit
from consent.version import version
from safety.db import Database
from safety.permit import Denial, Permit


class ConsentRegistry:
    """Reads and writes the consent tables through the caller's connection, so that the answer is the transaction's own.

    ``life`` is how long an issued permit may be spent.
    """

    def __init__(self, db: Database, life: timedelta = timedelta(hours=24)) -> None:
        self._db, self._life = db, life

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

    def bind(self, allowed: Iterable[Permit], request: str) -> tuple[Permit, ...]:
        """The permits, those of people bound to this one submission."""
        return tuple(issuing.bind(p, request) if p.kind == "cameo" else p for p in allowed)

    def issue(self, conn: sa.Connection, allowed: Iterable[Permit], now: datetime) -> tuple[Denial, ...]:
        """Write bound permits down, to be spent at release; returns those that cannot be. Again only gives them more time."""
        asked = [p for p in allowed if p.kind == "cameo" and p.request is not None]
        answers = (issuing.issue(conn, p, self._limit(conn, p, now), now, self._life) for p in asked)
        return tuple(denied for denied in answers if denied is not None)

    def spend(self, conn: sa.Connection, allowed: Iterable[Permit], request: str, clip: str, now: datetime) -> tuple[Denial, ...]:
        """Use them up for ``clip``, all of them; or none, with the reasons why (and the caller releases nothing)."""
        asked = [(p, self._limit(conn, p, now)) for p in allowed if p.kind == "cameo"]
        # all are asked before any is used: the refusal is kept in this transaction, and must not have used up half of them
        denied = [issuing.refusal(conn, p, request, limit, now) for p, limit in asked]
        if not any(denied):
            denied = [issuing.spend(conn, p, request, clip, limit, now) for p, limit in asked]
        return tuple(d for d in denied if d is not None)

    def void(self, conn: sa.Connection, request: str, now: datetime) -> int:
        """Give back what a submission did not spend."""
        return issuing.void(conn, now, request=request)

    def _limit(self, conn: sa.Connection, permit: Permit, now: datetime) -> Limit | None:
        if permit.grant == permits.own_grant(permit.subject):
            return None
        return grants.get_grant(conn, permit.grant, now).scope.limit
