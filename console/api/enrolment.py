"""/v1/enrolment: enrolling oneself by a challenge that nobody could film beforehand."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, File, UploadFile

from console.api.common import Ctx, problems
from console.uploads import kept
from console.views import PersonView, person_view
from console.views_consent import ChallengeView, Enrolling, challenge_view
from safety.errors import BadInput
from streams import enrolment

router = APIRouter(prefix="/v1/enrolment", tags=["people"])


@router.post("/challenges", status_code=201, summary="Ask for a challenge", responses=problems(409, 429))
def challenge(ctx: Ctx, body: Enrolling) -> ChallengeView:
    """Digits to say and turns to make; the recording has to arrive before `expires_at`, a minute from now."""
    return challenge_view(enrolment.challenge(ctx, body.handle))


@router.post("/challenges/{id}", status_code=201, summary="Answer a challenge", responses=problems(404, 409, 415))
def answer(
    ctx: Ctx, id: str, file: Annotated[UploadFile, File(description="A video with sound, recorded since the challenge.")]
) -> PersonView:
    """Enrol face and voice together, or say in one sentence why not. The recording is looked at and not kept."""
    with kept(ctx, [file]) as paths:
        if not paths:
            raise BadInput("No recording was sent; send one video.")
        return person_view(enrolment.enrol_live(ctx, id, paths[0]))
