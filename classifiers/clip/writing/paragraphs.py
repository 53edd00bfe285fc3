"""Lines that stand together, in the order in which people read them.

A sentence goes over several lines; whoever judges words needs the sentence. Lines are laid out as they would stand upright, so a
board on its head or in the mirror is read from its own top left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifiers.clip.writing.sightings import Line

#: Gap between two lines of a block, and between two pieces of one row, in line heights.
LEADING, WORD_GAP = 0.9, 1.6
#: Most by which heights differ within a block.
HEIGHTS = 1.7
#: Overlap of heights from which two pieces stand in one row.
ROW = 0.5


@dataclass(frozen=True)
class Laid:
    """A line's bounding box as it would stand upright."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        return max(1.0, self.bottom - self.top)


def paragraphs(lines: Sequence[Line]) -> list[list[Line]]:
    """``lines`` of one frame in blocks, each in reading order."""
    found: list[list[Line]] = []
    for way in sorted({(line.reading.turns, line.reading.mirrored) for line in lines}):
        alike = [line for line in lines if (line.reading.turns, line.reading.mirrored) == way]
        laid = [upright(line.quad, *way) for line in alike]
        blocks = list(range(len(alike)))
        for i in range(len(alike)):
            for j in range(i):
                if blocks[i] != blocks[j] and _together(laid[i], laid[j]):
                    blocks = [blocks[j] if b == blocks[i] else b for b in blocks]
        for block in dict.fromkeys(blocks):
            members = [k for k, b in enumerate(blocks) if b == block]
            found.append([alike[k] for k in _ordered(members, laid)])
    return found


def upright(quad: NDArray[np.float32], turns: int, mirrored: bool) -> Laid:
    """Where ``quad`` lies once the frame is turned ``turns`` quarters counterclockwise and then mirrored."""
    x, y = quad[:, 0], quad[:, 1]
    x, y = ((x, y), (y, -x), (-x, -y), (-y, x))[turns]
    if mirrored:
        x = -x
    return Laid(float(x.min()), float(y.min()), float(x.max()), float(y.max()))


def _together(a: Laid, b: Laid) -> bool:
    tall, low = max(a.height, b.height), min(a.height, b.height)
    if tall > HEIGHTS * low:
        return False
    across, down = _gap(a.left, a.right, b.left, b.right), _gap(a.top, a.bottom, b.top, b.bottom)
    if -down >= ROW * low:
        return across <= WORD_GAP * tall
    return across < 0 and down <= LEADING * low


def _gap(a: float, b: float, c: float, d: float) -> float:
    """Distance of two intervals; negative is overlap."""
    return max(a, c) - min(b, d)


def _ordered(members: list[int], laid: list[Laid]) -> list[int]:
    rows: list[list[int]] = []
    for k in sorted(members, key=lambda k: (laid[k].top + laid[k].bottom, laid[k].left)):
        if rows and any(
            -_gap(laid[k].top, laid[k].bottom, laid[m].top, laid[m].bottom) >= ROW * laid[k].height for m in rows[-1]
        ):
            rows[-1].append(k)
        else:
            rows.append([k])
    return [k for row in rows for k in sorted(row, key=lambda k: laid[k].left)]
