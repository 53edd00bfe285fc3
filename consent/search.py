"""Who is in this clip? Every face of it against every enrolled and every protected person, asked for or not.

Templates are opened in memory only and read again when the ``people`` counter has moved. What cannot be looked at is a report
with a failure, never a clip without people.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable
from time import perf_counter

import numpy as np
import sqlalchemy as sa

from consent import people
from consent.errors import VaultLocked
from consent.faces.engine import Face, FaceFinder
from consent.faces.thresholds import COMPARABLE_PX, MATCH, WORTH_SAYING, score
from consent.keys import Vault
from consent.people import Person
from consent.tracks import Track, follow
from consent.vectors import ExactIndex, VectorIndex, Vectors
from consent.version import version
from safety.errors import BadMedia, ClearanceError
from safety.media import Frame, SampledClip
from safety.signal import Evidence, Report, Signal

PEOPLE = frozenset({"enrolled_person", "protected_person"})
FACES = frozenset({"realistic_face"})
#: Candidates taken for each face: enough for every template of the nearest few people.
NEAREST = 24


class PeopleIndex:
    """Everyone's templates in memory, for one process; safe to share between threads."""

    def __init__(self, vault: Vault, engine: FaceFinder, build: Callable[[Vectors], VectorIndex] = ExactIndex) -> None:
        self._vault, self._engine, self._build = vault, engine, build
        self._lock = threading.Lock()
        self._version = -1
        self._owners: list[Person] = []
        self._index: VectorIndex = build(np.zeros((0, 128), np.float32))

    @property
    def name(self) -> str:
        """Detector name in reports."""
        return "people/1"

    def refresh(self, conn: sa.Connection) -> int:
        """Read the templates again when the counter moved; return the counter that the index stands for."""
        with self._lock:
            now = version(conn, "people")
            if now != self._version:
                owners, rows = people.templates(conn, self._engine.name, self._vault)
                self._index, self._owners, self._version = self._build(rows), owners, now
            return self._version

    def nearest(self, conn: sa.Connection, embeddings: Vectors) -> list[dict[str, tuple[Person, float]]]:
        """For each row of float32 (n, 128): the people it is like, by id, with their highest cosine."""
        self.refresh(conn)
        with self._lock:
            owners, index = self._owners, self._index
        rows, cosines = index.search(embeddings, NEAREST)
        found: list[dict[str, tuple[Person, float]]] = []
        for row, cosine in zip(rows, cosines, strict=True):
            best: dict[str, tuple[Person, float]] = {}
            for number, value in zip(row, cosine, strict=True):
                owner = owners[int(number)]
                if value >= WORTH_SAYING and (owner.id not in best or best[owner.id][1] < value):
                    best[owner.id] = (owner, float(value))
            found.append(best)
        return found

    def search_clip(self, clip: SampledClip, engine: FaceFinder, conn: sa.Connection) -> tuple[Report, ...]:
        """Two reports: who was recognised (``enrolled_person``, ``protected_person``), and faces of nobody known.

        One signal a person, with one piece of evidence a track; a ``realistic_face`` signal for all faces that are not surely
        somebody's. Never raises for a clip: a failure is in the report.
        """
        begun = perf_counter()
        try:
            if engine.name != self._engine.name:
                raise VaultLocked("The face engine is not the one the templates are read for; start again with one engine.")
            tracks = look(clip, engine)
        except ClearanceError as reason:
            return self._failed(PEOPLE, reason.detail, begun), self._failed(FACES, reason.detail, begun)
        except Exception as reason:  # fail closed: whatever broke, the clip was not looked at
            detail = f"Faces could not be looked for ({type(reason).__name__})."
            return self._failed(PEOPLE, detail, begun), self._failed(FACES, detail, begun)
        try:
            matches = [self._match(conn, track) for track in tracks]
        except Exception as reason:
            detail = (
                reason.detail
                if isinstance(reason, ClearanceError)
                else f"People could not be searched ({type(reason).__name__})."
            )
            known = self._failed(PEOPLE, detail, begun)
            matches = [{} for _ in tracks]
        else:
            known = self._report(PEOPLE, self._known(tracks, matches), begun)
        unknown = [t for t, m in zip(tracks, matches, strict=True) if not any(c >= MATCH for _, _, c in m.values())]
        return known, self._report(FACES, self._faces(unknown), begun)

    def _match(self, conn: sa.Connection, track: Track) -> dict[str, tuple[Person, int, float]]:
        """By person: the sighting that is most like them, and its cosine."""
        usable = [i for i, face in enumerate(track.faces) if face.size_px >= COMPARABLE_PX]
        best: dict[str, tuple[Person, int, float]] = {}
        if not usable:
            return best
        for i, found in zip(usable, self.nearest(conn, np.stack([track.faces[i].embedding for i in usable])), strict=True):
            for identity, (owner, cosine) in found.items():
                if identity not in best or best[identity][2] < cosine:
                    best[identity] = (owner, i, cosine)
        return best

    def _known(self, tracks: list[Track], matches: list[dict[str, tuple[Person, int, float]]]) -> list[Signal]:
        owners: dict[str, Person] = {}
        seen: dict[str, list[tuple[float, Evidence]]] = defaultdict(list)
        for track, match in zip(tracks, matches, strict=True):
            for identity, (owner, sighting, cosine) in match.items():
                owners[identity] = owner
                note = f"cosine {cosine:.2f}, seen in {len(track.frames)} sampled frames"
                seen[identity].append((cosine, _evidence(track, sighting, note, identity)))
        signals = []
        for identity, found in seen.items():
            found.sort(key=lambda pair: -pair[0])
            label = "protected_person" if owners[identity].kind == "protected" else "enrolled_person"
            evidence = tuple(e for _, e in found)
            signals.append(Signal(label=label, score=score(found[0][0]), detector=self.name, evidence=evidence))
        return sorted(signals, key=lambda s: -s.score)

    def _faces(self, tracks: list[Track]) -> list[Signal]:
        if not tracks:
            return []
        best = max(track.faces[track.best].score for track in tracks)
        evidence = tuple(
            _evidence(t, t.best, f"a face of nobody known, {t.faces[t.best].size_px:.0f} pixels", None) for t in tracks
        )
        return [Signal(label="realistic_face", score=best, detector="faces/1", evidence=evidence)]

    def _report(self, labels: frozenset[str], signals: list[Signal], begun: float) -> Report:
        detector = self.name if labels is PEOPLE else "faces/1"
        spent = (perf_counter() - begun) * 1000
        return Report(detector=detector, labels=labels, signals=tuple(signals), milliseconds=spent)

    def _failed(self, labels: frozenset[str], detail: str, begun: float) -> Report:
        detector = self.name if labels is PEOPLE else "faces/1"
        return Report(detector=detector, labels=labels, failure=detail, milliseconds=(perf_counter() - begun) * 1000)


def look(clip: SampledClip, engine: FaceFinder) -> list[Track]:
    """Tracks of every face in the clip's frames. Raises ``BadMedia`` for a clip without frames."""
    if not clip.frames:
        raise BadMedia("No frame of the clip could be sampled, so nobody was looked for.")
    sightings: list[tuple[Frame, tuple[Face, ...]]] = [(frame, engine.find(frame.picture)) for frame in clip.frames]
    return follow(sightings)


def _evidence(track: Track, sighting: int, note: str, reference: str | None) -> Evidence:
    face, frame = track.faces[sighting], track.frames[sighting]
    return Evidence(time=track.time, frame=frame.index, box=face.box, reference=reference, note=note)
