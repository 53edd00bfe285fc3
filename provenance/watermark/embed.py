"""Draw the mark into a picture, one frame after another, in one pass.

The pattern is the same in every frame, so that averaging frames brings it out of the moving picture. Its strength follows what
the eye bears: more where the picture is busy, little where it is flat, and never past a fidelity floor. This module knows the
luma only; it never changes a picture's colour.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.watermark.keys import MarkKey, Payload
from provenance.watermark.polar import Floats
from provenance.watermark.tile import REFERENCE, SIDE, TileLayout
from safety.media import Picture

#: Fidelity aimed at, decibels of peak signal-to-noise ratio over the whole frame; rounding to whole steps takes up to 0.15.
TARGET_PSNR = 43.15
#: Strength on a flat area in luma steps, how it grows with the local deviation, its ceiling.
FLAT, GROWTH, CEILING = 0.95, 0.104, 5.0
#: Bounds of the gain that meets the target. At 1.0 a flat drawing re-encoded at CRF 28 loses the mark, at 1.5 it keeps it, and
#: at half size too; more would show as mottling, which the ratio does not notice in flat pictures.
LEAST_GAIN, MOST_GAIN = 0.7, 1.5
_TARGET_DEVIATION = 255 / 10 ** (TARGET_PSNR / 20)


class VideoMarker:
    """Marks the frames of one clip of ``width`` x ``height`` pixels with a 12-byte ``clip_id``.

    ``fps`` is accepted so that callers need not know whether the mark changes over time; it does not at present.
    """

    def __init__(self, key: bytes, clip_id: bytes, width: int, height: int, fps: float) -> None:
        mark_key = MarkKey(key)
        tile = TileLayout(mark_key).tile(Payload(mark_key, "picture").symbols(clip_id))
        start = (mark_key.offset("picture/y", clip_id, SIDE), mark_key.offset("picture/x", clip_id, SIDE))
        self.width, self.height, self.fps = width, height, fps
        self._painter = Painter(np.roll(tile, start, axis=(0, 1)), width, height)

    def mark(self, picture: Picture) -> Picture:
        """Return ``picture`` (height, width, 3) with the mark added; the original is left as it was."""
        if picture.shape != (self.height, self.width, 3) or picture.dtype != np.uint8:
            raise ValueError(f"a frame of {self.height}x{self.width}x3 bytes was expected, not {picture.shape} {picture.dtype}")
        change = self._painter.change(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY))
        # The same step on red, green and blue is a step of luma alone.
        return np.asarray(cv2.add(picture, cv2.merge([change, change, change]), dtype=cv2.CV_8U), np.uint8)


class Painter:
    """The change of luma that a ``tile`` (112, 112) asks for on pictures of one size."""

    def __init__(self, tile: Floats, width: int, height: int) -> None:
        scale = REFERENCE / min(width, height)
        self._size = (width, height)
        self._lines = (max(round(width * scale), SIDE), max(round(height * scale), SIDE))
        across, down = -(-self._lines[0] // SIDE), -(-self._lines[1] // SIDE)
        self._pattern = np.ascontiguousarray(np.tile(tile, (down, across))[: self._lines[1], : self._lines[0]])
        self._coarse = (self._lines[0] // 2, self._lines[1] // 2)

    def change(self, luma: NDArray[Any]) -> Floats:
        """Luma steps to add, float32 (height, width), for ``luma`` (height, width)."""
        strength = self._strength(luma)
        strength *= self._pattern
        if self._lines == self._size:
            return strength
        return np.asarray(cv2.resize(strength, self._size, interpolation=cv2.INTER_LINEAR), np.float32)

    def _strength(self, luma: NDArray[Any]) -> Floats:
        x = np.asarray(cv2.resize(luma, self._coarse, interpolation=cv2.INTER_AREA), np.float32)
        mean = cv2.blur(x, (5, 5))
        variance = np.maximum(cv2.blur(x * x, (5, 5)) - mean * mean, 0)
        # The least deviation nearby, so that the flat side of an edge gets no halo.
        deviation = cv2.blur(cv2.erode(np.sqrt(variance), np.ones((5, 5), np.uint8)), (3, 3))
        strength = np.minimum(FLAT + GROWTH * deviation, CEILING)
        gain = np.clip(_TARGET_DEVIATION / np.sqrt(float((strength * strength).mean())), LEAST_GAIN, MOST_GAIN)
        return np.asarray(cv2.resize(strength * np.float32(gain), self._lines, interpolation=cv2.INTER_LINEAR), np.float32)
