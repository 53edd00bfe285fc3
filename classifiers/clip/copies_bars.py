"""Bars around a picture that were put there to fit a screen: above and below, or on both sides, of one colour.

A picture with bars is another picture to a hash. Only bars that come in pairs of about the same width count, since a plain sky
is no bar. Blurred bars, as phones make them of the picture itself, are not found here.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from classifiers.clip.pictures import resize
from safety.media import Picture
from safety.signal import Box

#: Longer side, in pixels, that bars are sought at.
SIDE = 320
#: Greatest spread of brightness along a line of a bar (its 4th to its 96th percentile) and greatest distance of two lines' means,
#: in grey levels; compression leaves less.
PLAIN, ALIKE = 10.0, 8.0
#: Narrowest and widest bar, as a part of the side, and how many times the one may be as wide as the other.
LEAST, MOST, UNEVEN = 0.02, 0.42, 2.0


def inside(picture: Picture) -> Box | None:
    """What lies between the bars; None when there are none."""
    scale = min(1.0, SIDE / max(picture.shape[:2]))
    height, width = (max(2, round(side * scale)) for side in picture.shape[:2])
    grey = np.asarray(cv2.cvtColor(resize(picture, width, height), cv2.COLOR_RGB2GRAY), np.uint8)
    top, bottom = _pair(grey)
    left, right = _pair(np.ascontiguousarray(grey[top : height - bottom].T))
    if not (top or left):
        return None
    # a line more on each side: the border between bar and picture is a mixture of both
    top, bottom, left, right = (bar + 1 if bar else 0 for bar in (top, bottom, left, right))
    return Box(x=left / width, y=top / height, w=(width - left - right) / width, h=(height - top - bottom) / height)


def _pair(grey: Picture) -> tuple[int, int]:
    """Lines of the bars at the beginning and at the end; both 0 when they are no pair."""
    ordered = np.sort(grey, axis=1).astype(np.float32)
    end = round(0.04 * (grey.shape[1] - 1))
    plain, mean = ordered[:, -1 - end] - ordered[:, end] < PLAIN, ordered.mean(axis=1)
    first, last = (_run(p, m) for p, m in ((plain, mean), (plain[::-1], mean[::-1])))
    least, most = LEAST * len(grey), MOST * len(grey)
    narrow, wide = sorted((first, last))
    return (first, last) if narrow >= max(least, 1) and wide <= min(most, UNEVEN * narrow + 1) else (0, 0)


def _run(plain: NDArray[np.bool_], mean: NDArray[np.float32]) -> int:
    bar = plain & (np.abs(mean - mean[0]) < ALIKE)
    return int(np.argmin(bar)) if not bar.all() else len(bar)
