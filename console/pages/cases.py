"""The moderator's pages: the queue, and one case with its evidence, its reasons and the decision."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import Response

from console import frames, reading
from console.api.common import Ctx
from console.pages.paper import go, language_of, page
from safety.cases import REASONS
from safety.errors import BadInput, ClearanceError
from safety.verdict import Outcome
from streams import claims, decisions
from streams.context import Context

router = APIRouter()


@router.get("/cases")
def queue(request: Request, ctx: Ctx, status: Annotated[str, Query()] = "open") -> Response:
    """What waits, the oldest first; or what was decided."""
    status = status if status in ("open", "decided") else "open"
    found = reading.list_cases(ctx, status, language=language_of(request))
    return page(request, "cases.html", cases=found, status=status, claims=claims.counts(ctx))


@router.get("/cases/{id}")
def case(request: Request, ctx: Ctx, id: str) -> Response:
    """Evidence, why, decide."""
    return _case(request, ctx, id)


@router.post("/cases/{id}")
def decide(
    request: Request,
    ctx: Ctx,
    id: str,
    decision: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
    moderator: Annotated[str, Form()] = "",
    note: Annotated[str, Form()] = "",
) -> Response:
    """Record the decision and show the queue again; a mistake is shown on the case."""
    try:
        if decision not in ("allow", "block"):
            raise BadInput("Choose whether to let it on or to refuse it.")
        decisions.decide(ctx, id, Outcome(decision), moderator=moderator.strip(), reason=reason, note=note)
    except ClearanceError as error:
        if error.status == 404:
            raise
        return _case(request, ctx, id, error, {"decision": decision, "reason": reason, "note": note, "moderator": moderator})
    return go(f"/cases/{id}", moderator.strip())


def _case(
    request: Request, ctx: Context, id: str, error: ClearanceError | None = None, given: dict[str, str] | None = None
) -> Response:
    found = reading.read_case(ctx, id, language_of(request))
    return page(
        request, "case.html", 200 if error is None else error.status, case=found, times=frames.times(ctx, found),
        names=reading.names(ctx), passages=reading.passages(ctx, found), reasons=REASONS, error=error, given=given or {},
    )  # fmt: skip
