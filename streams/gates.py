"""Everything that looks, put together: the detectors, the search among people, the search among works.

It gathers reports and the permits that bear on them; it never judges.
"""

from __future__ import annotations

from pathlib import Path

from classifiers import registry as detectors
from classifiers.clip.runner import run_clip
from consent import licences
from safety.media import Progress, SampledClip
from safety.permit import Permit
from safety.prompt import Prompt
from safety.signal import MEDIA, Report
from safety.verdict import Gate
from streams import prompt_gate
from streams.context import ClipFindings, Findings
from streams.parts import Parts


class DetectorGates:
    """The two gates over the real peers."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def prompt(self, prompt: Prompt, requester: str, named: tuple[str, ...], parent: str | None) -> Findings:
        """Read the prompt, ask every detector, look the names up; permits are those of ``requester``."""
        return prompt_gate.findings(self._parts, prompt, requester, named, parent)

    def clip(
        self, path: Path, requester: str, permits: tuple[Permit, ...], progress: Progress, prompt: str | None = None
    ) -> ClipFindings:
        """Watch the clip, search its faces among all people and its shots among all works."""
        progress(0.05, "decoding")
        sampled = self._parts.media.sample(path)
        progress(0.2, "watching")
        reports = list(run_clip(sampled, detectors.clip_detectors()))
        reports += [Report(detector="words/0", labels=prompt_gate.labels(), medium=medium) for medium in MEDIA]
        progress(0.5, "looking for people")
        reports += self._people(sampled)
        progress(0.7, "looking for works")
        looks = self._looks(sampled)
        with self._parts.db.read() as conn:
            licensed = licences.licences_for(conn, requester, prompt_gate.references(looks), self._parts.clock())
        progress(1.0, "judging")
        prompt_gate.tell_failures((*reports, looks))
        return ClipFindings((*reports, looks), (*permits, *(p for p in licensed if isinstance(p, Permit))))

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
            return prompt_gate.unsearched(self._parts.looks.name, "reserved_picture", why)


def emitted() -> dict[Gate, frozenset[str]]:
    """Every label that some detector, search or registry emits, by gate."""
    return {
        "prompt": prompt_gate.labels(),
        "clip": detectors.emitted_labels("clip") | {"enrolled_person", "protected_person", "realistic_face", "reserved_picture"},
    }
