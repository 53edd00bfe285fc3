"""The front page, a clip's page with how it was made, and its check."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from console import reading
from console.api.common import Ctx
from console.pages.paper import page
from console.views import verify_view
from streams import checks, serving, submissions
from streams.errors import Withheld

router = APIRouter()


@router.get("/")
def home(request: Request, ctx: Ctx) -> Response:
    """What it is, the latest clips, where everything stands."""
    clips = [c for c in reading.list_clips(ctx, limit=12) if serving.may_be_shown(ctx, c.clip)]
    with ctx.db.read() as conn:
        counts = submissions.count(conn)
        prompts = {c.clip: submissions.get(conn, c.submission).prompt for c in clips}
    recent = reading.list_submissions(ctx, limit=8)
    return page(request, "home.html", clips=clips, prompts=prompts, counts=counts, recent=recent)


@router.get("/clips/{clip}")
def clip(request: Request, ctx: Ctx, clip: str) -> Response:
    """A released clip and how it was made, or why it is not shown any more."""
    found = reading.read_clip(ctx, clip)
    verdicts = reading.read_verdicts(ctx, found.submission)
    withheld = found.withdrawal is None and not serving.may_be_shown(ctx, clip)
    status = 410 if found.withdrawal else Withheld.status if withheld else 200
    names = reading.names(ctx)
    return page(request, "clip.html", status, clip=found, withheld=withheld, verdicts=verdicts, names=names)


@router.post("/clips/{clip}/check")
def check(request: Request, ctx: Ctx, clip: str) -> Response:
    """Verify the released file, as an outsider would."""
    with serving.media(ctx, clip) as path:
        found = verify_view(checks.verify_file(ctx, path))
    return page(request, "verify.html", found=found, error=None, file=f"{clip}.mp4")
