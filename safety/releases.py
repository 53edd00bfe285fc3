"""Releases and withdrawals: what is shown, on whose leave, and how it is taken back with everything made from it.

The rows are the truth that serving reads at every request. Whether a release may be made is decided in ``streams/release.py``;
here it is only written, and only inside a write transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import count
from typing import Literal

import sqlalchemy as sa

from safety import ledger
from safety.errors import Conflict, NotFound
from safety.permit import Permit
from safety.tables import release_permits, releases, withdrawals
from safety.values import Value, derive

Cause = Literal["revocation", "opt-out", "moderation", "policy", "claim"]

#: Rows named one by one in a statement; SQLite takes 32,766 at most, PostgreSQL 65,535.
CHUNK = 5_000


class Release(Value):
    """A clip that was shown. ``clip`` is 24 hex digits: the 96-bit id its watermark carries."""

    clip: str
    submission: str
    requester: str
    parent: str | None
    draft: str
    sealed: str
    prompt_verdict: str
    clip_verdict: str
    policy: str
    released_at: datetime
    withdrawal: str | None = None
    withdrawn_at: datetime | None = None


class Withdrawal(Value):
    """Why clips were taken back, and how many. ``receipt`` is signed JSON, written when the cascade is counted."""

    id: str
    cause: Cause
    subject: str
    reason: str
    at: datetime
    clips: int
    receipt: str | None = None


def insert(conn: sa.Connection, release: Release, permits: Iterable[Permit]) -> None:
    """Write the release, the permits it rests on, and its ledger entry. Raises ``Conflict`` when the clip is out already."""
    if conn.execute(sa.select(releases.c.clip).where(releases.c.clip == release.clip)).first():
        raise Conflict(f"Clip {release.clip} was released before.")
    conn.execute(sa.insert(releases).values(**release.model_dump()))
    permits = tuple(permits)
    for permit in permits:
        conn.execute(
            sa.insert(release_permits).values(
                clip=release.clip, permit=permit.id, subject=permit.subject, grant_id=permit.grant, body=permit.model_dump_json()
            )
        )
    entry: dict[str, object] = {
        "clip": release.clip, "draft": release.draft, "sealed": release.sealed, "policy": release.policy,
        "prompt_verdict": release.prompt_verdict, "clip_verdict": release.clip_verdict,
        "permits": [p.id for p in permits], "parent": release.parent,
    }  # fmt: skip
    ledger.append(conn, "release", release.submission, entry, release.released_at)


def get(conn: sa.Connection, clip: str) -> Release:
    """The release of ``clip``, withdrawn or not, or ``NotFound``."""
    row = conn.execute(sa.select(releases).where(releases.c.clip == clip)).mappings().first()
    if row is None:
        raise NotFound(f"No released clip has the id {clip!r}.")
    return Release.model_validate(dict(row))


def of_submission(conn: sa.Connection, submission: str) -> Release | None:
    """The release a submission ended in, if it did."""
    row = conn.execute(sa.select(releases).where(releases.c.submission == submission)).mappings().first()
    return Release.model_validate(dict(row)) if row else None


def listing(conn: sa.Connection, *, live_only: bool = False, limit: int = 100) -> tuple[Release, ...]:
    """Releases, the newest first."""
    rows = sa.select(releases).order_by(releases.c.released_at.desc(), releases.c.clip).limit(limit)
    if live_only:
        rows = rows.where(releases.c.withdrawal.is_(None))
    return tuple(Release.model_validate(dict(row)) for row in conn.execute(rows).mappings())


def permits_of(conn: sa.Connection, clip: str) -> tuple[Permit, ...]:
    """The permits a release rested on."""
    rows = sa.select(release_permits.c.body).where(release_permits.c.clip == clip).order_by(release_permits.c.permit)
    return tuple(Permit.model_validate_json(row.body) for row in conn.execute(rows))


def resting_on(
    conn: sa.Connection, *, subject: str | None = None, grant: str | None = None, grants: Iterable[str] | None = None
) -> tuple[str, ...]:
    """Live clips that rest on a permit of this person or reservation, or of this grant or any of these."""
    rows = sa.select(releases.c.clip).join(release_permits).where(releases.c.withdrawal.is_(None)).distinct()
    if subject is not None:
        rows = rows.where(release_permits.c.subject == subject)
    if grant is not None:
        rows = rows.where(release_permits.c.grant_id == grant)
    if grants is None:
        return tuple(row.clip for row in conn.execute(rows.order_by(releases.c.clip)))
    found: set[str] = set()
    for some in _chunks(grants):
        found.update(conn.execute(rows.where(release_permits.c.grant_id.in_(some))).scalars())
    return tuple(sorted(found))


def with_remixes(conn: sa.Connection, clips: Iterable[str]) -> tuple[str, ...]:
    """``clips`` and everything remixed from them, however deep, that is still live."""
    found: set[str] = set()
    for start in _chunks(clips):
        tree = sa.select(releases.c.clip).where(releases.c.clip.in_(start)).cte("tree", recursive=True)
        tree = tree.union(sa.select(releases.c.clip).join(tree, releases.c.parent == tree.c.clip))
        rows = sa.select(releases.c.clip).where(releases.c.clip.in_(sa.select(tree.c.clip)), releases.c.withdrawal.is_(None))
        found.update(conn.execute(rows).scalars())
    return tuple(sorted(found))


def remixes(conn: sa.Connection, clip: str) -> tuple[str, ...]:
    """Live clips made directly from ``clip``, the oldest first."""
    rows = sa.select(releases.c.clip).where(releases.c.parent == clip, releases.c.withdrawal.is_(None))
    return tuple(row.clip for row in conn.execute(rows.order_by(releases.c.released_at, releases.c.clip)))


def withdraw(
    conn: sa.Connection, clips: Iterable[str], *, cause: Cause, subject: str, reason: str, at: datetime, complete: bool = False
) -> tuple[Withdrawal, tuple[str, ...]]:
    """Take back ``clips`` with all their remixes in this transaction; return the withdrawal and the clips it took.

    ``complete`` says that ``clips`` are what ``with_remixes`` answered in this same transaction.
    """
    taken = tuple(sorted(clips)) if complete else with_remixes(conn, clips)
    withdrawal = Withdrawal(
        id=_new_id(conn, subject, cause, at), cause=cause, subject=subject, reason=reason, at=at, clips=len(taken)
    )  # fmt: skip
    conn.execute(sa.insert(withdrawals).values(**withdrawal.model_dump()))
    for some in _chunks(taken):
        conn.execute(sa.update(releases).where(releases.c.clip.in_(some)).values(withdrawal=withdrawal.id, withdrawn_at=at))
    told: list[tuple[str, dict[str, object]]] = [
        (clip, {"withdrawal": withdrawal.id, "cause": cause, "clip": clip}) for clip in taken
    ]
    ledger.append_many(conn, "withdrawal", told, at)
    return withdrawal, taken


def made_by(conn: sa.Connection, clips: Iterable[str]) -> dict[str, int]:
    """How many of these clips each requester made."""
    made: dict[str, int] = {}
    for some in _chunks(clips):
        rows = sa.select(releases.c.requester, sa.func.count()).where(releases.c.clip.in_(some)).group_by(releases.c.requester)
        for requester, number in conn.execute(rows):
            made[requester] = made.get(requester, 0) + number
    return made


def taken_by(conn: sa.Connection, withdrawal: str) -> int:
    """How many clips a withdrawal took, counted from their rows."""
    rows = sa.select(sa.func.count()).select_from(releases).where(releases.c.withdrawal == withdrawal)
    return int(conn.execute(rows).scalar_one())


def read_withdrawal(conn: sa.Connection, withdrawal_id: str) -> Withdrawal:
    """The withdrawal, or ``NotFound``."""
    row = conn.execute(sa.select(withdrawals).where(withdrawals.c.id == withdrawal_id)).mappings().first()
    if row is None:
        raise NotFound(f"No withdrawal has the id {withdrawal_id!r}.")
    return Withdrawal.model_validate(dict(row))


def _new_id(conn: sa.Connection, subject: str, cause: Cause, at: datetime) -> str:
    """An id derived from what is withdrawn, why and when; two withdrawals of one moment have two."""
    for ordinal in count():
        name = derive(f"{subject}/{at.isoformat()}", f"withdrawal/{cause}", ordinal)
        if conn.execute(sa.select(withdrawals.c.id).where(withdrawals.c.id == name)).first() is None:
            break
    return name


def _chunks(names: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """The names, each once, in parts that a statement can name one by one."""
    ordered = sorted(set(names))
    yield from (tuple(ordered[i : i + CHUNK]) for i in range(0, len(ordered), CHUNK))
