"""Released clips that are the same as a given one, or copies of a file, by what is kept of them; nothing released is decoded.

First every print that is kept is compared in bulk: whole frames by their hash, altered ones by their code. Then the few clips
that came near are laid over the file, corner by corner, by the finder of copies of reserved works, on a database in memory that
holds nothing but the file. It answers and changes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from consent import works
from consent.copies.catalogue import QUALITY
from consent.copies.filing import LONGEST, SHORTEST, ReferenceClip, References
from consent.errors import FilingRefused
from consent.faces.clip_faces import ASKED, in_parts
from consent.works import Filing
from consent.works_pictures import COPY, PictureMatcher, PictureThresholds
from safety import releases
from safety.db import Database, metadata
from safety.errors import NotFound
from safety.fingerprint import PictureFingerprint, unit
from safety.tables import releases as released
from safety.weights import sha256_of
from streams import inspections
from streams.checks import verify_file
from streams.context import Context
from streams.people import PICTURES, read_picture
from streams.tables import shot_prints

#: Bits of a hash of 256 within which two frames are one (PDQ's own limit), and the share of each clip's frames for the same clip.
SAME_BITS, SAME_SHARE = 31, 0.8
#: Cosine of codes from which a clip is looked at closely, and how many clips are, the likeliest first.
NEAR_CODE, CLOSELY = 0.5, 50
#: Prints read at a time, and pairs compared at a time: a few dozen megabytes.
BATCH, COMPARED = 4096, 1 << 19


@dataclass
class _Near:
    """How near a released clip came: its frames, those that are some frame asked about, which of those asked about it has
    (``covered``), and the nearest code."""

    frames: int = 0
    same: int = 0
    covered: set[int] = field(default_factory=set)
    code: float = -1.0


def same_clips(ctx: Context, clip: str) -> tuple[str, ...]:
    """Live clips with the same draft as ``clip`` (live or not), or whose frames are the same throughout. Raises ``NotFound``."""
    return same_as(ctx, [clip])[clip]


def same_as(ctx: Context, clips: Sequence[str], *, prints: bool = True) -> dict[str, tuple[str, ...]]:
    """``same_clips`` of several, in one pass over all prints: about 10 s of processor time a million. Without ``prints`` only
    those with the same draft, which is at once. Raises ``NotFound``."""
    name = ctx.parts.fingerprinter.name
    with ctx.db.read() as conn:
        asked = [releases.get(conn, clip) for clip in clips]
        groups = [inspections.prints_of(conn, release.submission, name) if prints else () for release in asked]
        found = [_of_digest(conn, released.c.draft, release.draft) for release in asked]
        for number, near in enumerate(_scan(conn, name, groups)):
            found[number] |= _clips_of(conn, (s for s, one in near.items() if _same(one, len(groups[number]))))
    return {clip: tuple(sorted(same - {clip})) for clip, same in zip(clips, found, strict=True)}


def copies_of(ctx: Context, path: Path) -> tuple[str, ...]:
    """Live clips that a file (video or picture) is a copy of: by its bytes, its marks and manifest, or its pictures as altered.

    Raises ``NotFound`` and ``BadMedia``; a picture too blank to compare finds nothing.
    """
    return tuple(sorted({*named_by(ctx, path), *shown_in(ctx, path)}))


def named_by(ctx: Context, path: Path) -> tuple[str, ...]:
    """Live clips that a file is, by its bytes, or says it is, by its marks and manifest. Raises ``NotFound`` and ``BadMedia``."""
    if not path.is_file():
        raise NotFound(f"There is no file {path.name}.")
    digest = "sha256:" + sha256_of(path)
    with ctx.db.read() as conn:
        found = _of_digest(conn, released.c.sealed, digest) | _of_digest(conn, released.c.draft, digest)
    if path.suffix.lower() not in PICTURES:
        found |= _by_marks(ctx, path)
    return tuple(sorted(found))


def _by_marks(ctx: Context, path: Path) -> set[str]:
    """What its marks or its manifest name. A mark that was moved onto another picture names nothing."""
    seen = verify_file(ctx, path)
    if seen.answer not in ("ours", "tampered") or seen.clip is None:
        return set()
    with ctx.db.read() as conn:
        return _alive(conn, {seen.clip})


def shown_in(ctx: Context, path: Path) -> tuple[str, ...]:
    """Live clips whose frames the file shows, whatever was done to it; it takes as long as ``same_as``. Raises ``BadMedia``."""
    fingerprinter, media = ctx.parts.fingerprinter, ctx.parts.media
    if path.suffix.lower() in PICTURES:
        references = References(fingerprinter.name, tuple(fingerprinter.reference(read_picture(path))))
    else:
        seconds = media.facts(path).seconds
        if not SHORTEST <= seconds <= LONGEST:
            return ()
        frames = (frame for part in media.parts(path) for frame in part.frames)
        try:
            references = works.read_references([], fingerprinter, [ReferenceClip(seconds, frames)])
        except FilingRefused:  # all frames are blank: like any other blank clip
            return ()
    with ctx.db.read() as conn:
        near = _scan(conn, fingerprinter.name, [references.prints])[0]
        same = {s for s, one in near.items() if one.same and len(one.covered) >= SAME_SHARE * max(1, len(references.prints))}
        likely = sorted((s for s in near if s not in same), key=lambda s: -max(near[s].code, float(near[s].same > 0)))[:CLOSELY]
        proved = _laid_over(ctx, conn, references, likely)
        return tuple(sorted(_clips_of(conn, same | proved)))


def _laid_over(ctx: Context, conn: sa.Connection, references: References, submissions: Sequence[str]) -> set[str]:
    """Those submissions whose prints are proved to be of the file, whatever was done to it."""
    if not submissions:
        return set()
    now, aside = ctx.clock(), Database("sqlite://")
    try:
        metadata.create_all(aside.engine)
        matcher = PictureMatcher(references.fingerprinter, PictureThresholds(hamming=SAME_BITS, cosine=1.0, sure=1.01))
        filing = Filing(holder="claim", title="copy", kind="work")
        with aside.write() as own:
            works.add(own, filing, ctx.clock, verified=True, references=references)
        found = set()
        with aside.read() as own:
            for submission in submissions:
                prints = inspections.prints_of(conn, submission, references.fingerprinter)
                signals = matcher.match_pictures(own, prints, now).signals if prints else ()
                if any(s.score >= COPY for s in signals):
                    found.add(submission)
        return found
    finally:
        aside.close()


def _scan(conn: sa.Connection, fingerprinter: str, groups: Sequence[Sequence[PictureFingerprint]]) -> list[dict[str, _Near]]:
    """For each group of prints: every submission with a live clip that has a frame near to one of them."""
    wholes = [[p for p in group if p.box is None] for group in groups]
    asked = [p for group in wholes for p in group]
    near: list[dict[str, _Near]] = [defaultdict(_Near) for _ in groups]
    if not asked:
        return near
    ends = np.cumsum([len(group) for group in wholes]).tolist()
    spans = [range(end - len(group), end) for group, end in zip(wholes, ends, strict=True)]
    hashes, telling = np.stack([np.frombuffer(p.pdq, np.uint64) for p in asked]), np.array([p.quality >= QUALITY for p in asked])
    codes = [unit([p.code for p in group if p.code is not None]) for group in wholes]
    for rows in _prints(conn, fingerprinter, max(1, COMPARED // len(asked))):
        bits = np.stack([np.frombuffer(r.pdq, np.uint64) for r in rows])
        apart = np.bitwise_count(bits[:, None] ^ hashes[None]).sum(axis=2, dtype=np.int32)
        same = (apart <= SAME_BITS) & telling[None] & np.array([r.quality >= QUALITY for r in rows])[:, None]
        theirs = [r.code for r in rows]
        for number, span in enumerate(spans):
            mine, alike = same[:, span.start : span.stop], _nearest_codes(theirs, codes[number])
            for place in np.flatnonzero(mine.any(axis=1) | (alike >= NEAR_CODE)).tolist():
                one = near[number][rows[place].submission]
                one.same += bool(mine[place].any())
                one.covered.update(np.flatnonzero(mine[place]).tolist())
                one.code = max(one.code, float(alike[place]))
    counts = _frames(conn, fingerprinter, {s for group in near for s in group})
    for group in near:
        for submission, one in group.items():
            one.frames = counts[submission]
    return near


def _frames(conn: sa.Connection, fingerprinter: str, submissions: set[str]) -> dict[str, int]:
    """How many prints are kept of each."""
    table, counts = shot_prints.c, dict[str, int]()
    query = sa.select(table.submission, sa.func.count()).where(table.fingerprinter == fingerprinter).group_by(table.submission)
    for some in in_parts(sorted(submissions), ASKED):
        counts.update({name: int(number) for name, number in conn.execute(query.where(table.submission.in_(some)))})
    return counts


def _prints(conn: sa.Connection, fingerprinter: str, most: int) -> Iterator[Sequence[Any]]:
    table = shot_prints.c
    query = (
        sa.select(table.submission, table.pdq, table.quality, table.code)
        .join(released, released.c.submission == table.submission)
        .where(released.c.withdrawal.is_(None), table.fingerprinter == fingerprinter)
    )
    yield from conn.execute(query.execution_options(yield_per=min(BATCH, most))).partitions()


def _nearest_codes(kept: Sequence[bytes | None], asked: NDArray[np.float32]) -> NDArray[np.float32]:
    """Of each code the highest cosine to one asked about; -1 where there is none."""
    best = np.full(len(kept), -1.0, np.float32)
    there = [n for n, code in enumerate(kept) if code]
    if there and len(asked):
        rows = unit([np.frombuffer(kept[n] or b"", np.int8) for n in there])
        best[there] = (rows @ asked.T).max(axis=1)
    return best


def _same(one: _Near, asked: int) -> bool:
    """Nearly every frame of the one is in the other, both ways."""
    return asked > 0 and one.same >= SAME_SHARE * one.frames and len(one.covered) >= SAME_SHARE * asked


def _of_digest(conn: sa.Connection, column: sa.Column[str], digest: str) -> set[str]:
    return {*conn.execute(sa.select(released.c.clip).where(column == digest, released.c.withdrawal.is_(None))).scalars()}


def _clips_of(conn: sa.Connection, submissions: Iterable[str]) -> set[str]:
    found = (releases.of_submission(conn, s) for s in submissions)
    return {release.clip for release in found if release is not None and release.withdrawal is None}


def _alive(conn: sa.Connection, clips: set[str]) -> set[str]:
    query = sa.select(released.c.clip).where(released.c.clip.in_(clips), released.c.withdrawal.is_(None))
    return {*conn.execute(query).scalars()}
