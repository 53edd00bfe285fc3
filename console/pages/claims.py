"""Claims: the form for somebody without an account, how a claim stands, and the moderators' queue with the decision.

All of it works without script. What a claimant wrote is shown to a moderator only when they ask, which the ledger records.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, get_args

from fastapi import APIRouter, File, Form, Query, Request, UploadFile
from fastapi.responses import Response

from consent.claim import URGENT, Claim, Filed, Kind
from consent.errors import UnknownClaim
from console import claiming
from console.api.common import Ctx
from console.pages.paper import go, page
from safety import releases
from safety.errors import BadInput, ClearanceError
from streams import claims
from streams.claim_consequences import Consequences, preview
from streams.claims import MEANT
from streams.context import Context

router = APIRouter()
NOTHING = Consequences(clips=0, chosen=0, copies=0, remixes=0, makers=())


@router.get("/claim")
def form(request: Request, clip: Annotated[list[str] | None, Query()] = None) -> Response:
    """The form, with the clips somebody came from filled in."""
    return _form(request, {"clips": "\n".join((clip or [])[:100])[:20_000]})


@router.post("/claim")
def file(
    request: Request,
    ctx: Ctx,
    kind: Annotated[str, Form()] = "",
    clips: Annotated[str, Form()] = "",
    statement: Annotated[str, Form()] = "",
    contact: Annotated[str, Form()] = "",
    good_faith: Annotated[str, Form()] = "",
    signature: Annotated[str, Form()] = "",
    face: Annotated[UploadFile | None, File()] = None,
    copied: Annotated[UploadFile | None, File(alias="copy")] = None,
) -> Response:
    """File it and show the number; a mistake is shown above the form, with everything but the files still filled in."""
    try:
        if kind not in get_args(Kind):
            raise BadInput("Choose what happened.")
        said = claims.claim_of(
            kind=kind, contact=contact, statement=statement, signature=signature, good_faith=bool(good_faith),
            clips=claiming.lines_of([clips]),
        )  # fmt: skip
        filed = claiming.file_claim(ctx, said, face, copied)
    except ClearanceError as error:
        given = {
            "kind": kind, "clips": clips, "statement": statement, "contact": contact, "good_faith": good_faith,
            "signature": signature,
        }  # fmt: skip
        return _form(request, given, error)
    return page(request, "claim_filed.html", 201, filed=filed)


@router.get("/claim/status")
async def standing(request: Request, ctx: Ctx, number: Annotated[str, Query(max_length=200)] = "") -> Response:
    """How a claim stands, in words; a wrong number takes as long as a right one."""
    if not number.strip():
        return page(request, "claim_status.html", standing=None, wrong=False, number="")
    try:
        found = await claiming.in_time(lambda: claims.status(ctx, number))
    except UnknownClaim:
        return page(request, "claim_status.html", 404, standing=None, wrong=True, number=number)
    return page(request, "claim_status.html", standing=found, wrong=False, number=found.number)


@router.get("/claims")
def queue(request: Request, ctx: Ctx, status: Annotated[str, Query()] = "open") -> Response:
    """What waits, those due first first, with how much is overdue on top."""
    status, now = status if status in ("open", "all") else "open", ctx.clock()
    found = [(filed, _left(filed, now)) for filed in claims.listing(ctx, status == "open")]
    return page(request, "claims.html", claims=found, counts=claims.counts(ctx), status=status)


@router.get("/claims/{number}")
def case(request: Request, ctx: Ctx, number: str) -> Response:
    """One claim without what is personal: clips, what upholding would do, and the decision."""
    return _case(request, ctx, number)


@router.post("/claims/{number}/opening")
def opening(request: Request, ctx: Ctx, number: str, moderator: Annotated[str, Form()] = "") -> Response:
    """What the claimant wrote, with the contact; that it was read, and by whom, is in the ledger."""
    try:
        name = claiming.signed_name(moderator)
    except ClearanceError as error:
        return _case(request, ctx, number, error)
    return _case(request, ctx, number, given={"moderator": name}, opened=claims.read(ctx, number, name))


@router.post("/claims/{number}")
def decide(
    request: Request,
    ctx: Ctx,
    number: str,
    step: Annotated[str, Form()] = "",
    clip: Annotated[list[str] | None, Form()] = None,
    decision: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
    moderator: Annotated[str, Form()] = "",
) -> Response:
    """Count for the ticked clips, withhold exactly them, or decide; a mistake is shown on the claim's page."""
    ticked, given = clip or [], {"decision": decision, "reason": reason, "moderator": moderator}
    try:
        if step == "withhold":
            claims.withhold(ctx, number, ticked, claiming.signed_name(moderator))
            return go(f"/claims/{claiming.one_claim(ctx, number).number}", moderator.strip())
        if step == "decide":
            if decision not in ("uphold", "reject"):
                raise BadInput("Choose whether to uphold the claim or to reject it.")
            name = claiming.signed_name(moderator)
            stands = claims.decide(ctx, number, decision == "uphold", name, reason, clips=ticked)
            return go(f"/claims/{stands.number}", name)
    except ClearanceError as error:
        if error.status == 404:
            raise
        return _case(request, ctx, number, error, given=given, ticked=ticked)
    return _case(request, ctx, number, given=given, ticked=ticked)


def _form(request: Request, given: dict[str, str], error: ClearanceError | None = None) -> Response:
    code = 200 if error is None else error.status
    return page(request, "claim.html", code, kinds=get_args(Kind), urgent=URGENT, given=given, error=error)


def _case(
    request: Request, ctx: Context, number: str, error: ClearanceError | None = None, *, given: dict[str, str] | None = None,
    ticked: list[str] | None = None, opened: tuple[Filed, Claim | None] | None = None,
) -> Response:  # fmt: skip
    filed = claiming.one_claim(ctx, number)
    with ctx.db.read() as conn:
        gone = {f.clip for f in filed.found if releases.get(conn, f.clip).withdrawal is not None}
    chosen = {f.clip for f in filed.found if f.how in MEANT and f.clip not in gone} if ticked is None else {*ticked}
    chosen &= {f.clip for f in filed.found}
    waits = filed.status == "open"
    return page(
        request, "claim_case.html", 200 if error is None else error.status, claim=filed, left=_left(filed, ctx.clock()),
        gone=gone, ticked=chosen, told=preview(ctx, filed.number, chosen) if waits and chosen else NOTHING, error=error,
        given=given or {}, opened=opened is not None, said=opened[1] if opened else None,
        standing=None if waits else claims.status(ctx, filed.number),
    )  # fmt: skip


def _left(filed: Filed, now: datetime) -> tuple[str, int] | None:
    """The words for how much time is left, or has been missed, with whole hours; None for what was decided."""
    if filed.status != "open":
        return None
    hours = abs((filed.due_at - now).total_seconds()) / 3600
    late = "claims.overdue" if filed.overdue(now) else "claims.due"
    return (f"{late}.soon", 0) if hours < 1 else (f"{late}.hours", int(hours))
