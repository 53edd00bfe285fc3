"""Turn a face upright and to the recogniser's size, from its five landmarks."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

#: Side of the recogniser's input in pixels.
SIDE = 112
#: Where the landmarks of an aligned face lie, in pixels of 112: ArcFace's reference, which SFace was trained on
#: (insightface/utils/face_align.py, ``arcface_dst``).
REFERENCE = np.array([[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]])


def align(picture: NDArray[np.uint8], landmarks: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The face as (112, 112, 3), turned, scaled and moved so that ``landmarks`` (5, 2) come nearest to the reference."""
    matrix = similarity(landmarks.astype(np.float64), REFERENCE)
    return np.asarray(cv2.warpAffine(picture, matrix, (SIDE, SIDE), borderValue=0.0), np.uint8)


def similarity(source: NDArray[np.float64], target: NDArray[np.float64]) -> NDArray[np.float64]:
    """The 2x3 matrix of turn, scale and shift that brings ``source`` nearest to ``target`` in least squares.

    Umeyama, IEEE PAMI 13 (1991) 376; never a mirror image. Raises ``ValueError`` when all source points coincide.
    """
    mean_s, mean_t = source.mean(0), target.mean(0)
    s, t = source - mean_s, target - mean_t
    spread = float((s**2).sum()) / len(s)
    if not np.isfinite(spread) or spread < 1e-9:
        raise ValueError("landmarks coincide")
    u, d, v = np.linalg.svd(t.T @ s / len(s))
    sign = np.array([1.0, np.sign(np.linalg.det(u) * np.linalg.det(v)) or 1.0])
    turn = u @ np.diag(sign) @ v
    scale = float((d * sign).sum()) / spread
    return np.column_stack([scale * turn, mean_t - scale * turn @ mean_s])
