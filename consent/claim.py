"""What somebody without an account claims, and how it stands, as values. Nothing here is stored; ``claims`` does that."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, field_validator

from safety.values import Value

Kind = Literal["depicted", "intimate", "minor", "deceased"]
Status = Literal["open", "upheld", "rejected", "withdrawn"]
How = Literal["named", "identical", "copy", "face", "perhaps"]
#: Kinds whose clips are withheld at once: what is shown an hour longer cannot be taken back.
URGENT: frozenset[str] = frozenset({"intimate", "minor"})

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class Claim(Value):
    """What is claimed. ``contact`` is an e-mail or a postal address, ``clips`` ids or addresses in the claimant's words,
    ``statement`` what is wrong, ``good_faith`` that it is true as far as they know, ``signature`` their name as typed."""

    kind: Kind
    contact: Annotated[str, StringConstraints(strip_whitespace=True, min_length=5, max_length=500)]
    clips: tuple[Line, ...] = Field(default=(), max_length=100)
    statement: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=5000)]
    good_faith: bool
    signature: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=200)]

    @field_validator("contact")
    @classmethod
    def _can_be_reached(cls, contact: str) -> str:
        if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", contact) and len(contact.split()) < 3:
            raise ValueError("give an e-mail address, or a postal address with street and place")
        return contact

    @field_validator("good_faith")
    @classmethod
    def _meant(cls, given: bool) -> bool:
        if not given:
            raise ValueError("a claim needs the statement that it is made in good faith")
        return given


class Found(Value):
    """A clip that a claim is about: ``named`` in it, ``identical`` to one named, a ``copy`` of it or of the file that was sent,
    or showing the claimant's ``face``, or ``perhaps``, with the cosine in ``likeness``. ``withheld`` while the claim is open;
    ``lifted`` by a moderator who looked. What was made from a withheld clip is withheld with it."""

    clip: str
    how: How
    likeness: float | None = None
    withheld: bool = False
    lifted: bool = False


class Filed(Value):
    """A claim without anything personal: what its number alone tells, and what a moderator's list shows."""

    number: str
    kind: Kind
    status: Status
    filed_at: datetime
    due_at: datetime
    found: tuple[Found, ...]
    withheld: bool
    decided_at: datetime | None = None
    moderator: str | None = None
    reason: str | None = None
    withdrawal: str | None = None

    def overdue(self, now: datetime) -> bool:
        return self.status == "open" and now > self.due_at
