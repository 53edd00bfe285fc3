"""Permission as a value: who may use whom or what, under which grant, in which scope, until when, and for which one request.

A permit is a claim about the past. Whoever acts on one re-reads it first (release does so in its own transaction).
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from safety.values import Value, canonical, digest

#: What a scope detector says when a prompt or a clip leaves what a permit allows. No policy file can switch it off.
OUTSIDE = "outside_scope"


class Permit(Value):
    """Leave for ``holder`` to use ``subject`` (a person's id or a reservation's id), given by ``grant``.

    ``forbids`` are labels the grant rules out and ``words`` what may not be asked, said or written; ``company`` are the ids of
    those who may be shown beside the person, None when anybody may. All three are checked on the output too. ``request`` is the
    submission a single-use permit is bound to; None before it is issued, and for licences of works.
    """

    id: str
    kind: Literal["cameo", "licence"]
    subject: str
    holder: str
    grant: str
    forbids: frozenset[str] = frozenset()
    words: tuple[str, ...] = Field(default=(), exclude_if=lambda v: not v)
    company: frozenset[str] | None = Field(default=None, exclude_if=lambda v: v is None)
    request: str | None = Field(default=None, exclude_if=lambda v: v is None)
    issued_at: datetime
    expires_at: datetime | None = None

    @property
    def limits(self) -> bool:
        """Whether somebody must look for what leaves its scope."""
        return bool(self.words) or self.company is not None

    @property
    def scope(self) -> str:
        """Digest of what it permits: a permit issued for one scope is not one for another."""
        company = None if self.company is None else sorted(self.company)
        return digest(canonical([self.subject, self.holder, self.grant, sorted(self.forbids), sorted(self.words), company]))


class Denial(Value):
    """No permit: ``subject`` and why, as a code.

    ``no-grant``, ``revoked``, ``expired``, ``paused``, ``too-often``, ``unknown-person``, ``protected``, ``spent``, ``minor``.
    """

    subject: str
    reason: str
