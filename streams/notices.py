"""Where people are told: called in the transaction of what happened, so that it is told exactly when it happened.

Every function may be called again for the same thing and tells it once. Who is told what: the person depicted (and whoever acts
for them) of every use, refusal, hold and withdrawal; the maker, where they are enrolled, of what was taken from them. Nobody is
told of their own use of themself, and nobody learns what a prompt said.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from pydantic import JsonValue

from consent import grants, issuing, notices, people
from consent.circle import Acquaintance
from consent.permits import mentions, own_grant, permits_for
from consent.scope import AUDIENCES
from consent.tables import people as people_table
from safety import releases
from safety.permit import OUTSIDE, Denial, Permit
from safety.releases import Release, Withdrawal
from safety.tables import release_permits
from safety.tables import releases as release_table
from streams.tables import submissions

#: Clauses of a refusal that are about the person and not about the policy.
CLAUSES = {"CLR-SCOPE": OUTSIDE, "CLR-CONSENT-LOST": "lost"}


def tell_release(conn: sa.Connection, release: Release, permits: Iterable[Permit], at: datetime) -> None:
    """Everybody whose permit the release used is told who used it, and when their grant allows no more."""
    for permit in permits:
        if permit.kind != "cameo" or permit.grant == own_grant(permit.subject):
            continue
        body: dict[str, JsonValue] = {"by": permit.holder, "clip": release.clip, "grant": permit.grant}
        if notices.note(conn, permit.subject, "used", body, at, cause=release.clip) is None:
            continue  # nobody is there to be told
        limit = grants.get_grant(conn, permit.grant, at).scope.limit
        if limit is not None and not issuing.has_room(conn, permit.grant, limit, at):
            body = {"by": permit.holder, "grant": permit.grant, "count": limit.count, "per": limit.per}
            notices.note(conn, permit.subject, "limit-reached", body, at, cause=release.clip)


def tell_ended(conn: sa.Connection, submission: str, status: str, clause: str | None, at: datetime) -> None:
    """Everybody a submission (its id) asked for is told that it was ``refused``, and why as far as it is about them, or ``held``.

    Any other status tells nothing. The reason is worked out anew, in this transaction, from what holds for each person now.
    """
    if status not in ("refused", "held"):
        return
    row = conn.execute(sa.select(submissions).where(submissions.c.id == submission)).first()
    if row is None:
        return
    asked = dict.fromkeys([*json.loads(row.cameos), *mentions(row.prompt)])
    if row.parent is not None:
        asked |= dict.fromkeys(p.subject for p in releases.permits_of(conn, row.parent) if p.kind == "cameo")
    known = {p.id: p for p in (people.find(conn, name) for name in asked) if p is not None}
    others = {p.id: p for p in known.values() if p.handle != row.requester}
    if status == "held":
        bodies: dict[str, dict[str, JsonValue]] = {p: {"by": row.requester, "submission": submission} for p in others}
        notices.note_all(conn, bodies, "held", at, cause=submission)
        return
    answers = dict(zip(known, permits_for(conn, row.requester, known, at), strict=True))
    for person in others:
        body: dict[str, JsonValue] = {"by": row.requester, "submission": submission, "reason": _reason(person, answers, clause)}
        answer = answers[person]
        body |= {"grant": answer.grant} if isinstance(answer, Permit) else {}
        notices.note(conn, person, "refused-use", body, at, cause=submission)


def tell_withdrawal(conn: sa.Connection, withdrawal: Withdrawal) -> None:
    """Once the releases are marked: everybody they show is told how many went and why, but for who took consent back; so is
    each maker. A handful of queries, however many clips."""
    rest: dict[str, JsonValue] = {"cause": withdrawal.cause, "withdrawal": withdrawal.id}
    revoker = withdrawal.subject if withdrawal.cause == "revocation" else ""
    gone = sa.select(release_permits.c.subject, sa.func.count(sa.distinct(release_permits.c.clip)).label("clips"))
    gone = gone.join(release_table, release_table.c.clip == release_permits.c.clip)
    gone = gone.where(release_table.c.withdrawal == withdrawal.id, release_permits.c.subject != revoker)
    shown = {row.subject: rest | {"clips": row.clips} for row in conn.execute(gone.group_by(release_permits.c.subject))}
    notices.note_all(conn, shown, "withdrawn", withdrawal.at, cause=withdrawal.id)
    made = sa.select(people_table.c.id, sa.func.count().label("clips"))
    made = made.join(release_table, release_table.c.requester == people_table.c.handle)
    made = made.where(release_table.c.withdrawal == withdrawal.id, people_table.c.id != revoker)
    makers = {row.id: rest | {"clips": row.clips} for row in conn.execute(made.group_by(people_table.c.id))}
    notices.note_all(conn, makers, "made-withdrawn", withdrawal.at, cause=withdrawal.id)


def tell_closed(conn: sa.Connection, person: str, revocation: str, clips: int, at: datetime) -> None:
    """The person (an id) is told that everything their revocation took back is gone, and its closing receipt signed."""
    notices.note(conn, person, "revocation-closed", {"clips": clips, "revocation": revocation}, at, cause=revocation)


def tell_grant(conn: sa.Connection, given: grants.Grant, actor: str | None, at: datetime) -> None:
    """The person is told of a grant in their name, and the one it names, where they are enrolled; ``actor`` (an id) gave it."""
    notices.note(conn, given.person, "grant-given", {"holder": given.holder, "grant": given.id}, at, cause=given.id)
    _tell_holder(conn, given, "leave-given", at)
    tell_acted(conn, given.person, actor, "granted", at)


def tell_change(conn: sa.Connection, change: grants.Change, actor: str | None = None) -> None:
    """After a revocation the person and the holders are told which grants ended; after any change, who acted for the person."""
    if change.act == "revoked":
        for grant in change.grants:
            ended = grants.get_grant(conn, grant, change.at)
            notices.note(conn, change.person, "grant-ended", {"holder": ended.holder, "grant": grant}, change.at, cause=grant)
            _tell_holder(conn, ended, "leave-ended", change.at)
    tell_acted(conn, change.person, actor, change.act, change.at)


def tell_acted(conn: sa.Connection, person: str, actor: str | None, act: str, at: datetime) -> None:
    """The person (an id) is told that ``actor`` (an id or handle, None: nobody) did ``act`` for them."""
    other = None if actor is None else people.find(conn, actor)
    if other is not None and other.id != person:
        notices.note(conn, person, "representative-acted", {"actor": other.handle, "act": act}, at)


def tell_circle(conn: sa.Connection, known: Acquaintance, at: datetime) -> None:
    """Who is asked for approval is told, and who was approved, where they are enrolled. An ended acquaintance is not told of."""
    if known.standing == "asked":
        notices.note(conn, known.person, "asked", {"by": known.other, "what": known.kind}, at, cause=known.id)
    elif known.standing == "approved":
        owner, other = people.find(conn, known.person), people.find(conn, known.other)
        if owner is not None and other is not None:
            notices.note(conn, other.id, "approved", {"by": owner.handle, "what": known.kind}, at, cause=known.id)


def _tell_holder(conn: sa.Connection, grant: grants.Grant, kind: notices.Kind, at: datetime) -> None:
    owner = people.find(conn, grant.person)
    other = None if grant.holder in AUDIENCES else people.find(conn, grant.holder)
    if owner is not None and other is not None:
        notices.note(conn, other.id, kind, {"by": owner.handle, "grant": grant.id}, at, cause=grant.id)


def _reason(person: str, answers: dict[str, Permit | Denial], clause: str | None) -> str:
    """Why it was refused, as far as it is about this person: their own no, another's no, what they ruled out, or a rule."""
    answer = answers[person]
    if isinstance(answer, Denial):
        return answer.reason
    if any(isinstance(other, Denial) for other in answers.values()):
        return "company"
    return CLAUSES.get(clause or "", "policy")
