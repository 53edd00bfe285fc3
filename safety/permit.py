"""Permission as a value: who may use whom or what, under which grant, until when.

A permit is a claim about the past. Whoever acts on one re-reads it first (release does so in its own transaction).
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from safety.values import Value


class Permit(Value):
    """Leave for ``holder`` to use ``subject`` (a person's id or a reservation's id), given by ``grant``.

    ``forbids`` are labels the grant rules out, checked on the output too.
    """

    id: str
    kind: Literal["cameo", "licence"]
    subject: str
    holder: str
    grant: str
    forbids: frozenset[str] = frozenset()
    issued_at: datetime
    expires_at: datetime | None = None


class Denial(Value):
    """No permit: ``subject`` and why, as a code (``no-grant``, ``revoked``, ``expired``, ``paused``, ``unknown-person``)."""

    subject: str
    reason: str
