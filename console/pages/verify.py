"""The page anyone may ask: whose clip is this?"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, File, Request, UploadFile
from fastapi.responses import Response

from console.api.common import Ctx
from console.pages.paper import page
from console.plain import printable
from console.uploads import kept
from console.views import verify_view
from safety.errors import BadInput, ClearanceError
from streams import checks

router = APIRouter()


@router.get("/verify")
def form(request: Request) -> Response:
    """The form."""
    return page(request, "verify.html", found=None, error=None, file="")


@router.post("/verify")
def answer(request: Request, ctx: Ctx, file: Annotated[UploadFile | None, File()] = None) -> Response:
    """The answer, with what it rests on."""
    try:
        with kept(ctx, [file] if file else []) as paths:
            if not paths:
                raise BadInput("Choose a file first.")
            found = verify_view(checks.verify_file(ctx, paths[0]))
    except ClearanceError as error:
        return page(request, "verify.html", error.status, found=None, error=error, file="")
    return page(request, "verify.html", found=found, error=None, file=printable((file.filename if file else "") or "", 80))
