"""The shapes of consent that leave through the doors: whom a person approves, what was made of them, what was taken back.

They carry no template, no private key and no prompt.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import AwareDatetime, Field, JsonValue

from consent.circle import Acquaintance, Kind
from consent.liveness.challenge import Challenge, Turn
from consent.notices import Notice, words
from consent.scope import Company, Limit
from consent.signing.credentials import Proof
from consent.standing import Representative
from console.own_page import write_place
from console.views import ReceiptView, receipt_view
from safety.signed import Signed
from safety.values import Value
from streams.revocation import Due, Kept, State
from streams.usage import ClipUse, GrantUse, MakerUse, Moment

ACTOR = "Handle of a guardian or of an estate who acts for the person; they sign with their own key."
DOCUMENT = "The document or statement that was prepared and signed elsewhere, unchanged."
PROOF = "The signature over `document` by a key of the signer's own. Needed as soon as they have such a key."


class Signable(Value):
    """What may come with everything that widens: who acts, and what they signed."""

    actor: str | None = Field(default=None, description=ACTOR, max_length=64)
    document: dict[str, JsonValue] | None = Field(default=None, description=DOCUMENT)
    proof: Proof | None = Field(default=None, description=PROOF)


class NewGrant(Signable):
    """Leave for `to` to use this person's likeness, except in clips with one of the labels in `forbids`."""

    to: str = Field(description="A handle, `approved`, `mutuals` or `everyone`.", max_length=64, examples=["mara"])
    forbids: tuple[str, ...] = Field(default=(), max_length=80, examples=[["violence"]])
    words: tuple[str, ...] = Field(default=(), description="Never to be asked for, said or written.", examples=[["crypto"]])
    company: Company = Field(default="approved", description="Beside whom the person may be shown.")
    limit: Limit | None = Field(default=None, description="How often, all users of the grant together.")
    expires_at: AwareDatetime | None = Field(default=None, description="When it ends, with a time zone.")


class Change(Signable):
    """A pause or its end; `grant` none is all of the person's."""

    grant: str | None = Field(default=None, max_length=64)


class Taking(Value):
    """Which grant to take back; none means all of them. No key is asked for."""

    grant: str | None = Field(default=None, max_length=64)
    actor: str | None = Field(default=None, description=ACTOR, max_length=64)


class Paused(Value):
    """Whether everything of the person is suspended now."""

    handle: str
    paused: bool


class Approval(Value):
    """`other` (a handle) approved as one who may use the person, or be shown beside them."""

    other: str = Field(max_length=64, examples=["lena"])
    kind: Kind = "user"
    document: dict[str, JsonValue] | None = Field(default=None, description=DOCUMENT)
    proof: Proof | None = Field(default=None, description=PROOF)


class Request(Value):
    """`asker` (a handle) asks to be approved."""

    asker: str = Field(max_length=64)
    kind: Kind = "user"


class Ending(Value):
    """Whose approval or request ends, of which kind."""

    other: str = Field(max_length=64)
    kind: Kind = "user"


class Wanted(Value):
    """A statement to prepare: `resume`, `pause` or `revoke` about `grant` (none: all), or `approve` about `other` and `kind`."""

    act: Literal["pause", "resume", "revoke", "approve"]
    grant: str | None = Field(default=None, max_length=64)
    other: str | None = Field(default=None, max_length=64)
    kind: Kind = "user"
    actor: str | None = Field(default=None, description=ACTOR, max_length=64)


class PreparedView(Value):
    """What is to be signed, within five minutes. `sign` is for `navigator.credentials.get`; none for who has no passkey."""

    document: dict[str, JsonValue]
    sign: dict[str, Any] | None = None


class AcquaintanceView(Value):
    """Somebody who asked, is approved, or was."""

    id: str
    other: str
    kind: Kind
    standing: Literal["asked", "approved", "ended"]
    asked_at: datetime | None
    approved_at: datetime | None
    ended_at: datetime | None


class CircleView(Value):
    """After an approval ended: its receipt, when clips rested on what was approved; none after a mere no."""

    receipt: ReceiptView | None


class NoticeView(Value):
    """A notice, `says` in the language asked for. `acted_for` is the handle of who it is about, on a representative's copy."""

    id: str
    kind: str
    says: str
    body: dict[str, JsonValue]
    at: datetime
    read_at: datetime | None
    acted_for: str | None


class ReadView(Value):
    """How many notices became read."""

    read: int


class MomentView(Value):
    """One thing that happened; `place` goes into `after` for what is older."""

    at: datetime
    sort: Literal["statement", "used", "withdrawal", "notice"]
    what: str
    body: dict[str, JsonValue]
    place: str


class UsageView(Value):
    """What was made of a person: by grant, by maker, and the latest clips."""

    grants: tuple[GrantUse, ...]
    makers: tuple[MakerUse, ...]
    clips: tuple[ClipUse, ...]


class RevocationView(Value):
    """Something taken back: what is due and done by kind, and its receipts, the closing one last once it is signed."""

    id: str
    person: str
    kind: str
    at: datetime
    ledger_position: int
    due: tuple[Due, ...]
    closed_at: datetime | None
    receipts: tuple[ReceiptView, ...]


class ConsequencesView(Value):
    """What taking back would do if it were asked now."""

    grants: tuple[str, ...]
    clips: int
    direct: int
    remixes: int
    by_others: int
    drafts: int
    generations: int
    permits: int
    forgotten: dict[str, int]
    makers: tuple[str, ...]
    kept: tuple[Kept, ...]


class RepresentativeView(Value):
    """Who acts for the person (`handle`), or for whom they act; none once that one was erased."""

    handle: str | None
    role: Literal["guardian", "estate"]
    basis: str
    since: datetime
    until: datetime | None


class RepresentationView(Value):
    """Who acts for the person, and for whom the person acts."""

    by: tuple[RepresentativeView, ...]
    of: tuple[RepresentativeView, ...]


class Enrolling(Value):
    """The name somebody wants, or has and renews."""

    handle: str = Field(max_length=64)


class ChallengeView(Value):
    """Say `digits` twice, looking at the camera; then turn the head as `turns` say, to the person's own left and right."""

    id: str
    handle: str
    digits: str
    turns: tuple[Turn, ...]
    issued_at: datetime
    expires_at: datetime


def acquaintance_view(a: Acquaintance) -> AcquaintanceView:
    """One of the circle."""
    return AcquaintanceView(standing=a.standing, **a.model_dump(exclude={"person"}))


def notice_view(n: Notice, language: str) -> NoticeView:
    """A notice in words."""
    said = words(n, language)
    return NoticeView(id=n.id, kind=n.kind, says=said, body=n.body, at=n.at, read_at=n.read_at, acted_for=n.whom)


def moment_view(m: Moment) -> MomentView:
    """A moment, with where it stands."""
    return MomentView(at=m.at, sort=m.sort, what=m.what, body=m.body, place=write_place(m.place))


def revocation_view(state: State, receipts: tuple[Signed, ...]) -> RevocationView:
    """What was taken back and how far it is."""
    return RevocationView(**state.model_dump(), receipts=tuple(receipt_view(r) for r in receipts))


def representative_view(r: Representative, handle: str | None) -> RepresentativeView:
    """One representation, seen from the other side."""
    return RepresentativeView(handle=handle, role=r.role, basis=r.basis, since=r.since, until=r.until)


def challenge_view(c: Challenge) -> ChallengeView:
    """What to say and how to turn."""
    return ChallengeView.model_validate(c.model_dump())
