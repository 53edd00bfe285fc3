"""When a clip runs along with a reference: at which moment of it, and how fast.

Each frame brings a few moments of the reference that it may show, and every line through one of them is a hypothesis: so many
seconds in, at such a speed. The line that most frames agree on is taken; what lies far from it was chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

#: Speeds that are tried, reference seconds a clip second; between them the line is fitted.
SPEEDS = (1.0, 1.25, 0.8, 1.1, 0.9, 1.5, 0.667, 1.75, 0.57, 2.0, 0.5)
#: Seconds that a moment may lie from the line: references have a print every half second.
NEAR = 0.6
#: Another speed must bring so many more frames than the ordinary one.
WORTH = 1.15
#: A speed is told from that many seconds on, between these; a line that is drawn anew must keep so much of the old one's weight.
LEAST_SECONDS, SLOWEST, FASTEST, KEPT = 2.0, 0.45, 2.2, 0.95


@dataclass(frozen=True)
class Moment:
    """A frame, by its ``number``, that may show the reference at ``there`` seconds; ``weight`` says how alike they are."""

    number: int
    here: float
    there: float
    weight: float
    key: int


@dataclass(frozen=True)
class Line:
    """``there = start + speed * here``, and for each frame that agrees its best moment, in order of time."""

    start: float
    speed: float
    moments: tuple[Moment, ...]

    @property
    def weight(self) -> float:
        return sum(m.weight for m in self.moments)


def best_line(moments: Sequence[Moment]) -> Line | None:
    """The line most frames agree on; None without a moment."""
    if not moments:
        return None
    here, there, weight = (np.array([getattr(m, name) for m in moments]) for name in ("here", "there", "weight"))
    _, frame = np.unique([m.number for m in moments], return_inverse=True)
    best = (0.0, 0.0, 1.0)
    for speed in SPEEDS:
        starts = np.unique(np.round((there - speed * here) / NEAR)) * NEAR
        near = np.abs(there - speed * here - starts[:, None]) <= NEAR * max(1.0, speed)
        # each frame counts once on a line, with the best of its moments there
        counted = np.zeros((len(starts), int(frame.max()) + 1))
        lines, columns = np.nonzero(near)
        np.maximum.at(counted, (lines, frame[columns]), weight[columns])
        totals = counted.sum(axis=1)
        top = int(totals.argmax())
        if totals[top] > best[0] * (WORTH if best[2] == 1.0 != speed else 1.0):
            best = float(totals[top]), float(starts[top]), speed
    _, start, speed = best
    return _fitted(Line(start, speed, _agreeing(moments, start, speed)), moments)


def _agreeing(moments: Sequence[Moment], start: float, speed: float) -> tuple[Moment, ...]:
    """Of each frame the moment nearest to the line, if it is near."""
    kept: dict[int, tuple[float, Moment]] = {}
    for moment in moments:
        off = abs(moment.there - start - speed * moment.here)
        if off <= NEAR * max(1.0, speed) and (moment.number not in kept or off < kept[moment.number][0]):
            kept[moment.number] = off, moment
    return tuple(m for _, m in sorted(kept.values(), key=lambda pair: pair[1].number))


def _fitted(line: Line, moments: Sequence[Moment]) -> Line:
    """The line once more through each frame's likeliest moment near it; with its speed where enough time passes to tell one."""
    likeliest: dict[int, Moment] = {}
    for moment in moments:
        near = abs(moment.there - line.start - line.speed * moment.here) <= 2 * NEAR * max(1.0, line.speed)
        if near and (moment.number not in likeliest or moment.weight > likeliest[moment.number].weight):
            likeliest[moment.number] = moment
    here, there, weight = (np.array([getattr(m, name) for m in likeliest.values()]) for name in ("here", "there", "weight"))
    start, speed = float(np.median(there - line.speed * here)), line.speed
    if len(here) >= 4 and np.ptp(here) >= LEAST_SECONDS:
        fitted, begin = np.polyfit(here, there, 1, w=weight)
        if SLOWEST <= fitted <= FASTEST:
            start, speed = float(begin), float(fitted)
    again = Line(start, speed, _agreeing(moments, start, speed))
    return again if again.weight >= KEPT * line.weight else line
