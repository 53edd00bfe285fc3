"""What every stage may reach, in one frozen value; put together in ``system.py``.

The parts are named by what the pipeline needs of them (protocols), so that a stage can be read without knowing the peers.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import sqlalchemy as sa

from safety.clock import Clock
from safety.db import Database
from safety.media import Progress, ShouldStop
from safety.permit import Denial, Permit
from safety.policy import Policy
from safety.prompt import Prompt
from safety.settings import Settings
from safety.signal import Report
from safety.signer import Signer
from streams.blobs import Blobs
from streams.inspections import Seen
from streams.sealed import Sealed
from streams.submissions import Submission

Findings = tuple[tuple[Report, ...], tuple[Permit, ...]]


@dataclass(frozen=True)
class ClipFindings:
    """What the clip gate found, the permits that bear on it, and what it saw that is worth keeping beside the verdict.

    ``seconds`` are those spent, by who looked and by what was done afterwards.
    """

    reports: tuple[Report, ...]
    permits: tuple[Permit, ...]
    seen: Seen = field(default_factory=Seen)
    seconds: dict[str, float] = field(default_factory=dict)


class Gates(Protocol):
    """Everything that looks: detectors, face search, registries. Answers reports and the permits that bear on them."""

    def prompt(self, prompt: Prompt, requester: str, cameos: tuple[str, ...], parent: str | None) -> Findings: ...

    def clip(
        self, path: Path, requester: str, permits: tuple[Permit, ...], progress: Progress, prompt: str | None = None
    ) -> ClipFindings: ...


class Registry(Protocol):
    """What consent and reservations say inside the caller's transaction."""

    def version(self, conn: sa.Connection) -> int: ...

    def still_valid(self, conn: sa.Connection, permit: Permit, now: datetime) -> bool: ...

    def person(self, handle: str) -> str:
        """Id of the living person with that handle. Raises ``NotFound``."""
        ...

    def bind(self, allowed: Iterable[Permit], request: str) -> tuple[Permit, ...]: ...

    def issue(self, conn: sa.Connection, allowed: Iterable[Permit], now: datetime) -> tuple[Denial, ...]: ...

    def spend(
        self, conn: sa.Connection, allowed: Iterable[Permit], request: str, clip: str, now: datetime
    ) -> tuple[Denial, ...]: ...

    def void(self, conn: sa.Connection, request: str, now: datetime) -> int: ...


class Generation(Protocol):
    """Drawing: ``order`` gathers what is needed under one read, ``draw`` returns the draft's digest, None when stopped."""

    def order(self, conn: sa.Connection, submission: Submission, permits: tuple[Permit, ...]) -> Any: ...

    def draw(self, order: Any, *, should_stop: ShouldStop, progress: Progress) -> str | None: ...


class Sealing(Protocol):
    """Marks, manifest and their records."""

    def seal_draft(self, submission: Submission, draft: str, progress: Progress) -> Sealed: ...

    def record(self, conn: sa.Connection, sealed: Sealed, at: datetime) -> None: ...

    def made_from(self, conn: sa.Connection, sealed: str, draft: str) -> bool: ...

    def forget(self, conn: sa.Connection, clips: Sequence[str]) -> dict[str, int]: ...


@dataclass(frozen=True)
class Context:
    """``policy`` reads the policy in force now; ``stopping`` is set when the runner should end after the present step.

    ``parts`` are the real peers behind the protocols (``streams.parts.Parts``), for what people do outside the pipeline.
    """

    settings: Settings
    db: Database
    clock: Clock
    blobs: Blobs
    policy: Callable[[], Policy]
    gates: Gates
    registry: Registry
    generation: Generation
    sealing: Sealing
    signer: Signer
    parts: Any = None
    stopping: threading.Event = field(default_factory=threading.Event)

    def labels(self) -> frozenset[str]:
        """Every label that a grant may forbid: those that any clause uses, and those there for grants alone."""
        return self.policy().forbiddable()

    def next_stage(self, type: str) -> str:
        """Name of the stage that an event of ``type`` leads to, for whoever watches the submission."""
        return {"screened": "generate", "drafted": "inspect", "inspected": "seal", "sealed": "release"}.get(type, "done")
