"""Who is in this clip? Every face of it against every enrolled and every protected person, asked for or not.

Looking (``consent/faces/looker.py``, in a process of its own) is parted from matching, which is here, beside the templates. What
cannot be looked at is a report with a failure, never a clip without people.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable
from time import perf_counter

import numpy as np
import sqlalchemy as sa

from consent import people
from consent.errors import VaultLocked
from consent.faces.engine import FaceFinder
from consent.faces.gallery import Gallery, Told
from consent.faces.looker import FaceLooker, Sighting
from consent.faces.signatures import EXACT_UP_TO
from consent.faces.thresholds import WORTH_SAYING, score, threshold
from consent.faces.tracks import Track, follow
from consent.people import Person
from consent.vault.keys import Vault
from consent.vectors import Vectors
from safety.errors import BadMedia, ClearanceError
from safety.media import SampledClip
from safety.signal import Evidence, Report, Signal

PEOPLE = frozenset({"enrolled_person", "protected_person"})
FACES = frozenset({"realistic_face"})
#: Templates taken for each face: enough for every template of the nearest few people.
NEAREST = 24
#: People a face may be said to be like, nearest first; among a million there is always somebody a little alike.
MOST_LIKE = 4
#: Pieces of evidence in one signal, the strongest first; a clip of crowds must not make a report of megabytes.
MOST_EVIDENCE = 64

#: By person: who, the sighting that shows it best, and the highest cosine of it and of the whole track.
Matches = dict[str, tuple[Person, Sighting, float]]


class PeopleIndex:
    """Everyone's templates in memory, for one process; safe to share between threads."""

    def __init__(self, vault: Vault, engine: FaceFinder, exact_up_to: int = EXACT_UP_TO) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._gallery = Gallery(vault, engine.name, exact_up_to)

    @property
    def name(self) -> str:
        """Detector name in reports."""
        return "people/1"

    def refresh(self, conn: sa.Connection, told: Told = lambda _done, _all: None) -> int:
        """Follow what changed since the last time; return the ``people`` counter that the index stands for.

        The first call reads everyone: ``told`` hears how far it is. Raises ``VaultLocked``.
        """
        with self._lock:
            return self._gallery.refresh(conn, told)

    def nearest(self, conn: sa.Connection, embeddings: Vectors) -> tuple[list[dict[str, float]], int]:
        """For each row of float32 (n, 128), ids of people it is like with their highest cosine; and how many templates."""
        with self._lock:
            self._gallery.refresh(conn)
            found, among = self._gallery.search(embeddings, NEAREST), len(self._gallery)
        least = threshold(among) - WORTH_SAYING
        answers: list[dict[str, float]] = []
        for near in found:
            best: dict[str, float] = {}
            for one in near:  # the nearest first
                if one.cosine >= least and one.person not in best and len(best) < MOST_LIKE:
                    best[one.person] = one.cosine
            answers.append(best)
        return answers, among

    def search_clip(self, clip: SampledClip, engine: FaceFinder, conn: sa.Connection) -> tuple[Report, Report]:
        """Look and match in one process; see ``match_faces``. Never raises for a clip: a failure is in both reports."""
        begun = perf_counter()
        try:
            if engine.name != self._engine.name:
                raise VaultLocked("The face engine is not the one the templates are read for; start again with one engine.")
            if not clip.frames:
                raise BadMedia("No frame of the clip could be sampled, so nobody was looked for.")
            sightings = FaceLooker(engine).look(clip)
        except ClearanceError as reason:
            return self._failed(PEOPLE, reason.detail, begun), self._failed(FACES, reason.detail, begun)
        except Exception as reason:  # fail closed: whatever broke, the clip was not looked at
            detail = f"Faces could not be looked for ({type(reason).__name__})."
            return self._failed(PEOPLE, detail, begun), self._failed(FACES, detail, begun)
        known, faces = self.match_faces(conn, sightings)
        spent = (perf_counter() - begun) * 1000
        return known.model_copy(update={"milliseconds": spent}), faces.model_copy(update={"milliseconds": spent})

    def match_faces(self, conn: sa.Connection, sightings: Iterable[Sighting]) -> tuple[Report, Report]:
        """Two reports on the sightings of all parts of a clip, in order: who was recognised (``enrolled_person``,
        ``protected_person``), and faces of nobody known (``realistic_face``).

        One signal a person, with one piece of evidence a track; a ``realistic_face`` signal for all faces that are not surely
        somebody's. Templates that cannot be searched are a failure of the first report alone.
        """
        begun = perf_counter()
        tracks = follow(sightings)
        matches: list[Matches] = [{} for _ in tracks]
        among = 0
        try:
            matches, among = self._match(conn, tracks)
        except Exception as reason:
            detail = (
                reason.detail
                if isinstance(reason, ClearanceError)
                else f"People could not be searched ({type(reason).__name__})."
            )
            known = self._failed(PEOPLE, detail, begun)
        else:
            known = self._report(PEOPLE, self._known(tracks, matches, among), begun)
        sure = threshold(among)
        unknown = [t for t, m in zip(tracks, matches, strict=True) if not any(c >= sure for _, _, c in m.values())]
        return known, self._report(FACES, self._faces(unknown), begun)

    def _match(self, conn: sa.Connection, tracks: list[Track]) -> tuple[list[Matches], int]:
        """What each track is like: as a whole, and by its best sightings alone."""
        asked = [(number, sighting, row) for number, track in enumerate(tracks) for sighting, row in track.asked]
        rows = np.stack([row for _, _, row in asked]) if asked else np.zeros((0, 128), np.float32)
        matches: list[Matches] = [{} for _ in tracks]
        found, among = self.nearest(conn, rows)
        owners = _named(conn, {person for near in found for person in near})
        for (number, pick, _), near in zip(asked, found, strict=True):
            for identity, cosine in near.items():
                if identity in owners and (identity not in matches[number] or matches[number][identity][2] < cosine):
                    matches[number][identity] = (owners[identity], pick, cosine)
        return matches, among

    def _known(self, tracks: list[Track], matches: list[Matches], among: int) -> list[Signal]:
        owners: dict[str, Person] = {}
        seen: dict[str, list[tuple[float, Evidence]]] = defaultdict(list)
        for track, match in zip(tracks, matches, strict=True):
            for identity, (owner, sighting, cosine) in match.items():
                owners[identity] = owner
                note = f"cosine {cosine:.2f} of {threshold(among):.2f}, seen in {track.frames} sampled frames"
                seen[identity].append((cosine, _evidence(track, sighting, note, identity)))
        signals = []
        for identity, found in seen.items():
            found.sort(key=lambda pair: -pair[0])
            label = "protected_person" if owners[identity].kind == "protected" else "enrolled_person"
            evidence = tuple(e for _, e in found[:MOST_EVIDENCE])
            signals.append(Signal(label=label, score=score(found[0][0], among), detector=self.name, evidence=evidence))
        return sorted(signals, key=lambda s: -s.score)

    def _faces(self, tracks: list[Track]) -> list[Signal]:
        if not tracks:
            return []
        surest = sorted(tracks, key=lambda track: -track.best.score)
        evidence = tuple(
            _evidence(t, t.best, f"a face of nobody known, {t.best.size_px:.0f} pixels", None) for t in surest[:MOST_EVIDENCE]
        )
        return [Signal(label="realistic_face", score=surest[0].best.score, detector=FaceLooker.name, evidence=evidence)]

    def _report(self, labels: frozenset[str], signals: list[Signal], begun: float) -> Report:
        detector = self.name if labels is PEOPLE else FaceLooker.name
        spent = (perf_counter() - begun) * 1000
        return Report(detector=detector, labels=labels, signals=tuple(signals), milliseconds=spent)

    def _failed(self, labels: frozenset[str], detail: str, begun: float) -> Report:
        detector = self.name if labels is PEOPLE else FaceLooker.name
        return Report(detector=detector, labels=labels, failure=detail, milliseconds=(perf_counter() - begun) * 1000)


def _evidence(track: Track, sighting: Sighting, note: str, reference: str | None) -> Evidence:
    return Evidence(time=track.time, frame=sighting.frame, box=sighting.box, reference=reference, note=note)


def _named(conn: sa.Connection, ids: set[str]) -> dict[str, Person]:
    """The living people with these ids."""
    found = (people.find(conn, identity) for identity in ids)
    return {person.id: person for person in found if person is not None}
