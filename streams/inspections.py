"""What the clip gate saw of a draft, kept with its verdict: words, prints of its frames, prints of its sound, people, faces.

The console shows it, a verdict replays beside it, and a later search (a new reservation, a claim) needs no decoding. It is
written in the transaction that keeps the verdict and goes when the clip is withdrawn (``traces``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import sqlalchemy as sa

from consent import sightings
from consent.faces import clip_faces
from consent.faces.clip_faces import ClipFace
from consent.sightings import Sighted
from consent.vault.keys import Vault
from safety.fingerprint import PictureFingerprint
from safety.passage import Passage
from safety.tables import releases
from safety.values import derive
from streams.tables import clip_words, shot_prints, sound_prints, submissions


@dataclass(frozen=True)
class Seen:
    """``prints`` are those of whole frames by ``fingerprinter``; ``sounds`` are compact values by ``printer``, a part each."""

    passages: tuple[Passage, ...] = ()
    fingerprinter: str = ""
    prints: tuple[PictureFingerprint, ...] = field(default=(), repr=False)
    printer: str = ""
    sounds: tuple[bytes, ...] = field(default=(), repr=False)
    people: tuple[Sighted, ...] = field(default=(), repr=False)
    faces: tuple[ClipFace, ...] = field(default=(), repr=False)
    """Of nobody known."""


def keep(conn: sa.Connection, submission: str, draft: str, seen: Seen, vault: Vault | None) -> None:
    """Keep what was seen of ``draft``; a second look replaces the first."""
    _forget_rows(conn, submission)
    words = [
        {"id": derive(submission, f"{draft}/word", i), "submission": submission, "draft": draft, "body": p.model_dump_json()}
        for i, p in enumerate(seen.passages)
    ]
    if words:
        conn.execute(sa.insert(clip_words), words)
    prints = [
        {
            "id": derive(submission, f"{draft}/print", i), "submission": submission, "draft": draft, "frame": p.frame or 0,
            "time": p.time or 0.0, "fingerprinter": seen.fingerprinter, "pdq": p.pdq, "quality": p.quality,
            "embedding": p.embedding.astype("<f2").tobytes(), "code": None if p.code is None else p.code.tobytes(),
            "points": p.points, "shape": p.shape,
        }
        for i, p in enumerate(seen.prints)
        if p.box is None
    ]  # fmt: skip
    if prints:
        conn.execute(sa.insert(shot_prints), prints)
    for i, body in enumerate(seen.sounds):
        row = {"id": derive(submission, f"{draft}/sound", i), "submission": submission, "draft": draft, "ordinal": i}
        conn.execute(sa.insert(sound_prints).values(**row, printer=seen.printer, body=body))
    if vault is not None:
        sightings.keep(conn, draft, seen.people, vault)
        clip_faces.keep(conn, draft, seen.faces, vault)


def forget_faces(conn: sa.Connection, submission: str, draft: str | None) -> int:
    """Delete the faces of nobody known, unless another submission that is shown or under way has a draft of the same bytes.

    For a submission that ended without being shown: nobody needs to find themself in what nobody will see.
    """
    if draft is None:
        return 0
    shown = sa.select(releases.c.clip).where(
        releases.c.draft == draft, releases.c.submission != submission, releases.c.withdrawal.is_(None)
    )
    waiting = sa.select(submissions.c.id).where(
        submissions.c.draft == draft, submissions.c.id != submission, submissions.c.status.in_(("in-flight", "held"))
    )
    if conn.execute(shown.limit(1)).first() or conn.execute(waiting.limit(1)).first():
        return 0
    return clip_faces.forget(conn, [draft])


def words_of(conn: sa.Connection, submission: str) -> tuple[Passage, ...]:
    """What is said and written in a submission's draft, in order of time."""
    rows = conn.execute(sa.select(clip_words.c.body).where(clip_words.c.submission == submission)).scalars()
    return tuple(sorted((Passage.model_validate_json(body) for body in rows), key=lambda p: (p.time, p.medium)))


def prints_of(conn: sa.Connection, submission: str, fingerprinter: str) -> tuple[PictureFingerprint, ...]:
    """The prints that ``fingerprinter`` made of a submission's draft, in order of time."""
    query = sa.select(shot_prints).where(
        shot_prints.c.submission == submission, shot_prints.c.fingerprinter == fingerprinter
    )  # fmt: skip
    return tuple(_print(row) for row in conn.execute(query.order_by(shot_prints.c.time)))


def sounds_of(conn: sa.Connection, submission: str, printer: str) -> tuple[bytes, ...]:
    """The prints that ``printer`` made of a submission's sound, in order."""
    query = sa.select(sound_prints.c.body).where(sound_prints.c.submission == submission, sound_prints.c.printer == printer)
    return tuple(bytes(body) for body in conn.execute(query.order_by(sound_prints.c.ordinal)).scalars())


def _print(row: sa.Row[tuple[object, ...]]) -> PictureFingerprint:
    embedding = np.frombuffer(row.embedding, "<f2").astype(np.float32)
    code = None if row.code is None else np.frombuffer(row.code, np.int8)
    return PictureFingerprint(
        bytes(row.pdq), row.quality, embedding, row.frame, row.time, code=code, points=bytes(row.points), shape=row.shape
    )


def _forget_rows(conn: sa.Connection, submission: str) -> None:
    for table in _tables():
        conn.execute(sa.delete(table).where(table.c.submission == submission))


def _tables() -> Iterator[sa.Table]:
    yield from (clip_words, shot_prints, sound_prints)
