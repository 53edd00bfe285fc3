"""Every released clip that shows a face like this one: for somebody who has no account, and who is not stored by asking.

The faces of nobody known (``clip_faces``) of all released clips, in memory, for one process: read at the first question, then
kept up with the ledger, which has an entry for every release and every withdrawal. All of them are compared, none is left out by
an index: whoever looks for themself must not be told of nine clips out of ten. Nothing here is written anywhere.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

import numpy as np
import sqlalchemy as sa

from consent.cameo_tables import clip_faces as faces_table
from consent.faces import clip_faces
from consent.faces.clip_faces import ASKED, NUMBERS, Kept, in_parts
from consent.faces.face_rows import FaceRows
from consent.faces.thresholds import MATCH, threshold
from consent.tables import person_secrets
from consent.vault.keys import Vault
from consent.vectors import Vectors
from safety import ledger
from safety.tables import ledger as ledger_table
from safety.tables import releases

#: More releases and withdrawals than this since the last question: reading everything again is no slower.
MOST_CHANGED = 50_000
#: Told how many faces are read, and of how many.
Told = Callable[[int, int], None]


@dataclass(frozen=True)
class Shown:
    """A released clip that shows a face like the one asked about, from ``starts`` to ``ends``, with the highest cosine."""

    clip: str
    likeness: float
    starts: float
    ends: float


class FaceSearch:
    """Faces of one engine's embeddings; safe to share between threads."""

    def __init__(self, vault: Vault, engine: str) -> None:
        self.engine = engine
        self._vault = vault
        self._lock = threading.Lock()
        self._rows, self._position = FaceRows(), -1

    def __len__(self) -> int:
        """Faces in memory."""
        return len(self._rows)

    @property
    def megabytes(self) -> float:
        return self._rows.megabytes

    @property
    def least(self) -> float:
        """Cosine from which a face is taken for the one asked about, among so many."""
        return threshold(len(self))

    def refresh(self, conn: sa.Connection, told: Told = lambda _done, _all: None) -> None:
        """Follow the database. The first call reads every released clip's faces. Raises ``VaultLocked``."""
        with self._lock:
            self._follow(conn, told)

    def find(self, conn: sa.Connection, embeddings: Vectors, least: float | None = None) -> tuple[Shown, ...]:
        """Every live clip with a face like one of ``embeddings``, float32 (n, 128) of unit length, the most alike first.

        ``least`` replaces the threshold for as many faces as there are. Raises ``VaultLocked``.
        """
        with self._lock:
            self._follow(conn, lambda _done, _all: None)
            faces, cosines = self._rows.within(embeddings, self.least if least is None else least)
            found: dict[str, Shown] = {}
            for face, cosine in zip(faces.tolist(), cosines.tolist(), strict=True):
                clip = self._rows.clip(face)
                if clip not in found or found[clip].likeness < cosine:
                    found[clip] = Shown(clip, cosine, *self._rows.time(face))
        alive = _alive(conn, found)
        return tuple(sorted((s for c, s in found.items() if c in alive), key=lambda s: (-s.likeness, s.clip)))

    def rows_like(self, conn: sa.Connection, templates: Vectors) -> tuple[str, ...]:
        """What ``clip_faces.like`` answers, from memory as far as clips are released: ids to delete when a person is erased.

        Ask in a read transaction: what a write transaction adds and does not keep would be taken for kept.
        """
        with self._lock:
            self._follow(conn, lambda _done, _all: None)
            near, _ = self._rows.within(templates, MATCH)
            keys = {int(self._rows.keys[face]) for face in near.tolist()}
            clips = {self._rows.clip(face) for face in near.tolist()}
        ids: list[str] = []
        for some in in_parts(sorted(clips), ASKED):
            query = sa.select(faces_table.c.id).where(
                faces_table.c.subject.in_(sa.select(releases.c.draft).where(releases.c.clip.in_(some)))
            )
            ids += [row for row in conn.execute(query).scalars() if _key(row) in keys]
        drafts = sa.select(releases.c.draft).where(releases.c.withdrawal.is_(None))
        waiting = clip_faces.read(conn, self.engine, self._vault, faces_table.c.subject.not_in(drafts))
        ids += [k.id for k in waiting if float((k.face.embeddings @ templates.T).max(initial=-1.0)) >= MATCH]
        return tuple(sorted(set(ids)))

    def _follow(self, conn: sa.Connection, told: Told) -> None:
        now = ledger.size(conn)
        if now == self._position:
            return
        before, self._position = self._position, -1  # whatever goes wrong, everything is read again
        if before < 0 or now < before or not self._catch_up(conn, before):
            self._load(conn, told)
        self._position = now

    def _load(self, conn: sa.Connection, told: Told) -> None:
        self._rows = FaceRows()
        live = sa.select(sa.func.count()).select_from(faces_table).join(releases, releases.c.draft == faces_table.c.subject)
        total = conn.execute(live.where(releases.c.withdrawal.is_(None))).scalar_one()
        self._rows.reserve(total)
        for some in in_parts(clip_faces.read_live(conn, self.engine, self._vault), clip_faces.BATCH):
            self._add(some)
            told(len(self), total)

    def _catch_up(self, conn: sa.Connection, position: int) -> bool:
        """Take in what was released and withdrawn since; False when that is too much, or cannot be told."""
        kinds = ("release", "withdrawal", "person-erased")
        query = sa.select(ledger_table.c.kind, ledger_table.c.subject, ledger_table.c.body)
        query = query.where(ledger_table.c.position > position, ledger_table.c.kind.in_(kinds))
        entries = conn.execute(query.limit(MOST_CHANGED + 1)).all()
        if len(entries) > MOST_CHANGED:
            return False
        for some in in_parts([e.subject for e in entries if e.kind == "release"], ASKED):
            self._add(clip_faces.read_live(conn, self.engine, self._vault, releases.c.submission.in_(some)))
        self._rows.remove_clips(clip for e in entries if e.kind == "withdrawal" for clip in _clips(e.subject, e.body))
        if any(e.kind == "person-erased" for e in entries):  # some rows may have gone with them, and no ledger may say which
            ids = conn.execute(sa.select(faces_table.c.id)).scalars()
            self._rows.keep_keys(np.fromiter((_key(row) for row in ids), np.uint64))
        return True

    def _add(self, some: Iterable[Kept]) -> None:
        for kept in some:
            self._rows.add(_key(kept.id), kept.clip, kept.face.starts, kept.face.ends, kept.face.embeddings)


