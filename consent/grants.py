"""Who may use me, for what, with whom, how often, until when: grants, and their end.

A grant is signed by the person's own key and never changes. Pausing, resuming and revoking are signed events; what a grant is
worth now is read from them, every time. A revoked grant stays revoked; whoever is to be let in again gets a new one.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from consent.errors import ConsentError, UnknownGrant
from consent.keys import Vault
from consent.people import Person, check_handle, get
from consent.receipts import consent_receipt
from consent.scope import AUDIENCES, Scope
from consent.tables import grant_events, grants
from consent.version import bump
from safety import ledger
from safety.clock import Clock
from safety.errors import BadInput
from safety.signed import Signed
from safety.values import Value, canonical, derive

Status = Literal["active", "paused", "revoked", "expired"]
Act = Literal["granted", "revoked", "paused", "resumed"]


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


def grant(
    conn: sa.Connection,
    person: str,
    to: str,
    vault: Vault,
    clock: Clock,
    *,
    scope: Scope = Scope(),  # noqa: B008 - frozen
    expires_at: datetime | None = None,
) -> Grant:
    """Let ``to`` (a handle, ``approved``, ``mutuals`` or ``everyone``) use ``person`` (id or handle) within ``scope``.

    Raises ``UnknownPerson``, ``BadInput``, or ``ConsentError`` for a protected person, who cannot be depicted at all.
    """
    owner, at = get(conn, person), clock()
    if owner.kind == "protected":
        raise ConsentError("A protected person is never depicted, so nothing can be granted; enrol them instead.")
    holder = to.strip().lower() if to.strip().lower() in AUDIENCES else check_handle(to)
    if expires_at is not None and (expires_at.tzinfo is None or expires_at <= at):
        raise BadInput("A grant ends at a time in the future, given with its time zone; choose a later one.")
    made = conn.execute(sa.select(sa.func.count()).select_from(grants).where(grants.c.person == owner.id)).scalar_one()
    identity = derive(owner.id, f"grant/{holder}", made)
    receipt = consent_receipt(
        record=identity, person=owner.id, public_key=owner.public_key or "", holder=holder, forbids=scope.forbids,
        granted_at=at, expires_at=expires_at, sign=lambda message: vault.sign(conn, owner.id, message),
    )  # fmt: skip
    rest = scope.model_dump(mode="json", exclude={"forbids"})
    values = {
        "id": identity,
        "person": owner.id,
        "holder": holder,
        "forbids": json.dumps(sorted(scope.forbids)),
        "granted_at": at,
    }
    values |= {"scope": json.dumps(rest), "expires_at": expires_at, "receipt": receipt.model_dump_json()}
    conn.execute(sa.insert(grants).values(**values))
    body: dict[str, object] = {
        "holder": holder,
        "forbids": sorted(scope.forbids),
        "expires_at": expires_at and expires_at.isoformat(),
    }
    body |= {"company": scope.company, "words": len(scope.words), "limit": scope.limit and scope.limit.model_dump()}
    _record(conn, owner, "granted", (identity,), vault, at, body)
    return get_grant(conn, identity, at)


def revoke(conn: sa.Connection, person: str, vault: Vault, clock: Clock, grant: str | None = None) -> Change:
    """End one grant, or every grant that is not ended yet. Once this transaction is kept, no permit from them is valid.

    Raises ``UnknownPerson`` and ``UnknownGrant``.
    """
    return _change(conn, person, "revoked", vault, clock, grant)


def pause(conn: sa.Connection, person: str, vault: Vault, clock: Clock, grant: str | None = None) -> Change:
    """Suspend one grant, or every grant of the person, also those still to come, until ``resume``."""
    return _change(conn, person, "paused", vault, clock, grant)


def resume(conn: sa.Connection, person: str, vault: Vault, clock: Clock, grant: str | None = None) -> Change:
    """End a pause of one grant, or the pause of them all. A revoked grant does not come back."""
    return _change(conn, person, "resumed", vault, clock, grant)


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


def history(conn: sa.Connection, person: str) -> tuple[dict[str, object], ...]:
    """Every signed statement about the person's grants, in order."""
    owner = get(conn, person)
    rows = conn.execute(sa.select(grant_events).where(grant_events.c.person == owner.id).order_by(grant_events.c.position))
    return tuple(json.loads(row.statement) | {"signature": bytes(row.signature).hex()} for row in rows)


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
    if expires_at is not None and now >= expires_at:
        return "expired"
    return "paused" if own[-1] == "paused" or is_paused(conn, person) else "active"


def scope_of(row: Any) -> Scope:
    """The scope in a row of ``grants``."""
    return Scope.model_validate(json.loads(row.scope) | {"forbids": json.loads(row.forbids)})


def _change(conn: sa.Connection, person: str, act: Act, vault: Vault, clock: Clock, grant: str | None) -> Change:
    owner, at = get(conn, person), clock()
    if grant is None:
        # A pause or its end is about the person, so that it also covers grants to come; a revocation is about each grant.
        touched = tuple(g.id for g in listing(conn, owner.id, at) if g.status != "revoked")
        subjects: tuple[str | None, ...] = touched if act == "revoked" else (None,)
    else:
        found = get_grant(conn, grant, at)
        if found.person != owner.id:
            raise UnknownGrant("This person gave no such grant; `clearance cameo list` shows theirs.")
        if found.status == "revoked" and act != "revoked":
            raise ConsentError("The grant was revoked and does not come back; give a new one.")
        touched, subjects = ((), ()) if found.status == "revoked" else ((grant,), (grant,))
    position = _record(conn, owner, act, subjects, vault, at, {"grants": len(touched), "all": grant is None})
    return Change(act=act, person=owner.id, grants=touched, at=at, ledger_position=position)


def _record(
    conn: sa.Connection, owner: Person, act: Act, subjects: tuple[str | None, ...], vault: Vault, at: datetime,
    body: dict[str, object],
) -> int:  # fmt: skip
    """Write the signed events, raise the counter and tell the ledger; return the ledger's position."""
    for subject in subjects:
        statement = canonical({"act": act, "person": owner.id, "grant": subject, "at": at.isoformat()})
        # Withdrawing must never wait for a lost key: then the statement stands unsigned, and says so by an empty signature.
        keyless = act in ("revoked", "paused") and not vault.holds(conn, owner.id)
        signature = b"" if keyless else vault.sign(conn, owner.id, statement)
        values = {"person": owner.id, "grant_id": subject, "kind": act, "at": at, "statement": statement.decode()}
        conn.execute(sa.insert(grant_events).values(**values, signature=signature))
    bump(conn, "grants")
    return ledger.append(conn, f"grant-{act}", owner.id, body | {"ids": [s for s in subjects if s]}, at)


def _grant(conn: sa.Connection, row: sa.Row[tuple[object, ...]], now: datetime) -> Grant:
    status = status_of(conn, row.id, row.person, row.expires_at, now)
    return Grant(
        id=row.id, person=row.person, holder=row.holder, scope=scope_of(row), granted_at=row.granted_at,
        expires_at=row.expires_at, status=status, receipt=Signed.model_validate_json(row.receipt),
    )  # fmt: skip
