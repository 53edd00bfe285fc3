"""One measured figure with all that it takes to judge it: set, number, threshold, false positives, and the goal it is held to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from safety.values import Value

#: "%", "points", "ms", "s", "MB", "prompts/s", ... or nothing.
Unit = str


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


def table(section: Section) -> Iterator[str]:
    """A section as Markdown: its title, what it says, and a row a figure."""
    yield from (f"## {section.title}", "", section.says, "")
    yield "| figure | set | number | threshold | false positives | value | goal | |"
    yield "|---|---|---|---|---|---|---|---|"
    yield from (_row(f) for f in section.figures)


def _row(f: Figure) -> str:
    value = "not measured" if f.value is None else f"{_digits(f.value)} {f.unit}".strip()
    goal = "" if f.goal is None else f"{'<=' if f.goal.at_most else '>='} {f.goal.value:g}"
    mark = ", ".join(part for part in ("**MISSED**" if f.missed else "met" if f.goal else "", f.note) if part)
    false = "-" if f.false_positives is None else str(f.false_positives)
    return f"| {f.name} | {f.on} | {f.number:,} | {f.threshold} | {false} | {value} | {goal} | {mark} |"


def _digits(value: float) -> str:
    """One decimal, or as many as a small figure needs to show that it is not nothing."""
    return f"{value:.1f}" if abs(value) >= 1 or value == 0 else f"{value:.2g}"
