"""Does a clip's sound play a reserved recording? Landmarks looked up, then held against the recording one by one.

What a sound is known by is computed elsewhere and given here. Only prints of the same printer are ever compared. A match is a
stretch of the clip that is a stretch of a recording at some speed; it says nothing of who may use it.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from time import perf_counter

import numpy as np
import sqlalchemy as sa

from consent.sounds.sound_alignment import Alignment, align
from consent.sounds.sound_index import SoundIndex
from consent.tables import reservation_sounds, reservations
from consent.version import version
from consent.works_pictures import DOUBTFUL
from safety.signal import Evidence, Report, Signal
from safety.sound_print import SoundPrint

LABELS = frozenset({"reserved_recording"})
#: Nats for a recording that are a score of one half, and of 0.9. Of 415 stretches of music, 3 and 10 s long, that were held
#: against 113 recordings they are not in, the nearest had 23.2 and one in a hundred 20. Those are other tracks and moments than
#: ``console/bench/recordings.py`` was reported on.
NATS, SURE = 27.0, 35.0
#: Scores under this are not told.
LEAST = 0.2
#: A stretch shorter than this, seconds, is told and never enough by itself: made-up pieces with the same chords agreed for 1.2 s.
SHORTEST, BRIEF = 1.5, 0.45
#: Longest stretch of a clip that is asked about at once, and how much two of them share, seconds; bounds memory.
STRETCH, SHARED = 30.0, 4.0


@dataclass(frozen=True)
class _Reference:
    reservation: str
    ordinal: int
    certain: bool
    expires_at: datetime | None


@dataclass(frozen=True)
class _Known:
    """Everything a search reads, replaced as one. ``live``: which numbers of the index are still reserved."""

    index: SoundIndex
    references: tuple[_Reference, ...]
    live: np.ndarray[tuple[int], np.dtype[np.bool_]]


_NOTHING = _Known(SoundIndex(), (), np.zeros(0, np.bool_))


class RecordingMatcher:
    """Every reserved recording of one printer in memory; safe to share between threads."""

    name = "works-recordings/1"
    labels = LABELS

    def __init__(self, printer: str) -> None:
        self._printer = printer
        self._lock = threading.Lock()
        self._version = 0
        self._known = _NOTHING

    def refresh(self, conn: sa.Connection) -> int:
        """Read what changed since the counter last moved; return the counter that the matcher stands for."""
        with self._lock:
            now = version(conn, "works")
            if now < self._version:  # another database, or an older one
                self._version, self._known = 0, _NOTHING
            if now > self._version:
                self._known = self._read(conn, self._version)
                if self._known.live.size > 2 * int(self._known.live.sum()) + 100:  # mostly taken back: make room
                    self._known = _NOTHING
                    self._known = self._read(conn, 0)
                self._version = now
            return self._version

    def match_sounds(self, conn: sa.Connection, prints: Sequence[SoundPrint], now: datetime) -> Report:
        """One ``reserved_recording`` signal a reservation, from the prints of all parts of a clip. A clip without sound has an
        empty print; without any print, or with one of another printer, the report fails rather than finding nothing."""
        begun = perf_counter()
        if not prints or any(sound.name != self._printer for sound in prints):
            return Report(
                detector=self.name, labels=LABELS, failure="The clip's sound was not listened to, so nothing was compared."
            )
        self.refresh(conn)
        known = self._known
        allowed = known.live & np.array([r.expires_at is None or now < r.expires_at for r in known.references], np.bool_)
        found: dict[str, list[tuple[float, Alignment]]] = defaultdict(list)
        for match in (match for sound in prints for match in find(known.index, allowed, sound)):
            if (value := score(match.nats)) >= LEAST:
                reference = known.references[match.number]
                found[reference.reservation].append((value if reference.certain else min(value, DOUBTFUL), match))
        signals = tuple(self._signal(known, matches) for _, matches in sorted(found.items()))
        return Report(detector=self.name, labels=LABELS, signals=signals, milliseconds=(perf_counter() - begun) * 1000)

    def _signal(self, known: _Known, matches: list[tuple[float, Alignment]]) -> Signal:
        """The surest match first, and of two that lie over each other only the surer."""
        matches.sort(key=lambda pair: (-pair[1].nats, pair[1].heard))
        told: list[Alignment] = []
        for _, match in matches:
            if not any(_overlap(match.heard, other.heard) for other in told):
                told.append(match)
        evidence = tuple(_evidence(match, known.references[match.number]) for match in told[:20])
        return Signal(label="reserved_recording", score=max(v for v, _ in matches), detector=self.name, evidence=evidence)

    def _read(self, conn: sa.Connection, since: int) -> _Known:
        """What is known, with the reservations that changed after ``since``."""
        query = (
            sa.select(reservation_sounds, reservations.c.policy, reservations.c.verified, reservations.c.expires_at,
                      reservations.c.scope.contains('"output"').label("output"), reservations.c.withdrawn_at)
            .join(reservations, reservations.c.id == reservation_sounds.c.reservation)
            .where(reservations.c.revision > since, reservations.c.policy != "allow")
            .where(reservation_sounds.c.printer == self._printer)
            .order_by(reservation_sounds.c.id)
        )  # fmt: skip
        known = self._known
        gone, prints, references = set(), [], []
        for row in conn.execute(query):
            if row.withdrawn_at is not None or not row.output:
                gone.add(row.reservation)
                continue
            prints.append(SoundPrint.from_bytes(row.print))
            references.append(_Reference(row.reservation, row.ordinal, row.policy == "deny" and row.verified, row.expires_at))
        # one that changed without being taken back is read anew
        gone |= {reference.reservation for reference in references}
        stays = np.array([reference.reservation not in gone for reference in known.references], np.bool_)
        live = np.concatenate([known.live & stays, np.ones(len(prints), np.bool_)])
        return _Known(known.index.grown(prints), (*known.references, *references), live)


def find(index: SoundIndex, allowed: np.ndarray[tuple[int], np.dtype[np.bool_]], sound: SoundPrint) -> list[Alignment]:
    """Every place where the sound may play a recording whose number is ``allowed``, however doubtful; in no order."""
    return [match for piece in _pieces(sound) for place in index.places(piece, allowed) if (match := align(index, piece, place))]


def score(nats: float) -> float:
    """Logistic through (``NATS``, 0.5) and (``SURE``, 0.9)."""
    return float(1.0 / (1.0 + np.exp(np.clip(-np.log(9.0) / (SURE - NATS) * (nats - NATS), -50, 50))))


def _worth(match: Alignment) -> float:
    """The score of a match, brief ones kept under the line where a person is asked."""
    start, end = match.heard
    return score(match.nats) if end - start >= SHORTEST else min(score(match.nats), BRIEF)


def _pieces(sound: SoundPrint) -> Iterator[SoundPrint]:
    """The print in stretches that share a little."""
    begin, end = sound.span
    while True:
        until = min(end, begin + STRETCH)
        if end - until < SHARED:  # no scrap at the end
            until = end
        inside = (sound.times >= begin) & (sound.times <= until)
        yield replace(
            sound, span=(begin, until), times=sound.times[inside], pitches=sound.pitches[inside], ranks=sound.ranks[inside]
        )
        if until >= end:
            return
        begin = until - SHARED


def _overlap(one: tuple[float, float], other: tuple[float, float]) -> bool:
    """Whether they share more than half of the shorter."""
    shared = min(one[1], other[1]) - max(one[0], other[0])
    return shared > 0.5 * min(one[1] - one[0], other[1] - other[0])


def _evidence(match: Alignment, reference: _Reference) -> Evidence:
    (a, b), (c, d) = match.heard, match.played
    how = f"at {match.faster:.2f} times its speed"
    if abs(match.higher / match.faster - 1) > 0.01:
        how += " and its own pitch" if abs(match.higher - 1) < 0.01 else f" and {match.higher:.2f} times its pitch"
    note = f"{a:.1f} s to {b:.1f} s is {c:.1f} s to {d:.1f} s of recording {reference.ordinal + 1}, {how}"
    return Evidence(time=(round(a, 2), round(b, 2)), reference=reference.reservation, note=note)
