"""A system with a vault and a clip that is out, on which claims are filed; and the fields of a claim that can be taken."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from consent.vault.keys import Vault
from safety import releases
from safety.releases import Release
from streams.context import Context
from tests.streams.doubles import make_context

CLIP, OTHER = "a" * 24, "b" * 24
SAID = {
    "statement": "This is me on a boat.", "contact": "ines@example.org", "signature": "Ines Okonkwo", "good_faith": "yes",
}  # fmt: skip


class NoFaces:
    """Finds one face, large enough, in whatever it is given; and remembers which files there were meanwhile."""

    name = "none/1"

    def __init__(self, scratch: Path) -> None:
        self.scratch, self.seen = scratch, []  # type: Path, list[str]

    def find(self, picture: Any) -> list[Any]:
        self.seen += [str(p.relative_to(self.scratch)) for p in self.scratch.rglob("*") if p.is_file()]
        return [SimpleNamespace(size_px=200.0, embedding=np.eye(1, 128, dtype=np.float32)[0])]


class Alike:
    """Answers every search by face with one clip."""

    engine, least, clip = "none/1", 0.5, OTHER

    def find(self, conn: Any, templates: Any, least: float) -> list[Any]:
        return [SimpleNamespace(clip=self.clip, likeness=0.8)]


class Nobody:
    def nearest(self, conn: Any, templates: Any) -> Any:
        return [{}], 1


def make_claims_context(home: Path) -> Context:
    """A context whose claims are real, over a clip called ``CLIP`` and one called ``OTHER`` made from it by somebody else."""
    parts = SimpleNamespace(
        vault=Vault(home / "keys"), fingerprinter=SimpleNamespace(name="none/1"), faces=NoFaces(home / "scratch"),
        people=Nobody(), clip_faces=Alike(),
    )  # fmt: skip
    ctx = make_context(home, parts=parts)
    with ctx.db.read() as conn:
        there = releases.listing(conn)
    if not there:
        put_out(ctx, CLIP, "mara")
        put_out(ctx, OTHER, "lena", CLIP)
    return ctx


def put_out(ctx: Context, clip: str, requester: str, parent: str | None = None) -> None:
    """A release, as the last stage writes it."""
    sealed = "sha256:" + hashlib.sha256(clip.encode()).hexdigest()
    release = Release(
        clip=clip, submission=f"sub-{clip[0]}", requester=requester, parent=parent, draft=f"sha256:draft-{clip[0]}",
        sealed=sealed, prompt_verdict="p", clip_verdict="c", policy="sha256:p", released_at=datetime.now(UTC),
    )  # fmt: skip
    with ctx.db.write() as conn:
        releases.insert(conn, release, ())
