"""/v1/submissions: send a prompt in, see where it stands."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Query
from pydantic import Field

from console import reading
from console.api.common import ACTS, Ctx, Limit, problems
from console.views import SubmissionView, submission_view
from safety.reasons import StatementOfReasons
from safety.values import Value
from streams import submissions, submitting
from streams.reasons import statement
from streams.submissions import Order, Status

router = APIRouter(prefix="/v1/submissions", tags=["submissions"])


class NewSubmission(Value):
    """A prompt and how the clip should be. Everything but the prompt and the requester may be left out."""

    prompt: str = Field(description="What should be seen, at most 20,000 characters.", examples=["A red balloon over a lake"])
    requester: str = Field(description=ACTS, examples=["mara"])
    cameos: tuple[str, ...] = Field(default=(), max_length=8, description="Handles of enrolled people to show.")
    remix_of: str | None = Field(default=None, description="Id of a released clip to start from.")
    seed: int = Field(default=0, ge=0, lt=2**63, description="The same seed draws the same clip.")
    width: int | None = Field(default=None, description="Even number of pixels, 320 to 1280.")
    height: int | None = Field(default=None, description="Even number of pixels, 320 to 1280.")
    seconds: float | None = Field(default=None, allow_inf_nan=False, description="3 to 10.")
    language: str | None = Field(
        default=None, max_length=16, description="BCP 47, for example `fr`; answers to the user follow it."
    )


@router.post("", status_code=202, summary="Submit a prompt", responses=problems(404, 410))
def submit(
    ctx: Ctx,
    body: NewSubmission,
    idempotency_key: Annotated[
        str | None, Header(max_length=200, description="Sending the same key again makes nothing new.")
    ] = None,
) -> SubmissionView:
    """Write the attempt down and set it off. The answer comes at once; ask for the submission to see how it goes."""
    s = ctx.settings
    order = Order(
        prompt=body.prompt, requester=body.requester, language=body.language, cameos=body.cameos, remix_of=body.remix_of,
        seed=body.seed, width=s.width if body.width is None else body.width,
        height=s.height if body.height is None else body.height,
        seconds=s.seconds if body.seconds is None else body.seconds, key=idempotency_key,
    )  # fmt: skip
    return submission_view(submitting.submit(ctx, order))


@router.get("", summary="List submissions", responses=problems())
def listing(
    ctx: Ctx,
    requester: Annotated[str | None, Query(description="Only this requester's.")] = None,
    status: Annotated[Status | None, Query(description="Only those with this status.")] = None,
    limit: Limit = 50,
) -> list[SubmissionView]:
    """The newest first."""
    return list(reading.list_submissions(ctx, requester=requester, status=status, limit=limit))


@router.get("/counts", summary="Count submissions", responses=problems())
def counts(ctx: Ctx) -> dict[str, int]:
    """How many there are of each status, and `attempts`, which is always their sum."""
    with ctx.db.read() as conn:
        return submissions.count(conn)


@router.get("/{id}", summary="One submission", responses=problems(404))
def one(ctx: Ctx, id: str) -> SubmissionView:
    """Where it stands: status, stage, progress, and the clause and sentence when it did not pass."""
    return reading.read_submission(ctx, id)


@router.get("/{id}/statement", summary="Why it was refused", responses=problems(404))
def why(ctx: Ctx, id: str) -> StatementOfReasons:
    """The statement of reasons of a refused submission: ground, clause, facts, automation, and how to contest."""
    return statement(ctx, id)
