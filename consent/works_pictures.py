"""Does this clip show a reserved picture or clip? Copies, whatever was done to them, and likenesses.

What a picture looks like is computed elsewhere and given here; this compares it with the reservations' references. A copy is a
hash within a few bits, or a picture whose corners lie where the reference's do, for clips along one line of time; a likeness is
an embedding near enough. Only fingerprints of the same fingerprinter are ever compared. The thresholds are given too, since they
belong to the model.
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

from consent.copies.catalogue import Catalogue, Reference
from consent.copies.finder import Sighting, find
from consent.copies.telling import WHOLE, told
from safety.fingerprint import PictureFingerprint
from safety.signal import Evidence, Report, Signal

LABELS = frozenset({"reserved_picture"})
#: Highest score when the holder's standing is not verified or the policy is to hold: a person looks, nothing is blocked.
DOUBTFUL = 0.60
#: Score of a copy: of one by its hash or by its corners. A likeness never reaches it.
COPY = 0.99
#: References looked at for each fingerprint, and the least score of a likeness that is told.
NEAREST, LEAST = 16, 0.2
#: Sightings told of one reservation.
MOST = 20


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
class _Match:
    score: float
    evidence: Evidence


class PictureMatcher:
    """Every reference of one fingerprinter in memory, kept up with the database; safe to share between threads."""

    name = "works-pictures/1"
    labels = LABELS

    def __init__(self, fingerprinter: str, thresholds: PictureThresholds) -> None:
        self._thresholds = thresholds
        self._lock = threading.Lock()
        self._catalogue = Catalogue(fingerprinter)

    def refresh(self, conn: sa.Connection) -> int:
        """Read what changed; return the counter that the matcher stands for."""
        with self._lock:
            return self._catalogue.refresh(conn)

    def match_pictures(self, conn: sa.Connection, prints: Sequence[PictureFingerprint], now: datetime) -> Report:
        """One ``reserved_picture`` signal a reservation, for the prints of a whole clip in order of time.

        Fails the report, rather than finding nothing, without fingerprints.
        """
        begun = perf_counter()
        if not prints:
            return Report(
                detector=self.name, labels=LABELS, failure="No fingerprint of the clip was given, so nothing was compared."
            )
        found: dict[str, list[_Match]] = defaultdict(list)
        with self._lock:  # a search takes milliseconds, and what it searches changes in place
            self._catalogue.refresh(conn)
            for sighting in find(conn, self._catalogue, prints):
                self._note(found, sighting.reference, COPY, _sighted(sighting), now)
            for seen in prints:
                for reference, bits, mirrored in self._catalogue.copies(seen.pdq, seen.quality, self._thresholds.hamming):
                    note = f"a copy of {reference.title}{', mirrored' if mirrored else ''}, {bits} of 256 bits differ"
                    self._note(found, reference, COPY, _evidence(seen, reference, note), now)
            self._likenesses(found, prints, now)
        signals = tuple(self._signal(matches) for _, matches in sorted(found.items()))
        return Report(detector=self.name, labels=LABELS, signals=signals, milliseconds=(perf_counter() - begun) * 1000)

    def _likenesses(self, found: dict[str, list[_Match]], prints: Sequence[PictureFingerprint], now: datetime) -> None:
        looks, embedded = self._catalogue.looks, [p for p in prints if len(p.embedding)]
        if looks is None or not embedded:
            return
        keys, cosines = looks.search(np.stack([p.embedding for p in embedded]).astype(np.float32), NEAREST)
        for seen, near, alike in zip(embedded, keys.tolist(), cosines.tolist(), strict=True):
            for key, cosine in zip(near, alike, strict=True):
                score = self._thresholds.score(cosine)
                if score >= LEAST and key in self._catalogue.references:
                    reference = self._catalogue.references[key]
                    self._note(found, reference, score, _evidence(seen, reference, f"cosine {cosine:.2f}"), now)

    def _note(
        self, found: dict[str, list[_Match]], reference: Reference, score: float, evidence: Evidence, now: datetime
    ) -> None:  # fmt: skip
        if reference.expires_at is None or now < reference.expires_at:
            found[reference.reservation].append(_Match(score if reference.certain else min(score, DOUBTFUL), evidence))

    def _signal(self, matches: list[_Match]) -> Signal:
        """Stretches of time first, then the best of each moment that none of them covers; the surest first in both."""
        ordered = sorted(matches, key=lambda m: -m.score)
        stretches = [m.evidence for m in ordered if m.evidence.time and m.evidence.time[0] < m.evidence.time[1]]
        moments: dict[int | None, Evidence] = {}
        for seen in (m.evidence for m in ordered):
            if not any(_within(seen.time, stretch.time) for stretch in stretches):
                moments.setdefault(seen.frame, seen)
        evidence = (*stretches, *moments.values())[:MOST]
        return Signal(label="reserved_picture", score=ordered[0].score, detector=self.name, evidence=evidence)


def _within(time: tuple[float, float] | None, stretch: tuple[float, float] | None) -> bool:
    return time is not None and stretch is not None and stretch[0] <= time[0] and time[1] <= stretch[1]


def _evidence(seen: PictureFingerprint, reference: Reference, note: str) -> Evidence:
    time = None if seen.time is None else (seen.time, seen.time)
    return Evidence(time=time, frame=seen.frame, box=seen.box, reference=reference.reservation, note=note)


def _sighted(sighting: Sighting) -> Evidence:
    fit = sighting.fit
    box = fit.box if fit.box.w * fit.box.h < WHOLE else None
    return Evidence(
        time=sighting.time, frame=sighting.frame, box=box, reference=sighting.reference.reservation, note=told(sighting)
    )  # fmt: skip
