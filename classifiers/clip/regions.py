"""The parts of a clip that could be somebody's character: where they are, and their outline.

Two ways to stand out, because neither is enough: moving against the background, and having other colours than what is around.
It proposes and never decides; what is found here is compared with reserved pictures elsewhere. What stands still among its own
colours, or is smaller than a quarter of the frame's height, is not found: that is its limit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from classifiers.clip import contrast, motion
from classifiers.clip.contrast import Mask, Window
from classifiers.clip.pictures import resize
from safety.media import Picture
from safety.signal import Box

#: Longer side, in pixels, of the small frames that proposals are made on.
SMALL = 224
#: Proposals a frame: groups of movers, movers, and windows that stand out by colour.
GROUPS, MOVERS, STANDING_OUT = 2, 2, 5
#: Movers closer than this, in frame heights, may be parts of one; a group moves at this part of the frame at least.
NEAR, LEAST_MOVING = 0.06, 0.003
#: Least part of the frame that a mover covers, and least height in frame heights.
LEAST_AREA, MOST_AREA, LEAST_HEIGHT = 0.008, 0.6, 0.16


@dataclass(frozen=True)
class Region:
    """``box`` in the frame; ``mask`` of the small frame's size, or None for the whole box; ``how`` it was found."""

    box: Box
    mask: Mask | None
    how: str


def propose(pictures: Sequence[Picture], chosen: Sequence[bool] | None = None) -> list[tuple[Region, ...]]:
    """Regions of each picture of one clip, in order of time; of those that are not ``chosen``, none.

    Pictures are uint8 RGB of one size. What moves is told from all of them.
    """
    smalls = [_small(p) for p in pictures]
    moving = motion.movers(smalls)
    wanted = [True] * len(smalls) if chosen is None else chosen
    return [_of_frame(s, *m) if want else () for s, m, want in zip(smalls, moving, wanted, strict=True)]


def _of_frame(small: Picture, moving: Mask, lasting: Mask) -> tuple[Region, ...]:
    found: list[Region] = []
    for hull in _groups(lasting):
        refined = contrast.outline(small, _window(hull), hint=hull)
        found.append(Region(_box(hull), hull, "has moving parts"))
        if refined is not None:
            found.append(Region(_box(refined), refined, "has moving parts, outlined"))
    for mask in _pieces(moving):
        window = _window(mask)
        found.append(Region(_box(mask), mask, "moves"))
        refined = contrast.outline(small, window, hint=mask)
        if refined is not None:
            found.append(Region(_box(refined), refined, "moves, outlined"))
    for window in contrast.windows(small, STANDING_OUT):
        outlined = contrast.outline(small, window)
        if outlined is not None:
            found.append(Region(_box(outlined), outlined, "stands out"))
    return tuple(found)


def _groups(moving: Mask) -> list[Mask]:
    """Hulls around movers that are close together: who stands and waves moves at the hands, the eyes and the coat-tails."""
    height, width = moving.shape
    reach = 2 * round(NEAR * height) + 1
    near = cv2.dilate(moving.astype(np.uint8), cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach)))
    count, labels = cv2.connectedComponents(near)
    hulls = []
    for label in range(1, count):
        ys, xs = np.nonzero(moving & (labels == label))
        if len(xs) < LEAST_MOVING * height * width:
            continue
        canvas = np.zeros(moving.shape, np.uint8)
        cv2.fillConvexPoly(canvas, cv2.convexHull(np.stack([xs, ys], 1).astype(np.int32)), 1)
        hull = canvas.astype(np.bool_)
        if hull.any(1).sum() >= LEAST_HEIGHT * height and LEAST_AREA <= hull.mean() <= MOST_AREA:
            hulls.append(hull)
    return sorted(hulls, key=lambda h: -int(h.sum()))[:GROUPS]


def _pieces(moving: Mask) -> list[Mask]:
    """The largest movers with holes filled: a slow walker hides part of himself in the background's median."""
    height, width = moving.shape
    contours, _ = cv2.findContours(moving.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    pieces = []
    for contour in sorted(contours, key=cv2.contourArea, reverse=True)[:MOVERS]:
        high = cv2.boundingRect(contour)[3] / height
        if cv2.contourArea(contour) < LEAST_AREA * height * width or high < LEAST_HEIGHT:
            continue
        canvas = np.zeros(moving.shape, np.uint8)
        cv2.drawContours(canvas, [contour], -1, 1, cv2.FILLED)
        pieces.append(canvas.astype(np.bool_))
    return pieces


def _small(picture: Picture) -> Picture:
    scale = SMALL / max(picture.shape[:2])
    return resize(picture, max(2, round(picture.shape[1] * scale)), max(2, round(picture.shape[0] * scale)))


def _window(mask: Mask) -> Window:
    ys, xs = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return Window(int(xs[0]), int(ys[0]), int(xs[-1]) + 1, int(ys[-1]) + 1, 1.0)


def _box(mask: Mask) -> Box:
    window, (height, width) = _window(mask), mask.shape
    return Box(
        x=window.left / width,
        y=window.top / height,
        w=(window.right - window.left) / width,
        h=(window.bottom - window.top) / height,
    )
