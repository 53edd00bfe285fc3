"""People who grant, on the real registry and vault, with clips that are film: what the pages of consent are tried on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from classifiers.prompt.normaliser import read_prompt
from consent import cameos
from consent.likeness import Likeness
from consent.people import Person
from consent.vault.keys import Vault
from safety.clock import Clock, utc_now
from safety.db import Database
from safety.media import Progress
from safety.permit import Permit
from safety.policy import parse
from safety.prompt import Prompt
from safety.signal import MEDIA
from streams import scope
from streams.cameos import find_cameos
from streams.context import ClipFindings, Context, Findings
from streams.registry import ConsentRegistry
from streams.submissions import Order, Submission
from streams.submitting import submit, wait
from tests.console.film import make_film_context
from tests.streams import doubles

#: A policy with two topics that only grants forbid, so that the form has both of its lists.
TOPICS = """
grantable:
  politics: {title: {en: Politics and elections, fr: Politique et élections}, gates: [prompt]}
  swimwear: {title: {en: Swimwear and underwear, fr: Maillots de bain et sous-vêtements}, gates: [clip]}
"""
POLICY = parse(doubles.POLICY + TOPICS)


@dataclass(frozen=True)
class ConsentGates:
    """Asks the real registry whom a prompt names; sees nothing else."""

    db: Database
    clock: Clock

    def prompt(self, prompt: Prompt, requester: str, cameos: tuple[str, ...], parent: str | None) -> Findings:
        with self.db.read() as conn:
            found, permits = find_cameos(conn, prompt.text, requester, cameos, parent, self.clock)
        nothing = doubles._report({*doubles.PROMPT_WORDS.values(), "politics"}, [])
        limits = scope.prompt_scope(permits, read_prompt(prompt), found.references)
        return (nothing, found, limits), permits

    def clip(
        self, path: Path, requester: str, permits: tuple[Permit, ...], progress: Progress, prompt: str | None = None
    ) -> ClipFindings:
        seen = doubles._report({"graphic", "blurred", "reserved_picture", "swimwear"}, [])
        wordless = doubles._report({*doubles.PROMPT_WORDS.values(), "cameo", "politics"}, [])
        silent = (wordless.model_copy(update={"medium": medium}) for medium in MEDIA)
        limits = scope.clip_scope(permits, (), frozenset(p.subject for p in permits))
        return ClipFindings((seen, *silent, limits), permits)


def make_consent_context(home: Path, **overrides: Any) -> Context:
    """A context whose people, grants, permits and receipts are real, and whose clips are small films of a disc."""
    ctx = make_film_context(home)
    vault = Vault(ctx.settings.keys)
    parts = SimpleNamespace(**vars(ctx.parts), vault=vault, db=ctx.db, clock=utc_now, faces=SimpleNamespace(name="made-up/1"))
    values: dict[str, Any] = {
        "parts": parts, "registry": ConsentRegistry(ctx.db), "gates": ConsentGates(ctx.db, utc_now), "policy": lambda: POLICY,
    }  # fmt: skip
    return replace(ctx, **(values | overrides))


def admit(ctx: Context, handle: str, *, protected: bool = False) -> Person:
    """Enrol or protect somebody with a made-up face, the same for the same name."""
    face = np.random.default_rng(int.from_bytes(handle.encode(), "big")).normal(size=(2, 128)).astype(np.float32)
    face /= np.linalg.norm(face, axis=1, keepdims=True)
    likeness = Likeness("made-up/1", face, np.zeros((64, 64, 3), np.uint8))
    enter = cameos.protect if protected else cameos.enrol
    with ctx.db.write() as conn:
        return enter(conn, handle, likeness, ctx.parts.faces, ctx.parts.vault, ctx.clock)


def film(ctx: Context, prompt: str, requester: str, remix_of: str | None = None) -> Submission:
    """A prompt sent through the running pipeline, and how it ended."""
    order = Order(prompt=prompt, requester=requester, remix_of=remix_of, seed=len(prompt))
    [ended] = wait(ctx, [submit(ctx, order).id], 30)
    return ended
