"""What has to happen now and then, whoever runs the stages: the ledger's root is signed, and what was kept for its time goes."""

from __future__ import annotations

import logging

from safety import ledger
from safety.errors import Unavailable
from streams import claims
from streams.context import Context

#: How often the ledger's root is signed while it grows, seconds.
CHECKPOINT_SECONDS = 1.0
#: How often what may be forgotten is looked for, seconds: terms are months.
FORGET_SECONDS = 3600.0

logger = logging.getLogger(__name__)


def keep_checkpoints(ctx: Context) -> None:
    """Sign the ledger's root while it grows, and once more at the end."""
    while not ctx.stopping.wait(CHECKPOINT_SECONDS):
        checkpoint(ctx)
    checkpoint(ctx)


def keep_terms(ctx: Context) -> None:
    """At the start and every hour: what is personal of claims decided long ago is deleted."""
    while True:
        try:
            claims.forget_old(ctx)
        except Unavailable as reason:
            logger.warning("nothing was forgotten now: %s", reason.detail)
        if ctx.stopping.wait(FORGET_SECONDS):
            return


def checkpoint(ctx: Context) -> None:
    """Sign the ledger's root as it is now; what is away is told to the log."""
    try:
        with ctx.db.write() as conn:
            ledger.checkpoint(conn, ctx.signer, ctx.clock(), ctx.settings.home / "checkpoints.jsonl")
    except (Unavailable, OSError) as reason:
        logger.warning("no checkpoint now: %s", reason)
