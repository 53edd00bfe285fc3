"""Which places of a frame are looked at again.

A detector of lines costs a third of a second for one whole frame of 720p, and a clip has twenty-five. Most places show what they
showed before, and most of the rest have nothing that writing has: strokes, light and dark side by side, many in a row. This
keeps account of what was looked at when, block by block, and never looks at the words themselves.

A place is looked at when it has changed and has strokes, at once where there was writing, where strokes have become
denser, or at a cut; other busy places (grass, water, a crowd) at every second sampled frame. So writing that
is drawn over moving texture, adds no strokes to it, and stays for one sampled frame only, can be missed.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from safety.media import Picture

Grid = NDArray[np.bool_]
#: Side of a block in pixels of the half-size picture (64 of a 720p frame).
BLOCK = 32
#: Difference of a block's worst pixel at quarter size, slightly blurred, that is a change. H.264 at CRF 35 stays
#: below 14 on still blocks of three world scenes in 99 cases of 100.
CHANGED = 14
#: Least step between two pixels that is the edge of a stroke, grey levels of 255.
EDGE = 14
#: Window in which strokes are counted, pixels along and across the line.
WINDOW = (48, 16)
#: Strokes of a block, of 255, below which nobody looks: 93 of 100 lines of 14 to 40 px over photographs have more (the others
#: are mostly dark on dark), and 15 of 100 blocks of the world's scenes. A rise by the second is something new.
FEW, RISE = 18, 20
#: Sampled frames a changing busy place waits after a look.
WAIT = 2


@dataclass(frozen=True)
class View:
    """One frame's places: ``due`` are looked at now, ``empty`` have changed and cannot hold a line, ``changed`` is both
    and those that wait; ``fresh`` says that a shot begins."""

    due: Grid
    empty: Grid
    changed: Grid
    fresh: bool


class Attention:
    """Goes through the frames of one clip in order; all of one size."""

    def __init__(self) -> None:
        self._seen: Picture | None = None
        self._strokes: NDArray[np.uint8] = np.zeros((0, 0), np.uint8)
        self._waited: NDArray[np.uint8] = np.zeros((0, 0), np.uint8)
        self._shot = -1

    def view(self, small: Picture, written: Grid, shot: int, last: bool) -> View:
        """What to do with the half-size picture ``small``; ``written`` are blocks with writing, ``last`` lets nothing wait."""
        quarter = cv2.resize(small, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        strokes = most(stroke_density(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)), BLOCK)
        fresh = self._seen is None or shot != self._shot
        if self._seen is None or fresh:
            changed = np.ones(strokes.shape, np.bool_)
            self._seen, self._strokes = quarter.copy(), np.zeros_like(strokes)
            self._waited, self._shot = np.zeros_like(strokes), shot
        else:
            red, green, blue = cv2.split(cv2.blur(cv2.absdiff(quarter, self._seen), (3, 3)))
            apart = cv2.max(cv2.max(red, green), blue)
            changed = most(apart, BLOCK // 2)[: strokes.shape[0], : strokes.shape[1]] >= CHANGED
        empty = changed & (strokes < FEW)
        risen = strokes.astype(np.int16) - self._strokes >= RISE
        due = changed & ~empty & (written | risen | (self._waited >= WAIT) | fresh | last)
        self._waited[changed & ~due & ~empty] += 1
        done = due | empty
        self._waited[done] = 0
        self._strokes[done] = strokes[done]
        side = BLOCK // 2
        mask = np.kron(done, np.ones((side, side), np.bool_))[: quarter.shape[0], : quarter.shape[1]]
        self._seen[mask] = quarter[mask]
        return View(due, empty, changed, fresh)


def stroke_density(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Least share, of 255, of the window around each pixel that is edges rising and falling, across the window and along it.

    The window lies along the line or stands, whichever has more. One outline rises once and falls once in a window, and in one
    direction only; writing does both at every stroke.
    """
    signs = []
    for across in (True, False):
        step = cv2.Sobel(grey, cv2.CV_16S, int(across), int(not across), ksize=1)
        signs += [cv2.compare(step, EDGE, cv2.CMP_GT), cv2.compare(step, -EDGE, cv2.CMP_LT)]
    lying, standing = ([cv2.blur(sign, window) for sign in signs] for window in (WINDOW, WINDOW[::-1]))
    return np.asarray(cv2.max(_least(lying), _least(standing)), np.uint8)


def _least(layers: list[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    return np.asarray(cv2.min(cv2.min(layers[0], layers[1]), cv2.min(layers[2], layers[3])), np.uint8)


def most(values: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """The greatest value of each block of ``side`` pixels; the last blocks may be smaller."""
    height, width = values.shape
    whole = np.zeros((-(-height // side) * side, -(-width // side) * side), np.uint8)
    whole[:height, :width] = values
    rows = whole.reshape(whole.shape[0] // side, side, -1).max(1)
    return np.asarray(rows.reshape(rows.shape[0], -1, side).max(2), np.uint8)
