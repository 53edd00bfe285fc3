"""The plug point for detectors: two protocols, one for prompts, one for clips.

A detector turns what it is given into one ``Report``. It never decides, never writes, never reaches the network unless that
is its one purpose, and says so when it could not look. See CONTRIBUTING.md, "add a detector in one file".
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from safety.media import SampledClip
from safety.prompt import ReadPrompt
from safety.signal import Report


@runtime_checkable
class PromptDetector(Protocol):
    """Reads a normalised prompt. ``labels`` are those it answers for; ``name`` carries a version, as in ``heads/1``."""

    name: str
    labels: frozenset[str]

    def detect(self, prompt: ReadPrompt) -> Report: ...


@runtime_checkable
class ClipDetector(Protocol):
    """Watches sampled frames and the sound of a clip."""

    name: str
    labels: frozenset[str]

    def detect(self, clip: SampledClip) -> Report: ...
