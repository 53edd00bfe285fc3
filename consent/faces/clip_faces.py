"""Faces of nobody known, kept with the clip they were seen in, so that somebody without an account can find themself in it.

A row is one face of one clip, sealed under a key of that clip: deleting the key row makes all of them noise. Faces of people
who are known here never come to lie here; those are sealed under their own key (``sightings``). Rows are opened in memory only,
for a search that somebody asked for (``face_search``); nobody's name is kept with them. ``docs/adr/0010`` says why they are kept.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

import numpy as np
import sqlalchemy as sa

from consent.cameo_tables import clip_faces, clip_keys
from consent.faces.engine import Embedding
from consent.faces.looker import Sighting
from consent.faces.thresholds import MATCH
from consent.faces.tracks import Track, follow
from consent.vault.keys import Vault, new_key, open_with, seal_with
from consent.vectors import Vectors
from safety.signal import Box
from safety.tables import releases
from safety.values import derive

KEY, FACE = "clip-key", "clip-face"
NUMBERS = 128
#: Faces kept of one clip, the surest and largest first: a crowd's smallest faces are below what can be compared anyway.
MOST = 64
#: Rows read at a time, and ids asked for at a time.
BATCH, ASKED = 2048, 500

T = TypeVar("T")


@dataclass(frozen=True)
class ClipFace:
    """One face from ``starts`` to ``ends`` (seconds): float32 (1 or 2, 128) of unit length by ``engine``, the mean of its track
    and, where it was seen more than once, its best sighting."""

    engine: str
    starts: float
    ends: float
    embeddings: Vectors = field(repr=False)


@dataclass(frozen=True)
class Kept:
    """A row opened: its id, the digest of the draft, the face, and the released ``clip`` where that was asked for."""

    id: str
    subject: str
    face: ClipFace = field(repr=False)
    clip: str = ""


def nobodys(sightings: Iterable[Sighting], known: Collection[tuple[int | None, Box | None]], engine: str) -> tuple[ClipFace, ...]:
    """The faces of a clip that are nobody's known. ``known`` are frame and box of sightings that were taken for somebody."""
    tracks = [(t, t.embedding) for t in follow(sightings)]
    told = [(t, e) for t, e in tracks if e is not None]
    theirs = [e for t, e in told if any((s.frame, s.box) in known for s in t.sightings)]
    free = [t for t, e in told if not any(float(e @ one) >= MATCH for one in theirs)]
    free.sort(key=lambda t: (-t.best.score * t.best.size_px, t.time))
    return tuple(_face(t, engine) for t in free[:MOST])


def keep(conn: sa.Connection, subject: str, faces: Iterable[ClipFace], vault: Vault) -> None:
    """Seal and store the faces of the clip with digest ``subject`` under a new key; seeing it again replaces what was there."""
    forget(conn, [subject])
    found = tuple(faces)
    if not found:
        return
    key = new_key()
    conn.execute(sa.insert(clip_keys).values(subject=subject, kek=vault.kek_id, wrapped=vault.wrap(subject, KEY, key)))
    for ordinal, face in enumerate(found):
        row = derive(subject, FACE, ordinal)
        sealed = seal_with(key, subject, FACE, row, face.embeddings.astype("<f2").tobytes())
        conn.execute(
            sa.insert(clip_faces).values(
                id=row, subject=subject, engine=face.engine, starts=face.starts, ends=face.ends, sealed=sealed
            )
        )


def forget(conn: sa.Connection, subjects: Iterable[str]) -> int:
    """Delete the faces of these clips and their keys; return how many faces that were."""
    gone = 0
    for some in in_parts(subjects, ASKED):
        gone += int(conn.execute(sa.delete(clip_faces).where(clip_faces.c.subject.in_(some))).rowcount)
        conn.execute(sa.delete(clip_keys).where(clip_keys.c.subject.in_(some)))
    return gone


