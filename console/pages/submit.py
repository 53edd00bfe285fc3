"""The form a clip begins with, and the page that follows it through the gates."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import Response

from console import reading
from console.api.common import Ctx
from console.pages.paper import go, language_of, page
from console.shapes import SIZES, STAGES, read_size
from safety.errors import BadInput, ClearanceError
from streams import reasons, submitting
from streams.submissions import Order

router = APIRouter()


@router.get("/submit")
def form(request: Request, remix: Annotated[str, Query(max_length=64)] = "") -> Response:
    """The empty form, or one that begins a remix."""
    return _form(request, {"remix": remix})


@router.post("/submit")
def send(
    request: Request,
    ctx: Ctx,
    prompt: Annotated[str, Form()] = "",
    requester: Annotated[str, Form()] = "",
    cameos: Annotated[str, Form()] = "",
    remix: Annotated[str, Form()] = "",
    size: Annotated[str, Form()] = SIZES[0],
    seconds: Annotated[str, Form()] = "4",
    seed: Annotated[str, Form()] = "0",
) -> Response:
    """Submit it and follow it; a mistake is shown above the form with everything still filled in."""
    given = {
        "prompt": prompt,
        "cameos": cameos,
        "remix": remix,
        "size": size,
        "seconds": seconds,
        "seed": seed,
        "name": requester,
    }
    try:
        width, height = read_size(size)
        order = Order(
            prompt=prompt, requester=requester.strip(), language=language_of(request), cameos=_handles(cameos),
            remix_of=remix.strip() or None, seed=_number(seed, "seed"), width=width, height=height,
            seconds=_number(seconds, "length"),
        )  # fmt: skip
        sent = submitting.submit(ctx, order)
    except ClearanceError as reason:
        return _form(request, given, reason)
    return go(f"/submissions/{sent.id}", requester.strip())


@router.get("/submissions/{id}")
def submission(request: Request, ctx: Ctx, id: str) -> Response:
    """Where it stands, live."""
    found = reading.read_submission(ctx, id)
    case = reading.case_of(ctx, id)
    verdicts = reading.read_verdicts(ctx, id, language_of(request))
    detail = reasons.detail_in(ctx, id, language_of(request))
    return page(request, "submission.html", s=found, detail=detail, case=case, verdicts=verdicts, stages=STAGES)


def _form(request: Request, given: dict[str, str], error: ClearanceError | None = None) -> Response:
    status = 200 if error is None else error.status
    return page(request, "submit.html", status, given=given, sizes=SIZES, error=error)


def _handles(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(h.removeprefix("@").lower() for h in text.replace(",", " ").split()))


def _number(text: str, what: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise BadInput(f"The {what} is a whole number; {text[:20]!r} is not.")
    return int(text)
