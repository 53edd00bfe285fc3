"""What a claim is about: the clips it names, copies of them, and clips that show the claimant's face.

A photograph is looked at in memory, for one search, and is written nowhere; neither is what was made of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import sqlalchemy as sa

from consent import people
from consent.claim import Found
from consent.claims import MOST_WITHHELD
from consent.errors import LikenessRefused
from consent.faces.face_search import templates_of
from consent.faces.thresholds import COMPARABLE_PX, MATCH, threshold
from consent.tables import person_sightings
from consent.vectors import Vectors
from safety.errors import ClearanceError
from safety.tables import release_permits
from safety.tables import releases as released
from streams.context import Context
from streams.people import read_picture
from streams.same_clips import same_as

#: A clip's id wherever it stands in an address or a sentence.
CLIP = re.compile(r"(?<![0-9a-f])[0-9a-f]{24}(?![0-9a-f])")
#: Clips told as "perhaps": among very many the threshold is so high that small faces in clips miss it (docs/faces.md), and a
#: person looks at each anyway.
MOST_PERHAPS = 50


def named(conn: sa.Connection, lines: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Live clips that the lines name, in order, and lines in which none is."""
    found: dict[str, None] = {}
    unknown = []
    for line in lines:
        ids = CLIP.findall(line.lower())
        query = sa.select(released.c.clip).where(released.c.clip.in_(ids), released.c.withdrawal.is_(None))
        live = {*conn.execute(query).scalars()}
        found |= dict.fromkeys(id for id in ids if id in live)
        unknown += [] if live else [line]
    return tuple(found), tuple(unknown)


def with_copies(ctx: Context, named: Sequence[str], sent: Sequence[str], *, prints: bool = False) -> list[Found]:
    """The clips named and those a file is a copy of, each with the clips that are the same; the first of them to be withheld.

    ``prints`` as for ``same_clips.same_as``: without them it takes no time, and what takes time can follow.
    """
    meant: dict[str, Literal["named", "copy"]] = dict.fromkeys(named, "named")
    meant |= dict.fromkeys((clip for clip in sent if clip not in named), "copy")
    first = [*meant][:MOST_WITHHELD]
    found = {clip: Found(clip=clip, how=how, withheld=clip in first) for clip, how in meant.items()}
    for same in same_as(ctx, first, prints=prints).values():
        for clip in same:
            found.setdefault(clip, Found(clip=clip, how="identical", withheld=True))
    return [*found.values()]


def template_of(ctx: Context, photograph: Path) -> Vectors:
    """The claimant's face, float32 (1, 128), in memory only."""
    faces = ctx.parts.faces.find(read_picture(photograph))
    if len(faces) != 1:
        what = "no face" if not faces else f"{len(faces)} faces"
        raise LikenessRefused(f"The photograph shows {what}; give one that shows only the person that the claim is about.")
    if faces[0].size_px < COMPARABLE_PX:
        raise LikenessRefused(f"The face is {faces[0].size_px:.0f} pixels wide; give a photograph where it is larger.")
    return np.asarray(faces[0].embedding[None], np.float32)


def showing(ctx: Context, template: Vectors) -> tuple[tuple[Found, ...], tuple[str, ...]]:
    """Live clips that show this face, whoever it is; and why that could not be told. A claim is filed either way."""
    found: dict[str, Found] = {}
    try:
        with ctx.db.read() as conn:
            near, among = ctx.parts.people.nearest(conn, template)
            known = [person for person, cosine in near[0].items() if cosine >= threshold(among)]
            found |= {clip: Found(clip=clip, how="face") for clip in clips_of(conn, known)}
            found = _alike(ctx, conn, template) | found
    except ClearanceError as reason:
        return tuple(found.values()), (f"Clips could not be searched for the face: {reason.detail}",)
    return _ordered(found), ()


def clips_showing(ctx: Context, person: str) -> tuple[Found, ...]:
    """Live clips that show somebody who is enrolled or protected: those they were recognised in, that rest on their permit, or
    in which a face of nobody known is like their templates, surely or perhaps, as when they were entered after the release.

    Raises ``UnknownPerson`` and ``VaultLocked``.
    """
    with ctx.db.read() as conn:
        owner = people.get(conn, person)
        templates = templates_of(conn, owner.id, ctx.parts.clip_faces.engine, ctx.parts.vault)
        found = _alike(ctx, conn, templates) | {clip: Found(clip=clip, how="face") for clip in clips_of(conn, [owner.id])}
    return _ordered(found)


def _alike(ctx: Context, conn: sa.Connection, templates: Vectors) -> dict[str, Found]:
    """Live clips with a face of nobody known that is this one for so many, and a few that are only perhaps."""
    search = ctx.parts.clip_faces
    near = search.find(conn, templates, MATCH)
    sure = [one for one in near if one.likeness >= search.least]
    perhaps = near[len(sure) : len(sure) + MOST_PERHAPS]  # the most alike first
    return {
        one.clip: Found(clip=one.clip, how=how, likeness=round(one.likeness, 2))
        for how, some in (("face", sure), ("perhaps", perhaps))
        for one in some
    }


def _ordered(found: dict[str, Found]) -> tuple[Found, ...]:
    """Those recognised by their own templates first, then by likeness."""
    return tuple(sorted(found.values(), key=lambda f: (-(f.likeness or 1.0), f.clip)))


def clips_of(conn: sa.Connection, known: Sequence[str]) -> list[str]:
    """Live clips in which these people were recognised, or that rest on a permit of theirs."""
    live = sa.select(released.c.clip).where(released.c.withdrawal.is_(None))
    seen = live.join(person_sightings, person_sightings.c.subject == released.c.draft).where(
        person_sightings.c.person.in_(known), person_sightings.c.role == "seen-face"
    )
    rest = live.join(release_permits, release_permits.c.clip == released.c.clip).where(release_permits.c.subject.in_(known))
    return [*conn.execute(seen.union(rest)).scalars()] if known else []
