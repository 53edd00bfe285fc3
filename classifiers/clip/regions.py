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
#: Proposals a frame: movers, and windows that stand out by colour.
MOVERS, STANDING_OUT = 3, 6
#: Least part of the frame that a mover covers, and least height in frame heights.
LEAST_AREA, LEAST_HEIGHT = 0.008, 0.16


@dataclass(frozen=True)
class Region:
    """``box`` in the frame; ``mask`` of the small frame's size, or None for the whole box; ``how`` it was found."""

    box: Box
    mask: Mask | None
    how: str


def propose(pictures: Sequence[Picture]) -> list[tuple[Region, ...]]:
    """Regions of each picture of one clip, in order of time. Pictures are uint8 RGB of one size."""
    smalls = [_small(p) for p in pictures]
    moving = motion.movers(smalls)
    return [_of_frame(s, m) for s, m in zip(smalls, moving, strict=True)]


def _of_frame(small: Picture, moving: Mask) -> tuple[Region, ...]:
    found: list[Region] = []
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
