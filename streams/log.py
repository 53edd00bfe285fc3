"""The log: an append-only table of events, written in the transaction that caused them.

It is the embedded broker of one machine and the outbox of many: the local runner reads it directly, the Kafka runner's relay
publishes it. Readers keep a cursor each.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from safety.values import digest
from streams.events import Event, EventType
from streams.tables import attempts, cursors, dead_letters, handled, log

#: Events looked up by one statement.
CHUNK = 1_000


@dataclass(frozen=True)
class DeadLetter:
    """Bytes that ``stage`` could not settle, and why; ``position`` counts from 1."""

    id: str
    position: int
    stage: str
    reason: str
    body: bytes
    at: datetime


def append(conn: sa.Connection, events: Iterable[Event]) -> None:
    """Add events in order; one that is there already (same id) is left as it is."""
    wanted = list({event.id: event for event in events}.values())
    if not wanted:
        return
    known: set[str] = set()
    for start in range(0, len(wanted), CHUNK):
        some = [event.id for event in wanted[start : start + CHUNK]]
        known.update(conn.execute(sa.select(log.c.event).where(log.c.event.in_(some))).scalars())
    last = conn.execute(sa.select(sa.func.coalesce(sa.func.max(log.c.position), 0))).scalar_one()
    rows = [
        {"position": position, "type": e.type, "event": e.id, "submission": e.submission, "body": e.encode()}
        for position, e in enumerate((e for e in wanted if e.id not in known), last + 1)
    ]
    if rows:
        conn.execute(sa.insert(log), rows)


def read(conn: sa.Connection, after: int, *, type: EventType | None = None, limit: int = 100) -> list[tuple[int, Event]]:
    """Up to ``limit`` events after a position, with their positions."""
    rows = sa.select(log.c.position, log.c.body).where(log.c.position > after).order_by(log.c.position).limit(limit)
    if type is not None:
        rows = rows.where(log.c.type == type)
    return [(row.position, Event.decode(row.body)) for row in conn.execute(rows)]


def cursor(conn: sa.Connection, reader: str) -> int:
    """The last position ``reader`` is done with; 0 at first."""
    found = conn.execute(sa.select(cursors.c.position).where(cursors.c.reader == reader)).scalar_one_or_none()
    return int(found or 0)


def advance(conn: sa.Connection, reader: str, position: int) -> None:
    """Move ``reader``'s cursor to ``position``; it never goes back."""
    if cursor(conn, reader) == 0:
        conn.execute(sa.delete(cursors).where(cursors.c.reader == reader))
        conn.execute(sa.insert(cursors).values(reader=reader, position=position))
    else:
        conn.execute(
            sa.update(cursors).where(cursors.c.reader == reader, cursors.c.position < position).values(position=position)
        )


def lag(conn: sa.Connection, reader: str, type: EventType | None = None) -> int:
    """Events that ``reader`` has not seen yet."""
    count = sa.select(sa.func.count()).select_from(log).where(log.c.position > cursor(conn, reader))
    if type is not None:
        count = count.where(log.c.type == type)
    return int(conn.execute(count).scalar_one())


def is_handled(conn: sa.Connection, stage: str, event: Event) -> bool:
    """Whether ``stage`` has settled this event."""
    return conn.execute(sa.select(handled.c.at).where(handled.c.stage == stage, handled.c.event == event.id)).first() is not None


def mark_handled(conn: sa.Connection, stage: str, event: Event, at: datetime) -> None:
    """Remember that ``stage`` has settled this event."""
    conn.execute(sa.insert(handled).values(stage=stage, event=event.id, at=at))
    conn.execute(sa.delete(attempts).where(attempts.c.stage == stage, attempts.c.event == event.id))


def count_attempt(conn: sa.Connection, stage: str, event: Event) -> int:
    """Note that an attempt begins, before it does, so that one that kills the process is counted; return which it is."""
    where = (attempts.c.stage == stage) & (attempts.c.event == event.id)
    before = conn.execute(sa.select(attempts.c.count).where(where)).scalar_one_or_none()
    if before is None:
        conn.execute(sa.insert(attempts).values(stage=stage, event=event.id, count=1))
        return 1
    conn.execute(sa.update(attempts).where(where).values(count=before + 1))
    return int(before) + 1


def forget_attempt(conn: sa.Connection, stage: str, event: Event) -> None:
    """Take an attempt back that ended for no fault of the event (the database was away, the runner was stopped)."""
    where = (attempts.c.stage == stage) & (attempts.c.event == event.id)
    conn.execute(sa.update(attempts).where(where).values(count=attempts.c.count - 1))


def set_aside(conn: sa.Connection, stage: str, raw: bytes, reason: str, at: datetime) -> None:
    """Keep a dead letter: what could not be handled, and why. Keeping it twice changes nothing."""
    letter = digest(stage.encode() + b"/" + raw)
    if conn.execute(sa.select(dead_letters.c.id).where(dead_letters.c.id == letter)).first() is None:
        last = conn.execute(sa.select(sa.func.coalesce(sa.func.max(dead_letters.c.position), 0))).scalar_one()
        row = {"id": letter, "position": last + 1, "stage": stage, "reason": reason, "body": raw, "at": at}
        conn.execute(sa.insert(dead_letters).values(**row))


def read_dead_letters(conn: sa.Connection, after: int = 0, limit: int = 100) -> list[DeadLetter]:
    """Up to ``limit`` dead letters after a position, in the order they were set aside."""
    rows = sa.select(dead_letters).where(dead_letters.c.position > after).order_by(dead_letters.c.position).limit(limit)
    return [DeadLetter(**row) for row in conn.execute(rows).mappings()]


def unsettled(
    conn: sa.Connection, stage: str, type: EventType, *, after: int = 0, until: int, limit: int = 500
) -> list[tuple[int, Event]]:
    """Events of ``type`` at the positions ``(after, until]`` that ``stage`` has not settled, with their positions."""
    settled = sa.exists().where(handled.c.stage == stage, handled.c.event == log.c.event)
    rows = (
        sa.select(log.c.position, log.c.body)
        .where(log.c.type == type, log.c.position > after, log.c.position <= until, ~settled)
        .order_by(log.c.position)
        .limit(limit)
    )
    return [(row.position, Event.decode(row.body)) for row in conn.execute(rows)]
