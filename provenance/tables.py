"""What is remembered of each sealed clip, so that a copy without its manifest can still be recognised.

The rows hold digests, the manifest and small looks, never the clip. When a clip is withdrawn its pictures are forgotten here
(``forget_looks``); the hashes stay, so that copies that still go round can be named.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from provenance.looks import NEAR_BITS, Look
from safety.db import Utc, metadata
from safety.errors import Conflict, NotFound
from safety.values import Value

Status = Literal["sealed", "withdrawn"]
#: Marks named one by one in a statement.
_CHUNK = 1_000

sealed_clips = sa.Table(
    "sealed_clips",
    metadata,
    sa.Column("mark", sa.String(24), primary_key=True),
    sa.Column("clip", sa.String(200), nullable=False),
    sa.Column("sha256", sa.String(80), nullable=False),
    sa.Column("content", sa.String(80), nullable=False),
    sa.Column("manifest", sa.LargeBinary, nullable=False),
    sa.Column("title", sa.String(300), nullable=False),
    sa.Column("creator", sa.String(200), nullable=False),
    sa.Column("parent", sa.String(24), nullable=True),
    sa.Column("sealed_at", Utc, nullable=False),
    sa.Column("status", sa.String(20), nullable=False),
    sa.Index("ix_sealed_clips_clip", "clip"),
    sa.Index("ix_sealed_clips_content", "content"),
)
#: ``hash`` is hex of 64 bits, empty for a flat frame; ``grey`` the bytes of a (high, wide) picture, null once forgotten.
sealed_looks = sa.Table(
    "sealed_looks",
    metadata,
    sa.Column("mark", sa.String(24), sa.ForeignKey("sealed_clips.mark"), primary_key=True),
    sa.Column("ordinal", sa.Integer, primary_key=True),
    sa.Column("time", sa.Float, nullable=False),
    sa.Column("hash", sa.String(16), nullable=False),
    sa.Column("high", sa.Integer, nullable=False),
    sa.Column("wide", sa.Integer, nullable=False),
    sa.Column("grey", sa.LargeBinary, nullable=True),
)


class SealedClip(Value):
    """A sealed clip.

    ``mark``: the 24 hex digits its watermark carries. ``clip``: the pipeline's own id. ``sha256``: digest of the sealed file;
    ``content``: that of its media data alone. ``parent``: the mark of the clip it is a remix of.
    """

    mark: str
    clip: str
    sha256: str
    content: str
    manifest: bytes
    title: str
    creator: str
    parent: str | None = None
    sealed_at: datetime
    status: Status = "sealed"


class ContentMatch(Value):
    """A clip some of whose frames look like those asked about: the ``share`` of them and their mean distance in bits."""

    mark: str
    share: float
    bits: float


def record_sealed(conn: sa.Connection, clip: SealedClip, looks: Sequence[Look]) -> None:
    """Remember a sealed clip. The same clip twice is one; a different file under the same mark is a ``Conflict``."""
    known = find_by_mark(conn, clip.mark)
    if known is not None:
        if known.sha256 != clip.sha256:
            raise Conflict(f"Another file was already sealed as {clip.mark}; use the one that was recorded first.")
        return
    conn.execute(sealed_clips.insert().values(**clip.model_dump()))
    rows = [_row(clip.mark, i, look) for i, look in enumerate(looks)]
    if rows:
        conn.execute(sealed_looks.insert(), rows)


def find_by_mark(conn: sa.Connection, mark: str) -> SealedClip | None:
    """The clip whose watermark carries ``mark`` (24 hex digits)."""
    row = conn.execute(sa.select(sealed_clips).where(sealed_clips.c.mark == mark)).mappings().first()
    return SealedClip.model_validate(dict(row)) if row else None


def find_by_clip(conn: sa.Connection, clip: str) -> SealedClip | None:
    """The sealed form of the pipeline's ``clip``."""
    row = conn.execute(sa.select(sealed_clips).where(sealed_clips.c.clip == clip)).mappings().first()
    return SealedClip.model_validate(dict(row)) if row else None


def find_by_media(conn: sa.Connection, content: str) -> SealedClip | None:
    """The clip whose coded picture and sound have exactly this digest."""
    row = conn.execute(sa.select(sealed_clips).where(sealed_clips.c.content == content)).mappings().first()
    return SealedClip.model_validate(dict(row)) if row else None


