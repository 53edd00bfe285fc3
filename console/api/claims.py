"""/v1/claims: claims of people who have no account, how they stand, and deciding them."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, File, Form, Query, UploadFile
from fastapi.responses import Response

from consent.claim import Kind
from console import claiming, frames
from console.api.common import Ctx, problems
from console.views_claims import (
    ClaimReceiptView,
    ClaimStatusView,
    ClaimView,
    Moderating,
    NewClaimDecision,
    SaidView,
    Withholding,
    claim_receipt_view,
    claim_status_view,
    claim_view,
    said_view,
)
from streams import claims
from streams.claim_consequences import Consequences, preview

router = APIRouter(prefix="/v1/claims", tags=["claims"])


@router.post("", status_code=201, summary="File a claim", responses=problems(404, 415))
def file(
    ctx: Ctx,
    kind: Annotated[
        Kind, Form(description="`intimate` and `minor` withhold the clips that are named, and their copies, at once.")
    ],
    contact: Annotated[str, Form(description="An e-mail or postal address to answer to. Kept sealed.", max_length=500)],
    statement: Annotated[str, Form(description="What happened, in words. Kept sealed.", max_length=5000)],
    signature: Annotated[str, Form(description="Full name, typed as a signature. Kept sealed.", max_length=200)],
    good_faith: Annotated[
        bool, Form(description="That this is true as far as is known, and that nobody shown agreed to it.")
    ] = False,
    clips: Annotated[list[str] | None, Form(description="Ids or addresses of clips; repeated, or one a line.")] = None,
    face: Annotated[UploadFile | None, File(description="A photograph: looked at once, not kept.")] = None,
    copied: Annotated[UploadFile | None, File(alias="copy", description="A copy of the clip, even altered.")] = None,
) -> ClaimReceiptView:
    """Anybody may, without an account. The answer has the number to ask with, and until when a person decides: 48 hours."""
    said = claims.claim_of(
        kind=kind, contact=contact, statement=statement, signature=signature, good_faith=good_faith,
        clips=claiming.lines_of(clips or []),
    )  # fmt: skip
    return claim_receipt_view(claiming.file_claim(ctx, said, face, copied))


@router.get("", summary="List claims", responses=problems())
def listing(
    ctx: Ctx, status: Annotated[Literal["open", "all"], Query(description="Open ones, or all.")] = "open"
) -> list[ClaimView]:
    """For moderators: those due first first, so that what is overdue leads."""
    now = ctx.clock()
    return [claim_view(f, now) for f in claims.listing(ctx, status == "open")]


@router.get("/{number}", summary="How a claim stands", responses=problems(404))
async def standing(ctx: Ctx, number: str) -> ClaimStatusView:
    """For whoever has the number: nothing personal. A wrong number takes as long as a right one."""
    return claim_status_view(await claiming.in_time(lambda: claims.status(ctx, number)))


@router.post("/{number}/opening", summary="Read what the claimant wrote", responses=problems(404))
def opening(ctx: Ctx, number: str, body: Moderating) -> SaidView:
    """For the moderator who decides. That it was read, and by whom, is written into the ledger; so it is not a GET."""
    return said_view(claims.read(ctx, number, claiming.signed_name(body.moderator))[1])


@router.get("/{number}/consequences", summary="What upholding would withdraw", responses=problems(404))
def consequences(
    ctx: Ctx,
    number: str,
    clip: Annotated[list[str] | None, Query(description="Only these; without any, all that were named or are copies.")] = None,
) -> Consequences:
    """As things are now; nothing is changed."""
    return preview(ctx, number, clip)


@router.post("/{number}/withholding", summary="Withhold clips of a claim", responses=problems(404, 409))
def withhold(ctx: Ctx, number: str, body: Withholding) -> ClaimView:
    """While the claim is open."""
    return claim_view(claims.withhold(ctx, number, body.clips, claiming.signed_name(body.moderator)), ctx.clock())


@router.post("/{number}/decision", summary="Decide a claim", responses=problems(404, 409))
def decide(ctx: Ctx, number: str, body: NewClaimDecision) -> ClaimStatusView:
    """Uphold or reject. A claim is decided once; nothing is withheld for it any more."""
    upheld, name = body.decision == "uphold", claiming.signed_name(body.moderator)
    return claim_status_view(claims.decide(ctx, number, upheld, name, body.reason, clips=body.clips, faces=body.faces))


@router.get(
    "/{number}/clips/{clip}/frames/{frame}",
    summary="A frame of a claim's clip",
    response_class=Response,
    responses={**problems(404, 410), 200: {"description": "A JPEG.", "content": {"image/jpeg": {}}}},
)
def picture(
    ctx: Ctx, number: str, clip: str, frame: int,
    clear: Annotated[bool, Query(description="As it is, instead of blurred and grey.")] = False,
) -> Response:  # fmt: skip
    """For the moderator, of an open claim alone, also while the clip is withheld; blurred and without colour unless asked for."""
    jpeg = frames.claimed_picture(ctx, claiming.one_claim(ctx, number), clip, frame, clear=clear)
    return Response(jpeg, media_type="image/jpeg", headers={"Cache-Control": "no-store"})
