"""The clip gate over the real peers: everybody looks, what was seen is searched for, what was said is read as a prompt.

It gathers reports, the permits that bear on them, and what is kept beside the verdict; it never judges.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import sqlalchemy as sa

from classifiers import registry as detectors
from classifiers.clip.scene.order import order_lines
from consent import licences
from consent.faces.clip_faces import ClipFace, nobodys
from consent.faces.looker import Sighting
from consent.search import FACES, PEOPLE
from consent.sightings import Sighted
from safety.errors import ClearanceError
from safety.media import Progress
from safety.permit import Permit
from safety.prompt import Prompt
from safety.signal import Evidence, Medium, Report
from safety.sound_print import SoundPrint
from safety.voice import Utterance
from streams import prompt_gate, scope
from streams.clip_words import read_order, read_words
from streams.context import ClipFindings, Findings
from streams.inspections import Seen
from streams.lanes.lane import Failed
from streams.lanes.merging import report_of
from streams.lanes.viewing import Viewing, view
from streams.lookers import Crew
from streams.parts import Parts

#: Labels of the searches that follow the looking.
VOICES = frozenset({"enrolled_voice", "protected_voice"})
RECORDINGS, COPIES = frozenset({"reserved_recording"}), frozenset({"reserved_picture"})
#: Part of the work that is over when everybody has looked.
LOOKED = 0.85
ORDER = "order/1"

Search = Callable[[sa.Connection, datetime], Report | tuple[Report, ...]]


def labels() -> frozenset[str]:
    """Every label this gate answers for, those of the clip's words aside."""
    return detectors.emitted_labels("clip") | PEOPLE | FACES | VOICES | RECORDINGS | COPIES


def findings(
    parts: Parts, crew: Crew, path: Path, requester: str, permits: tuple[Permit, ...], progress: Progress, prompt: str | None
) -> ClipFindings:
    """Watch the clip, listen to it, read it, and search it. Raises ``safety.errors.BadMedia`` for what cannot be decoded."""
    viewing = view(path, parts.media, crew.tasks(), lambda f, words: progress(f * LOOKED, words), prompt=prompt)
    forbidden = frozenset[str]().union(*(p.forbids for p in permits))
    gathering = _Gathering(
        parts, crew, viewing, requester, forbidden, {f"look, {name}": s for name, s in viewing.seconds.items()}
    )
    progress(LOOKED, "searching")
    reports = [report_of(viewing, d.name, d.labels, getattr(d, "whole", frozenset())) for d in detectors.clip_detectors()]
    reports += gathering.searched()
    progress(0.92, "reading")
    worded, allowed = gathering.worded()
    reports += [*worded, gathering.scope(permits, reports)]
    progress(1.0, "judging")
    prompt_gate.tell_failures(reports)
    with parts.db.read() as conn:
        about = sorted({r for report in reports for r in report.references if report.labels & (COPIES | RECORDINGS)})
        licensed = licences.licences_for(conn, requester, about, parts.clock())
    # leave to use a person is bound to the request by the prompt gate: what the clip's own words would be allowed does not count
    more = (p for p in (*allowed, *licensed) if isinstance(p, Permit) and p.kind == "licence")
    mine = {p.id: p for p in (*permits, *more)}
    return ClipFindings(tuple(reports), tuple(mine.values()), gathering.kept(reports), gathering.seconds)


