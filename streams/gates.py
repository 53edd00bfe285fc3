"""The two gates over the real peers, as the pipeline asks for them. They gather reports and permits; they never judge."""

from __future__ import annotations

from pathlib import Path

from safety.media import Progress
from safety.permit import Permit
from safety.prompt import Prompt
from safety.verdict import Gate
from streams import clip_gate, prompt_gate
from streams.context import ClipFindings, Findings
from streams.parts import Parts


class DetectorGates:
    """Everything that looks: detectors, the search among people, the search among works."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def prompt(self, prompt: Prompt, requester: str, named: tuple[str, ...], parent: str | None) -> Findings:
        """Read the prompt, ask every detector, look the names up; permits are those of ``requester``."""
        return prompt_gate.findings(self._parts, prompt, requester, named, parent)

    def clip(
        self, path: Path, requester: str, permits: tuple[Permit, ...], progress: Progress, prompt: str | None = None
    ) -> ClipFindings:
        """Watch the clip, listen to it, read it, and search it among all people and all works."""
        return clip_gate.findings(self._parts, self._parts.crew, path, requester, permits, progress, prompt)


def emitted() -> dict[Gate, frozenset[str]]:
    """Every label that some detector, search or registry emits, by gate."""
    return {"prompt": prompt_gate.labels(), "clip": clip_gate.labels()}
