"""Drawings to measure on: crude naked figures, the same ones dressed, flat scenes. No explicit photograph is used anywhere."""

from __future__ import annotations

import cv2
import numpy as np

from safety.media import Picture

SKINS = ((236, 188, 160), (200, 140, 110), (120, 80, 60))


def figure(skin: tuple[int, int, int], ground: tuple[int, int, int], *, dressed: bool) -> Picture:
    """A crude drawing of a woman from the front, 640x360: naked, or in a jumper and trousers."""
    image = np.full((360, 640, 3), ground, np.uint8)
    jumper, trousers = ((60, 110, 70), (50, 60, 110)) if dressed else (skin, skin)
    cv2.circle(image, (320, 60), 38, skin, -1, cv2.LINE_AA)
    for side in (-1, 1):
        cv2.ellipse(image, (320 + side * 30, 310), (25, 80), 0, 0, 360, trousers, -1, cv2.LINE_AA)
    cv2.ellipse(image, (320, 190), (60, 110), 0, 0, 360, jumper, -1, cv2.LINE_AA)
    for side in (-1, 1):
        cv2.ellipse(image, (320 + side * 85, 170), (18, 90), -side * 12, 0, 360, jumper, -1, cv2.LINE_AA)
        if not dressed:
            cv2.circle(image, (320 + side * 26, 140), 26, tuple(min(255, int(c * 1.06)) for c in skin), -1, cv2.LINE_AA)
            cv2.circle(image, (320 + side * 26, 145), 7, tuple(int(c * 0.75) for c in skin), -1, cv2.LINE_AA)
    if not dressed:
        cv2.ellipse(image, (320, 275), (14, 18), 0, 0, 360, (60, 40, 30), -1, cv2.LINE_AA)
    return np.asarray(cv2.GaussianBlur(image, (0, 0), 1.5), np.uint8)


def cartoon(seed: int, width: int = 640, height: int = 360) -> Picture:
    """A flat drawn scene: sky, ground and shapes in plain colours."""
    rng = np.random.default_rng(seed)
    image = np.empty((height, width, 3), np.uint8)
    horizon = int(height * rng.uniform(0.4, 0.75))
    image[:horizon], image[horizon:] = rng.integers(90, 240, 3), rng.integers(60, 220, 3)
    for _ in range(14):
        colour = tuple(int(v) for v in rng.integers(30, 250, 3))
        x, y, s = int(rng.uniform(0, width)), int(rng.uniform(height * 0.1, height)), int(rng.uniform(8, height * 0.22))
        kind = rng.integers(3)
        if kind == 0:
            cv2.circle(image, (x, y), s, colour, -1, cv2.LINE_AA)
        elif kind == 1:
            cv2.rectangle(image, (x, y - s), (x + s, y + s), colour, -1)
        else:
            cv2.fillPoly(image, [np.array([[x, y - 2 * s], [x - s, y], [x + s, y]])], colour, cv2.LINE_AA)
    return image
