"""How far taking something back reaches: clips and their remixes, drafts that wait, work under way, permits not yet used.

A preview and the act ask here, so that what is promised is what is done. Nothing is changed, and no list of everything that
waits is ever read: who is concerned is found by the permits issued to them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

import sqlalchemy as sa

from consent.cameo_tables import issued_permits
from safety import records
from safety.permit import Permit
from safety.releases import CHUNK
from safety.tables import verdicts
from streams.context import Context
from streams.permits import lost_permits
from streams.tables import submissions

#: What has not ended yet.
WAITING = ("held", "in-flight")


@dataclass(frozen=True)
class Waiting:
    """Submissions that cannot go on: ``held`` wait for a person, ``flight`` are being made. ``orphans`` are those of either that
    only lose the clip they are a remix of."""

    held: tuple[str, ...] = ()
    flight: tuple[str, ...] = ()
    orphans: frozenset[str] = field(default_factory=frozenset)


def waiting_by_grants(conn: sa.Connection, person: str, grants: Collection[str], clips: Iterable[str]) -> Waiting:
    """What rests on permits of ``person`` from ``grants``, or is a remix of ``clips``."""
    issued = {
        request
        for some in _chunks(grants)
        for request in conn.execute(
            sa.select(issued_permits.c.request).where(
                issued_permits.c.grant_id.in_(some), issued_permits.c.spent_at.is_(None)
            ).distinct()
        ).scalars()
    }  # fmt: skip
    unissued = {
        submission
        for submission, permits in _judged(conn, person, unissued=True).items()
        if any(p.subject == person and p.grant in grants for p in permits.values())
    }
    return _sorted_out(conn, issued | unissued, clips)


def waiting_by_loss(conn: sa.Connection, ctx: Context, subject: str, clips: Iterable[str]) -> Waiting:
    """What rests on permits of ``subject`` (a person or a reservation) that this transaction no longer finds valid, or is a
    remix of ``clips``."""
    lost = {s for s, permits in _judged(conn, subject).items() if lost_permits(conn, permits.values(), ctx)}
    return _sorted_out(conn, lost, clips)


def unused_permits(conn: sa.Connection, grants: Iterable[str]) -> int:
    """How many permits of these grants were issued and neither used nor given back."""
    number = 0
    for some in _chunks(grants):
        open_ones = (
            issued_permits.c.grant_id.in_(some), issued_permits.c.spent_at.is_(None), issued_permits.c.voided_at.is_(None)
        )  # fmt: skip
        number += int(conn.execute(sa.select(sa.func.count()).select_from(issued_permits).where(*open_ones)).scalar_one())
    return number


def _judged(conn: sa.Connection, subject: str, *, unissued: bool = False) -> dict[str, dict[str, Permit]]:
    """Permits in the verdicts of what waits, where one names ``subject``. The text is searched by the database, and only what it
    finds is read; ``unissued`` leaves out what has a row in ``issued_permits``."""
    named = '%"subject":"' + subject.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + '"%'
    rows = (
        sa.select(submissions.c.id)
        .join(verdicts, verdicts.c.submission == submissions.c.id)
        .where(submissions.c.status.in_(WAITING), verdicts.c.body.like(named, escape="\\"))
        .distinct()
    )
    if unissued:
        has_one = issued_permits.c.request == submissions.c.id, issued_permits.c.person == subject
        rows = rows.where(~sa.exists().where(*has_one))
    found = conn.execute(rows).scalars().all()
    return {s: {p.id: p for v in records.verdicts_of(conn, s) for p in v.permits} for s in found}


def _sorted_out(conn: sa.Connection, concerned: Collection[str], clips: Iterable[str]) -> Waiting:
    """By status, together with the remixes of ``clips`` under way; whatever ended meanwhile is left out."""
    table, status = submissions.c, {}
    for some in _chunks(concerned):
        status.update(_statuses(conn, table.id.in_(some)))
    orphans = {}
    for some in _chunks(clips):
        orphans.update(_statuses(conn, table.parent.in_(some)))
    whole = orphans | status
    return Waiting(
        held=tuple(sorted(s for s, now in whole.items() if now == "held")),
        flight=tuple(sorted(s for s, now in whole.items() if now == "in-flight")),
        orphans=frozenset(orphans) - frozenset(status),
    )


def _statuses(conn: sa.Connection, where: sa.ColumnElement[bool]) -> dict[str, str]:
    rows = sa.select(submissions.c.id, submissions.c.status).where(where, submissions.c.status.in_(WAITING))
    return {row.id: row.status for row in conn.execute(rows)}


def _chunks(names: Iterable[str]) -> Iterator[list[str]]:
    ordered = sorted(set(names))
    yield from (ordered[i : i + CHUNK] for i in range(0, len(ordered), CHUNK))
