"""Looking back: does what was released before show or play a work that is reserved now? Stored prints only, nothing is decoded.

It answers and changes nothing; what is withdrawn for it is somebody's decision.
"""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from consent import works
from safety import releases
from safety.signal import Signal
from safety.sound_print import SoundPrint
from safety.tables import releases as released
from safety.values import Value
from streams import inspections
from streams.context import Context

#: From this score on a released clip is told: where a person would be asked about a new one.
TOLD = 0.5


class Match(Value):
    """A released clip, and the signals that are about the reservation."""

    clip: str
    submission: str
    signals: tuple[Signal, ...]


def search_released(ctx: Context, reservation: str) -> tuple[Match, ...]:
    """Released clips, the newest first, that match ``reservation`` by their pictures or their sound. Raises ``UnknownWork``."""
    with ctx.db.read() as conn:
        works.get(conn, reservation)
        return tuple(_matches(ctx, conn, reservation))


def _matches(ctx: Context, conn: sa.Connection, reservation: str) -> Iterator[Match]:
    parts, now = ctx.parts, ctx.clock()
    alive = sa.select(released.c.clip).where(released.c.withdrawal.is_(None)).order_by(released.c.released_at.desc())
    for clip in conn.execute(alive).scalars().all():
        release = releases.get(conn, clip)
        found: list[Signal] = []
        prints = inspections.prints_of(conn, release.submission, parts.fingerprinter.name)
        if prints:
            found += parts.looks.match_pictures(conn, prints, now).signals
        sounds = inspections.sounds_of(conn, release.submission, parts.crew.sounds.name)
        if sounds:
            heard = [SoundPrint.from_bytes(body) for body in sounds]
            found += parts.recordings.match_sounds(conn, heard, now).signals
        about = tuple(s for s in found if reservation in s.references and s.score >= TOLD)
        if about:
            yield Match(clip=clip, submission=release.submission, signals=about)
