"""Watching over work under way: is its permission alive, and how far is it?"""

from __future__ import annotations

import time

from safety.errors import Unavailable
from safety.permit import Permit
from streams import submissions
from streams.context import Context
from streams.permits import is_orphan

#: How often progress is written down; a person sees a moving bar, the database hardly notices.
PROGRESS_SECONDS = 0.4


class Watch:
    """Handed to a generator. ``should_stop`` reads the permits anew each time: a read of some tens of microseconds."""

    def __init__(self, ctx: Context, submission: str, permits: tuple[Permit, ...]) -> None:
        self._ctx, self._submission, self._permits = ctx, submission, permits
        self._written = 0.0

    def should_stop(self) -> bool:
        """Whether a permit or the remixed clip was lost, it ended otherwise, or the runner stops; unreadable means stop."""
        if self._ctx.stopping.is_set():
            return True
        now = self._ctx.clock()
        try:
            with self._ctx.db.read() as conn:
                submission = submissions.get(conn, self._submission)
                if submission.status != "in-flight" or is_orphan(conn, submission.parent):
                    return True
                return any(not self._ctx.registry.still_valid(conn, p, now) for p in self._permits)
        except Unavailable:
            return True

    def progress(self, fraction: float, words: str) -> None:
        """Write the fraction down for whoever looks, now and then."""
        now = time.monotonic()
        if now - self._written < PROGRESS_SECONDS and fraction < 1.0:
            return
        self._written = now
        with self._ctx.db.write() as conn:
            submissions.note_progress(conn, self._submission, min(max(fraction, 0.0), 1.0), words[:120])
