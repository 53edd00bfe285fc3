"""The shapes of claims that leave through the doors. What a number alone opens holds nothing personal and no likeness."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from consent.claim import Claim, Filed, Found, How, Kind, Status
from console.api.common import ACTS
from console.views import ReceiptView, receipt_view
from safety.values import Value
from streams.claims import Receipt, Standing


class FoundView(Value):
    """A clip that the claim is about: `named`, `identical` to one named, a `copy`, showing the `face`, or `perhaps`."""

    clip: str
    how: How
    withheld: bool


class ClaimReceiptView(Value):
    """What the claimant gets. `unknown` are lines in which no clip was recognised, `notes` what could not be looked into."""

    number: str
    due_at: datetime
    withheld: bool
    clips: tuple[FoundView, ...]
    unknown: tuple[str, ...]
    notes: tuple[str, ...]


class ClaimStatusView(Value):
    """What a number alone opens. `withdrawn` counts clips; a decision has a signed `receipt`."""

    number: str
    kind: Kind
    status: Status
    filed_at: datetime
    due_at: datetime
    overdue: bool
    withheld: bool
    clips: int
    decided_at: datetime | None
    reason: str | None
    withdrawn: int | None
    receipt: ReceiptView | None


class ClaimView(Value):
    """A claim as a moderator's list shows it: nothing of what the claimant wrote."""

    number: str
    kind: Kind
    status: Status
    filed_at: datetime
    due_at: datetime
    overdue: bool
    withheld: bool
    clips: tuple[FoundView, ...]
    decided_at: datetime | None
    moderator: str | None
    reason: str | None


class SaidView(Value):
    """What the claimant wrote; `deleted` when it is not kept any more."""

    deleted: bool
    contact: str = ""
    statement: str = ""
    signature: str = ""
    about: tuple[str, ...] = ()


class Moderating(Value):
    """Who looks."""

    moderator: str = Field(description=ACTS, max_length=64, min_length=1, examples=["noor"])


class Withholding(Moderating):
    """Exactly these of the claim's clips are withheld until it is decided; none shows all of them again."""

    clips: tuple[str, ...] = Field(default=(), max_length=1000)


class NewClaimDecision(Moderating):
    """`uphold` withdraws `clips` with their copies and remixes; without `clips` all that were named or are copies, and with
    `faces` also those that surely show the claimant's face."""

    decision: Literal["uphold", "reject"]
    reason: str = Field(description="In words; the claimant reads it.", min_length=1, max_length=2000)
    clips: tuple[str, ...] | None = Field(default=None, max_length=1000)
    faces: bool = False


def claim_receipt_view(r: Receipt) -> ClaimReceiptView:
    """The answer to a claim."""
    return ClaimReceiptView(
        number=r.number, due_at=r.due_at, withheld=r.withheld, clips=tuple(_found(f) for f in r.clips), unknown=r.unknown,
        notes=r.notes,
    )  # fmt: skip


def claim_status_view(s: Standing) -> ClaimStatusView:
    """How a claim stands."""
    receipt = None if s.receipt is None else receipt_view(s.receipt)
    return ClaimStatusView(**s.model_dump(exclude={"receipt"}), receipt=receipt)


def claim_view(f: Filed, now: datetime) -> ClaimView:
    """A claim for moderators."""
    return ClaimView(
        **f.model_dump(exclude={"found", "withdrawal"}), overdue=f.overdue(now), clips=tuple(_found(one) for one in f.found)
    )  # fmt: skip


def said_view(said: Claim | None) -> SaidView:
    """What was written, opened."""
    if said is None:
        return SaidView(deleted=True)
    return SaidView(
        deleted=False, contact=said.contact, statement=said.statement, signature=said.signature, about=said.clips
    )  # fmt: skip


def _found(f: Found) -> FoundView:
    return FoundView(clip=f.clip, how=f.how, withheld=f.withheld)
