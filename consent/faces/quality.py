"""How much a sighting of a face is worth for telling whose it is, and whether two sightings hardly differ.

Both are judged on the aligned face, which the recogniser sees too. Neither says anything about who somebody is.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from safety.media import Picture

#: Size and sharpness from which more adds nothing: at 100 pixels an embedding is the full-size one to 0.95 and more, and
#: photographs have a variance of the Laplacian of 270 and more (docs/faces.md, ``consent/likeness.py``).
ENOUGH_PX = 100.0
ENOUGH_SHARPNESS = 270.0
#: Least part of the worth that a face in profile keeps.
PROFILE = 0.2
#: Side of the small grey copy that ``print_of`` makes of an aligned face.
PRINT_SIDE = 28


def frontal(landmarks: NDArray[np.float32]) -> float:
    """How much the face looks ahead: 1 when the nose lies midway between the eyes, 0 in profile."""
    left, right, nose = landmarks[0], landmarks[1], landmarks[2]
    across = right - left
    length = float(across @ across)
    if length == 0.0:
        return 0.0
    along = float((nose - left) @ across) / length
    return float(np.clip(1.0 - 2.0 * abs(along - 0.5), 0.0, 1.0))


def sharpness(grey: NDArray[np.uint8]) -> float:
    """Variance of the Laplacian of an aligned grey face (112, 112)."""
    return float(cv2.Laplacian(grey, cv2.CV_32F).var())


def worth(score: float, size_px: float, landmarks: NDArray[np.float32], grey: NDArray[np.uint8]) -> float:
    """0 to 1: detection score, size, frontality and sharpness, each with less weight the nearer it is to enough."""
    size = min(1.0, size_px / ENOUGH_PX)
    clear = min(1.0, sharpness(grey) / ENOUGH_SHARPNESS) ** 0.25
    return float(score * size * clear * (PROFILE + (1.0 - PROFILE) * frontal(landmarks)))


def print_of(aligned: Picture) -> NDArray[np.float32]:
    """A small grey copy of an aligned face (112, 112, 3), float32 (784,) of mean 0 and length 1; two are held by product."""
    grey = cv2.cvtColor(aligned, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(grey, (PRINT_SIDE, PRINT_SIDE), interpolation=cv2.INTER_AREA).astype(np.float32).ravel()
    small -= small.mean()
    return np.asarray(small / max(float(np.linalg.norm(small)), 1e-6), np.float32)
