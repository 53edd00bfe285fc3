"""One measured figure with all that it takes to judge it: set, number, threshold, false positives, and the goal it is held to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from safety.values import Value

Unit = Literal["%", "points", "ms", "prompts/s", ""]


class Share(Value):
    """``hits`` of ``of``."""

    hits: int
    of: int

    @property
    def percent(self) -> float:
        return 100.0 * self.hits / self.of if self.of else 0.0

    def __str__(self) -> str:
        return f"{self.percent:.2f} % of {self.of:,}" if self.of else "none to measure on"


class Goal(Value):
    """What a figure should reach: at least ``value``, or at most."""

    value: float
    at_most: bool = False

    def met(self, value: float | None) -> bool:
        """A figure that could not be measured has not met its goal."""
        return value is not None and (value <= self.value if self.at_most else value >= self.value)


class Figure(Value):
    """``value`` is None when there was nothing to measure on."""

    name: str
    on: str
    number: int
    threshold: str
    false_positives: Share | None
    value: float | None
    unit: Unit
    goal: Goal | None = None
    note: str = ""

    @property
    def missed(self) -> bool:
        return self.goal is not None and not self.goal.met(self.value)


class Section(Value):
    """A part of the report: what was asked, and the figures that answer it."""

    key: str
    title: str
    says: str
    figures: tuple[Figure, ...]


def percent(name: str, on: str, found: Sequence[bool], threshold: str, false: Share | None, goal: Goal | None = None) -> Figure:
    """A share of yeses as a figure."""
    share = Share(hits=sum(found), of=len(found))
    return Figure(
        name=name, on=on, number=share.of, threshold=threshold, false_positives=false, value=share.percent if share.of else None,
        unit="%", goal=goal,
    )  # fmt: skip
