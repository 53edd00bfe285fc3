"""Where the lines of a frame are: heat of many small looks, laid together, so that no line is cut where two looks meet.

Three looks at different sizes, because the detector sees lines of about 10 to 100 of its own pixels: places with fine strokes
at full size, places with larger ones at half size, and the whole at an eighth, for letters as tall as the picture. Sizes are
those of a 720p frame; other frames are brought to the same area. It never reads.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from classifiers.clip.writing.attention import BLOCK, Attention, most, over_pixels
from classifiers.clip.writing.engine import WARM, Engine, Heat, Quads
from classifiers.clip.writing.places import Place, pieces, widened
from safety.media import Frame, Picture

#: Pixels of the half-size picture; the full one has four times as many, as many as a 720p frame.
HALF_AREA = 640 * 360
#: A small frame is not made larger than this many times in half size.
LARGER = 2.0
#: Seen around a place beside it, pixels of whichever picture is looked at.
HALO = 16
#: Pixels of the coarse look, and the height of a line in it from which it is believed: lower ones were seen better.
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
        #: of the full-size picture
        self._heat: Heat = np.zeros((0, 0), np.float32)
        self._lines: Quads = np.zeros((0, 4, 2), np.float32)

    def find(self, frame: Frame, last: bool) -> Found:
        """The frame's lines. ``last`` says that no frame follows."""
        height, width = frame.picture.shape[:2]
        scale = min(LARGER, float(np.sqrt(HALF_AREA / (height * width))))
        w, h = max(1, round(width * scale)), max(1, round(height * scale))
        small, full = sized(frame.picture, w, h), sized(frame.picture, w * 2, h * 2)
        if self._heat.shape != full.shape[:2]:
            self._heat = np.zeros(full.shape[:2], np.float32)
        blocks = -(-h // BLOCK), -(-w // BLOCK)
        written = most((self._heat > WARM).view(np.uint8), BLOCK * 2, blocks).astype(np.bool_)
        view = self._attention.view(full, small, written, frame.shot, last)
        if not view.changed.any():
            return Found(self._lines, False, view.fresh)
        medium = pieces(view.medium, BLOCK, HALO)
        fine = pieces(view.fine, BLOCK * 2, HALO)
        self._forget(view.empty, [*(_twice(place) for place in medium), *fine])
        for place in medium:
            self._look(small, place, 2)
        for place in fine:
            self._look(full, place, 1)
        near = self._engine.quads(self._heat) * _pair(width / (w * 2), height / (h * 2))
        afar = self._look_from_afar(small) * _pair(width / w, height / h)
        self._lines = np.concatenate([near, _uncovered(afar, near, (height, width))])
        return Found(self._lines, True, view.fresh)

    def _forget(self, empty: NDArray[np.bool_], places: list[Place]) -> None:
        self._heat[over_pixels(empty, BLOCK * 2, self._heat.shape)] = 0
        for left, top, right, bottom in places:
            self._heat[top:bottom, left:right] = 0

    def _look(self, picture: Picture, place: Place, times: int) -> None:
        """Heat of ``place`` of ``picture``, which is so many ``times`` smaller than full size, added to what is known."""
        height, width = picture.shape[:2]
        left, top, right, bottom = widened(place, HALO, width, height)
        heat = self._engine.heat(picture[top:bottom, left:right])
        inner = heat[place[1] - top : min(place[3], height) - top, place[0] - left : min(place[2], width) - left]
        if times > 1:
            inner = np.asarray(cv2.resize(inner, None, fx=times, fy=times, interpolation=cv2.INTER_LINEAR), np.float32)
        y, x = place[1] * times, place[0] * times
        here = self._heat[y : y + inner.shape[0], x : x + inner.shape[1]]
        np.maximum(here, inner, out=here)

    def _look_from_afar(self, small: Picture) -> Quads:
        """Tall lines of the whole, in pixels of ``small``."""
        scale = min(1.0, float(np.sqrt(COARSE_AREA / (small.shape[0] * small.shape[1]))))
        coarse = sized(small, max(1, round(small.shape[1] * scale)), max(1, round(small.shape[0] * scale)))
        quads = self._engine.quads(self._engine.heat(coarse))
        tall = [q for q in quads if min(np.linalg.norm(q[1] - q[0]), np.linalg.norm(q[3] - q[0])) >= COARSE_HEIGHT]
        ratio = _pair(small.shape[1] / coarse.shape[1], small.shape[0] / coarse.shape[0])
        return np.asarray(tall, np.float32).reshape(-1, 4, 2) * ratio


def _pair(x: float, y: float) -> NDArray[np.float32]:
    return np.array((x, y), np.float32)


def _twice(place: Place) -> Place:
    left, top, right, bottom = place
    return left * 2, top * 2, right * 2, bottom * 2


def _uncovered(coarse: Quads, near: Quads, shape: tuple[int, int]) -> Quads:
    """Those of ``coarse`` that ``near`` does not already hold."""
    if not len(coarse) or not len(near):
        return coarse
    cover = np.zeros((shape[0] // 4 + 1, shape[1] // 4 + 1), np.uint8)
    cv2.fillPoly(cover, [np.asarray(q / 4, np.int32) for q in near], 1)
    new = []
    for quad in coarse:
        own = np.zeros_like(cover)
        cv2.fillPoly(own, [np.asarray(quad / 4, np.int32)], 1)
        if cover[own > 0].mean() < COVERED:
            new.append(quad)
    return np.asarray(new, np.float32).reshape(-1, 4, 2)


def sized(picture: Picture, width: int, height: int) -> Picture:
    """``picture`` brought to a size; itself where it has that size."""
    if picture.shape[:2] == (height, width):
        return picture
    way = cv2.INTER_AREA if width < picture.shape[1] else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, (width, height), interpolation=way), np.uint8)
