"""Drawings to measure swimwear on: one shaded figure, differently dressed. No photograph of swimwear is used anywhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from safety.media import Picture

Colour = tuple[int, int, int]
Points = Sequence[tuple[int, int]]
Floats = NDArray[np.float32]
WIDTH, HEIGHT = 480, 640
MIDDLE = WIDTH // 2
#: What the figure wears that is swimwear or underwear, and what is not though it shows skin.
LIGHT, OTHER = ("bikini", "one-piece", "trunks"), ("suit", "short top and trousers", "sleeveless dress", "shirt and shorts")

_SIDE: Points = ((95, 150), (70, 230), (58, 290), (62, 330), (92, 420), (98, 470), (88, 640), (12, 640), (4, 470))
_TORSO: Points = ((-96, 148), (96, 148), (75, 232), (70, 290), (78, 430), (-78, 430), (-70, 290), (-75, 232))
_TROUSERS: Points = ((-96, 412), (96, 412), (94, 640), (6, 640), (0, 495), (-6, 640), (-94, 640))
_SHORTS: Points = ((-94, 415), (94, 415), (100, 560), (6, 560), (0, 495), (-6, 560), (-100, 560))
_BRIEFS: Points = ((-94, 412), (94, 412), (94, 426), (14, 488), (-14, 488), (-94, 426))
_SUIT: Points = (
    (-60, 180), (-30, 215), (0, 228), (30, 215), (60, 180), (72, 232), (58, 290), (62, 330), (92, 420), (14, 490), (-14, 490),
    (-92, 420), (-62, 330), (-58, 290), (-72, 232),
)  # fmt: skip
_DRESS: Points = ((-70, 165), (70, 165), (74, 232), (62, 300), (140, 640), (-140, 640), (-62, 300), (-74, 232))
_TOP: Points = ((-70, 160), (70, 160), (76, 250), (-76, 250))


def swimmer(skin: Colour, ground: Colour, cloth: Colour, wears: str) -> Picture:
    """uint8 (640, 480, 3) RGB: the figure in what ``wears`` names, of ``LIGHT`` or ``OTHER``."""
    outline = np.zeros((HEIGHT, WIDTH), np.uint8)
    body = [(-x, y) for x, y in _SIDE] + [*reversed(_SIDE)] + [(28, 135), (24, 95), (-24, 95), (-28, 135)]
    cv2.fillPoly(outline, [_placed(body)], 255)
    cv2.ellipse(outline, (MIDDLE, 60), (42, 55), 0, 0, 360, 255, -1)
    for side in (-1, 1):
        cv2.ellipse(outline, (MIDDLE + side * 112, 270), (22, 130), -side * 8, 0, 360, 255, -1)
    outline = np.asarray(cv2.GaussianBlur(outline, (0, 0), 2), np.uint8)
    deep = cv2.distanceTransform((outline > 127).astype(np.uint8), cv2.DIST_L2, 5)
    light = np.asarray(np.clip(deep / 38, 0, 1) ** 0.5 * 0.45 + 0.6, np.float32)
    image: Floats = np.full((HEIGHT, WIDTH, 3), ground, np.float32)
    share = (outline / np.float32(255))[..., None]
    image = _featured(np.asarray(image * (1 - share) + np.array(skin, np.float32) * light[..., None] * share, np.float32), skin)
    for piece in _PIECES[wears]:
        image = _clothed(image, piece, cloth, light)
    grain = np.random.default_rng(1).normal(0, 4, image.shape)
    return np.asarray(np.clip(cv2.GaussianBlur(image, (0, 0), 0.8) + grain, 0, 255), np.uint8)


def _featured(image: Floats, skin: Colour) -> Floats:
    """A face, hair, a navel and the shading of a chest."""
    dark = tuple(round(v * 0.55) for v in skin)
    image = _touched(image, lambda m: cv2.ellipse(m, (MIDDLE, 352), (4, 8), 0, 0, 360, 255, -1), dark, 0.9, 2)
    image = _touched(image, lambda m: cv2.line(m, (MIDDLE, 250), (MIDDLE, 345), 255, 3), dark, 0.35, 4)
    for side in (-1, 1):
        at = MIDDLE + side * 42
        image = _touched(image, lambda m, x=at: cv2.ellipse(m, (x, 222), (38, 34), 0, 20, 160, 255, 5), dark, 0.7, 4)
        eye = MIDDLE + side * 15
        image = _touched(image, lambda m, x=eye: cv2.circle(m, (x, 52), 4, 255, -1), (30, 20, 20), 1, 1)
    image = _touched(image, lambda m: cv2.ellipse(m, (MIDDLE, 80), (12, 4), 0, 0, 360, 255, -1), (170, 60, 70), 0.9, 1)
    return _touched(image, lambda m: cv2.ellipse(m, (MIDDLE, 35), (46, 36), 0, 180, 360, 255, -1), (50, 30, 20), 1, 1)


def _touched(image: Floats, draw: Callable[..., object], colour: Sequence[int], share: float, blur: float) -> Floats:
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    draw(mask)
    soft = (cv2.GaussianBlur(mask, (0, 0), blur) / np.float32(255))[..., None] * np.float32(share)
    return np.asarray(image * (1 - soft) + np.array(colour, np.float32) * soft, np.float32)


def _clothed(image: Floats, points: Points, cloth: Colour, light: Floats) -> Floats:
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.fillPoly(mask, [_placed(points)], 255, cv2.LINE_AA)
    share = (cv2.GaussianBlur(mask, (0, 0), 1) / np.float32(255))[..., None]
    return np.asarray(image * (1 - share) + np.array(cloth, np.float32) * light[..., None] * share, np.float32)


def _placed(points: Points) -> NDArray[np.int32]:
    return np.array([(MIDDLE + x, y) for x, y in points], np.int32)


def _straps(inner: int, outer: int, low: int, high: int) -> tuple[Points, ...]:
    return tuple(((s * outer - 4, low), (s * outer + 4, low), (s * inner + 4, high), (s * inner - 4, high)) for s in (-1, 1))


_CUPS: tuple[Points, ...] = tuple(((s * 42 - 36 * s, 235), (s * 42 + 36 * s, 238), (s * 40, 180)) for s in (-1, 1))
_PIECES: dict[str, tuple[Points, ...]] = {
    "bikini": (*_CUPS, *_straps(26, 40, 182, 120), ((-78, 232), (78, 232), (78, 238), (-78, 238)), _BRIEFS),
    "one-piece": (_SUIT, *_straps(40, 55, 185, 135)),
    "trunks": (_SHORTS,),
    "suit": (_TORSO, _TROUSERS),
    "short top and trousers": (_TOP, _TROUSERS),
    "sleeveless dress": (_DRESS, *_straps(45, 60, 170, 130)),
    "shirt and shorts": (_TORSO, _SHORTS),
}
