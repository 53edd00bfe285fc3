"""Corners of a picture and what lies around each, by which a copy is laid over its original.

ORB (Rublee, Rabaud, Konolige and Bradski, ICCV 2011): 256 bits a corner, so that a hundred and sixty of them are six
kilobytes. They know nothing of colour; a mirrored picture has others, which is why references carry both.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from classifiers.clip.pictures import resize
from safety.fingerprint import POINT
from safety.media import Picture

#: Longer side, in pixels, that corners are sought at; 360p is enough to tell them and fine noise is gone.
SIDE = 416
#: Corners a picture, spread over a grid so that one busy corner does not take all, and how many of them are kept.
SOUGHT, GRID, MOST = 480, (4, 3), 160
#: Scales of the pyramid and the step between them: a copy at a third of the size still has common scales.
LEVELS, STEP = 8, 1.2
#: Least contrast of a corner in grey levels; drawings and dark scenes have faint ones.
FAINT = 7


def points(picture: Picture) -> bytes:
    """At most ``MOST`` corners as a row of ``POINT``, the strongest of each part of the picture; empty where there are none."""
    scale = SIDE / max(picture.shape[:2])
    height, width = (max(2, round(side * scale)) for side in picture.shape[:2])
    grey = cv2.cvtColor(resize(picture, width, height), cv2.COLOR_RGB2GRAY)
    if min(grey.shape) < 40:
        return b""
    orb = cv2.ORB.create(SOUGHT, STEP, LEVELS, edgeThreshold=16, patchSize=31, fastThreshold=FAINT)
    found = orb.detect(cv2.normalize(grey, np.empty_like(grey), 0, 255, cv2.NORM_MINMAX))
    if not found:
        return b""
    chosen = [found[i] for i in _spread(found, width, height)]
    kept, bits = orb.compute(cv2.GaussianBlur(grey, (0, 0), 0.8), chosen)
    if bits is None or not kept:
        return b""
    rows = np.zeros(len(kept), POINT)
    places = np.minimum(np.round(np.asarray(cv2.KeyPoint.convert(kept)) / [width, height] * 65535), 65535)
    rows["x"], rows["y"], rows["bits"] = places[:, 0], places[:, 1], bits
    return rows.tobytes()


def _spread(found: Sequence[cv2.KeyPoint], width: int, height: int) -> NDArray[np.int_]:
    """Numbers of the strongest, at most half as many again from one cell of the grid as an even share."""
    share = MOST * 3 // (2 * GRID[0] * GRID[1])
    places = np.asarray(cv2.KeyPoint.convert(found))
    cell = (places[:, 0] * GRID[0] / width).astype(int) * GRID[1] + (places[:, 1] * GRID[1] / height).astype(int)
    strength = np.array([k.response for k in found])
    order = np.lexsort((places[:, 0], places[:, 1], -strength))
    kept = np.zeros(len(found), np.bool_)
    for one in np.unique(cell):
        kept[order[cell[order] == one][:share]] = True
    return order[kept[order]][:MOST]