@dataclass
class _Gathering:
    """What one clip's viewing becomes; ``seconds`` by who looked and what was done afterwards."""

    parts: Parts
    crew: Crew
    viewing: Viewing
    requester: str
    forbidden: frozenset[str] = frozenset()
    seconds: dict[str, float] = field(default_factory=dict)

    def searched(self) -> list[Report]:
        """Faces, voices, recordings and copies, each among everything that is enrolled or reserved."""
        parts, crew = self.parts, self.crew
        return [
            *self._search(crew.faces.name, (PEOPLE, FACES), parts.people.name, self._faces),
            *self._search(crew.voices.name, (VOICES,), parts.voices.name, self._voices),
            *self._search(crew.sounds.name, (RECORDINGS,), parts.recordings.name, self._sounds),
            *self._search(crew.prints.name, (COPIES,), parts.looks.name, self._copies),
        ]

    def worded(self) -> Findings:
        """What is said, what is to be read, and the clip in order, before the prompt gate."""
        reports: list[Report] = []
        permits: list[Permit] = []
        for medium, looker in (("speech", self.crew.speech), ("writing", self.crew.writing)):
            found, allowed = self._timed(f"words, {medium}", self._words, medium, looker.name)
            reports, permits = [*reports, *found], [*permits, *allowed]
        found, allowed = self._timed("words, order", self._order)
        return (*reports, *found), (*permits, *allowed)

    def scope(self, permits: Sequence[Permit], reports: Sequence[Report]) -> Report:
        """Words and company that the people shown ruled out; failed where their readers or the search for people failed."""
        if not any(p.limits for p in permits):
            return scope.clip_scope((), (), frozenset())
        lost = [r.failure for r in reports if r.failure is not None and r.labels & PEOPLE]
        readers = (self.crew.speech, self.crew.writing)
        lost += [seen.why for m in readers if isinstance(seen := self.viewing.gathered(m.name), Failed)]
        if lost:
            return Report(
                detector=scope.DETECTOR, labels=scope.LABELS, failure=f"What people allow could not be checked: {lost[0]}"
            )
        passages = [p for m in readers for p in self._seen(m.name)]
        shown = frozenset(str(e.reference) for e in _about_people(reports))
        return scope.clip_scope(permits, passages, shown)

    def kept(self, reports: Sequence[Report]) -> Seen:
        """What is kept beside the verdict; voices only of people known here, faces of others under the clip's own key."""
        prints = self.viewing.gathered(self.crew.prints.name)
        return Seen(
            passages=tuple(p for m in (self.crew.speech, self.crew.writing) for p in self._seen(m.name)),
            fingerprinter=self.crew.prints.fingerprinter,
            prints=() if isinstance(prints, Failed) else tuple(p for p in prints if p.box is None),
            printer=self.crew.sounds.name,
            sounds=tuple(p.to_bytes() for p in self._seen(self.crew.sounds.name)),
            people=tuple(self._people(reports)),
            faces=self._nobodys(reports),
        )

    def _search(self, looker: str, wanted: tuple[frozenset[str], ...], name: str, search: Callable[..., Any]) -> list[Report]:
        """The reports of one search, or failed ones with the same labels."""
        seen = self.viewing.gathered(looker)
        if isinstance(seen, Failed):
            return [Report(detector=looker, labels=one, failure=f"{looker} {seen.why}.") for one in wanted]
        begun = time.perf_counter()
        try:
            with self.parts.db.read() as conn:
                found = search(conn, seen)
        except Exception as reason:  # fail closed: whatever broke, nothing was searched
            why = reason.detail if isinstance(reason, ClearanceError) else f"It could not be searched ({type(reason).__name__})."
            return [Report(detector=name, labels=one, failure=why) for one in wanted]
        self.seconds[f"search, {name}"] = time.perf_counter() - begun
        return [*found] if isinstance(found, tuple) else [found]

    def _faces(self, conn: sa.Connection, seen: tuple[Sighting, ...]) -> tuple[Report, ...]:
        return self.parts.people.match_faces(conn, seen)

    def _voices(self, conn: sa.Connection, seen: tuple[Utterance, ...]) -> Report:
        return self.parts.voices.match_voices(conn, seen, self.parts.clock())

    def _sounds(self, conn: sa.Connection, seen: tuple[SoundPrint, ...]) -> Report:
        heard = seen or (self.crew.sounds.reference(np.zeros(0, np.float32)),)  # a clip without sound: nothing to be heard in it
        return self.parts.recordings.match_sounds(conn, heard, self.parts.clock())

    def _copies(self, conn: sa.Connection, seen: tuple[Any, ...]) -> Report:
        return self.parts.looks.match_pictures(conn, seen, self.parts.clock())

    def _words(self, medium: Medium, reader: str) -> Findings:
        return read_words(self.viewing.gathered(reader), medium, reader, prompt_gate.labels(), self._ask)

    def _order(self) -> Findings:
        seen = self.viewing.gathered(self.crew.scene.name)
        if isinstance(seen, Failed):
            return read_words(seen, "order", self.crew.scene.name, prompt_gate.labels(), self._ask)
        passages = [p for m in (self.crew.speech, self.crew.writing) for p in self._seen(m.name)]
        return read_order(order_lines(seen, passages), ORDER, prompt_gate.labels(), self._ask)

    def _ask(self, prompt: Prompt) -> Findings:
        return prompt_gate.findings(self.parts, prompt, self.requester, forbidden=self.forbidden)

    def _people(self, reports: Sequence[Report]) -> list[Sighted]:
        """The face or voice behind each piece of evidence that names a person."""
        faces = {(s.frame, s.box): s for s in self._seen(self.crew.faces.name)}
        voices = {u.time: u for u in self._seen(self.crew.voices.name)}
        found: list[Sighted] = []
        for evidence in _about_people(reports):
            face, voice = faces.get((evidence.frame, evidence.box)), voices.get(evidence.time)
            starts, ends = evidence.time or (0.0, 0.0)
            if evidence.frame is not None and face is not None and face.embedding is not None:
                engine = self.crew.faces.version
                found.append(Sighted(str(evidence.reference), "seen-face", engine, starts, ends, face.embedding))
            elif voice is not None:
                found.append(Sighted(str(evidence.reference), "heard-voice", voice.engine, starts, ends, voice.embedding))
        return found

    def _nobodys(self, reports: Sequence[Report]) -> tuple[ClipFace, ...]:
        """The faces that were taken for nobody, so that who is not known here can find themself."""
        known = {(e.frame, e.box) for e in _about_people(reports)}
        return nobodys(self._seen(self.crew.faces.name), known, self.crew.faces.version)

    def _seen(self, looker: str) -> tuple[Any, ...]:
        """What an observer saw, nothing when it failed; that it failed is in a report."""
        seen = self.viewing.gathered(looker)
        return () if isinstance(seen, Failed) else seen

    def _timed(self, what: str, do: Callable[..., Findings], *given: Any) -> Findings:
        begun = time.perf_counter()
        try:
            return do(*given)
        finally:
            self.seconds[what] = time.perf_counter() - begun


def _about_people(reports: Sequence[Report]) -> list[Evidence]:
    about = (s for r in reports if r.labels & (PEOPLE | VOICES) for s in r.signals if s.score >= 0.5)
    return [e for s in about for e in s.evidence if e.reference is not None]
