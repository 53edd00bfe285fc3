"""The rights holder's page: what is reserved, and reserving or taking back."""

from __future__ import annotations

from typing import Annotated, get_args

from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import Response

from console.api.common import Ctx
from console.api.reservations import Kind
from console.pages.paper import go, page
from console.uploads import kept
from console.views import reservation_view
from safety.errors import ClearanceError
from streams import works
from streams.context import Context

router = APIRouter()
KINDS: tuple[str, ...] = get_args(Kind)


@router.get("/works")
def listing(request: Request, ctx: Ctx) -> Response:
    """What is reserved."""
    return _works(request, ctx, {})


@router.post("/works")
def add(
    request: Request,
    ctx: Ctx,
    pictures: Annotated[list[UploadFile] | None, File()] = None,
    holder: Annotated[str, Form()] = "",
    title: Annotated[str, Form()] = "",
    kind: Annotated[str, Form()] = "character",
    names: Annotated[str, Form()] = "",
    description: Annotated[str, Form()] = "",
    policy: Annotated[str, Form()] = "deny",
) -> Response:
    """Reserve a work. Filed by hand here it is not verified, so it makes a person look."""
    given = {"holder": holder, "title": title, "kind": kind, "names": names, "description": description, "policy": policy}
    try:
        filing = works.simple_filing(
            holder=holder, title=title, kind=kind, names=[n.strip() for n in names.splitlines() if n.strip()],
            description=description, policy=policy,
        )  # fmt: skip
        with kept(ctx, pictures or []) as paths:
            works.add(ctx, filing, paths, verified=False)
    except ClearanceError as error:
        return _works(request, ctx, given, error)
    return go("/works")


@router.post("/works/{id}/withdrawal")
def withdraw(ctx: Ctx, id: str) -> Response:
    """Take a reservation back."""
    works.withdraw(ctx, id)
    return go("/works")


def _works(request: Request, ctx: Context, given: dict[str, str], error: ClearanceError | None = None) -> Response:
    known = [reservation_view(w) for w in works.listing(ctx)]
    return page(
        request, "works.html", 200 if error is None else error.status, works=known, kinds=KINDS, given=given, error=error
    )  # fmt: skip
