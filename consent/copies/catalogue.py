"""Every reserved picture and clip in memory, as far as finding needs it, kept up with the database change by change.

Corners are not kept here: they are read for the few candidates that are looked at closely. A change costs what changed; whatever
was committed before a clip is looked at is seen by it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from consent.copies.hamming import HashIndex
from consent.nearest import NearIndex
from consent.tables import reservation_pictures as pictures
from consent.tables import reservations
from consent.version import version
from safety.fingerprint import CODE, unit

#: PDQ says nothing of pictures with less structure than this (facebook/ThreatExchange, pdq/README: discard below 50).
QUALITY = 50
#: Bits of a hash that change when a picture is mirrored: the odd frequencies across, bit 16 * down + across from the last.
_ODD_ACROSS = int.from_bytes(b"\x55" * 32, "big")
#: Rows read at a time, and reservations asked for at a time.
ROWS, ASKED = 4096, 500


@dataclass(frozen=True)
class Reference:
    """One print of a reservation: which picture or clip of the filing it belongs to, and, for a clip, its ``time`` in it."""

    id: str
    reservation: str
    certain: bool
    expires_at: datetime | None
    ordinal: int
    time: float | None

    @property
    def item(self) -> tuple[str, bool, int]:
        """The picture or clip: prints of one item are searched together."""
        return self.reservation, self.time is not None, self.ordinal

    @property
    def title(self) -> str:
        kind = "clip" if self.time is not None else "picture"
        return f"{kind} {self.ordinal}" if self.ordinal else kind


class Catalogue:
    """The prints of one fingerprinter. Not safe to share between threads: its matcher takes care of that."""

    def __init__(self, fingerprinter: str) -> None:
        self._fingerprinter = fingerprinter
        self._empty()

    def _empty(self) -> None:
        self.version = -1
        self.references: dict[int, Reference] = {}
        self._rows: dict[str, list[int]] = {}
        self._next = 0
        self.codes = NearIndex(np.zeros((0, CODE), np.float32), "i8")
        self.looks: NearIndex | None = None
        self.hashes = HashIndex()
        self._hashed: list[int] = []

    def refresh(self, conn: sa.Connection) -> int:
        """Read what changed since the last time; return the counter that the catalogue stands for."""
        now = version(conn, "works")
        if now < self.version:
            self._empty()  # another database, or one that was put back
        if now != self.version:
            self._follow(conn)
            self.version = now
        return now

    def copies(self, pdq: bytes, quality: int, most: int) -> Iterator[tuple[Reference, int, bool]]:
        """References whose hash, or that of their mirror image, is within ``most`` bits; how many differ; whether mirrored."""
        if quality < QUALITY:
            return
        turned = (int.from_bytes(pdq, "big") ^ _ODD_ACROSS).to_bytes(32, "big")
        for hash, mirrored in ((pdq, False), (turned, True)):
            for row, bits in zip(*self.hashes.within(hash, most), strict=True):
                reference = self.references.get(self._hashed[int(row)])
                if reference is not None:
                    yield reference, int(bits), mirrored

    def _follow(self, conn: sa.Connection) -> None:
        query = sa.select(reservations).where(reservations.c.revision > self.version)
        changed = conn.execute(query).all()
        gone = [key for row in changed for key in self._rows.pop(row.id, ())]
        for key in gone:
            self.references.pop(key, None)
        self.codes.remove(gone)
        if self.looks is not None:
            self.looks.remove(gone)
        there = {
            row.id: row for row in changed if row.withdrawn_at is None and row.policy != "allow" and '"output"' in row.scope
        }  # fmt: skip
        wanted = sorted(there)
        for start in range(0, len(wanted), ASKED):
            self._read(conn, {id: there[id] for id in wanted[start : start + ASKED]})

    def _read(self, conn: sa.Connection, filings: dict[str, sa.Row[tuple[object, ...]]]) -> None:
        table = pictures.c
        columns = (
            table.id, table.reservation, table.pdq, table.quality, table.embedding, table.code, table.ordinal, table.time,
        )  # fmt: skip
        query = sa.select(*columns).where(table.reservation.in_(filings), table.fingerprinter == self._fingerprinter)
        found = conn.execution_options(stream_results=False).execute(query.order_by(table.reservation, table.id))
        for rows in found.partitions(ROWS):
            keys = list(range(self._next, self._next + len(rows)))
            self._next += len(rows)
            for key, row in zip(keys, rows, strict=True):
                filing = filings[row.reservation]
                certain = filing.policy == "deny" and filing.verified
                self.references[key] = Reference(
                    row.id, row.reservation, certain, filing.expires_at, row.ordinal, row.time,
                )  # fmt: skip
                self._rows.setdefault(row.reservation, []).append(key)
            coded = [(k, np.frombuffer(r.code, np.int8)) for k, r in zip(keys, rows, strict=True) if r.code]
            self.codes.add([k for k, _ in coded], unit([c for _, c in coded]))
            self._add_looks([(k, np.frombuffer(r.embedding, "<f4")) for k, r in zip(keys, rows, strict=True) if r.embedding])
            hashed = [(k, np.frombuffer(r.pdq, np.uint8)) for k, r in zip(keys, rows, strict=True) if r.quality >= QUALITY]
            self._hashed += [k for k, _ in hashed]
            self.hashes.add(np.stack([h for _, h in hashed]) if hashed else np.zeros((0, 32), np.uint8))

    def _add_looks(self, looks: list[tuple[int, NDArray[np.float32]]]) -> None:
        if not looks:
            return
        rows = np.stack([row for _, row in looks]).astype(np.float32)
        if self.looks is None:
            self.looks = NearIndex(np.zeros((0, rows.shape[1]), np.float32), "f16")
        self.looks.add([key for key, _ in looks], rows)
