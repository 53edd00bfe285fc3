"""/v1/screen and /v1/verify: single checks that release nothing."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, File, UploadFile
from pydantic import Field

from classifiers.prompt.language import language_of
from console.api.common import ACTS, Ctx, problems
from console.uploads import kept
from console.views import ScreenView, VerifyView, screen_view, verify_view
from safety.errors import BadInput
from safety.values import Value
from streams import checks

router = APIRouter(prefix="/v1", tags=["checks"])


class Text(Value):
    """A text to screen."""

    prompt: str = Field(description="At most 20,000 characters.", examples=["A red balloon over a lake"])
    requester: str = Field(default="anonymous", description=ACTS, max_length=64)
    cameos: tuple[str, ...] = Field(default=(), max_length=8)


@router.post("/screen", summary="Screen a text", responses=problems())
def screen(ctx: Ctx, body: Text) -> ScreenView:
    """What the prompt gate says of it now. Nothing is submitted or recorded."""
    verdict = checks.screen_text(ctx, body.prompt, body.requester, body.cameos)
    return screen_view(body.prompt, verdict, language_of(body.prompt) or "en")


@router.post("/verify", summary="Verify a media file", responses=problems(415))
def verify(ctx: Ctx, file: Annotated[UploadFile, File(description="Any media file, at most 300 MB.")]) -> VerifyView:
    """Whose it is, from its manifest and its marks, and whether the consent it rests on still stands. The file is not kept."""
    with kept(ctx, [file]) as paths:
        if not paths:
            raise BadInput("No file was sent; choose one.")
        return verify_view(checks.verify_file(ctx, paths[0]))
