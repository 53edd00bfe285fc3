"""Telling a person what happened about their likeness: every use, every refusal, every change made in their name.

A notice is written in the transaction of what it tells, so that nothing happens untold and nothing is told that did not
happen. Whoever acts for a person (a guardian, an estate) gets a copy of their own. A body holds ids, handles and codes and never
a prompt, a face or free text; its words are made when it is read, in the reader's language.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Literal, get_args

import sqlalchemy as sa
from pydantic import JsonValue

from consent import notice_words, standing
from consent.cameo_tables import notices
from consent.tables import people
from safety.values import Value, canonical, derive

Kind = Literal[
    "used", "refused-use", "held", "withdrawn", "made-withdrawn", "grant-given", "grant-ended", "leave-given", "leave-ended",
    "asked", "approved", "duplicate-enrolment", "claim", "limit-reached", "representative-named", "representation-ended",
    "representative-acted", "death-recorded", "death-corrected", "exported", "revocation-closed",
]  # fmt: skip
KINDS: tuple[Kind, ...] = get_args(Kind)
#: Ids asked for in one query; SQLite takes 32,766 parameters, older ones 999.
CHUNK = 500


class Notice(Value):
    """``body`` is ids, handles and codes. ``acted_for`` is set on a representative's copy: the id of the one it is about, and
    ``whom`` their handle, None once they are erased. ``times`` counts notices that ``gathered`` made one of."""

    id: str
    person: str
    kind: Kind
    body: dict[str, JsonValue]
    at: datetime
    read_at: datetime | None = None
    acted_for: str | None = None
    whom: str | None = None
    times: int = 1


def note(
    conn: sa.Connection, person: str, kind: Kind, body: Mapping[str, JsonValue], at: datetime, *, cause: str | None = None
) -> str | None:
    """Tell ``person`` (an id) and everybody who acts for them; return the id of the person's notice.

    ``body`` has at least the fields the kind's words name (``notice_words.fields``). The same notice is written once: what makes
    it the same is ``cause`` (say, a submission's id) where one is given, else its body and time. None for a person who is not
    known or was erased: there is nobody to tell. Raises ``ValueError`` when kind or body are not what the words need.
    """
    return note_all(conn, {person: body}, kind, at, cause=cause).get(person)


def note_all(
    conn: sa.Connection, bodies: Mapping[str, Mapping[str, JsonValue]], kind: Kind, at: datetime, *, cause: str | None = None
) -> dict[str, str]:
    """Like ``note``, for many people (ids) at once, in a handful of queries; returns the notice of each who can be told."""
    if kind not in KINDS:
        raise ValueError(f"a notice {kind!r} needs words in notice_words")
    rows: dict[str, dict[str, object]] = {}
    told: dict[str, str] = {}
    for people_ids in _chunks([*bodies]):
        living = sa.select(people.c.id).where(people.c.id.in_(people_ids), people.c.erased_at.is_(None))
        told |= dict.fromkeys(conn.execute(living).scalars(), "")
        acting = [(r.person, r.representative) for r in standing.in_office_of(conn, people_ids, at)]
        for person, reader in [*((p, p) for p in people_ids), *acting]:
            if person not in told:
                continue
            body = dict(bodies[person])
            if missing := notice_words.fields(kind) - body.keys():
                raise ValueError(f"a notice {kind!r} needs {', '.join(sorted(missing))}")
            same = cause if cause is not None else f"{canonical(body).decode()}/{at.isoformat()}"
            copied: dict[str, JsonValue] = {} if reader == person else {"acted_for": person}
            identity = derive(reader, f"notice/{kind}/{person if copied else 'self'}/{same}")
            row = {"id": identity, "person": reader, "kind": kind, "body": canonical(body | copied).decode(), "at": at}
            rows[identity] = row
            if not copied:
                told[person] = identity
    for ids in _chunks([*rows]):
        for written in conn.execute(sa.select(notices.c.id).where(notices.c.id.in_(ids))).scalars():
            del rows[written]
    if rows:
        conn.execute(sa.insert(notices), [*rows.values()])
    return told


def unread(conn: sa.Connection, person: str) -> int:
    """How many notices the person (an id) has not read."""
    where = (notices.c.person == person, notices.c.read_at.is_(None))
    return int(conn.execute(sa.select(sa.func.count()).select_from(notices).where(*where)).scalar_one())


def listing(
    conn: sa.Connection,
    person: str,
    since: datetime | None = None,
    limit: int = 50,
    *,
    after: tuple[datetime, str] | None = None,
) -> tuple[Notice, ...]:
    """The person's notices, the newest first, from ``since`` on. ``after`` is time and id of the last one of the page before."""
    who, body = people.alias(), notices.c
    rows = sa.select(notices).where(body.person == person).order_by(body.at.desc(), body.id.desc()).limit(limit)
    if since is not None:
        rows = rows.where(body.at >= since)
    if after is not None:
        rows = rows.where((body.at < after[0]) | ((body.at == after[0]) & (body.id < after[1])))
    found = [_notice(row) for row in conn.execute(rows)]
    about = {n.acted_for for n in found if n.acted_for}
    names = {r.id: r.handle for r in conn.execute(sa.select(who.c.id, who.c.handle).where(who.c.id.in_(about)))} if about else {}
    return tuple(n.model_copy(update={"whom": names.get(n.acted_for or "")}) for n in found)


def mark_read(conn: sa.Connection, person: str, at: datetime, only: Iterable[str] | None = None) -> int:
    """Mark the person's unread notices up to ``at`` as read, all or ``only`` those ids; return how many that were."""
    where = [notices.c.person == person, notices.c.read_at.is_(None), notices.c.at <= at]
    if only is not None:
        where.append(notices.c.id.in_([*only]))
    return int(conn.execute(sa.update(notices).where(*where).values(read_at=at)).rowcount)


def forget(conn: sa.Connection, person: str) -> int:
    """Delete the person's notices, for an erasure; return how many. Copies that others got name only an id and stay theirs."""
    return int(conn.execute(sa.delete(notices).where(notices.c.person == person)).rowcount)


def gathered(found: Sequence[Notice]) -> tuple[Notice, ...]:
    """Neighbours that say the same of the same person become one that says how often: thirty refused requests are one line."""
    made: list[Notice] = []
    for notice in found:
        if made and _alike(made[-1]) == _alike(notice):
            made[-1] = made[-1].model_copy(update={"times": made[-1].times + 1})
        else:
            made.append(notice)
    return tuple(made)


def words(notice: Notice, language: str = "en") -> str:
    """The notice as a sentence, in English (``en``) or French (``fr``)."""
    which = notice_words.LANGUAGES.index(language)
    said = notice_words.sentence(notice.kind, {k: str(v) for k, v in notice.body.items()}, language)
    if notice.times > 1:
        said += notice_words.TIMES[which].format(times=notice.times)
    if notice.acted_for is None:
        return said
    whom = f"@{notice.whom}" if notice.whom else notice_words.SOMEBODY[which]
    return notice_words.TOLD_FOR[which].format(whom=whom, sentence=said)


def _alike(notice: Notice) -> tuple[object, ...]:
    body = {name: notice.body[name] for name in notice_words.fields(notice.kind)}
    return notice.kind, notice.acted_for, canonical(body), notice.read_at is None


def _chunks(ids: list[str]) -> Iterator[list[str]]:
    return (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))


def _notice(row: sa.Row[tuple[object, ...]]) -> Notice:
    body = json.loads(row.body)
    about = body.pop("acted_for", None)
    return Notice(id=row.id, person=row.person, kind=row.kind, body=body, at=row.at, read_at=row.read_at, acted_for=about)
