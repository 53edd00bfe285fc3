"""What an estate does with the grants of one who has died: let them hold on, never widen them, and otherwise let them end.

A confirmation is a statement that the estate signs with its own key. Granting anew, revoking and erasing are the ordinary acts,
done with the estate as ``actor``.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from consent.errors import StatementRefused, UnknownGrant
from consent.people import get
from consent.signing import credentials, deeds, statements
from consent.standing import CONFIRM_WITHIN, Authority, acting_for, dead_since, hindrance
from consent.tables import grant_events, grants
from consent.vault.keys import Vault
from consent.version import bump
from safety import ledger
from safety.clock import Clock


def waiting(conn: sa.Connection, person: str, now: datetime) -> tuple[str, ...]:
    """Ids of the grants of one who has died (an id) that an estate could confirm now.

    One that the person had paused by itself is not among them: the estate ends that pause first.
    """
    recorded = dead_since(conn, person)
    if recorded is None or now >= recorded + CONFIRM_WITHIN:
        return ()
    lasting = sa.or_(grants.c.expires_at.is_(None), grants.c.expires_at > now)
    columns = grant_events.c
    rows = sa.select(columns.grant_id, columns.kind).join(grants, grants.c.id == columns.grant_id)
    # A confirmation after an earlier record, which was a mistake, is not one after this death.
    counts = sa.or_(columns.kind != "confirmed", columns.at >= recorded)
    events: dict[str, list[str]] = {}
    for row in conn.execute(rows.where(grants.c.person == person, lasting, counts).order_by(columns.position)):
        events.setdefault(row.grant_id, []).append(row.kind)
    open_ones = (g for g, kinds in events.items() if not {"revoked", "confirmed"} & set(kinds) and kinds[-1] != "paused")
    return tuple(sorted(g for g in open_ones if hindrance(conn, person, g, now) == "paused"))


def confirmation(
    conn: sa.Connection, person: str, actor: str, now: datetime, only: Iterable[str] | None = None
) -> statements.Document:  # fmt: skip
    """The statement an estate signs to let what the dead had granted hold on: all that waits, or ``only`` these grants.

    Raises as ``confirm`` does.
    """
    authority, grants_ = _confirmable(conn, person, actor, now, only)
    return {
        "statement": "confirm",
        "says": statements.SAYS["confirm"],
        "person": authority.person,
        "actor": authority.actor,
        "what": {"grants": [*grants_]},
        "at": now.isoformat(),
        "nonce": secrets.token_hex(16),
    }


def confirm(
    conn: sa.Connection, document: statements.Document, vault: Vault, clock: Clock, proof: credentials.Proof | None = None
) -> tuple[str, ...]:
    """Act on a ``confirmation``, signed by the estate's own key (``proof``) or by the one we keep; return the grants' ids.

    Never wider than it was; what expired, was revoked or was not confirmed in time does not come back. Raises ``Forbidden``,
    ``UnknownPerson``, ``UnknownGrant``, ``StatementRefused``, ``ProofNeeded`` and ``ProofRefused``.
    """
    at, what = clock(), document.get("what")
    only = what.get("grants") if isinstance(what, dict) else None
    if document.get("statement") != "confirm" or not isinstance(only, list) or not statements.still_fresh(document, at):
        raise StatementRefused("This is no fresh statement of an estate; prepare it again and sign that.")
    authority, asked = _confirmable(conn, str(document.get("person")), str(document.get("actor")), at, map(str, only))
    written = statements.written(document)
    signed = credentials.attest(conn, get(conn, str(authority.actor)), written, vault, proof)
    deed = deeds.Deed(statement=written, attested=signed, actor=authority.actor)
    deeds.record(conn, authority.person, "confirmed", asked, deed, at)
    if asked:
        ledger.append(conn, "grants-confirmed", authority.person, {"ids": list(asked)}, at)
        bump(conn, "grants")
    return asked


def _confirmable(
    conn: sa.Connection, person: str, actor: str, now: datetime, only: Iterable[str] | None
) -> tuple[Authority, tuple[str, ...]]:
    """Who confirms, and which of the grants asked about wait for it."""
    authority = acting_for(conn, person, actor, now)
    authority.check("confirm")
    open_ones = set(waiting(conn, authority.person, now))
    asked = open_ones if only is None else set(only)
    if asked - open_ones:
        raise UnknownGrant(
            "A grant named here does not wait for the estate: it ended, is paused by itself, or is confirmed already."
        )
    return authority, tuple(sorted(asked))
