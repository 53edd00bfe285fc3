"""Where the lines of a frame are: heat of many small looks, laid together, so that no line is cut where two looks meet.

Three looks at different sizes, because the detector sees lines of about 10 to 100 of its own pixels: the places that are due at
half size; those where half size is unsure, which is what small writing does, at full size; and the whole at an eighth, for
letters as tall as the picture. Sizes are those of a 720p frame; other frames are brought to the same area. It never reads.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from classifiers.clip.writing.attention import BLOCK, Attention, most
from classifiers.clip.writing.engine import WARM, Engine, Heat, Quads
from classifiers.clip.writing.places import Place, pieces, tiles, widened
from safety.media import Frame, Picture

#: Pixels of the half-size picture; the full one has four times as many, as many as a 720p frame.
HALF_AREA = 640 * 360
#: A small frame is not made larger than this many times.
LARGER = 2.0
#: Seen around a place beside it, pixels of the half-size picture.
HALO = 16
#: Heat below which the detector is sure of nothing (its sigmoid's 18th step); between this and ``WARM`` it is unsure.
COLD = 1e-7
#: Blocks of the half-size picture, in pixels, that are looked at closer when unsure; what is seen around them, and around a line
#: that was found there and reaches the rim (across and along), in pixels of the full one.
UNSURE, CLOSER_HALO, LINE_HALO = 16, 24, (32, 256)
#: Looks for which a block stays unlooked closer after nothing was found there: windows at night and grass are unsure for ever.
REST = 2
#: Largest size of the coarse look, in pixels, and the height of a line in it from which it is believed: lower ones were seen better.
COARSE_AREA, COARSE_HEIGHT = 160 * 90, 8.0
#: A coarse line is new when less than this share of it is covered by lines found closer.
COVERED = 0.3


@dataclass(frozen=True)
class Found:
    """Lines of one frame, in pixels of the picture as given, whether anything was looked at, and whether a shot begins."""

    quads: Quads
    looked: bool
    fresh: bool


class Page:
    """Goes through the frames of one clip in order; all of one size."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._attention = Attention()
        self._heat: Heat = np.zeros((0, 0), np.float32)
        self._rest: NDArray[np.uint8] = np.zeros((0, 0), np.uint8)
        self._coarse: Quads = np.zeros((0, 4, 2), np.float32)
        self._lines: Quads = self._coarse

    def find(self, frame: Frame, last: bool) -> Found:
        """The frame's lines. ``last`` says that no frame follows."""
        height, width = frame.picture.shape[:2]
        scale = min(LARGER, float(np.sqrt(HALF_AREA / (height * width))))
        small = _sized(frame.picture, scale)
        h, w = small.shape[:2]
        if self._heat.shape != (h * 2, w * 2):
            self._heat = np.zeros((h * 2, w * 2), np.float32)
            self._rest = np.zeros((-(-h // UNSURE), -(-w // UNSURE)), np.uint8)
        written = most((self._heat > WARM).view(np.uint8), BLOCK * 2).astype(np.bool_)
        view = self._attention.view(small, written, frame.shot, last)
        if not view.changed.any():
            return Found(self._lines, False, False)
        self._clear(view.empty)
        unsure = np.zeros(self._rest.shape, np.bool_)
        if view.fresh:
            self._rest[:] = 0
        for place in pieces(view.due, BLOCK, HALO):
            self._look(small, place, unsure)
        self._resolve(frame.picture, (w * 2, h * 2), unsure)
        ratio = np.float32((width / (w * 2), height / (h * 2)))
        near = self._engine.quads(self._heat) * ratio
        self._coarse = self._look_from_afar(small) / np.float32(scale)
        self._lines = np.concatenate([near, _uncovered(self._coarse, near, (height, width))])
        return Found(self._lines, True, view.fresh)

    def _clear(self, empty: NDArray[np.bool_]) -> None:
        side = BLOCK * 2
        mask = np.kron(empty, np.ones((side, side), np.bool_))[: self._heat.shape[0], : self._heat.shape[1]]
        self._heat[mask] = 0

    def _look(self, small: Picture, place: Place, unsure: NDArray[np.bool_]) -> None:
        """Heat of ``place`` at half size; where it is neither cold nor near a warm place, ``unsure`` is set."""
        h, w = small.shape[:2]
        left, top, right, bottom = widened(place, HALO, HALO, w, h)
        heat = self._engine.heat(small[top:bottom, left:right])
        # the inside of a line is warm and its rim is lukewarm: that is not doubt
        sure = cv2.dilate((heat > WARM).astype(np.uint8), np.ones((13, 13), np.uint8))
        doubt = (heat > COLD) & (sure == 0)
        ys, xs = np.nonzero(doubt)
        unsure[(ys + top) // UNSURE, (xs + left) // UNSURE] = True
        inner = heat[max(place[1], 0) - top : min(place[3], h) - top, max(place[0], 0) - left : min(place[2], w) - left]
        twice = cv2.resize(inner, None, fx=2, fy=2, interpolation=cv2.INTER_LINEAR)
        self._heat[place[1] * 2 : place[1] * 2 + twice.shape[0], place[0] * 2 : place[0] * 2 + twice.shape[1]] = twice

    def _resolve(self, picture: Picture, size: tuple[int, int], unsure: NDArray[np.bool_]) -> None:
        """Look closer where ``unsure`` says and nothing was found just before; follow a line that was found to its ends."""
        resting = unsure & (self._rest > 0)
        self._rest[resting] -= 1
        unsure &= ~resting
        if not unsure.any():
            return
        full = _exactly(picture, *size)
        for place in pieces(unsure, UNSURE * 2, CLOSER_HALO):
            wide = widened(place, CLOSER_HALO, CLOSER_HALO, *size)
            if self._look_closer(full, wide):
                self._look_closer(full, widened(wide, LINE_HALO[1], LINE_HALO[0], *size))
            else:
                cells = tuple(slice(low // (UNSURE * 2), high // (UNSURE * 2)) for low, high in (place[1::2], place[::2]))
                self._rest[cells] = REST

    def _look_closer(self, full: Picture, place: Place) -> bool:
        """Heat of ``place`` at full size, laid over what is known; whether there is a line."""
        warm = False
        for x, y, z, v in tiles(place):
            heat = self._engine.heat(full[y:v, x:z])
            here = self._heat[y:v, x:z]
            np.maximum(here, heat, out=here)
            warm = warm or bool((heat > WARM).any())
        return warm

    def _look_from_afar(self, small: Picture) -> Quads:
        """Tall lines of the whole, in pixels of ``small``."""
        scale = min(1.0, float(np.sqrt(COARSE_AREA / (small.shape[0] * small.shape[1]))))
        coarse = _sized(small, scale)
        quads = self._engine.quads(self._engine.heat(coarse))
        tall = [q for q in quads if min(np.linalg.norm(q[1] - q[0]), np.linalg.norm(q[3] - q[0])) >= COARSE_HEIGHT]
        ratio = np.float32((small.shape[1] / coarse.shape[1], small.shape[0] / coarse.shape[0]))
        return np.float32(tall).reshape(-1, 4, 2) * ratio


def _uncovered(coarse: Quads, near: Quads, shape: tuple[int, int]) -> Quads:
    """Those of ``coarse`` that ``near`` does not already hold."""
    if not len(coarse) or not len(near):
        return coarse
    cover = np.zeros((shape[0] // 4 + 1, shape[1] // 4 + 1), np.uint8)
    cv2.fillPoly(cover, [np.int32(q / 4) for q in near], 1)
    new = []
    for quad in coarse:
        own = np.zeros_like(cover)
        cv2.fillPoly(own, [np.int32(quad / 4)], 1)
        if cover[own > 0].mean() < COVERED:
            new.append(quad)
    return np.float32(new).reshape(-1, 4, 2)


def _sized(picture: Picture, scale: float) -> Picture:
    return _exactly(picture, max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))


def _exactly(picture: Picture, width: int, height: int) -> Picture:
    if picture.shape[:2] == (height, width):
        return picture
    way = cv2.INTER_AREA if width < picture.shape[1] else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, (width, height), interpolation=way), np.uint8)
