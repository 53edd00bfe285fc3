"""Does this clip show a reserved picture? PDQ hashes for copies, embeddings for likenesses.

What a picture looks like is computed elsewhere and given here; this compares it with the reservations' reference pictures. Only
fingerprints of the same fingerprinter are ever compared. The thresholds are given too, since they belong to the model.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from consent.tables import reservation_pictures, reservations
from consent.vectors import ExactIndex
from consent.version import version
from safety.fingerprint import PictureFingerprint
from safety.signal import Evidence, Report, Signal

LABELS = frozenset({"reserved_picture"})
#: PDQ says nothing of pictures with less structure than this (facebook/ThreatExchange, pdq/README: discard below 50).
QUALITY = 50
#: Highest score when the holder's standing is not verified or the policy is to hold: a person looks, nothing is blocked.
DOUBTFUL = 0.60
#: References looked at for each fingerprint.
NEAREST = 16


@dataclass(frozen=True)
class PictureThresholds:
    """``hamming``: most differing bits of 256 that are a copy (31 is PDQ's own). ``cosine`` maps to a score of one half, and
    ``sure`` to 0.9; both belong to the fingerprinter and are measured with it."""

    hamming: int
    cosine: float
    sure: float

    def score(self, cosine: float) -> float:
        """Logistic through (cosine, 0.5) and (sure, 0.9)."""
        steep = np.log(9.0) / max(self.sure - self.cosine, 1e-6)
        return float(1.0 / (1.0 + np.exp(-steep * (cosine - self.cosine))))


@dataclass(frozen=True)
class _Reference:
    reservation: str
    certain: bool
    expires_at: datetime | None


class PictureMatcher:
    """Every reference picture of one fingerprinter in memory; safe to share between threads."""

    name = "works-pictures/1"
    labels = LABELS

    def __init__(self, fingerprinter: str, thresholds: PictureThresholds) -> None:
        self._fingerprinter, self._thresholds = fingerprinter, thresholds
        self._lock = threading.Lock()
        self._version = -1
        self._references: list[_Reference] = []
        self._usable: NDArray[np.bool_] = np.zeros(0, np.bool_)
        self._hashes: NDArray[np.uint8] = np.zeros((0, 32), np.uint8)
        self._index = ExactIndex(np.zeros((0, 1), np.float32))

    def refresh(self, conn: sa.Connection) -> int:
        """Read the references again when the counter moved; return the counter that the matcher stands for."""
        with self._lock:
            now = version(conn, "works")
            if now != self._version:
                self._read(conn)
                self._version = now
            return self._version

    def match_pictures(self, conn: sa.Connection, prints: Sequence[PictureFingerprint], now: datetime) -> Report:
        """One ``reserved_picture`` signal a reservation. Fails the report, rather than finding nothing, without fingerprints."""
        begun = perf_counter()
        if not prints:
            return Report(
                detector=self.name, labels=LABELS, failure="No fingerprint of the clip was given, so nothing was compared."
            )
        self.refresh(conn)
        with self._lock:
            references, hashes, usable, index = self._references, self._hashes, self._usable, self._index
        found: dict[str, list[tuple[float, Evidence]]] = defaultdict(list)
        if references:
            rows, cosines = index.search(np.stack([p.embedding for p in prints]).astype(np.float32), NEAREST)
            for number, seen in enumerate(prints):
                scores = {
                    int(row): self._thresholds.score(float(c)) for row, c in zip(rows[number], cosines[number], strict=True)
                }
                notes = {int(row): f"cosine {float(c):.2f}" for row, c in zip(rows[number], cosines[number], strict=True)}
                for row, bits in _copies(seen, hashes, usable, self._thresholds.hamming):
                    scores[row], notes[row] = 0.99, f"a copy, {bits} of 256 bits differ"
                for row, value in scores.items():
                    reference = references[row]
                    if value >= 0.2 and (reference.expires_at is None or now < reference.expires_at):
                        value = value if reference.certain else min(value, DOUBTFUL)  # noqa: PLW2901
                        found[reference.reservation].append((value, _evidence(seen, reference.reservation, notes[row])))
        signals = tuple(self._signal(matches) for _, matches in sorted(found.items()))
        return Report(detector=self.name, labels=LABELS, signals=signals, milliseconds=(perf_counter() - begun) * 1000)

    def _signal(self, matches: list[tuple[float, Evidence]]) -> Signal:
        """The best sighting of each moment, the surest first."""
        matches.sort(key=lambda pair: -pair[0])
        by_frame: dict[int | None, Evidence] = {}
        for _, evidence in matches:
            by_frame.setdefault(evidence.frame, evidence)
        return Signal(
            label="reserved_picture", score=matches[0][0], detector=self.name, evidence=tuple(by_frame.values())[:20]
        )  # fmt: skip

    def _read(self, conn: sa.Connection) -> None:
        query = (
            sa.select(reservation_pictures, reservations.c.policy, reservations.c.verified, reservations.c.expires_at)
            .join(reservations, reservations.c.id == reservation_pictures.c.reservation)
            .where(
                reservations.c.withdrawn_at.is_(None),
                reservations.c.policy != "allow",
                reservations.c.scope.contains('"output"'),
                reservation_pictures.c.fingerprinter == self._fingerprinter,
            )
            .order_by(reservation_pictures.c.id)
        )
        rows = conn.execute(query).all()
        self._references = [_Reference(r.reservation, r.policy == "deny" and r.verified, r.expires_at) for r in rows]
        self._hashes = np.array([np.frombuffer(r.pdq, np.uint8) for r in rows], np.uint8).reshape(-1, 32)
        self._usable = np.array([r.quality >= QUALITY for r in rows], np.bool_)
        vectors = [np.frombuffer(r.embedding, "<f4") for r in rows]
        self._index = ExactIndex(np.stack(vectors) if vectors else np.zeros((0, 1), np.float32))


def _copies(seen: PictureFingerprint, hashes: NDArray[np.uint8], usable: NDArray[np.bool_], most: int) -> list[tuple[int, int]]:
    """Rows of ``hashes`` within ``most`` bits, and how many differ; none when either picture has too little structure."""
    if seen.quality < QUALITY:
        return []
    differing = np.bitwise_count(hashes ^ np.frombuffer(seen.pdq, np.uint8)).sum(axis=1)
    return [(int(row), int(differing[row])) for row in np.nonzero((differing <= most) & usable)[0]]


def _evidence(seen: PictureFingerprint, reservation: str, note: str) -> Evidence:
    time = None if seen.time is None else (seen.time, seen.time)
    return Evidence(time=time, frame=seen.frame, box=seen.box, reference=reservation, note=note)