def find_by_content(conn: sa.Connection, hashes: Sequence[int], most: int = 5) -> tuple[ContentMatch, ...]:
    """Clips of which at least half of ``hashes`` find a near frame, best first.

    Compares with every hash kept (8 bytes each; a million frames take about a tenth of a second for each hash asked).
    """
    if not hashes:
        return ()
    rows = conn.execute(sa.select(sealed_looks.c.mark, sealed_looks.c.hash).where(sealed_looks.c.hash != "")).all()
    if not rows:
        return ()
    names, owner = np.unique(np.array([row.mark for row in rows]), return_inverse=True)
    kept: NDArray[np.uint64] = np.array([int(row.hash, 16) for row in rows], np.uint64)
    near, total = np.zeros(len(names)), np.zeros(len(names))
    for wanted in hashes:
        apart = np.full(len(names), 64)
        np.minimum.at(apart, owner, _popcount(kept ^ np.uint64(wanted)))
        near += apart <= NEAR_BITS
        total += np.where(apart <= NEAR_BITS, apart, 0)
    found = [
        ContentMatch(mark=str(names[i]), share=float(near[i] / len(hashes)), bits=float(total[i] / near[i]))
        for i in np.flatnonzero(near >= len(hashes) / 2)
    ]
    return tuple(sorted(found, key=lambda m: (-m.share, m.bits))[:most])


def looks_of(conn: sa.Connection, mark: str) -> tuple[Look, ...]:
    """The looks kept of a clip, in order."""
    rows = conn.execute(sa.select(sealed_looks).where(sealed_looks.c.mark == mark).order_by(sealed_looks.c.ordinal)).all()
    return tuple(
        Look(
            time=row.time,
            hash=int(row.hash, 16) if row.hash else None,
            grey=np.frombuffer(row.grey, np.uint8).reshape(row.high, row.wide) if row.grey is not None else None,
        )
        for row in rows
    )


def set_status(conn: sa.Connection, mark: str, status: Status) -> None:
    """Mark a clip as withdrawn, or as sealed again."""
    if conn.execute(sealed_clips.update().where(sealed_clips.c.mark == mark).values(status=status)).rowcount == 0:
        raise NotFound(f"No clip was sealed as {mark}.")


def forget_looks(conn: sa.Connection, mark: str) -> int:
    """Delete the small pictures of a clip, keeping the hashes; returns how many were deleted."""
    here = (sealed_looks.c.mark == mark) & sealed_looks.c.grey.is_not(None)
    return int(conn.execute(sealed_looks.update().where(here).values(grey=None)).rowcount)


def forget_pictures(conn: sa.Connection, marks: Sequence[str]) -> dict[str, int]:
    """Mark clips as withdrawn and delete every picture kept of them: the small ones, and the manifest, which holds a thumbnail.

    The hashes stay. Returns how many pictures were deleted, by mark; marks that nothing was sealed under are left out.
    """
    found: dict[str, int] = {}
    for start in range(0, len(marks), _CHUNK):
        some = [*marks[start : start + _CHUNK]]
        empty = sa.func.length(sealed_clips.c.manifest) == 0
        for row in conn.execute(sa.select(sealed_clips.c.mark, empty.label("gone")).where(sealed_clips.c.mark.in_(some))):
            found[row.mark] = 0 if row.gone else 1
        here = sealed_looks.c.mark.in_(some) & sealed_looks.c.grey.is_not(None)
        for mark, number in conn.execute(
            sa.select(sealed_looks.c.mark, sa.func.count()).where(here).group_by(sealed_looks.c.mark)
        ):
            found[mark] = found.get(mark, 0) + number
        conn.execute(sealed_looks.update().where(here).values(grey=None))
        conn.execute(sealed_clips.update().where(sealed_clips.c.mark.in_(some)).values(status="withdrawn", manifest=b""))
    return found


def _row(mark: str, ordinal: int, look: Look) -> dict[str, object]:
    high, wide = look.grey.shape if look.grey is not None else (0, 0)
    return {
        "mark": mark,
        "ordinal": ordinal,
        "time": look.time,
        "hash": f"{look.hash:016x}" if look.hash is not None else "",
        "high": high,
        "wide": wide,
        "grey": look.grey.tobytes() if look.grey is not None else None,
    }


def _popcount(values: NDArray[np.uint64]) -> NDArray[np.int64]:
    return np.asarray(np.unpackbits(values.view(np.uint8).reshape(-1, 8), axis=1).sum(1), np.int64)
