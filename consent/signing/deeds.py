"""What a person does about their grants, written down as they signed it: the signed statements that ``grants`` reads from.

A deed is signed by the person, or by whoever acts for them (a guardian, an estate), with a key of their own where they have one.
Pausing and revoking never wait for a key: then the row holds no signature and says so.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime

import sqlalchemy as sa
from pydantic import JsonValue

from consent.errors import StatementRefused
from consent.people import Person, get
from consent.signing import statements
from consent.signing.credentials import Attested, Proof, attest
from consent.signing.statements import Document
from consent.standing import Act as Right
from consent.standing import acting_for
from consent.tables import grant_events
from consent.vault.keys import Vault
from safety.clock import Clock
from safety.values import Value

#: Deeds that only take back.
FREE: frozenset[statements.Act] = frozenset({"pause", "revoke"})


class Deed(Value):
    """``statement`` as it was signed, by whom: ``actor`` is an id when somebody acted for the person."""

    statement: bytes
    attested: Attested
    actor: str | None


def sign(
    conn: sa.Connection,
    owner: Person,
    act: statements.Act,
    what: Mapping[str, JsonValue],
    vault: Vault,
    clock: Clock,
    *,
    right: Right,
    document: Document | None = None,
    proof: Proof | None = None,
    actor: str | None = None,
) -> Deed:
    """Have ``act`` about ``what`` signed by ``owner``, or by ``actor`` (id or handle) for them.

    ``document`` is the statement the person prepared and signed elsewhere, with its ``proof``; without it one is made here.
    Raises ``Forbidden``, ``StatementRefused``, ``ProofNeeded``, ``ProofRefused`` and ``VaultLocked``; for a pause or a revocation
    only ``Forbidden``.
    """
    authority = acting_for(conn, owner.id, actor, clock())
    authority.check(right)
    signer = owner if authority.actor is None else get(conn, authority.actor)
    statement = _statement(conn, owner, act, what, clock, document)
    attested = attest(conn, signer, statement, vault, proof, needed=act not in FREE)
    return Deed(statement=statement, attested=attested, actor=authority.actor)


def record(conn: sa.Connection, person: str, kind: str, grants: Iterable[str | None], deed: Deed, at: datetime) -> None:
    """Write the deed down for each of these grants; None is about all of them and those to come."""
    signed = deed.attested
    proof = None if signed.proof is None else json.dumps(signed.proof)
    rows = [
        {
            "person": person, "grant_id": grant, "kind": kind, "at": at, "statement": deed.statement.decode(),
            "signature": signed.signature, "credential": signed.credential, "proof": proof, "actor": deed.actor,
        }
        for grant in grants
    ]  # fmt: skip
    if rows:
        conn.execute(sa.insert(grant_events), rows)


def history(conn: sa.Connection, person: str) -> tuple[dict[str, object], ...]:
    """Every signed statement of and for the person, in order; an empty ``signature`` is an unsigned withdrawal."""
    owner = get(conn, person)
    rows = conn.execute(sa.select(grant_events).where(grant_events.c.person == owner.id).order_by(grant_events.c.position))
    return tuple(
        {
            "act": row.kind, "grant": row.grant_id, "at": row.at.isoformat(), "statement": json.loads(row.statement),
            "signature": bytes(row.signature).hex(), "credential": row.credential, "actor": row.actor,
            "proof": None if row.proof is None else json.loads(row.proof),
        }
        for row in rows
    )  # fmt: skip


def _statement(
    conn: sa.Connection,
    owner: Person,
    act: statements.Act,
    what: Mapping[str, JsonValue],
    clock: Clock,
    document: Document | None,
) -> bytes:
    if document is None:
        return statements.written(statements.prepare(act, owner.id, clock(), what))
    try:
        statement = statements.accept(document, act, owner.id, clock, what)
    except StatementRefused:
        if act not in FREE:
            raise
        return statements.written(statements.prepare(act, owner.id, clock(), what))
    if act not in FREE and statements.spent(conn, owner.id, statement):
        raise StatementRefused("This statement was acted on already; prepare it again and sign that.")
    return statement
