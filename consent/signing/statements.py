"""What a person signs beside a grant: small documents that they can read, with a time and a number used once.

A document is prepared on one side, signed on the other (in a browser, or by ``clearance keys sign`` on the person's own machine)
and checked when it comes back. It names the person by id and the thing by id; no handle, no face, no prompt. What it does never
depends on the sentence in it, which is there to be read.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal

import sqlalchemy as sa
from pydantic import JsonValue

from consent.errors import StatementRefused
from consent.tables import grant_events
from safety.clock import Clock
from safety.values import canonical

Document = dict[str, JsonValue]
Act = Literal["pause", "resume", "revoke", "approve", "confirm", "register-passkey", "add-credential", "remove-credential"]
#: How long a prepared document may wait for its signature: as long as finding a key takes, too short to be of use to a thief.
FRESH = timedelta(minutes=5)
#: Clocks differ; a document from further ahead than this was not made by us.
SKEW = timedelta(seconds=30)

SAYS: dict[Act, str] = {
    "pause": "Nothing new may be made of me until I end this pause.",
    "resume": "I end the pause; what I granted holds again.",
    "revoke": "I take back what I granted; what was made with it is to be withdrawn.",
    "approve": "I change whom I approve.",
    "confirm": "I act for a person who has died; what they granted may hold on as it was.",
    "register-passkey": "I make a passkey to sign for my likeness with.",
    "add-credential": "I add a key that may sign for my likeness.",
    "remove-credential": "I remove a key; it signs for my likeness no more.",
}


def prepare(act: Act, person: str, now: datetime, what: Mapping[str, JsonValue] | None = None) -> Document:
    """A document for ``person`` (an id) to sign. ``what`` are ids and plain words, such as ``{"grants": ["..."]}``."""
    return {
        "statement": act,
        "says": SAYS[act],
        "person": person,
        "what": dict(what or {}),
        "at": now.isoformat(),
        "nonce": secrets.token_hex(16),
    }


def written(document: Mapping[str, JsonValue]) -> bytes:
    """The bytes that are signed."""
    return canonical(dict(document))


def still_fresh(document: Mapping[str, JsonValue], now: datetime) -> bool:
    """Whether a statement, or the document of a grant, was prepared within the last five minutes."""
    try:
        at = datetime.fromisoformat(_time_of(document))
        return -SKEW <= now - at <= FRESH
    except (ValueError, TypeError):
        return False


def accept(document: Mapping[str, JsonValue], act: Act, person: str, clock: Clock, what: Mapping[str, JsonValue]) -> bytes:
    """The bytes to be signed, when the document is ``act`` of ``person`` about exactly ``what``, and fresh.

    Raises ``StatementRefused``. Call ``spent`` too where doing the same twice would matter.
    """
    expected = {"statement": act, "says": SAYS[act], "person": person, "what": dict(what)}
    if {key: document.get(key) for key in expected} != expected or set(document) != {*expected, "at", "nonce"}:
        raise StatementRefused("What was signed is not what is asked for; prepare the statement again and sign that.")
    nonce = document.get("nonce")
    if not isinstance(nonce, str) or len(nonce) != 32:
        raise StatementRefused("The statement has no number of its own; prepare it again and sign that.")
    if not still_fresh(document, clock()):
        raise StatementRefused("The statement is older than five minutes; prepare it again and sign that.")
    return written(document)


def spent(conn: sa.Connection, person: str, statement: bytes) -> bool:
    """Whether this very statement of the person was acted on already, among those about grants."""
    query = sa.select(grant_events.c.position).where(
        grant_events.c.person == person, grant_events.c.statement == statement.decode("utf-8", "surrogatepass")
    )
    return conn.execute(query.limit(1)).first() is not None


def _time_of(document: Mapping[str, JsonValue]) -> str:
    """``at`` of a statement, or the time of the first event of a grant's document; empty when there is neither."""
    at = document.get("at")
    if isinstance(at, str):
        return at
    events = document.get("consent_events")
    first = events[0] if isinstance(events, list) and events else None
    time = first.get("event_time") if isinstance(first, dict) else None
    return time if isinstance(time, str) else ""
