"""/v1/clips: what was released, and its media, which is gone the moment it is withdrawn."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import Response
from starlette.background import BackgroundTask

from console import reading
from console.api.common import Ctx, Limit, problems
from console.sending import WatchedFile
from console.views import ClipLine, ClipView
from safety.errors import Gone
from streams import serving
from streams.context import Context

router = APIRouter(prefix="/v1/clips", tags=["clips"])
_MP4: dict[int | str, dict[str, Any]] = {
    200: {"description": "The clip.", "content": {"video/mp4": {"schema": {"type": "string", "format": "binary"}}}},
    206: {"description": "The part that the Range header asked for.", "content": {"video/mp4": {}}},
    416: {"description": "The range lies outside of the file."},
}


@router.get("", summary="List released clips", responses=problems())
def listing(
    ctx: Ctx,
    withdrawn: Annotated[bool, Query(description="Also those that were withdrawn.")] = False,
    limit: Limit = 50,
) -> list[ClipLine]:
    """The newest first."""
    return list(reading.list_clips(ctx, live_only=not withdrawn, limit=limit))


@router.get("/{clip}", summary="One clip", responses=problems(404))
def one(ctx: Ctx, clip: str) -> ClipView:
    """How it was made and on whose leave; `withdrawal` says why it is not shown any more."""
    return reading.read_clip(ctx, clip)


@router.get("/{clip}/media", summary="The mp4", response_class=Response, responses={**problems(404, 410, 451), **_MP4})
def media(ctx: Ctx, clip: str, download: Annotated[bool, Query(description="Save instead of play.")] = False) -> Response:
    """The released file, with range requests. A withdrawn clip answers 410 with the reason."""
    return send_media(ctx, clip, download)


@router.head("/{clip}/media", include_in_schema=False)
def media_head(ctx: Ctx, clip: str) -> Response:
    """As above, without the body."""
    return send_media(ctx, clip, False)


def send_media(ctx: Context, clip: str, download: bool) -> Response:
    """Read the release row, then send the file, reading the row again while it goes out; never from a cache."""
    with ExitStack() as stack:
        path = stack.enter_context(serving.media(ctx, clip))
        try:
            facts = path.stat()
        except FileNotFoundError as reason:  # removed between the row and the file
            raise Gone("This clip is not kept any more.") from reason
        answer = WatchedFile(
            path, media_type="video/mp4", filename=f"{clip}.mp4", stat_result=facts,
            content_disposition_type="attachment" if download else "inline", headers={"Cache-Control": "no-store"},
            background=BackgroundTask(stack.pop_all().close),
        )  # fmt: skip
        answer.may_go_on = lambda: serving.may_be_shown(ctx, clip)
        return answer
