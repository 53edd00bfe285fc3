"""A verdict: what one gate said about exactly these bytes, under which policy, and everything needed to say it again."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal

from safety.explanation import explain
from safety.permit import Permit
from safety.signal import Medium, Report, Signal
from safety.values import Value

Gate = Literal["prompt", "clip"]
GATES: tuple[Gate, ...] = ("prompt", "clip")


class Outcome(StrEnum):
    """In rising order of severity; the worst one wins."""

    ALLOW = "allow"
    HOLD = "hold"
    BLOCK = "block"

    @property
    def severity(self) -> int:
        return list(Outcome).index(self)


class Hit(Value):
    """One clause that applied: its code, its title (by language, or one for all), its outcome, and the signals that met it.

    ``medium`` is set for a clause of the prompt gate that words of a clip met.
    """

    clause: str
    title: str | dict[str, str]
    outcome: Outcome
    says: dict[str, str]
    passes: dict[str, str] = {}
    ground: str
    signals: tuple[Signal, ...] = ()
    medium: Medium | None = None


class Verdict(Value):
    """``subject`` is the digest of the text or the bytes judged, ``policy`` the hash of the policy that judged."""

    id: str
    gate: Gate
    subject: str
    outcome: Outcome
    hits: tuple[Hit, ...]
    policy: str
    reports: tuple[Report, ...]
    permits: tuple[Permit, ...]
    at: datetime

    @property
    def worst(self) -> Hit | None:
        """The clause that decided: the first of the worst hits."""
        return next((h for h in self.hits if h.outcome == self.outcome), None)

    @property
    def clause(self) -> str | None:
        """Code of the clause that decided."""
        return self.worst.clause if self.worst else None

    @property
    def signals(self) -> tuple[Signal, ...]:
        """Every signal of every report."""
        return tuple(s for r in self.reports for s in r.signals)

    def explain(self, language: str = "en", source: str | None = None) -> str:
        """What the user is told: the clause and its title, the reason, their own words (of ``source``), and what would pass."""
        return explain(self, language, source)
