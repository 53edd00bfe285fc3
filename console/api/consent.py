"""/v1/people/{handle}: whom a person approves, what they were told, what was made of them, who acts for them, their data."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse, Response
from starlette.background import BackgroundTask

from consent import circle, grants, notices, people, standing
from console import own_page, signing
from console.api.common import Ctx, Limit, problems
from console.api.people import Actor
from console.views import receipt_view
from console.views_consent import (
    AcquaintanceView,
    Approval,
    CircleView,
    Ending,
    MomentView,
    NoticeView,
    PreparedView,
    ReadView,
    RepresentationView,
    UsageView,
    Wanted,
    acquaintance_view,
    moment_view,
    notice_view,
    representative_view,
)
from console.views_consent import Request as Asking
from safety.errors import BadInput
from streams import granting, parting, portability, usage

router = APIRouter(prefix="/v1/people/{handle}", tags=["people"])
_ZIP: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file.", "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}
}


@router.post("/statements", summary="Prepare a statement to be signed", responses=problems(404))
def statement(ctx: Ctx, request: Request, handle: str, body: Wanted) -> PreparedView:
    """What the person, or who acts for them, signs to end a pause or to approve somebody. Good for five minutes, once."""
    if body.act == "approve":
        if body.other is None:
            raise BadInput("An approval is of somebody; give their handle as `other`.")
        about = circle.about(people.check_handle(body.other), body.kind)
    else:
        about = grants.about(body.grant)
    document = granting.prepare(ctx, handle, body.act, about)
    return PreparedView(document=document, sign=signing.options_for(ctx, request, body.actor or handle, document))


@router.get("/circle", summary="Whom a person approves", responses=problems(404))
def known(ctx: Ctx, handle: str) -> list[AcquaintanceView]:
    """Those who asked first, then the approved, then those whose approval or request ended."""
    return [acquaintance_view(a) for a in granting.circle_of(ctx, handle)]


@router.post("/circle", status_code=201, summary="Approve", responses=problems(404))
def approve(ctx: Ctx, handle: str, body: Approval) -> AcquaintanceView:
    """Approve somebody, who may have asked or not; signed as a grant is."""
    return acquaintance_view(granting.approve(ctx, handle, body.other, body.kind, body.document, body.proof))


@router.post("/circle/requests", status_code=201, summary="Ask to be approved", responses=problems(404))
def ask(ctx: Ctx, handle: str, body: Asking) -> AcquaintanceView:
    """Nothing happens unless the person approves; they are told."""
    return acquaintance_view(granting.ask(ctx, body.asker, handle, body.kind))


@router.post("/circle/end", summary="End an approval", responses=problems(404))
def unapprove(ctx: Ctx, handle: str, body: Ending) -> CircleView:
    """Say no to a request, or take an approval back with every clip that rests on it; the latter has a receipt."""
    receipt = parting.unapprove(ctx, handle, body.other, body.kind)
    return CircleView(receipt=None if receipt is None else receipt_view(receipt))


@router.get("/notices", summary="What a person was told", responses=problems(404))
def told(
    ctx: Ctx,
    handle: str,
    language: Annotated[Literal["en", "fr"], Query(description="Of `says`.")] = "en",
    limit: Limit = 50,
) -> list[NoticeView]:
    """The newest first."""
    with ctx.db.read() as conn:
        found = notices.listing(conn, people.get(conn, handle).id, limit=limit)
    return [notice_view(n, language) for n in found]


@router.post("/notices/read", summary="Mark notices as read", responses=problems(404))
def read(ctx: Ctx, handle: str) -> ReadView:
    """All that were written until now."""
    with ctx.db.write() as conn:
        return ReadView(read=notices.mark_read(conn, people.get(conn, handle).id, ctx.clock()))


@router.get("/usage", summary="What was made of a person", responses=problems(404))
def used(ctx: Ctx, handle: str, limit: Limit = 50) -> UsageView:
    """By grant, by maker, and the latest clips, withdrawn ones too. A person's use of themself has a grant of its own id."""
    with ctx.db.read() as conn:
        owner = people.get(conn, handle).id
        by_grant = usage.by_grant(conn, owner)
        return UsageView(
            grants=tuple(by_grant.values()), makers=usage.by_maker(conn, owner, limit), clips=usage.clips(conn, owner, limit)
        )


@router.get("/history", summary="A person's history", responses=problems(404))
def history(
    ctx: Ctx,
    handle: str,
    after: Annotated[str | None, Query(description="`place` of the last entry of the page before.", max_length=120)] = None,
    limit: Limit = 50,
) -> list[MomentView]:
    """Signed statements, uses, withdrawals and what else they were told, the newest first."""
    _, moments, _ = own_page.read_history(ctx, handle, own_page.read_place(after), limit)
    return [moment_view(m) for m in moments]


@router.post(
    "/export", summary="Everything kept about a person", response_class=Response, responses={**problems(403, 404), **_ZIP}
)
def export(ctx: Ctx, request: Request, handle: str, actor: Actor = None) -> Response:
    """A ZIP (GDPR articles 15 and 20). The ledger and the person learn of it, so it is not a GET."""
    path = portability.export(ctx, handle, actor=actor, address=str(request.base_url).rstrip("/"))
    gone = BackgroundTask(path.unlink, missing_ok=True)
    return FileResponse(path, media_type="application/zip", filename="export.zip", background=gone)


@router.get("/representatives", summary="Who acts for a person", responses=problems(404))
def representatives(ctx: Ctx, handle: str) -> RepresentationView:
    """Guardians and estates in office now, and for whom the person acts. Recording them is the operator's part."""
    now = ctx.clock()
    with ctx.db.read() as conn:
        owner = people.get(conn, handle).id
        names = {p.id: p.handle for p in people.listing(conn)}
        by, of = standing.in_office(conn, owner, now), standing.acts_for(conn, owner, now)
    return RepresentationView(
        by=tuple(representative_view(r, names.get(r.representative)) for r in by),
        of=tuple(representative_view(r, names.get(r.person)) for r in of),
    )
