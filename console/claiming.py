"""What the pages and the API of claims share: files that are looked at once, and an answer about a number that takes its time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from time import monotonic
from typing import TypeVar

from fastapi import UploadFile
from starlette.concurrency import run_in_threadpool

from consent import claims as filed_claims
from consent.claim import Claim, Filed
from console.uploads import kept
from safety.errors import BadInput
from streams import claims
from streams.claims import Receipt
from streams.context import Context

T = TypeVar("T")
#: Seconds that an answer about a number takes at least, whether there is such a claim or not: far more than looking it up, so
#: that the time tells nothing, and guessing is slow.
TAKES = 0.3


def file_claim(ctx: Context, claim: Claim, face: UploadFile | None, copy: UploadFile | None) -> Receipt:
    """File ``claim`` with its files, which lie in the scratch folder meanwhile. Raises as ``streams.claims.file`` does."""
    with ExitStack() as stack:
        faces = stack.enter_context(kept(ctx, [face] if face else []))
        copies = stack.enter_context(kept(ctx, [copy] if copy else []))
        return claims.file(ctx, claim, face=faces[0] if faces else None, copy=copies[0] if copies else None)


async def in_time(look: Callable[[], T]) -> T:
    """``look``, in a thread, answered or refused no sooner than ``TAKES``."""
    begun = monotonic()
    try:
        return await run_in_threadpool(look)
    finally:
        await asyncio.sleep(max(0.0, TAKES - (monotonic() - begun)))


def one_claim(ctx: Context, number: str) -> Filed:
    """A claim without what is personal. Raises ``UnknownClaim``."""
    with ctx.db.read() as conn:
        return filed_claims.get(conn, number)


def lines_of(clips: Sequence[str]) -> list[str]:
    """Addresses and ids, one a line, however many lines came in one field."""
    return [line.strip() for text in clips for line in text.splitlines() if line.strip()]


def signed_name(moderator: str) -> str:
    """Who decides. Raises ``BadInput`` without a name."""
    if not moderator.strip():
        raise BadInput("Give your name; it is kept with what you do here.")
    return moderator.strip()[:64]
