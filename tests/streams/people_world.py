"""Real people on a real database, for tests of what people are told and given: made-up faces, clips that are rows."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from consent import cameos, people, permits
from consent.likeness import Likeness
from consent.people import Person
from consent.vault.keys import Vault
from safety import releases
from safety.media import Picture
from safety.permit import Permit
from safety.releases import Release
from safety.values import derive
from streams import submissions
from streams.context import Context
from streams.submissions import Order
from streams.submitting import submit
from tests.streams.doubles import make_context


class Clock:
    """A clock that moves when told to."""

    now = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def wait(self, **span: float) -> None:
        self.now += timedelta(**span)


@dataclass
class World:
    """``ctx`` has the real vault; clips are released as rows, resting on the permits that the grants really give."""

    ctx: Context
    vault: Vault
    clock: Clock
    made: int = field(default=0)

    def enrol(self, handle: str, portrait: Picture | None = None, *, protect: bool = False) -> Person:
        """Somebody with a made-up face template, the same for the same handle."""
        random = np.random.default_rng(int.from_bytes(handle.encode(), "big"))
        face = random.normal(size=(2, 128)).astype(np.float32)
        face /= np.linalg.norm(face, axis=1, keepdims=True)
        picture = np.zeros((256, 256, 3), np.uint8) if portrait is None else portrait
        with self.ctx.db.write() as conn:
            enter = cameos.protect if protect else cameos.enrol
            return enter(conn, handle, Likeness("test/1", face, picture), None, self.vault, self.clock)  # type: ignore[arg-type]

    def asked(self, prompt: str, requester: str) -> str:
        """A submission of that prompt; its id."""
        self.made += 1
        return submit(self.ctx, Order(prompt=prompt, requester=requester, key=str(self.made))).id

    def released(self, person: str, requester: str, parent: str | None = None) -> tuple[Release, tuple[Permit, ...]]:
        """A clip of ``person`` by ``requester``, with the permit it rests on."""
        request = self.asked(f"@{person} dances", requester)
        with self.ctx.db.write() as conn:
            (permit,) = permits.permits_for(conn, requester, [person], self.clock())
            assert isinstance(permit, Permit)
            release = Release(
                clip=derive(request, "clip").replace("-", "")[:24], submission=request, requester=requester, parent=parent,
                draft=f"sha256:{request}", sealed="s", prompt_verdict="v", clip_verdict="v", policy="p", released_at=self.clock(),
            )  # fmt: skip
            releases.insert(conn, release, (permit,))
            submissions.end(conn, request, "released", self.clock(), clip=release.clip)
        return release, (permit,)

    def id(self, handle: str) -> str:
        with self.ctx.db.read() as conn:
            return people.get(conn, handle).id


def make_world(home: Path) -> World:
    """An empty world; close ``ctx.db`` afterwards."""
    clock = Clock()
    ctx = make_context(home, clock=clock)
    vault = Vault(home / "keys")
    return World(replace(ctx, parts=SimpleNamespace(vault=vault)), vault, clock)
