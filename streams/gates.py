"""Everything that looks, put together: the detectors, the search among people, the search among works.

It gathers reports and the permits that bear on them; it never judges.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path

from classifiers import registry as detectors
from classifiers.clip.runner import run_clip
from classifiers.prompt.normaliser import read_prompt
from consent import licences
from consent.descriptions import DETECTOR, LABEL, match_descriptions
from consent.works_names import match_prompt
from safety.media import Progress, SampledClip
from safety.permit import Permit
from safety.prompt import Prompt
from safety.signal import Report
from safety.verdict import Gate
from streams import cameos, spelt_names
from streams.context import Findings
from streams.parts import Parts

_NOTHING: Findings = ((), ())

logger = logging.getLogger(__name__)


class DetectorGates:
    """The two gates over the real peers."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def prompt(self, prompt: Prompt, requester: str, named: tuple[str, ...], parent: str | None) -> Findings:
        """Read the prompt, ask every detector, look the names up; permits are those of ``requester``."""
        parts = self._parts
        try:
            read = read_prompt(prompt)
        except Exception as reason:  # fail closed: a prompt that cannot be read is judged by nobody, so a person looks
            reports = detectors.run_prompt(prompt)
            names = _unsearched(parts.names.name, "reserved_name", f"The prompt could not be read ({type(reason).__name__}).")
            meant = _unsearched(DETECTOR, LABEL, names.failure or "")
            spelt, spelt_permits = _NOTHING
        else:
            reports = detectors.run_read(read)
            names = match_prompt(parts.db, parts.names, read, parts.clock())
            meant = match_descriptions(parts.db, parts.descriptions, read, parts.clock())
            spelt, spelt_permits = spelt_names.search(parts.db, parts.names, read, requester, parts.clock())
        with parts.db.read() as conn:
            people, permits = cameos.find_cameos(conn, prompt.text, requester, named, parent, parts.clock)
            licensed = licences.licences_for(conn, requester, [*_references(names), *_references(meant)], parts.clock())
        _tell_failures((*reports, names, meant, *spelt))
        mine = {p.id: p for p in (*permits, *(p for p in licensed if isinstance(p, Permit)), *spelt_permits)}
        return (*reports, names, meant, *spelt, people), tuple(mine.values())

    def clip(self, path: Path, requester: str, permits: tuple[Permit, ...], progress: Progress) -> Findings:
        """Watch the clip, search its faces among all people and its shots among all works."""
        progress(0.05, "decoding")
        sampled = self._parts.media.sample(path)
        progress(0.2, "watching")
        reports = list(run_clip(sampled, detectors.clip_detectors()))
        progress(0.5, "looking for people")
        reports += self._people(sampled)
        progress(0.7, "looking for works")
        looks = self._looks(sampled)
        with self._parts.db.read() as conn:
            licensed = licences.licences_for(conn, requester, _references(looks), self._parts.clock())
        progress(1.0, "judging")
        _tell_failures((*reports, looks))
        return (*reports, looks), (*permits, *(p for p in licensed if isinstance(p, Permit)))

    def _people(self, sampled: SampledClip) -> tuple[Report, ...]:
        with self._parts.db.read() as conn:
            return self._parts.people.search_clip(sampled, self._parts.faces, conn)

    def _looks(self, sampled: SampledClip) -> Report:
        try:
            prints = self._parts.fingerprinter.clip(sampled)
            with self._parts.db.read() as conn:
                return self._parts.looks.match_pictures(conn, prints, self._parts.clock())
        except Exception as reason:  # fail closed
            why = f"Reserved looks could not be searched ({type(reason).__name__})."
            return _unsearched(self._parts.looks.name, "reserved_picture", why)


def emitted() -> dict[Gate, frozenset[str]]:
    """Every label that some detector, search or registry emits, by gate."""
    return {
        "prompt": detectors.emitted_labels("prompt") | {cameos.LABEL, LABEL, "reserved_name"},
        "clip": detectors.emitted_labels("clip") | {"enrolled_person", "protected_person", "realistic_face", "reserved_picture"},
    }


def _references(report: Report) -> list[str]:
    return sorted({r for s in report.signals for r in s.references})


def _tell_failures(reports: Iterable[Report]) -> None:
    """An operator must hear of a detector that cannot look: everything it should have seen is held meanwhile."""
    for report in reports:
        if report.failure is not None:
            logger.error("%s could not look: %s", report.detector, report.failure)


def _unsearched(detector: str, label: str, why: str) -> Report:
    return Report(detector=detector, labels=frozenset({label}), failure=why)
