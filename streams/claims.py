"""Claims of people without an account: filed, looked into, decided. Each step is one transaction with its consequences.

What was found (``claim_search``) is a list of clips for a person to look at; only clips that were named, or are copies of one,
are withheld meanwhile, and only where the kind of claim cannot wait.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from pydantic import JsonValue, ValidationError

from consent import cameos, claims
from consent.claim import Claim, Filed, Found, Kind, Status
from consent.errors import ClaimRefused
from consent.likeness import Likeness, read_likeness
from consent.people import Person
from safety import ledger, releases
from safety.errors import BadInput
from safety.signed import Signed, sign_document
from safety.values import Value, derive
from streams.claim_search import named, showing, template_of, with_copies
from streams.context import Context
from streams.people import read_picture
from streams.same_clips import named_by, same_as, shown_in
from streams.withdrawal import withdraw

#: How a clip comes to be what the claim is about, and not only one that may show the claimant.
MEANT = ("named", "identical", "copy")


class Receipt(Value):
    """What the claimant gets: the number to ask with, until when it is decided, the clips found, and whether any are withheld.

    ``unknown`` are lines in which no clip of ours was recognised, ``notes`` what could not be looked into now and why.
    """

    number: str
    due_at: datetime
    withheld: bool
    clips: tuple[Found, ...]
    unknown: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class Standing(Value):
    """What a number alone tells: nothing personal, no clip by name. ``withdrawn`` counts clips; decided, it has a ``receipt``."""

    number: str
    kind: Kind
    status: Status
    filed_at: datetime
    due_at: datetime
    overdue: bool
    withheld: bool
    clips: int
    decided_at: datetime | None = None
    reason: str | None = None
    withdrawn: int | None = None
    receipt: Signed | None = None


class Counts(Value):
    """Claims that wait, and those of them past their time."""

    open: int
    overdue: int


def claim_of(
    *, kind: str, contact: str, statement: str, signature: str, good_faith: bool, clips: Sequence[str] = ()
) -> Claim:  # fmt: skip
    """A claim from plain words, as the doors give them. Raises ``BadInput`` with what is wrong."""
    try:
        return Claim.model_validate(
            {
                "kind": kind, "contact": contact, "statement": statement, "signature": signature, "good_faith": good_faith,
                "clips": tuple(line for line in clips if line.strip()),
            }
        )  # fmt: skip
    except ValidationError as reason:
        first = reason.errors()[0]
        raise BadInput(f"The claim's {first['loc'][0]} cannot be used: {first['msg'].removeprefix('Value error, ')}.") from reason


def file(
    ctx: Context, claim: Claim, face: Path | None = None, copy: Path | None = None, *, further: bool = True
) -> Receipt:  # fmt: skip
    """File a claim, with a photograph of the claimant (``face``) or a copy of the clip where there is one.

    What is found at once is withheld at once; then it looks ``further``, unless the caller does that afterwards.
    Raises ``ClaimRefused`` when nothing says which clips are meant or the contact has too many claims open, ``LikenessRefused``
    for a photograph without exactly one face, ``NotFound`` and ``BadMedia`` for a copy that cannot be read.
    """
    if not claim.clips and face is None and copy is None:
        raise ClaimRefused("Say which clip it is: give its address, a copy of it, or a photograph of the person it shows.")
    template = None if face is None else template_of(ctx, face)
    with ctx.db.read() as conn:
        claims.check_limit(conn, claim.contact, ctx.parts.vault)
        meant, unknown = named(conn, claim.clips)
    sent = () if copy is None else named_by(ctx, copy)
    found = with_copies(ctx, meant, sent)
    shown, notes = ((), ()) if template is None else showing(ctx, template)
    known = {f.clip for f in found}
    found += [f for f in shown if f.clip not in known]
    with ctx.db.write() as conn:
        filed = claims.file(conn, claim, found, ctx.parts.vault, ctx.clock())
    filed = look_further(ctx, filed.number, copy) if further else filed
    return Receipt(
        number=filed.number, due_at=filed.due_at, withheld=filed.withheld, clips=filed.found, unknown=unknown, notes=notes
    )  # fmt: skip


def look_further(ctx: Context, number: str, copy: Path | None = None) -> Filed:
    """Add to an open claim what takes time to find, because every print that is kept is compared: clips that look the same as
    those it names, and those that an altered ``copy`` shows. Raises ``UnknownClaim``, ``NotFound`` and ``BadMedia``."""
    with ctx.db.read() as conn:
        filed = claims.get(conn, number)
    meant = [f.clip for f in filed.found if f.how in MEANT and f.how != "copy"]
    sent = [f.clip for f in filed.found if f.how == "copy"]
    sent += [] if copy is None else [clip for clip in shown_in(ctx, copy) if clip not in (*meant, *sent)]
    found = with_copies(ctx, meant, sent, prints=True)
    with ctx.db.write() as conn:
        return claims.add(conn, filed.number, found, ctx.parts.vault, ctx.clock())


def status(ctx: Context, number: str) -> Standing:
    """How a claim stands. Raises ``UnknownClaim``."""
    with ctx.db.read() as conn:
        filed = claims.get(conn, number)
        withdrawal = None if filed.withdrawal is None else releases.read_withdrawal(conn, filed.withdrawal)
    receipt = None
    if withdrawal is not None and withdrawal.receipt is not None:
        receipt = Signed.model_validate_json(withdrawal.receipt)
    elif filed.status in ("upheld", "rejected"):
        receipt = _decision(ctx, filed)
    return Standing(
        number=filed.number, kind=filed.kind, status=filed.status, filed_at=filed.filed_at, due_at=filed.due_at,
        overdue=filed.overdue(ctx.clock()), withheld=filed.withheld, clips=len(filed.found), decided_at=filed.decided_at,
        reason=filed.reason, withdrawn=None if withdrawal is None else withdrawal.clips, receipt=receipt,
    )  # fmt: skip


def listing(ctx: Context, open_only: bool = True) -> tuple[Filed, ...]:
    """Claims for moderators, those due first first: what is overdue leads."""
    with ctx.db.read() as conn:
        return claims.listing(conn, open_only=open_only)


def counts(ctx: Context) -> Counts:
    """How many claims are open, and how many overdue."""
    with ctx.db.read() as conn:
        waiting, late = claims.counts(conn, ctx.clock())
    return Counts(open=waiting, overdue=late)


def read(ctx: Context, number: str, moderator: str) -> tuple[Filed, Claim | None]:
    """A claim with what the claimant wrote, for whoever decides it; that it was opened, and by whom, goes into the ledger.

    The second is None once it was deleted. Raises ``UnknownClaim`` and ``VaultLocked``.
    """
    with ctx.db.write() as conn:
        filed = claims.get(conn, number)
        opened = claims.private(conn, filed.number, ctx.parts.vault)
        subject = claims.subject_of(filed.number, ctx.parts.vault)
        ledger.append(conn, "claim-read", subject, {"moderator": moderator}, ctx.clock())
    return filed, opened


def withhold(ctx: Context, number: str, clips: Iterable[str], moderator: str) -> Filed:
    """Withhold exactly these of the claim's clips until it is decided; none shows all of them again.

    Raises ``UnknownClaim``, ``ClaimRefused`` for a clip that is not part of the claim, and ``Conflict``.
    """
    with ctx.db.write() as conn:
        return claims.withhold(conn, number, {*clips}, ctx.parts.vault, ctx.clock(), moderator)


def decide(
    ctx: Context, number: str, upheld: bool, moderator: str, reason: str, *, clips: Iterable[str] | None = None,
    faces: bool = False, protect: Sequence[Path] = (),
) -> Standing:  # fmt: skip
    """Decide a claim. Upheld, it withdraws its clips, their copies as they are now, and everything made from them.

    ``clips`` are those to withdraw; without them all that were named or are copies, and with ``faces`` also those that surely
    show the claimant's face; what only perhaps does is withdrawn when it is named in ``clips``. ``protect``: photographs, when
    the claimant chose never to be depicted here. ``reason`` is what the claimant is told. Raises ``UnknownClaim``, ``Conflict``,
    ``ClaimRefused`` and ``LikenessRefused``.
    """
    with ctx.db.read() as conn:
        filed = claims.get(conn, number)
    if clips is None:
        chosen = {f.clip for f in filed.found if f.how in (*MEANT, *(["face"] if faces else []))}
    elif strange := sorted({*clips} - {f.clip for f in filed.found}):
        raise ClaimRefused(f"The clip {strange[0]} is not part of claim {filed.number}; name only clips that it lists.")
    else:
        chosen = {*clips}
    if not upheld:
        with ctx.db.write() as conn:
            claims.decide(conn, number, "rejected", ctx.parts.vault, ctx.clock(), moderator=moderator, reason=reason)
        return status(ctx, number)
    if not chosen and not protect:
        raise ClaimRefused("Nothing would be withdrawn: name the clips, or take in those that were found by the face.")
    likeness = _likeness(ctx, protect) if protect else None
    taken = chosen | {same for some in same_as(ctx, sorted(chosen)).values() for same in some}
    with ctx.db.write() as conn:
        _uphold(conn, ctx, filed.number, taken, moderator, reason)
        if likeness is not None:
            _protect(conn, ctx, filed.number, likeness)
    return status(ctx, number)


def protected(ctx: Context, number: str, photographs: Sequence[Path]) -> Person:
    """Enter the claimant of an upheld claim as a person who is never to be depicted; they choose to, and bring photographs.

    Nothing of the photograph that a claim was filed with is kept to do it by. Raises ``ClaimRefused`` for a claim that is not
    upheld, ``LikenessRefused`` and, when the face is known already, ``Taken``.
    """
    with ctx.db.read() as conn:
        filed = claims.get(conn, number)
    if filed.status != "upheld":
        raise ClaimRefused(
            f"Claim {filed.number} is {filed.status}; only the claimant of one that was upheld is protected by it."
        )
    likeness = _likeness(ctx, photographs)
    with ctx.db.write() as conn:
        return _protect(conn, ctx, filed.number, likeness)


def take_back(ctx: Context, number: str, contact: str) -> Standing:
    """The claimant ends their claim. Raises ``UnknownClaim`` and ``Conflict``."""
    with ctx.db.write() as conn:
        claims.take_back(conn, number, contact, ctx.parts.vault, ctx.clock())
    return status(ctx, number)


def forget_old(ctx: Context) -> int:
    """Delete what is personal of claims decided long ago (``consent.claims.KEPT_DAYS``); return of how many."""
    with ctx.db.write() as conn:
        return claims.forget_old(conn, ctx.clock())


def _uphold(conn: sa.Connection, ctx: Context, number: str, clips: Iterable[str], moderator: str, reason: str) -> None:
    vault, at = ctx.parts.vault, ctx.clock()
    subject = claims.subject_of(number, vault)
    withdrawal = None
    if clips:
        told = "a claim of somebody it shows, or of who acts for them, was upheld"
        withdrawal, _ = withdraw(conn, ctx, clips, cause="claim", subject=subject, reason=told, at=at)
    claims.decide(
        conn, number, "upheld", vault, at, moderator=moderator, reason=reason, withdrawal=withdrawal.id if withdrawal else None
    )  # fmt: skip


def _likeness(ctx: Context, photographs: Sequence[Path]) -> Likeness:
    return read_likeness([read_picture(file) for file in photographs], ctx.parts.faces)


def _protect(conn: sa.Connection, ctx: Context, number: str, likeness: Likeness) -> Person:
    """Under a handle that says nothing of who it is, and is the claim's alone."""
    handle = "claim_" + derive(claims.subject_of(number, ctx.parts.vault), "protected").replace("-", "")[:20]
    return cameos.protect(conn, handle, likeness, ctx.parts.faces, ctx.parts.vault, ctx.clock)


def _decision(ctx: Context, filed: Filed) -> Signed:
    """The signed decision of a claim that withdrew nothing; the same each time it is asked for."""
    body: dict[str, JsonValue] = {
        "receipt": "claim", "number": filed.number, "kind": filed.kind, "filed_at": filed.filed_at.isoformat(),
        "outcome": filed.status, "decided_at": filed.decided_at.isoformat() if filed.decided_at else None,
        "reason": filed.reason, "clips_withdrawn": 0,
    }  # fmt: skip
    return sign_document(body, ctx.signer)
