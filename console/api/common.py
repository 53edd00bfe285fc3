"""What routers share: how they reach the system, and the errors that every address may answer."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Query, Request

from console.problems import MEDIA_TYPE, Problem
from streams.context import Context


def _context(request: Request) -> Context:
    ctx: Context = request.app.state.ctx
    return ctx


Ctx = Annotated[Context, Depends(_context)]
Limit = Annotated[int, Query(ge=1, le=500, description="Most rows.")]
#: Who acts. There are no accounts yet: the name is taken at its word, which is why the server listens on loopback only.
ACTS = "Who acts. Taken at its word: this server has no accounts yet, so keep it on loopback or behind a proxy that signs in."


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """OpenAPI entries for the errors an address answers, beside the ones that every address may."""
    shape = {"schema": {"$ref": "#/components/schemas/Problem"}}
    words = {
        400: "The request cannot be read.", 403: "Not allowed, or asked for by another site.", 404: "Nothing has that id.",
        409: "The state does not allow it.", 410: "It was here and was withdrawn.", 413: "Larger than the limit.",
        415: "Not media that can be decoded.", 422: "The input cannot be used.", 429: "Too many in a short time.",
        451: "Withheld while somebody's claim is looked at.",
        500: "Our mistake; it was logged.", 503: "Not available now; nothing was lost.",
    }  # fmt: skip
    return {
        status: {"description": words[status], "content": {MEDIA_TYPE: shape}, "model": Problem}
        for status in sorted({400, 403, 413, 422, 500, 503, *statuses})
    }