def forget_rows(conn: sa.Connection, ids: Iterable[str]) -> int:
    """Delete these faces; a clip that has none left loses its key too. Returns how many faces that were."""
    gone = 0
    for ids_here in in_parts(ids, ASKED):
        some = clip_faces.c.id.in_(ids_here)
        subjects = [*conn.execute(sa.select(clip_faces.c.subject).where(some).distinct()).scalars()]
        gone += int(conn.execute(sa.delete(clip_faces).where(some)).rowcount)
        left = sa.select(clip_faces.c.subject).where(clip_faces.c.subject.in_(subjects))
        conn.execute(sa.delete(clip_keys).where(clip_keys.c.subject.in_(subjects), clip_keys.c.subject.not_in(left)))
    return gone


def like(conn: sa.Connection, templates: Vectors, engine: str, vault: Vault) -> tuple[str, ...]:
    """Ids of all rows that are as alike to one of ``templates``, float32 (n, 128), as one person is to themself among few.

    It opens every row: about 20 s for a million. ``face_search`` does the same from memory.
    """
    return tuple(k.id for k in read(conn, engine, vault) if float((k.face.embeddings @ templates.T).max(initial=-1.0)) >= MATCH)


def forget_like(conn: sa.Connection, templates: Vectors, engine: str, vault: Vault) -> int:
    """Delete every face that is like a person's templates, float32 (n, 128), whose erasure this is; return how many.

    ``MATCH`` as among few, also among many: a stranger's row may go with theirs, but none of theirs shall stay.
    """
    return forget_rows(conn, like(conn, templates, engine, vault))


def of(conn: sa.Connection, subject: str, engine: str, vault: Vault) -> tuple[ClipFace, ...]:
    """What was kept of one clip, opened; in memory only. Raises ``VaultLocked``."""
    return tuple(k.face for k in read(conn, engine, vault, clip_faces.c.subject == subject))


def read(conn: sa.Connection, engine: str, vault: Vault, *where: sa.ColumnElement[bool]) -> Iterator[Kept]:
    """Rows of one engine, opened a batch at a time, clip by clip; in memory only. Raises ``VaultLocked``."""
    return _opened(conn, _rows(engine, *where), vault)


def read_live(conn: sa.Connection, engine: str, vault: Vault, *where: sa.ColumnElement[bool]) -> Iterator[Kept]:
    """The same of clips that are released and not withdrawn, once for each such clip."""
    query = _rows(engine, *where).add_columns(releases.c.clip).join(releases, releases.c.draft == clip_faces.c.subject)
    return _opened(conn, query.where(releases.c.withdrawal.is_(None)), vault)


def _rows(engine: str, *where: sa.ColumnElement[bool]) -> sa.Select[tuple[object, ...]]:
    return (
        sa.select(clip_faces, clip_keys.c.wrapped)
        .join(clip_keys, clip_keys.c.subject == clip_faces.c.subject)
        .where(clip_faces.c.engine == engine, *where)
        .order_by(clip_faces.c.subject, clip_faces.c.id)
    )


def in_parts(items: Iterable[T], most: int) -> Iterator[list[T]]:
    """The items in lists of at most ``most``, as much as is put into one query."""
    rest = iter(items)
    while some := list(islice(rest, most)):
        yield some


def _opened(conn: sa.Connection, query: sa.Select[tuple[object, ...]], vault: Vault) -> Iterator[Kept]:
    subject, key = "", b""
    for some in conn.execute(query.execution_options(yield_per=BATCH)).partitions():
        for row in some:
            if row.subject != subject:
                subject, key = row.subject, vault.unwrap(row.subject, KEY, row.wrapped)
            plain = np.frombuffer(open_with(key, subject, FACE, row.id, row.sealed), "<f2").astype(np.float32)
            face = ClipFace(row.engine, row.starts, row.ends, plain.reshape(-1, NUMBERS))
            yield Kept(row.id, subject, face, getattr(row, "clip", ""))


def _face(track: Track, engine: str) -> ClipFace:
    rows: list[Embedding] = [row for _, row in track.asked[:2]]
    starts, ends = track.time
    return ClipFace(engine, starts, ends, np.stack(rows))