def templates_of(conn: sa.Connection, person: str, engine: str, vault: Vault) -> Vectors:
    """One person's face templates, opened, float32 (n, 128); in memory only. Raises ``VaultLocked``."""
    query = sa.select(person_secrets.c.id, person_secrets.c.sealed).where(
        person_secrets.c.person == person, person_secrets.c.role == "face-template", person_secrets.c.engine == engine
    )
    rows = [np.frombuffer(vault.open(conn, person, "face-template", r.id, r.sealed), "<f4") for r in conn.execute(query)]
    return np.stack(rows) if rows else np.zeros((0, NUMBERS), np.float32)


def _alive(conn: sa.Connection, clips: Iterable[str]) -> set[str]:
    query = sa.select(releases.c.clip).where(releases.c.withdrawal.is_(None))
    return {c for some in in_parts(sorted(clips), ASKED) for c in conn.execute(query.where(releases.c.clip.in_(some))).scalars()}


def _clips(subject: str, body: str) -> Iterator[str]:
    """The clips that a withdrawal's entry is about."""
    said = json.loads(body)
    yield subject
    yield from (str(clip) for clip in said.get("clips", ()))


def _key(row: str) -> int:
    """64 of the bits of a row's id: enough to tell a million apart, and a sixth of the memory."""
    return UUID(row).int >> 64
