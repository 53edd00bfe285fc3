"""The shapes that leave through the doors: the same for the command line and the HTTP API, and documented in the OpenAPI page.

They carry no template, no key and no path of this machine.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field, JsonValue

from consent.grants import Grant
from consent.people import Person
from consent.scope import Company, Limit
from consent.works import Reservation
from safety.cases import Case
from safety.explanation import title, worded
from safety.releases import Release, Withdrawal
from safety.signal import Evidence, Medium, Signal
from safety.signed import Signed
from safety.values import Value
from safety.verdict import Outcome, Verdict
from streams.checks import Verified
from streams.submissions import Status, Submission


class SignalView(Value):
    """One label a detector saw, its calibrated score (0 to 1; 0.5 is where a person should look) and the detector's name."""

    label: str
    score: float
    detector: str


class EvidenceView(SignalView):
    """A signal with where it was seen. ``medium`` is set when it was seen in words of a clip: speech, writing or order."""

    evidence: tuple[Evidence, ...] = ()
    medium: Medium | None = Field(default=None, exclude_if=lambda v: v is None)


class ScreenView(Value):
    """What the prompt gate says of a text. ``says`` is what its sender would read when it does not pass; ``error`` is a sentence
    when the line could not be used, which is then held."""

    prompt: str
    outcome: Outcome
    clause: str | None
    signals: tuple[SignalView, ...] = ()
    says: str | None = Field(default=None, exclude_if=lambda v: v is None)
    error: str | None = Field(default=None, exclude_if=lambda v: v is None)


class HitView(Value):
    """A clause that applied, and what the user is told. ``medium`` as in a signal."""

    clause: str
    title: str
    outcome: Outcome
    says: str
    medium: Medium | None = Field(default=None, exclude_if=lambda v: v is None)


class VerdictView(Value):
    """A verdict with all of its reasons. ``unchecked`` names detectors that could not look."""

    id: str
    gate: str
    outcome: Outcome
    clause: str | None
    says: str
    hits: tuple[HitView, ...]
    signals: tuple[EvidenceView, ...]
    unchecked: dict[str, str]
    policy: str
    at: datetime


class SubmissionView(Value):
    """A submission and where it stands. ``progress`` (0 to 1) is that of the present ``stage``."""

    id: str
    requester: str
    prompt: str
    status: Status
    stage: str
    progress: float
    words: str
    clause: str | None
    detail: str | None
    clip: str | None
    media: str | None = Field(description="Address of the mp4 once it is released.")
    language: str | None
    cameos: tuple[str, ...]
    remix_of: str | None
    seed: int
    width: int
    height: int
    seconds: float
    submitted_at: datetime
    ended_at: datetime | None


class WithdrawalView(Value):
    """Why a clip was taken back."""

    id: str
    cause: str
    because: str
    at: datetime


class PermitView(Value):
    """A permission a released clip rests on: whose (``cameo``) or for which work (``licence``), and who may use it."""

    kind: Literal["cameo", "licence"]
    subject: str
    holder: str
    grant: str
    expires_at: datetime | None


class ClipView(Value):
    """A clip that was released. ``parent`` is the clip it remixes; ``withdrawal`` is set once it is not shown any more."""

    clip: str
    submission: str
    requester: str
    prompt: str
    width: int
    height: int
    parent: str | None
    remixes: tuple[str, ...]
    released_at: datetime
    digest: str = Field(description="SHA-256 of the released file.")
    policy: str
    ledger_position: int | None
    permits: tuple[PermitView, ...]
    withdrawal: WithdrawalView | None
    media: str


class ClipLine(Value):
    """A clip in a list."""

    clip: str
    submission: str
    requester: str
    parent: str | None
    released_at: datetime
    withdrawn_at: datetime | None
    media: str


class PersonView(Value):
    """Someone who is known here. ``public_key`` verifies their grants and receipts; protected people have none."""

    id: str
    handle: str
    kind: Literal["enrolled", "protected"]
    enrolled_at: datetime
    public_key: str | None


class GrantView(Value):
    """A grant and what it is worth now. ``receipt`` is the signed consent receipt.

    `forbids` are labels, `words` what may not be asked, said or written, `company` who may be shown beside the person.
    """

    id: str
    person: str
    holder: str = Field(description="A handle, `approved`, `mutuals` or `everyone`.")
    forbids: tuple[str, ...]
    words: tuple[str, ...] = ()
    company: Company = "approved"
    limit: Limit | None = None
    granted_at: datetime
    expires_at: datetime | None
    status: Literal["active", "paused", "revoked", "expired"]
    receipt: dict[str, JsonValue]


class ReceiptView(Value):
    """A document signed by this system's key; the signature is over its canonical JSON."""

    document: dict[str, JsonValue]
    signature: str
    public_key: str


class ReservationView(Value):
    """A work or character that is reserved. ``policy`` says what becomes of a prompt or clip that has it."""

    id: str
    holder: str
    title: str
    kind: str
    names: tuple[str, ...]
    description: str
    policy: Literal["deny", "hold", "allow"]
    licensees: tuple[str, ...]
    verified: bool
    pictures: int
    filed_at: datetime
    expires_at: datetime | None
    withdrawn_at: datetime | None


class VerifyView(Value):
    """Whose a file is. ``consent`` says where the recognised clip stands today; ``evidence`` is what was found."""

    answer: Literal["ours", "not-ours", "cannot-tell", "tampered", "transplanted"]
    clip: str | None
    consent: dict[str, JsonValue] | None
    evidence: dict[str, JsonValue]


