"""Detectors and a system to plant: one that sees nothing, one that breaks, and gates of words in processes of their own."""

from __future__ import annotations

import os

from safety.prompt import Prompt, ReadPrompt
from safety.settings import Settings
from safety.signal import Report
from streams.context import Context, Findings
from tests.streams.doubles import Gates, make_context


class Blind:
    """Lets everything through."""

    name, labels = "blind/1", frozenset({"sexual"})

    def detect(self, prompt: ReadPrompt) -> Report:
        return Report(detector=self.name, labels=self.labels)


class Broken:
    """Raises at every prompt."""

    name, labels = "broken/1", frozenset({"sexual"})

    def detect(self, prompt: ReadPrompt) -> Report:
        raise RuntimeError("no model")


class Deadly(Gates):
    """Gates of words whose process dies at one prompt."""

    def prompt(self, prompt: Prompt, requester: str, cameos: tuple[str, ...], parent: str | None) -> Findings:
        if prompt.text == "die":
            os._exit(9)
        return super().prompt(prompt, requester, cameos, parent)


def open_context(settings: Settings) -> Context:
    """What ``streams.system`` is to the real pool."""
    from dataclasses import replace

    ctx = make_context(settings.home)
    return replace(ctx, gates=Deadly(ctx.gates.registry))  # type: ignore[attr-defined]
