"""Who may use me, for what, with whom, how often, until when: grants, and their end.

A grant is signed by the person's own key and never changes. Pausing, resuming and revoking are signed events; what a grant is
worth now is read from them, every time. A revoked grant stays revoked; whoever is to be let in again gets a new one.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Literal, TypedDict, Unpack

import sqlalchemy as sa
from pydantic import JsonValue

from consent.errors import ConsentError, StatementRefused, UnknownGrant
from consent.people import check_handle, get
from consent.scope import AUDIENCES, EVERYTHING, Scope
from consent.signing import deeds
from consent.signing.consent_document import Controller, Document, consent_document
from consent.signing.credentials import Proof, attest
from consent.signing.receipts import signed_by
from consent.signing.statements import still_fresh
from consent.standing import hindrance, terms_of_grant
from consent.tables import grant_events, grants
from consent.vault.keys import Vault
from consent.version import bump
from safety import ledger
from safety.clock import Clock
from safety.errors import BadInput
from safety.signed import Signed
from safety.values import Value, canonical, derive

Status = Literal["active", "paused", "revoked", "expired"]
Act = Literal["granted", "revoked", "paused", "resumed"]
Changing = Literal["pause", "resume", "revoke"]
DONE: dict[Changing, Act] = {"pause": "paused", "resume": "resumed", "revoke": "revoked"}


class Signing(TypedDict, total=False):
    """Who acts, and what they signed elsewhere: see ``consent.signing.deeds.sign``."""

    actor: str | None
    document: Document | None
    proof: Proof | None


class Draft(Value):
    """A grant before it is signed: ``document`` is what the person reads and signs, everything else is in it."""

    id: str
    person: str
    holder: str
    scope: Scope
    at: datetime
    expires_at: datetime | None
    actor: str | None
    document: dict[str, JsonValue]


class Grant(Value):
    """``holder`` is a handle or an audience of ``consent.scope``; ``receipt`` is the signed consent receipt."""

    id: str
    person: str
    holder: str
    scope: Scope
    granted_at: datetime
    expires_at: datetime | None
    status: Status
    receipt: Signed


class Change(Value):
    """What a pause, resume or revocation touched, and its place in the ledger."""

    act: Act
    person: str
    grants: tuple[str, ...]
    at: datetime
    ledger_position: int


def draft(
    conn: sa.Connection,
    person: str,
    to: str,
    at: datetime,
    *,
    scope: Scope = EVERYTHING,
    expires_at: datetime | None = None,
    actor: str | None = None,
    controller: Controller | None = None,
) -> Draft:
    """What would be signed to let ``to`` (a handle or an audience) use ``person`` (id or handle) within ``scope``, from ``at``.

    ``actor`` (id or handle) gives the grant for the person: see ``standing.terms_of_grant``, which may narrow it. Raises
    ``UnknownPerson``, ``BadInput``, ``Forbidden``, or ``ConsentError`` for a protected person, who cannot be depicted at all.
    """
    owner = get(conn, person)
    if owner.kind == "protected":
        raise ConsentError("A protected person is never depicted, so nothing can be granted; enrol them instead.")
    holder = to.strip().lower() if to.strip().lower() in AUDIENCES else check_handle(to)
    if expires_at is not None and (expires_at.tzinfo is None or expires_at <= at):
        raise BadInput("A grant ends at a time in the future, given with its time zone; choose a later one.")
    terms = terms_of_grant(conn, owner.id, actor, holder, scope.forbids, expires_at, at)
    narrowed = scope.model_copy(update={"forbids": terms.forbids})
    made = conn.execute(sa.select(sa.func.count()).select_from(grants).where(grants.c.person == owner.id)).scalar_one()
    identity = derive(owner.id, f"grant/{holder}", made)
    document = consent_document(
        record=identity, person=owner.id, holder=holder, scope=narrowed, granted_at=at, expires_at=terms.expires_at,
        controller=controller, actor=terms.actor, role=terms.role,
    )  # fmt: skip
    return Draft(
        id=identity, person=owner.id, holder=holder, scope=narrowed, at=at, expires_at=terms.expires_at, actor=terms.actor,
        document=document,
    )  # fmt: skip


def grant(
    conn: sa.Connection,
    person: str,
    to: str,
    vault: Vault,
    clock: Clock,
    *,
    scope: Scope = EVERYTHING,
    expires_at: datetime | None = None,
    actor: str | None = None,
    controller: Controller | None = None,
    document: Document | None = None,
    proof: Proof | None = None,
) -> Grant:
    """Give the grant that ``draft`` describes, signed by the person or by ``actor`` for them.

    Who has a key of their own gives the draft's ``document`` and the ``proof`` that they signed it, within five minutes. Raises
    as ``draft`` does, and ``StatementRefused``, ``ProofNeeded``, ``ProofRefused``.
    """
    now = clock()
    at = now if document is None else _prepared_at(document, now)
    wanted = draft(conn, person, to, at, scope=scope, expires_at=expires_at, actor=actor, controller=controller)
    if document is not None and canonical(document) != canonical(wanted.document):
        raise StatementRefused("What was signed is not this grant; prepare it again and sign that.")
    owner = get(conn, person)
    attested = attest(conn, owner if wanted.actor is None else get(conn, wanted.actor), canonical(wanted.document), vault, proof)
    rest = wanted.scope.model_dump(mode="json", exclude={"forbids"})
    values = {
        "id": wanted.id, "person": owner.id, "holder": wanted.holder, "forbids": json.dumps(sorted(wanted.scope.forbids)),
        "scope": json.dumps(rest), "granted_at": at, "expires_at": wanted.expires_at,
        "receipt": signed_by(wanted.document, attested).model_dump_json(),
    }  # fmt: skip
    conn.execute(sa.insert(grants).values(**values))
    deed = deeds.Deed(statement=canonical(wanted.document), attested=attested, actor=wanted.actor)
    deeds.record(conn, owner.id, "granted", [wanted.id], deed, at)
    bump(conn, "grants")
    ledger.append(conn, "grant-granted", owner.id, _told(wanted), now)
    return get_grant(conn, wanted.id, now)


def revoke(
    conn: sa.Connection, person: str, vault: Vault, clock: Clock, grant: str | None = None, **signing: Unpack[Signing]
) -> Change:
    """End one grant, or every grant that is not ended yet. Once this transaction is kept, no permit from them is valid.

    It needs no key; a ``document`` and ``proof`` are kept when they are good. Raises ``UnknownPerson``, ``UnknownGrant`` and
    ``Forbidden``.
    """
    return _change(conn, person, "revoke", vault, clock, grant, **signing)


def pause(
    conn: sa.Connection, person: str, vault: Vault, clock: Clock, grant: str | None = None, **signing: Unpack[Signing]
) -> Change:
    """Suspend one grant, or every grant of the person, also those still to come, until ``resume``. Raises as ``revoke`` does."""
    return _change(conn, person, "pause", vault, clock, grant, **signing)


def resume(
    conn: sa.Connection, person: str, vault: Vault, clock: Clock, grant: str | None = None, **signing: Unpack[Signing]
) -> Change:
    """End a pause of one grant, or the pause of them all. A revoked grant does not come back.

    It is signed like a grant: raises ``ProofNeeded``, ``ProofRefused`` and ``StatementRefused`` too.
    """
    return _change(conn, person, "resume", vault, clock, grant, **signing)


def about(grant: str | None) -> dict[str, JsonValue]:
    """What a statement to pause, resume or revoke is about: one grant, or all of them."""
    return {"grant": grant or "all"}


def lapse(conn: sa.Connection, holder: str, at: datetime) -> tuple[str, ...]:
    """End every grant to the handle of somebody who is erased: its next owner is another person. Returns their ids.

    Nobody took them back, so they end as if their time were over: what was made by them stays.
    """
    named = conn.execute(sa.select(grants.c.id, grants.c.person, grants.c.expires_at).where(grants.c.holder == holder)).all()
    ended = [g for g in named if status_of(conn, g.id, g.person, g.expires_at, at) in ("active", "paused")]
    for one in ended:
        statement = canonical({"act": "lapsed", "person": one.person, "grant": one.id, "at": at.isoformat()}).decode()
        values = {"person": one.person, "grant_id": one.id, "kind": "lapsed", "at": at, "statement": statement, "signature": b""}
        conn.execute(sa.insert(grant_events).values(**values))
        ledger.append(conn, "grant-lapsed", one.person, {"ids": [one.id]}, at)
    if ended:
        bump(conn, "grants")
    return tuple(one.id for one in ended)


def get_grant(conn: sa.Connection, grant: str, now: datetime) -> Grant:
    """One grant with its status at ``now``. Raises ``UnknownGrant``."""
    row = conn.execute(sa.select(grants).where(grants.c.id == grant)).first()
    if row is None:
        raise UnknownGrant("No grant has that id; `clearance cameo list` shows them.")
    return _grant(conn, row, now)


def listing(conn: sa.Connection, person: str, now: datetime) -> tuple[Grant, ...]:
    """Every grant the person ever gave, newest first, with its status at ``now``."""
    owner = get(conn, person)
    rows = conn.execute(sa.select(grants).where(grants.c.person == owner.id)).all()
    found = [_grant(conn, row, now) for row in rows]
    return tuple(sorted(found, key=lambda g: (g.granted_at, g.id), reverse=True))


def is_paused(conn: sa.Connection, person: str) -> bool:
    """Whether every grant of the person (an id) is suspended now."""
    query = sa.select(grant_events.c.kind).where(
        grant_events.c.person == person, grant_events.c.grant_id.is_(None), grant_events.c.kind.in_(("paused", "resumed"))
    )
    return conn.execute(query.order_by(grant_events.c.position.desc()).limit(1)).scalar() == "paused"


def status_of(conn: sa.Connection, grant: str, person: str, expires_at: datetime | None, now: datetime) -> Status:
    """Read from the events: revoked for good, else expired, else paused by the last word on the grant or on all of them."""
    query = sa.select(grant_events.c.kind).where(grant_events.c.person == person, grant_events.c.grant_id == grant)
    own = [*conn.execute(query.order_by(grant_events.c.position)).scalars()]
    if "granted" not in own or "revoked" in own:
        return "revoked"
    if "lapsed" in own or (expires_at is not None and now >= expires_at):
        return "expired"
    if (hindered := hindrance(conn, person, grant, now)) is not None:
        return hindered
    last = [kind for kind in own if kind in ("paused", "resumed")]
    return "paused" if last[-1:] == ["paused"] or is_paused(conn, person) else "active"


def scope_of(row: Any) -> Scope:
    """The scope in a row of ``grants``."""
    return Scope.model_validate(json.loads(row.scope) | {"forbids": json.loads(row.forbids)})


def _change(
    conn: sa.Connection, person: str, act: Changing, vault: Vault, clock: Clock, grant: str | None, **signing: Unpack[Signing]
) -> Change:
    owner, at = get(conn, person), clock()
    kind: Act = DONE[act]
    if grant is None:
        # A pause or its end is about the person, so that it also covers grants to come; a revocation is about each grant.
        touched = tuple(g.id for g in listing(conn, owner.id, at) if g.status != "revoked")
        subjects: tuple[str | None, ...] = touched if act == "revoke" else (None,)
    else:
        found = get_grant(conn, grant, at)
        if found.person != owner.id:
            raise UnknownGrant("This person gave no such grant; `clearance cameo list` shows theirs.")
        if found.status == "revoked" and act != "revoke":
            raise ConsentError("The grant was revoked and does not come back; give a new one.")
        touched, subjects = ((), ()) if found.status == "revoked" else ((grant,), (grant,))
    deed = deeds.sign(conn, owner, act, about(grant), vault, clock, right=act, **signing)
    deeds.record(conn, owner.id, kind, subjects, deed, at)
    bump(conn, "grants")
    body: dict[str, object] = {"grants": len(touched), "all": grant is None, "ids": [s for s in subjects if s]}
    position = ledger.append(conn, f"grant-{kind}", owner.id, body, at)
    return Change(act=kind, person=owner.id, grants=touched, at=at, ledger_position=position)


def _told(wanted: Draft) -> dict[str, object]:
    """What the ledger learns of a grant: neither the words that are ruled out nor a name."""
    ends, scope = wanted.expires_at, wanted.scope
    return {
        "ids": [wanted.id], "holder": wanted.holder, "forbids": sorted(scope.forbids), "words": len(scope.words),
        "company": scope.company, "limit": scope.limit and scope.limit.model_dump(),
        "expires_at": ends and ends.isoformat(), "represented": wanted.actor is not None,
    }  # fmt: skip


def _prepared_at(document: Document, now: datetime) -> datetime:
    """When a document was prepared. Raises ``StatementRefused`` when that is too long ago, or not said."""
    if not still_fresh(document, now):
        raise StatementRefused("The statement is older than five minutes; prepare it again and sign that.")
    events = document["consent_events"]
    assert isinstance(events, list) and isinstance(events[0], dict)  # ``still_fresh`` read the time there
    return datetime.fromisoformat(str(events[0].get("event_time")))


def _grant(conn: sa.Connection, row: sa.Row[tuple[object, ...]], now: datetime) -> Grant:
    status = status_of(conn, row.id, row.person, row.expires_at, now)
    return Grant(
        id=row.id, person=row.person, holder=row.holder, scope=scope_of(row), granted_at=row.granted_at,
        expires_at=row.expires_at, status=status, receipt=Signed.model_validate_json(row.receipt),
    )  # fmt: skip
