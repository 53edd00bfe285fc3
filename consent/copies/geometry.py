"""Lays a reference over what was seen, by their corners: the proof of a copy, and where in the frame it lies.

Corners whose 256 bits are alike are paired, and one map from the reference to the frame must explain many of the pairs: moved,
turned, scaled or stretched at first, and seen in perspective where that explains too few. What only shares a small thing with the
reference, such as a logo, is no copy. It compares any two pictures and knows nothing of codes, time or reservations.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from safety.fingerprint import PictureFingerprint, read_points
from safety.signal import Box

#: Most differing bits of two corners that are alike, and how much nearer than the second nearest (Lowe's ratio).
ALIKE, RATIO = 64, 0.85
#: Pairs one map must explain: without and with perspective, which explains more by chance.
LEAST, LEAST_PERSPECTIVE = 10, 14
#: How far from its place a corner may lie, in picture heights (a hundredth is 2 pixels of 234).
TOLERANCE = 0.012
#: Least part of the reference's area that the explained corners must stretch over, as their bounding box.
SPREAD = 0.12
#: Smallest and largest size of a copy in the frame, in each direction, and most stretched.
SMALLEST, LARGEST, STRETCHED = 0.15, 6.0, 2.5
TRIES = 600


@dataclass(frozen=True)
class Fit:
    """``pairs`` explained of those that were alike; ``box`` what part of the frame the reference covers, ``shown`` which part of
    the reference's area is in the frame; ``perspective`` whether it is seen from the side."""

    pairs: int
    box: Box
    shown: float
    mirrored: bool
    perspective: bool


def lay_over(
    seen: PictureFingerprint, points: bytes, shape: float, *, mirrored: bool = False, least: int = LEAST
) -> Fit | None:  # fmt: skip
    """The best map of a reference with ``points`` and ``shape`` (width by height) onto ``seen``; None when it is no copy.

    ``least`` pairs must be explained; with fewer than ``LEAST`` the answer is a hint, and no proof by itself.
    """
    here, there = read_points(seen.points), read_points(points)
    if min(len(here), len(there)) < least:
        return None
    ours, theirs = _pairs(here["bits"], there["bits"])
    if len(ours) < least:
        return None
    to = _places(here[ours], seen.shape)
    start = _places(there[theirs], shape)
    cv2.setRNGSeed(0)  # the same two pictures must give the same answer
    flat, inner = cv2.estimateAffine2D(start, to, method=cv2.RANSAC, ransacReprojThreshold=TOLERANCE, maxIters=TRIES)
    if flat is not None:
        fit = _judged(
            np.vstack([flat, [0, 0, 1]]),
            np.asarray(inner, np.uint8),
            start,
            least,
            seen.shape,
            shape,
            mirrored,
            perspective=False,
        )
        if fit is not None:
            return fit
    if len(ours) < LEAST_PERSPECTIVE:
        return None
    bent, inner = cv2.findHomography(start, to, cv2.RANSAC, TOLERANCE, maxIters=TRIES)
    if bent is None:
        return None
    return _judged(
        np.asarray(bent, np.float64),
        np.asarray(inner, np.uint8),
        start,
        LEAST_PERSPECTIVE,
        seen.shape,
        shape,
        mirrored,
        perspective=True,
    )


def _pairs(here: NDArray[np.uint8], there: NDArray[np.uint8]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Numbers of corners that are alike and each other's nearest."""
    words = np.ascontiguousarray(here).view(np.uint64)[:, None] ^ np.ascontiguousarray(there).view(np.uint64)[None]
    bits = np.bitwise_count(words).sum(axis=2, dtype=np.int32)
    nearest = bits.argmin(axis=1)
    rows = np.arange(len(bits))
    best = bits[rows, nearest]
    second = np.partition(bits, 1, axis=1)[:, 1]
    kept = (best <= ALIKE) & (best <= RATIO * second) & (bits.argmin(axis=0)[nearest] == rows)
    return np.flatnonzero(kept), nearest[kept]


def _places(points: NDArray[np.void], shape: float) -> NDArray[np.float32]:
    """float32 (n, 2) in picture heights."""
    return np.stack([points["x"] * (shape / 65535), points["y"] / 65535], axis=1).astype(np.float32)


def _judged(
    warp: NDArray[np.float64], inner: NDArray[np.uint8], start: NDArray[np.float32], least: int, seen: float, shape: float,
    mirrored: bool, *, perspective: bool,
) -> Fit | None:  # fmt: skip
    """The fit, unless it explains too few pairs, only a corner of the reference, or turns it inside out."""
    held = start[inner.ravel() > 0]
    # several corners at one place are one
    pairs = len(np.unique(np.round(held / (2 * TOLERANCE)), axis=0)) if len(held) else 0
    if pairs < least:
        return None
    wide, high = (held.max(0) - held.min(0)).tolist()
    if wide * high < SPREAD * shape:
        # a copy that is cut may show less of the reference than this, but then it fills the frame with it
        moved = cv2.perspectiveTransform(held[None], warp)[0]
        across, down = (moved.max(0) - moved.min(0)).tolist()
        if across * down < 2 * SPREAD * seen:
            return None
    corners = np.array([[[0, 0], [shape, 0], [shape, 1], [0, 1]]], np.float32)
    quad = cv2.perspectiveTransform(corners, warp)[0]
    if not cv2.isContourConvex(quad.reshape(-1, 1, 2).astype(np.float32)) or cv2.contourArea(quad.astype(np.float32), True) <= 0:
        return None
    sides = np.linalg.norm(quad - np.roll(quad, -1, axis=0), axis=1) / [shape, 1, shape, 1]
    if sides.min() < SMALLEST or sides.max() > LARGEST or sides.max() > STRETCHED * sides.min():
        return None
    frame = np.array([[0, 0], [seen, 0], [seen, 1], [0, 1]], np.float32)
    common, _ = cv2.intersectConvexConvex(quad.astype(np.float32), frame)
    shown = min(1.0, float(common) / max(float(cv2.contourArea(quad.astype(np.float32))), 1e-9))
    left, top = np.clip(quad.min(0) / [seen, 1], 0, 1).tolist()
    right, bottom = np.clip(quad.max(0) / [seen, 1], 0, 1).tolist()
    return Fit(pairs, Box(x=left, y=top, w=right - left, h=bottom - top), shown, mirrored, perspective)
