"""What was made of a person, for their page: how often each grant was used, by whom, which clips, and all of it by time.

Each answer is one query over rows that are the record anyway, so it cannot differ from what happened; a page goes on after the
last row of the one before. Persons are given by id.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from pydantic import JsonValue

from consent.cameo_tables import notices
from consent.tables import grant_events
from safety.tables import release_permits, releases, withdrawals
from safety.values import Value

Sort = Literal["statement", "used", "withdrawal", "notice"]
Rows = sa.Select[*tuple[Any, ...]]
#: Where a page of history or of clips ended: time, sort, place among those of one time, and id of its last row.
Place = tuple[datetime, str, int, str]
#: Notices that say again what the history has from the record itself.
SAID_ALREADY = ("used", "withdrawn", "grant-given", "grant-ended")


class GrantUse(Value):
    """Clips made on one grant: ``live`` are shown now, ``withdrawn`` were; ``refused`` requests of those it was given to."""

    grant: str
    live: int = 0
    withdrawn: int = 0
    refused: int = 0
    last_used: datetime | None = None

    @property
    def made(self) -> int:
        return self.live + self.withdrawn


class MakerUse(Value):
    """Clips of the person that ``by`` (a handle) made."""

    by: str
    live: int
    withdrawn: int
    last_used: datetime


class ClipUse(Value):
    """One clip of the person. ``withdrawn_at`` and ``cause`` are None while it is shown."""

    clip: str
    by: str
    grant: str
    released_at: datetime
    withdrawn_at: datetime | None
    cause: str | None

    @property
    def place(self) -> Place:
        """What to give as ``after`` for the next page."""
        return self.released_at, "used", 0, self.clip


class Moment(Value):
    """One thing in a person's history. ``what`` is a statement's act, a withdrawal's cause, a notice's kind, or a use's clip.

    ``body`` is: of a statement ``grant`` (None: all), ``actor`` (an id when somebody acted for the person) and ``signed``; of a
    use ``by`` and ``grant``; of a withdrawal ``clips`` (how many of the person); of a notice its own body.
    """

    at: datetime
    sort: Sort
    id: str
    what: str
    body: dict[str, JsonValue]
    order: int = 0

    @property
    def place(self) -> Place:
        """What to give as ``after`` for the next page."""
        return self.at, self.sort, self.order, self.id


def by_grant(conn: sa.Connection, person: str) -> dict[str, GrantUse]:
    """How much each grant was used, by its id; the person's use of themself is under ``consent.permits.own_grant``.

    A grant that was never used nor asked for is not in it. Two queries, whatever the number of grants.
    """
    used = _used().add_columns(release_permits.c.grant_id).where(release_permits.c.subject == person)
    found = {
        row.grant_id: GrantUse(grant=row.grant_id, live=row.made - row.withdrawn, withdrawn=row.withdrawn, last_used=row.last)
        for row in conn.execute(used.group_by(release_permits.c.grant_id))
    }
    refused = sa.select(notices.c.body).where(notices.c.person == person, notices.c.kind == "refused-use")
    for body in conn.execute(refused).scalars():
        said = json.loads(body)
        if "acted_for" not in said and (grant := said.get("grant")) is not None:
            so_far = found.get(grant, GrantUse(grant=grant))
            found[grant] = so_far.model_copy(update={"refused": so_far.refused + 1})
    return found


def by_maker(conn: sa.Connection, person: str, limit: int = 100) -> tuple[MakerUse, ...]:
    """Who made clips of the person, the most first."""
    made = sa.func.count(sa.distinct(releases.c.clip))
    rows = _used().add_columns(releases.c.requester).where(release_permits.c.subject == person).group_by(releases.c.requester)
    return tuple(
        MakerUse(by=row.requester, live=row.made - row.withdrawn, withdrawn=row.withdrawn, last_used=row.last)
        for row in conn.execute(rows.order_by(made.desc(), releases.c.requester).limit(limit))
    )


def clips(conn: sa.Connection, person: str, limit: int = 50, after: Place | None = None) -> tuple[ClipUse, ...]:
    """Clips of the person, the newest first, withdrawn ones too."""
    rows = (
        sa.select(
            releases.c.clip, releases.c.requester.label("by"), sa.func.min(release_permits.c.grant_id).label("grant"),
            releases.c.released_at, releases.c.withdrawn_at, withdrawals.c.cause,
        )
        .join(release_permits, release_permits.c.clip == releases.c.clip)
        .outerjoin(withdrawals, withdrawals.c.id == releases.c.withdrawal)
        .where(release_permits.c.subject == person)
        .group_by(releases.c.clip, withdrawals.c.cause)
        .order_by(releases.c.released_at.desc(), releases.c.clip.desc())
        .limit(limit)
    )  # fmt: skip
    if after is not None:
        at, clip = after[0], after[3]
        rows = rows.where((releases.c.released_at < at) | ((releases.c.released_at == at) & (releases.c.clip < clip)))
    return tuple(ClipUse.model_validate(dict(row)) for row in conn.execute(rows).mappings())


def history(conn: sa.Connection, person: str, limit: int = 50, after: Place | None = None) -> tuple[Moment, ...]:
    """Everything about the person's likeness in order of time, the newest first: what they signed, uses, withdrawals, notices.

    One query; each kind is cut to the page before they are put together.
    """
    parts = [
        _page(part, limit, after) for part in (_statements(person), _uses(person), _withdrawals(person), _notices(person))
    ]  # fmt: skip
    every = sa.union_all(*(sa.select(part) for part in parts)).subquery()
    rows = sa.select(every).order_by(*(every.c[name].desc() for name in ("at", "sort", "place", "id"))).limit(limit)
    return tuple(_moment(row) for row in conn.execute(rows))


def _used() -> Rows:
    """Clips made and withdrawn, and the last release; to be narrowed and grouped."""
    gone = sa.case((releases.c.withdrawal.is_not(None), releases.c.clip))
    return sa.select(
        sa.func.count(sa.distinct(releases.c.clip)).label("made"),
        sa.func.count(sa.distinct(gone)).label("withdrawn"),
        sa.func.max(releases.c.released_at).label("last"),
    ).join(release_permits, release_permits.c.clip == releases.c.clip)


def _page(part: Rows, limit: int, after: Place | None) -> sa.Subquery:
    rows = part.subquery()
    cut = sa.select(rows)
    columns = [rows.c.at, rows.c.sort, rows.c.place, rows.c.id]
    if after is not None:
        given = [sa.literal(value, column.type) for value, column in zip(after, columns, strict=True)]
        cut = cut.where(sa.tuple_(*columns) < sa.tuple_(*given))
    return cut.order_by(*(column.desc() for column in columns)).limit(limit).subquery()


def _row(
    at: sa.ColumnElement[datetime], sort: Sort, id: sa.ColumnElement[str], what: sa.ColumnElement[str],
    place: sa.ColumnElement[int] | None = None, *more: sa.ColumnElement[Any],
) -> Rows:  # fmt: skip
    """The columns that every kind of moment has in common; ``more`` are up to three of its own, as text."""
    own = [*more, *(sa.null() for _ in range(3 - len(more)))]
    return sa.select(
        at.label("at"), sa.literal(sort).label("sort"), (sa.literal(0) if place is None else place).label("place"),
        id.label("id"), what.label("what"), *(sa.cast(c, sa.Text).label(name) for c, name in zip(own, "abc", strict=True)),
    )  # fmt: skip


def _statements(person: str) -> Rows:
    events = grant_events.c
    signed = sa.case((sa.func.length(events.signature) > 0, "yes"), else_="")
    own = (events.grant_id, events.actor, signed)
    return _row(events.at, "statement", sa.cast(events.position, sa.String), events.kind, events.position, *own).where(
        events.person == person
    )


def _uses(person: str) -> Rows:
    shown, grant = releases.c, sa.func.min(release_permits.c.grant_id)
    row = _row(shown.released_at, "used", shown.clip, shown.clip, None, shown.requester, grant)
    row = row.join(release_permits, release_permits.c.clip == shown.clip).where(release_permits.c.subject == person)
    return row.group_by(shown.clip)


def _withdrawals(person: str) -> Rows:
    count = sa.func.count(sa.distinct(releases.c.clip))
    row = _row(withdrawals.c.at, "withdrawal", withdrawals.c.id, withdrawals.c.cause, None, count)
    row = row.join(releases, releases.c.withdrawal == withdrawals.c.id)
    row = row.join(release_permits, release_permits.c.clip == releases.c.clip).where(release_permits.c.subject == person)
    return row.group_by(withdrawals.c.id)


def _notices(person: str) -> Rows:
    row = _row(notices.c.at, "notice", notices.c.id, notices.c.kind, None, notices.c.body)
    return row.where(notices.c.person == person, notices.c.kind.not_in(SAID_ALREADY))


def _moment(row: sa.Row[tuple[object, ...]]) -> Moment:
    body: dict[str, JsonValue]
    if row.sort == "statement":
        body = {"grant": row.a, "actor": row.b, "signed": row.c == "yes"}
    elif row.sort == "used":
        body = {"by": row.a, "grant": row.b}
    else:
        body = {"clips": int(row.a)} if row.sort == "withdrawal" else json.loads(row.a)
    return Moment(at=row.at, sort=row.sort, id=row.id, what=row.what, body=body, order=row.place)
