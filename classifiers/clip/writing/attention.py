"""Which places of a frame are looked at again, and how closely.

A detector of lines costs a third of a second for one whole frame of 720p, and a clip has twenty-five. Most places show what they
showed before, and most of the rest have nothing that writing has: strokes, light and dark side by side, many in a row. This
keeps account of what was looked at when, block by block, and never looks at the words themselves.

A place is looked at when it has changed and has strokes: at once where there was writing, where strokes have become denser, at
a cut, and in the last frame; other busy places (grass, a crowd) at every third sampled frame. So writing that is drawn over
moving texture, adds no strokes to it, and stays for one sampled frame only, can be missed.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from safety.media import Picture

Grid = NDArray[np.bool_]
Strokes = NDArray[np.uint8]
#: Side of a block in pixels of the half-size picture (64 of a 720p frame).
BLOCK = 32
#: Difference of a block's worst pixel at quarter size, slightly blurred, in grey levels, that is a change.
CHANGED = 14
#: Least step between two pixels that is the edge of a stroke, grey levels of 255.
EDGE = 30
#: Strokes are counted in a picture of a quarter of each side, in a window so many pixels along and across the line.
QUARTER, WINDOW = 4, (16, 3)
#: Strokes of a block, of 255, that are looked at: at full size for small writing and at half size for larger. Of lines drawn over
#: photographs, 94 of 100 have more at 14 to 24 px of full size and at 20 to 40 px of half size; of the world's blocks 1 and 7 of
#: 100. Beside such a block ``NEAR`` of it is enough: a line does not end where its strokes grow thin.
FINE, MEDIUM, NEAR = 19, 15, 0.75
#: A rise by so much is something new.
RISE = 10
#: Sampled frames a changing busy place waits after a look.
WAIT = 2


@dataclass(frozen=True)
class View:
    """One frame's places: ``fine`` are looked at in full size and ``medium`` in half size, now; ``empty`` have changed and cannot
    hold a line of less than a block's height; ``changed`` are all those and the ones that wait."""

    fine: Grid
    medium: Grid
    empty: Grid
    changed: Grid
    fresh: bool


class Attention:
    """Goes through the frames of one clip in order; all of one size."""

    def __init__(self) -> None:
        self._seen: Picture | None = None
        self._fine: Strokes = np.zeros((0, 0), np.uint8)
        self._medium: Strokes = self._fine
        self._waited: NDArray[np.uint8] = self._fine
        self._shot = -1

    def view(self, full: Picture, small: Picture, written: Grid, shot: int, last: bool) -> View:
        """What to do with a frame, given in full and half size; ``written`` are blocks with writing, ``last`` lets none wait."""
        quarter = np.asarray(cv2.resize(small, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)
        fresh = self._seen is None or shot != self._shot
        if self._seen is None or fresh:
            changed = np.ones(written.shape, np.bool_)
            self._seen, self._shot = quarter.copy(), shot
            self._fine, self._medium, self._waited = (np.zeros(written.shape, np.uint8) for _ in range(3))
        else:
            red, green, blue = cv2.split(cv2.blur(cv2.absdiff(quarter, self._seen), (3, 3)))
            changed = most(np.asarray(cv2.max(cv2.max(red, green), blue), np.uint8), BLOCK // 2, written.shape) >= CHANGED
        if not changed.any():
            return View(changed, changed, changed, changed, fresh)
        fine = most(strokes(_grey(full)), BLOCK * 2 // QUARTER, written.shape)
        medium = most(strokes(_grey(small)), BLOCK // QUARTER, written.shape)
        risen = (fine.astype(np.int16) - self._fine >= RISE) | (medium.astype(np.int16) - self._medium >= RISE)
        in_fine, in_medium = _along(fine, FINE), _along(medium, MEDIUM)
        busy = in_fine | in_medium
        now = changed & busy & (written | risen | (self._waited >= WAIT) | fresh | last)
        empty = changed & ~busy
        self._waited[changed & ~now & ~empty] += 1
        done = now | empty
        self._waited[done] = 0
        self._fine[done], self._medium[done] = fine[done], medium[done]
        mask = over_pixels(done, BLOCK // 2, quarter.shape)
        self._seen[mask] = quarter[mask]
        return View(now & in_fine, now & in_medium, empty, changed, fresh)


def strokes(grey: NDArray[np.uint8]) -> Strokes:
    """For each ``QUARTER`` x ``QUARTER`` pixels the least share, of 255, of the window around it that is edges rising and
    falling, along the window and across it; the window lies or stands, whichever has more.

    One outline rises once and falls once in a window, and in one direction only; writing does both at every stroke.
    """
    size = max(1, grey.shape[1] // QUARTER), max(1, grey.shape[0] // QUARTER)
    signs = []
    for across in (1, 0):
        step = cv2.Sobel(grey, cv2.CV_16S, across, 1 - across, ksize=1)
        rising, falling = (step > EDGE).view(np.uint8) * np.uint8(255), (step < -EDGE).view(np.uint8) * np.uint8(255)
        signs += [cv2.resize(sign, size, interpolation=cv2.INTER_AREA) for sign in (rising, falling)]
    ways = []
    for window in (WINDOW, WINDOW[::-1]):
        a, b, c, d = (cv2.blur(sign, window) for sign in signs)
        ways.append(cv2.min(cv2.min(a, b), cv2.min(c, d)))
    return np.asarray(cv2.max(*ways), np.uint8)


def most(values: NDArray[np.uint8], side: int, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """The greatest value of each block of ``side`` pixels, for ``shape`` blocks; what has no pixels is 0."""
    whole = np.zeros((shape[0] * side, shape[1] * side), np.uint8)
    height, width = min(values.shape[0], whole.shape[0]), min(values.shape[1], whole.shape[1])
    whole[:height, :width] = values[:height, :width]
    rows = whole.reshape(shape[0], side, -1).max(1)
    return np.asarray(rows.reshape(shape[0], shape[1], side).max(2), np.uint8)


def over_pixels(grid: Grid, side: int, shape: tuple[int, ...]) -> Grid:
    """``grid`` of blocks of ``side`` pixels as a mask of a picture of ``shape``."""
    return np.asarray(grid.repeat(side, 0).repeat(side, 1)[: shape[0], : shape[1]], np.bool_)


def _grey(picture: Picture) -> NDArray[np.uint8]:
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)


def _along(values: Strokes, least: int) -> Grid:
    """Blocks of at least ``least``, and of half as much beside those."""
    strong = (values >= least).astype(np.uint8)
    beside = cv2.dilate(strong, cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3)))
    return np.asarray((beside > 0) & (values >= least * NEAR), np.bool_)
