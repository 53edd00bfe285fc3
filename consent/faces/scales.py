"""At which scales and through which windows a picture is looked at, and how what was seen twice becomes one.

The detector sees 640 by 640 pixels and finds faces of about 10 to 300 of them. So a portrait that fills a photograph is
also looked at from afar, and a large photograph also through overlapping windows. The number of windows is bounded.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import cv2
import numpy as np
from numpy.typing import NDArray

#: Long side of the detector's input, and what its sides are multiples of.
SIDE = 640
GRAIN = 32
#: From this long side on, windows are added: below, the smallest face the recogniser can use is still found in the whole.
LARGE = 1600
#: Sides a large picture is cut into at most, each way.
MOST_WINDOWS = 3
#: How much of a window its neighbour sees too; a face on the border is whole in one of them.
OVERLAP = 0.25
#: Sizes, in the detector's pixels of the whole, above which a face may be too near to be seen whole, and below which too small.
#: Outside of these a window gave only false faces (hands, helmets at 2048 pixels and more), each with a score of 0.6 to 0.7.
NEAR = 200
TINY = 48
#: Intersection over union, or share of the smaller box inside the larger, from which two boxes are one face.
SAME = 0.4
INSIDE = 0.7


@dataclass(frozen=True)
class Window:
    """A rectangle of the picture in pixels, seen ``far`` times smaller.

    Only faces of ``least`` to ``most`` pixels are believed: what a window is not for, the whole would have shown.
    """

    x: int
    y: int
    w: int
    h: int
    far: int = 1
    least: float = 0.0
    most: float = float("inf")

    @property
    def input_size(self) -> tuple[int, int]:
        """Width and height of the detector's input: the window's shape, in the multiples of 32 that its strides need."""
        scale = SIDE / self.far / max(self.w, self.h) / GRAIN
        return max(1, ceil(self.w * scale)) * GRAIN, max(1, ceil(self.h * scale)) * GRAIN

    def cut(self, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The part of the picture the detector is shown; one seen from afar is already shrunk to the detector's size."""
        part = picture[self.y : self.y + self.h, self.x : self.x + self.w]
        return np.ascontiguousarray(part) if self.far == 1 else shrink(part, SIDE // self.far)

    def restore(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Boxes and points from the pixels of what was shown back to the picture's, without those of a size it is not for."""
        out = rows.copy()
        if self.far != 1:
            out[:, [0, 1, 2, 3, *range(5, 15)]] *= max(self.w, self.h) / (SIDE // self.far)
        out[:, [0, 2, 5, 7, 9, 11, 13]] += self.x
        out[:, [1, 3, 6, 8, 10, 12, 14]] += self.y
        size = (out[:, 2] - out[:, 0] + out[:, 3] - out[:, 1]) / 2
        return out[(size >= self.least) & (size <= self.most)]


def shrink(part: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """The part with ``side`` pixels on its long side."""
    scale = side / max(part.shape[:2])
    size = (max(1, round(part.shape[1] * scale)), max(1, round(part.shape[0] * scale)))
    return np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR), np.uint8)


def windows(width: int, height: int) -> tuple[Window, ...]:
    """The whole, the whole from twice as far, and, of a large picture, overlapping parts."""
    pixel = max(width, height) / SIDE  # of the picture, in one of the detector's
    whole = [Window(0, 0, width, height), Window(0, 0, width, height, far=2, least=NEAR * pixel)]
    if max(width, height) < LARGE:
        return tuple(whole)
    spans_x, spans_y = _spans(width), _spans(height)
    return (*whole, *(Window(x, y, w, h, most=TINY * pixel) for y, h in spans_y for x, w in spans_x))


def _spans(length: int) -> list[tuple[int, int]]:
    parts = min(MOST_WINDOWS, max(1, round(length / (LARGE / 2))))
    size = int(np.ceil(length / (1 + (parts - 1) * (1 - OVERLAP))))
    return [(min(round(i * size * (1 - OVERLAP)), length - size), size) for i in range(parts)]


def merge(seen: list[NDArray[np.float32]]) -> NDArray[np.float32]:
    """Rows (n, 15) of all windows, each face once, the surest sighting of it, largest first."""
    rows = np.concatenate(seen) if seen else np.zeros((0, 15), np.float32)
    rows = rows[np.argsort(-rows[:, 4], kind="stable")]
    kept: list[NDArray[np.float32]] = []
    for row in rows:
        if not any(_same(row, other) for other in kept):
            kept.append(row)
    kept.sort(key=lambda r: -float((r[2] - r[0]) * (r[3] - r[1])))
    return np.stack(kept) if kept else np.zeros((0, 15), np.float32)


def _same(a: NDArray[np.float32], b: NDArray[np.float32]) -> bool:
    across = min(a[2], b[2]) - max(a[0], b[0])
    down = min(a[3], b[3]) - max(a[1], b[1])
    if across <= 0 or down <= 0:
        return False
    shared = float(across * down)
    area_a, area_b = float((a[2] - a[0]) * (a[3] - a[1])), float((b[2] - b[0]) * (b[3] - b[1]))
    return shared > SAME * (area_a + area_b - shared) or shared > INSIDE * min(area_a, area_b)
