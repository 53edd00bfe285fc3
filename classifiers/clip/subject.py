"""The subject of a reference picture, told from a plain background.

Rights holders file clean pictures: one subject before one colour or a gentle gradient. The background is what can be reached
from the border without crossing an edge. Where that leaves nothing, or nearly everything (a photograph, a poster), there is no
subject to cut out and the picture counts as a whole.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from classifiers.clip.contrast import largest
from classifiers.clip.pictures import resize
from safety.media import Picture
from safety.signal import Box

Mask = NDArray[np.bool_]
#: Longer side, in pixels, that the search is done at.
SIDE = 320
#: Steps between neighbouring pixels that a flood still crosses, in 8-bit levels of each colour; the smallest that makes the
#: border plain is used, so that a clean picture keeps its pale edges and a compressed one is still understood.
STEPS = (2, 4, 6)
#: Part of the border that the two widest floods must hold, and how many floods are tried.
PLAIN, MOST_FLOODS = 0.75, 250
#: Least and greatest part of the picture a subject covers.
LEAST, MOST = 0.02, 0.9


def find(picture: Picture) -> Mask | None:
    """Mask of the subject, of the picture's size, or None when the background is not plain."""
    height, width = picture.shape[:2]
    scale = min(1.0, SIDE / max(height, width))
    small = resize(picture, max(2, round(width * scale)), max(2, round(height * scale)))
    smooth = cv2.copyMakeBorder(cv2.medianBlur(small, 3), 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    floods = (_flooded(np.asarray(smooth, np.uint8), step) for step in STEPS)
    flood = next((f for f in floods if _is_plain(f)), None)
    if flood is None:
        return None
    rest = flood[1:-1, 1:-1] == 0
    rest = cv2.morphologyEx(rest.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)).astype(np.bool_)
    found = largest(rest)
    if found is None or not LEAST <= found.mean() <= MOST:
        return None
    return np.asarray(cv2.resize(found.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR) > 0.5)


def box(mask: Mask) -> Box:
    """The smallest box around a mask that is not empty."""
    ys, xs = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    height, width = mask.shape
    return Box(x=xs[0] / width, y=ys[0] / height, w=(xs[-1] + 1 - xs[0]) / width, h=(ys[-1] + 1 - ys[0]) / height)


def _flooded(smooth: Picture, step: int) -> NDArray[np.uint8]:
    """0 where no flood from the border came, otherwise the number of the flood that did."""
    height, width = smooth.shape[:2]
    flood = np.zeros((height + 2, width + 2), np.uint8)
    number = 0
    for x, y in _border(width, height):
        if number < MOST_FLOODS and not flood[y + 1, x + 1]:
            number += 1
            flags = 4 | cv2.FLOODFILL_MASK_ONLY | (number << 8)
            cv2.floodFill(smooth, flood, (x, y), (0, 0, 0), (step,) * 3, (step,) * 3, flags)
    return flood[1:-1, 1:-1]


def _is_plain(flood: NDArray[np.uint8]) -> bool:
    """Whether the two widest floods (a wall and a floor) hold nearly all of the border."""
    edge = np.concatenate([flood[0], flood[-1], flood[:, 0], flood[:, -1]])
    counts = np.bincount(edge[edge > 0], minlength=3)
    return bool(np.sort(counts)[-2:].sum() >= PLAIN * edge.size)


def _border(width: int, height: int) -> list[tuple[int, int]]:
    """Every fourth place along the border."""
    across = [(x, y) for x in range(0, width, 4) for y in (0, height - 1)]
    down = [(x, y) for y in range(0, height, 4) for x in (0, width - 1)]
    return across + down
