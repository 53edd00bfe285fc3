"""Where enrolled and protected people were seen and heard in clips, sealed with their own keys.

Kept so that a clip need not be decoded again to search it; only for people who are known here. A face or a voice of nobody known
is never stored. Erasing a person deletes the rows, and makes any copy of them noise.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from consent.tables import person_sightings
from consent.vault.keys import Vault
from safety.values import derive

Role = Literal["seen-face", "heard-voice"]


@dataclass(frozen=True)
class Sighted:
    """``person`` was seen or heard from ``starts`` to ``ends`` (seconds); ``embedding`` float32, unit length, by ``engine``."""

    person: str
    role: Role
    engine: str
    starts: float
    ends: float
    embedding: NDArray[np.float32] = field(repr=False)


def keep(conn: sa.Connection, subject: str, sighted: Iterable[Sighted], vault: Vault) -> None:
    """Seal and store what was seen in the clip with digest ``subject``; seeing it again replaces what was seen before."""
    forget(conn, [subject])
    for ordinal, one in enumerate(sighted):
        row = derive(subject, "sighting", ordinal)
        sealed = vault.seal(conn, one.person, one.role, row, one.embedding.astype("<f4").tobytes())
        conn.execute(
            sa.insert(person_sightings).values(
                id=row, person=one.person, subject=subject, role=one.role, engine=one.engine, starts=one.starts, ends=one.ends,
                sealed=sealed,
            )
        )  # fmt: skip


def of(conn: sa.Connection, subject: str, vault: Vault) -> tuple[Sighted, ...]:
    """What was kept of one clip, opened; in memory only. Raises ``VaultLocked``."""
    rows = conn.execute(
        sa.select(person_sightings).where(person_sightings.c.subject == subject).order_by(person_sightings.c.starts)
    )
    return tuple(
        Sighted(
            r.person, r.role, r.engine, r.starts, r.ends, np.frombuffer(vault.open(conn, r.person, r.role, r.id, r.sealed), "<f4")
        )
        for r in rows
    )


def clips_of(conn: sa.Connection, person: str) -> tuple[str, ...]:
    """Digests of the clips a person was seen or heard in."""
    column = person_sightings.c.subject
    return tuple(conn.execute(sa.select(column).where(person_sightings.c.person == person).distinct().order_by(column)).scalars())


def forget(conn: sa.Connection, subjects: Iterable[str]) -> int:
    """Delete what was kept of these clips; return how many rows that were."""
    return int(conn.execute(sa.delete(person_sightings).where(person_sightings.c.subject.in_([*subjects]))).rowcount)
