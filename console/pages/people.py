"""The list of people, and entering somebody from photographs, as an operator does; who enrols themself begins at ``/enrol``."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import Response

from console.api.common import Ctx
from console.pages.paper import go, page
from console.uploads import kept
from console.views import person_view
from safety.errors import ClearanceError
from streams import people
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


def _people(request: Request, ctx: Context, error: ClearanceError | None = None, handle: str = "") -> Response:
    known = [person_view(p) for p in people.listing(ctx)]
    return page(request, "people.html", 200 if error is None else error.status, people=known, error=error, handle=handle)
