"""Taking back: first what it would do, then one button, then the receipt. No key is asked for, and no script is needed."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import Response

from consent import grants, people, standing
from console.api.common import Ctx
from console.pages.paper import go, language_of, page
from console.plain import to_json
from console.words_receipts import KEPT_IN_FRENCH
from safety.errors import BadInput, ClearanceError
from streams import revocation
from streams.context import Context

router = APIRouter()
#: Withdrawn clips named on a receipt's page; the receipt names all.
NAMED = 20
Actor = Annotated[str, Query(alias="as", max_length=64)]
ActorForm = Annotated[str, Form(alias="as")]


@router.get("/people/{handle}/revocation")
def preview(
    request: Request, ctx: Ctx, handle: str, grant: Annotated[str, Query(max_length=64)] = "", actor: Actor = ""
) -> Response:
    """What taking back one grant, or all, would do."""
    return _preview(request, ctx, handle, grant, actor, erase=False)


@router.get("/people/{handle}/erasure")
def preview_erasure(request: Request, ctx: Ctx, handle: str, actor: Actor = "") -> Response:
    """What erasing the person would do."""
    return _preview(request, ctx, handle, "", actor, erase=True)


@router.post("/people/{handle}/revocation")
def revoke(ctx: Ctx, handle: str, grant: Annotated[str, Form()] = "", actor: ActorForm = "") -> Response:
    """Take one grant back, or all, and show the receipt."""
    receipt = revocation.revoke(ctx, handle, grant or None, actor=actor or None)
    return go(f"/revocations/{receipt.document['withdrawal']}")


@router.post("/people/{handle}/erasure")
def erase(request: Request, ctx: Ctx, handle: str, confirm: Annotated[str, Form()] = "", actor: ActorForm = "") -> Response:
    """Erase the person, once their handle was typed a second time, and show the receipt."""
    try:
        with ctx.db.read() as conn:
            owner = people.get(conn, handle)
        if confirm.strip().removeprefix("@").lower() != owner.handle:
            raise BadInput(f"That is not the name of the person who is to be erased; type {owner.handle} to confirm.")
    except BadInput as error:
        return _preview(request, ctx, handle, "", actor, erase=True, error=error)
    receipt = revocation.erase(ctx, owner.id, actor=actor or None)
    return go(f"/revocations/{receipt.document['withdrawal']}")


@router.get("/revocations/{id}")
def receipt(request: Request, ctx: Ctx, id: str) -> Response:
    """What was taken back, how far the sweep is, and the signed receipts."""
    state, receipts = revocation.state(ctx, id), revocation.receipts_of(ctx, id)
    first = receipts[0].document
    with ctx.db.read() as conn:
        known = people.find(conn, state.person)
    named = first.get("clips")
    clips = named if isinstance(named, list) else []
    return page(
        request, "receipt.html", state=state, first=first, person=known, closed=len(receipts) > 1, receipt=to_json(receipts[-1]),
        clips=clips[:NAMED], clip_count=len(clips), numbers=_numbers(first.get("how_many")),
        forgotten=_numbers(first.get("forgotten")), stays=_stays(request, first.get("kept")), key=ctx.signer.public_key.hex(),
    )  # fmt: skip


@router.get("/revocations/{id}/{which}.json")
def download(ctx: Ctx, id: str, which: str) -> Response:
    """The first receipt (``receipt``) or the closing one (``closing``), as a file."""
    receipts = revocation.receipts_of(ctx, id)
    chosen = receipts[-1] if which == "closing" else receipts[0]
    name = "closing" if chosen is not receipts[0] else "receipt"
    headers = {"Content-Disposition": f'attachment; filename="{name}-{receipts[0].document["withdrawal"]}.json"'}
    return Response(chosen.model_dump_json(), media_type="application/json", headers=headers)


def _preview(
    request: Request, ctx: Context, handle: str, grant: str, actor: str, *, erase: bool, error: ClearanceError | None = None
) -> Response:
    now = ctx.clock()
    told = revocation.preview(ctx, handle, grant or None, erase)
    with ctx.db.read() as conn:
        owner = people.get(conn, handle)
        standing.acting_for(conn, owner.id, actor or None, now).check("erase" if erase else "revoke")
        holder = grants.get_grant(conn, grant, now).holder if grant else ""
    return page(
        request, "revoke.html", 200 if error is None else error.status, person=owner, told=told, grant=grant, holder=holder,
        actor=actor, erase=erase, error=error, stays=_stays(request, [k.model_dump() for k in told.kept]),
    )  # fmt: skip


def _numbers(said: object) -> dict[str, object]:
    """Counts as a receipt says them; receipts of other withdrawals say none."""
    return said if isinstance(said, dict) else {}


def _stays(request: Request, kept: object) -> list[tuple[str, str]]:
    """What is kept and why, in the reader's language; receipts say it in English."""
    rows = [(str(k["what"]), str(k["why"])) for k in kept if isinstance(k, dict)] if isinstance(kept, list) else []
    if language_of(request) == "fr":
        rows = [(KEPT_IN_FRENCH.get(what, what), KEPT_IN_FRENCH.get(why, why)) for what, why in rows]
    return rows