class CaseView(Value):
    """A case, why it was held, and its decision once there is one. ``subject`` is the digest that was judged."""

    id: str
    submission: str
    gate: str
    subject: str
    clause: str
    status: Literal["open", "decided"]
    opened_at: datetime
    requester: str
    prompt: str
    decision: str | None
    moderator: str | None
    reason: str | None
    note: str | None
    decided_at: datetime | None
    verdict: VerdictView


def screen_view(prompt: str, verdict: Verdict, language: str = "en") -> ScreenView:
    """The short shape, the strongest signal first; what it ``says`` is said in ``language``."""
    signals = sorted(verdict.signals, key=lambda s: (-s.score, s.label))
    return ScreenView(
        prompt=prompt,
        outcome=verdict.outcome,
        clause=verdict.clause,
        signals=tuple(SignalView(label=s.label, score=round(s.score, 4), detector=s.detector) for s in signals),
        says=None if verdict.outcome == Outcome.ALLOW else verdict.explain(language, prompt),
    )


def verdict_view(verdict: Verdict, language: str = "en", source: str | None = None) -> VerdictView:
    """All of a verdict, in the reader's language where the policy has it; ``source`` is the prompt that was judged."""
    return VerdictView(
        id=verdict.id,
        gate=verdict.gate,
        outcome=verdict.outcome,
        clause=verdict.clause,
        says=verdict.explain(language, source),
        hits=tuple(
            HitView(clause=h.clause, title=title(h, language), outcome=h.outcome, says=worded(h.says, language), medium=h.medium)
            for h in sorted(verdict.hits, key=lambda h: -h.outcome.severity)
        ),
        signals=tuple(_evidence(s) for s in sorted(verdict.signals, key=lambda s: (-s.score, s.label))),
        unchecked={r.detector: r.failure for r in verdict.reports if r.failure is not None},
        policy=verdict.policy,
        at=verdict.at,
    )


def submission_view(s: Submission) -> SubmissionView:
    """A row as it is shown."""
    return SubmissionView(
        id=s.id, requester=s.requester, prompt=s.prompt, status=s.status, stage=s.stage, progress=s.progress, words=s.words,
        clause=s.clause, detail=s.detail, clip=s.clip, media=media_address(s.clip) if s.clip else None, language=s.language,
        cameos=s.cameos, remix_of=s.parent, seed=s.seed, width=s.width, height=s.height, seconds=s.seconds,
        submitted_at=s.submitted_at, ended_at=s.ended_at,
    )  # fmt: skip


def clip_line(r: Release) -> ClipLine:
    """A release in a list."""
    return ClipLine(
        clip=r.clip, submission=r.submission, requester=r.requester, parent=r.parent, released_at=r.released_at,
        withdrawn_at=r.withdrawn_at, media=media_address(r.clip),
    )  # fmt: skip


def withdrawal_view(w: Withdrawal, because: str) -> WithdrawalView:
    """``because`` is the sentence for people that belongs to the cause."""
    return WithdrawalView(id=w.id, cause=w.cause, because=because, at=w.at)


def case_view(case: Case, submission: Submission, verdict: Verdict, language: str = "en") -> CaseView:
    """A case with everything a moderator reads."""
    return CaseView(
        id=case.id, submission=case.submission, gate=case.gate, subject=case.subject, clause=case.clause,
        status=case.status, opened_at=case.opened_at,
        requester=submission.requester, prompt=submission.prompt, decision=case.decision, moderator=case.moderator,
        reason=case.reason, note=case.note, decided_at=case.decided_at,
        verdict=verdict_view(verdict, language, submission.prompt),
    )  # fmt: skip


def person_view(p: Person) -> PersonView:
    """A person as they are shown."""
    return PersonView(id=p.id, handle=p.handle, kind=p.kind, enrolled_at=p.enrolled_at, public_key=p.public_key)


def grant_view(g: Grant) -> GrantView:
    """A grant as it is shown."""
    scope = g.scope.model_dump(mode="json") | {"forbids": sorted(g.scope.forbids)}
    return GrantView.model_validate(g.model_dump(mode="json", exclude={"scope"}) | scope)


def receipt_view(signed: Signed) -> ReceiptView:
    """A signed document."""
    return ReceiptView.model_validate(signed.model_dump())


def reservation_view(w: Reservation) -> ReservationView:
    """A reservation as it is shown."""
    return ReservationView(
        id=w.id, holder=w.holder, title=w.title, kind=w.kind, names=tuple(n.name for n in w.all_names), description=w.description,
        policy=w.policy, licensees=tuple(sorted(w.licensees)), verified=w.verified, pictures=w.pictures, filed_at=w.filed_at,
        expires_at=w.expires_at, withdrawn_at=w.withdrawn_at,
    )  # fmt: skip


def verify_view(found: Verified) -> VerifyView:
    """What verification found."""
    return VerifyView.model_validate(found.model_dump(mode="json"))


def media_address(clip: str) -> str:
    """Path of a clip's mp4 on this server."""
    return f"/v1/clips/{clip}/media"


def _evidence(s: Signal) -> EvidenceView:
    return EvidenceView(label=s.label, score=round(s.score, 4), detector=s.detector, evidence=s.evidence, medium=s.medium)
