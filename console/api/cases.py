"""/v1/cases: what waits for a person, and their decision."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import Field

from console import frames, reading
from console.api.common import ACTS, Ctx, Limit, problems
from console.views import CaseView
from safety.cases import REASONS
from safety.values import Value
from safety.verdict import Outcome
from streams import decisions

router = APIRouter(prefix="/v1/cases", tags=["cases"])


class NewDecision(Value):
    """A moderator's decision. `allow` lets the submission on from where it was held; `block` refuses it."""

    decision: Literal["allow", "block"]
    moderator: str = Field(description=ACTS, max_length=64, examples=["noor"])
    reason: str = Field(description="One of: " + ", ".join(REASONS) + ".", examples=[REASONS[0]])
    note: str = Field(default="", description="Kept with the decision, at most 2,000 characters.")


@router.get("", summary="List cases", responses=problems())
def listing(
    ctx: Ctx,
    status: Annotated[Literal["open", "decided", "all"], Query(description="Which cases.")] = "open",
    limit: Limit = 100,
) -> list[CaseView]:
    """The oldest first."""
    return list(reading.list_cases(ctx, None if status == "all" else status, limit))


@router.get("/{id}", summary="One case", responses=problems(404))
def one(ctx: Ctx, id: str) -> CaseView:
    """The prompt, and why it was held: clauses, signals and what could not be checked."""
    return reading.read_case(ctx, id)


@router.post("/{id}/decision", summary="Decide a case", responses=problems(404, 409))
def decide(ctx: Ctx, id: str, body: NewDecision) -> CaseView:
    """Record the decision and let its consequence begin. A case is decided once."""
    decisions.decide(ctx, id, Outcome(body.decision), moderator=body.moderator, reason=body.reason, note=body.note)
    return reading.read_case(ctx, id)


@router.get(
    "/{id}/frames/{number}",
    summary="An evidence frame",
    response_class=Response,
    responses={**problems(404, 410), 200: {"description": "A JPEG.", "content": {"image/jpeg": {}}}},
)
def frame(
    ctx: Ctx,
    id: str,
    number: int,
    clear: Annotated[bool, Query(description="As it is, instead of blurred and grey.")] = False,
) -> Response:
    """A frame of the held clip, blurred and without colour unless asked for."""
    return Response(frames.picture(ctx, id, number, clear=clear), media_type="image/jpeg", headers={"Cache-Control": "no-store"})
