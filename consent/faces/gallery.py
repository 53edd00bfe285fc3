"""Everyone's face templates in memory, for one process: read once, then kept up to date person by person.

Templates are opened in memory only and never written anywhere, not even as an index: an erased person's would outlive the key.
What changed is read from the ledger, which has an entry for everybody who comes or goes. Where it does not account for the
``people`` counter, everything is read again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import sqlalchemy as sa

from consent.faces.signatures import EXACT_UP_TO, SignatureIndex
from consent.tables import people, person_secrets
from consent.vault.keys import Vault
from consent.vectors import Vectors
from consent.version import version
from safety.ledger import size
from safety.tables import ledger

#: Rows opened at a time: bounds memory while a million are read.
BATCH = 2048
#: More people changed than this at once: reading everything again is no slower.
MOST_CHANGED = 2000
#: Told how many templates are read, and of how many.
Told = Callable[[int, int], None]


@dataclass(frozen=True)
class Near:
    """A person whose template is near to a query: their id and the cosine."""

    person: str
    cosine: float


class Gallery:
    """Not safe to share between threads by itself; ``consent.search.PeopleIndex`` locks it."""

    def __init__(self, vault: Vault, engine: str, exact_up_to: int = EXACT_UP_TO) -> None:
        self._vault, self._engine, self._exact_up_to = vault, engine, exact_up_to
        self._version, self._position = -1, 0
        self._clear()

    def _clear(self) -> None:
        self._index = SignatureIndex(self._exact_up_to)
        self._persons = np.zeros(1024, "S36")  # by key; a list of a million strings would take five times the memory
        self._next = 0

    def __len__(self) -> int:
        """Templates."""
        return len(self._index)

    @property
    def megabytes(self) -> float:
        return self._index.megabytes + self._persons.nbytes / 1e6

    def refresh(self, conn: sa.Connection, told: Told = lambda _done, _all: None) -> int:
        """Follow the database; return the ``people`` counter that the gallery stands for.

        Raises ``VaultLocked`` when a template cannot be opened; then everything is read again the next time.
        """
        now = version(conn, "people")
        if now == self._version:
            return now
        changed = self._changed(conn, now)
        before, self._version = self._version, -1
        position = size(conn)
        if changed is None or before < 0:
            self._clear()
            total = conn.execute(sa.select(sa.func.count()).select_from(_templates(self._engine).subquery())).scalar_one()
            self._index.reserve(total)
            for owners, rows in self._read(conn, _templates(self._engine)):
                self._add(owners, rows)
                told(len(self), total)
        else:
            for person in changed:
                self._index.remove(np.flatnonzero(self._persons[: self._next] == person.encode()).astype(np.int64))
            for owners, rows in self._read(conn, _templates(self._engine).where(people.c.id.in_(changed))):
                self._add(owners, rows)
        self._version, self._position = now, position
        return now

    def search(self, embeddings: Vectors, k: int) -> list[list[Near]]:
        """For each row of float32 (n, 128): up to k templates, the nearest first."""
        keys, cosines = self._index.search(embeddings, k)
        return [
            [Near(self._persons[key].decode(), float(cosine)) for key, cosine in zip(*found, strict=True) if key >= 0]
            for found in zip(keys, cosines, strict=True)
        ]

    def _changed(self, conn: sa.Connection, now: int) -> list[str] | None:
        """Ids of those who came or went since the last time; None when that cannot be told, or when they are many."""
        if self._version < 0 or now < self._version:
            return None
        entries = sa.select(ledger.c.subject).where(ledger.c.position > self._position, ledger.c.kind.like("person-%"))
        subjects = [str(subject) for (subject,) in conn.execute(entries.limit(MOST_CHANGED + 1))]
        if len(subjects) > MOST_CHANGED or len(subjects) < now - self._version:
            return None
        return sorted(set(subjects))

    def _read(self, conn: sa.Connection, query: sa.Select[tuple[object, ...]]) -> Iterator[tuple[list[str], Vectors]]:
        """Batches of owners' ids and opened templates, float32 (n, 128)."""
        for some in conn.execute(query.execution_options(yield_per=BATCH)).partitions():
            opened = [self._vault.open(conn, r.person, "face-template", r.id, r.sealed) for r in some]
            yield [r.person for r in some], np.frombuffer(b"".join(opened), "<f4").reshape(len(some), -1)

    def _add(self, owners: list[str], rows: Vectors) -> None:
        end = self._next + len(owners)
        if end > len(self._persons):
            self._persons = np.concatenate([self._persons, np.zeros(max(end, len(self._persons) // 4), "S36")])
        self._persons[self._next : end] = [owner.encode() for owner in owners]
        self._index.add(np.arange(self._next, end, dtype=np.int64), rows)
        self._next = end


def _templates(engine: str) -> sa.Select[tuple[object, ...]]:
    """Face templates of everyone alive, in an order that does not change."""
    return (
        sa.select(person_secrets.c.id, person_secrets.c.person, person_secrets.c.sealed)
        .join(people, people.c.id == person_secrets.c.person)
        .where(people.c.erased_at.is_(None), person_secrets.c.role == "face-template", person_secrets.c.engine == engine)
        .order_by(person_secrets.c.id)
    )
