"""The picture of one line, cut out straight, and whether two of them show the same words.

Reading a line costs 25 ms and comparing it with the one that was there before a tenth of one, so a line that only moved or was
compressed anew is not read again. One letter changed must be read: the worst stretch of a line decides, not its mean.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from safety.media import Picture

#: float32 (``TALL``, n): a strip in grey, mean 0 and deviation 1.
Print = NDArray[np.float32]
#: Height of a print, the pixels it is moved about for the best fit, and the width of the stretch that decides (about a letter).
TALL, AROUND, STRETCH = 24, 3, 16
#: Mean difference of the worst stretch, in deviations of the whole, up to which the words are the same; a choice by hand.
SAME = 0.55
#: Least spread of grey levels that is not just noise.
SPREAD = 4.0
#: Most by which two strips of the same words differ in shape.
SHAPE = 1.15


def cut(picture: Picture, quad: NDArray[np.float32]) -> Picture:
    """What lies under ``quad`` (corners in pixels, clockwise from the top left), as a rectangle of its own size."""
    a, b, c, d = quad
    width = max(2, round(float(max(np.linalg.norm(b - a), np.linalg.norm(c - d)))))
    height = max(2, round(float(max(np.linalg.norm(d - a), np.linalg.norm(c - b)))))
    goal = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    # the perspective is worked out on the part around the line alone
    x0, y0 = np.maximum(np.floor(quad.min(0)).astype(int) - 2, 0)
    x1, y1 = np.ceil(quad.max(0)).astype(int) + 3
    part = np.ascontiguousarray(picture[y0:y1, x0:x1])
    if min(part.shape[:2]) == 0:
        return np.zeros((height, width, 3), np.uint8)
    matrix = cv2.getPerspectiveTransform(np.asarray(quad - (x0, y0), np.float32), goal)
    straight = cv2.warpPerspective(part, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(straight, np.uint8)


def print_of(strip: Picture) -> Print:
    """The strip's print."""
    height, width = strip.shape[:2]
    grey = cv2.cvtColor(strip, cv2.COLOR_RGB2GRAY)
    columns = int(np.clip(round(TALL * width / height), TALL, 1200))
    small = cv2.resize(grey, (columns, TALL), interpolation=cv2.INTER_AREA).astype(np.float32)
    return np.asarray((small - small.mean()) / max(SPREAD, float(small.std())), np.float32)


def same(one: Print, other: Print) -> bool:
    """Whether the two show the same words."""
    wide, narrow = max(one.shape[1], other.shape[1]), min(one.shape[1], other.shape[1])
    if wide > narrow * SHAPE:
        return False
    if one.shape[1] != other.shape[1]:
        other = np.asarray(cv2.resize(other, (one.shape[1], TALL), interpolation=cv2.INTER_LINEAR), np.float32)
    inner = one[AROUND:-AROUND, AROUND * 2 : -AROUND * 2]
    fit = cv2.matchTemplate(other, inner, cv2.TM_SQDIFF)
    _, _, (x, y), _ = cv2.minMaxLoc(fit)
    apart = np.abs(inner - other[y : y + inner.shape[0], x : x + inner.shape[1]]).mean(0)
    worst = cv2.blur(apart[None], (min(STRETCH, apart.size), 1), borderType=cv2.BORDER_REPLICATE).max()
    return bool(worst <= SAME)
