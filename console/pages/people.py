"""The pages of people: who is known, what they granted, and taking it back."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Annotated

from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import Response

from consent.scope import scoped
from console.api.common import Ctx
from console.pages.paper import go, page
from console.plain import to_json
from console.uploads import kept
from console.views import grant_view, person_view
from safety.errors import BadInput, ClearanceError, NotFound
from streams import granting, people, revocation
from streams.context import Context

router = APIRouter()


@router.get("/people")
def listing(request: Request, ctx: Ctx) -> Response:
    """Everyone who is known."""
    return _people(request, ctx)


@router.post("/people")
def enrol(
    request: Request,
    ctx: Ctx,
    files: Annotated[list[UploadFile], File()],
    handle: Annotated[str, Form()] = "",
    kind: Annotated[str, Form()] = "enrolled",
) -> Response:
    """Enrol or protect somebody."""
    try:
        with kept(ctx, files) as paths:
            person = (people.protect if kind == "protected" else people.enrol)(ctx, handle, paths)
    except ClearanceError as error:
        return _people(request, ctx, error, handle)
    return go(f"/people/{person.handle}")


@router.get("/people/{handle}")
def person(request: Request, ctx: Ctx, handle: str) -> Response:
    """What one person granted."""
    return _person(request, ctx, handle)


@router.post("/people/{handle}/grants")
def grant(
    request: Request,
    ctx: Ctx,
    handle: str,
    to: Annotated[str, Form()] = "",
    forbids: Annotated[str, Form()] = "",
    until: Annotated[str, Form()] = "",
) -> Response:
    """Let somebody use the likeness."""
    try:
        granting.grant(ctx, handle, to, scoped(frozenset(forbids.replace(",", " ").split())), _end_of(until))
    except ClearanceError as error:
        return _person(request, ctx, handle, error)
    return go(f"/people/{handle}")


@router.post("/people/{handle}/revocation")
def revoke(request: Request, ctx: Ctx, handle: str, grant: Annotated[str, Form()] = "") -> Response:
    """Take one grant back, or all, and show the receipt."""
    receipt = revocation.revoke(ctx, handle, grant or None)
    clips = receipt.document.get("clips", [])
    return page(request, "receipt.html", handle=handle, clips=clips, receipt=to_json(receipt))


@router.post("/people/{handle}/pause")
def pause(ctx: Ctx, handle: str) -> Response:
    """Nothing new, until they resume."""
    granting.pause(ctx, handle)
    return go(f"/people/{handle}")


@router.post("/people/{handle}/resumption")
def resume(ctx: Ctx, handle: str) -> Response:
    """End a pause."""
    granting.resume(ctx, handle)
    return go(f"/people/{handle}")


def _people(request: Request, ctx: Context, error: ClearanceError | None = None, handle: str = "") -> Response:
    known = [person_view(p) for p in people.listing(ctx)]
    return page(request, "people.html", 200 if error is None else error.status, people=known, error=error, handle=handle)


def _person(request: Request, ctx: Context, handle: str, error: ClearanceError | None = None) -> Response:
    found = next((p for p in people.listing(ctx) if handle.removeprefix("@").lower() in (p.handle, p.id)), None)
    if found is None:
        raise NotFound("Nobody is known by that name; the list of people shows everyone.")
    given = [grant_view(g) for g in granting.grants_of(ctx, found.id)] if found.kind == "enrolled" else []
    return page(
        request, "person.html", 200 if error is None else error.status, person=person_view(found), grants=given,
        labels=sorted(ctx.labels()), error=error,
    )  # fmt: skip


def _end_of(text: str) -> datetime | None:
    """The last moment of a day, UTC."""
    if not text.strip():
        return None
    try:
        return datetime.combine(datetime.fromisoformat(text.strip()).date(), time(23, 59, 59), UTC)
    except ValueError as reason:
        raise BadInput("The end of the grant is not a date; write it as 2027-01-31.") from reason
