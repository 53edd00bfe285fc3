"""Enrolling oneself: a name, then digits to say and turns to make within a minute, then the recording or why it was refused.

The recording is made in the page, or sent as a file from elsewhere; either way it is looked at, and not kept.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import Response

from consent.liveness import challenge as challenges
from console.api.common import Ctx
from console.pages.paper import go, page
from console.uploads import kept
from safety.errors import BadInput, ClearanceError
from streams import enrolment

router = APIRouter()
#: The one page that may use camera and microphone.
CAMERA = {"Permissions-Policy": "camera=(self), microphone=(self), geolocation=(), interest-cohort=()"}


@router.get("/enrol")
def begin(request: Request) -> Response:
    """What will be asked, and the name."""
    return page(request, "enrol.html", error=None, handle="")


@router.post("/enrol")
def ask(request: Request, ctx: Ctx, handle: Annotated[str, Form()] = "") -> Response:
    """A challenge for that name."""
    try:
        asked = enrolment.challenge(ctx, handle)
    except ClearanceError as error:
        return page(request, "enrol.html", error.status, error=error, handle=handle)
    return go(f"/enrol/{asked.id}")


@router.get("/enrol/{id}")
def show(request: Request, ctx: Ctx, id: str) -> Response:
    """What to say and how to turn, for as long as it holds."""
    with ctx.db.read() as conn:
        asked = challenges.get(conn, id)
    left = int((asked.expires_at - ctx.clock()).total_seconds())
    return page(request, "challenge.html", headers=CAMERA, asked=asked, left=max(0, left))


@router.post("/enrol/{id}")
def answer(request: Request, ctx: Ctx, id: str, file: Annotated[UploadFile | None, File()] = None) -> Response:
    """Look at the recording; enrol the person, or say in one sentence why not."""
    with ctx.db.read() as conn:
        asked = challenges.get(conn, id)
    try:
        with kept(ctx, [file] if file else []) as paths:
            if not paths:
                raise BadInput("No recording was sent; record yourself, or choose a file.")
            person = enrolment.enrol_live(ctx, id, paths[0])
    except ClearanceError as error:
        return page(request, "enrol.html", error.status, error=error, handle=asked.handle)
    return go(f"/people/{person.handle}")
