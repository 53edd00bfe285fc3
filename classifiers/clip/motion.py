"""What moves against its background, although the camera moves too.

Neighbouring sampled frames are laid over each other (an affine camera), the median of them is the background without whoever
walks across it, and what differs from that is a mover. It must not guess: where the frames cannot be laid over each other (a
cut, a still that only blinks), it finds nothing, and ``contrast.py`` has to.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from safety.media import Picture

Mask = NDArray[np.bool_]
#: float32 (3, 3): places of one frame in another.
Warp = NDArray[np.float32]
#: Frames on each side of one that make its background; at two a second, two seconds.
REACH = 4
#: Fewer overlaid frames than this have no majority that is background.
LEAST = 3
#: Part of two overlaid frames that must agree, or they are not the same shot; and how closely, in grey levels.
SAME_SHOT, AGREES = 0.5, 10.0
#: A less simple camera must make this much more of the frame agree.
WORTH = 0.01
#: Least difference from the background, CIE Lab distance in 8-bit units; compression noise stays below 10.
DIFFERENT = 18.0
#: Iterations and least gain of the alignment (Evangelidis and Psarakis, "ECC", PAMI 2008).
ECC_STEPS, ECC_GAIN = 30, 1e-3


def movers(frames: Sequence[Picture]) -> list[tuple[Mask, Mask]]:
    """For each frame, what moves in it, and where anything moved in the two seconds before and after.

    Frames are small (a side of about 200 pixels) and of one size. The second mask is what tells somebody who stands and waves:
    at no one moment does all of him move.
    """
    greys = [np.asarray(cv2.GaussianBlur(cv2.cvtColor(f, cv2.COLOR_RGB2GRAY), (0, 0), 1.0), np.float32) for f in frames]
    labs = [cv2.cvtColor(f, cv2.COLOR_RGB2LAB).astype(np.float32) for f in frames]
    steps = [_step(a, b) for a, b in pairwise(greys)]
    near = [_neighbours(i, len(frames), steps) for i in range(len(frames))]
    now = [_moving(lab, [_laid_over(labs[j], warp) for j, warp in maps]) for lab, maps in zip(labs, near, strict=True)]
    lasting = []
    for mask, maps in zip(now, near, strict=True):
        others = [_laid_over(now[j].astype(np.float32), warp) > 0.5 for j, warp in maps]  # not a number is never greater
        lasting.append(np.logical_or.reduce([mask, *others]))
    return list(zip(now, lasting, strict=True))


def _neighbours(i: int, count: int, steps: Sequence[Warp | None]) -> list[tuple[int, Warp]]:
    """Frames of the same shot around frame ``i`` and the camera's map from places in ``i`` to places in them."""
    found = []
    for direction in (-1, 1):
        warp = np.eye(3, dtype=np.float32)
        for j in range(i + direction, i + direction * (REACH + 1), direction):
            step = steps[min(j, j - direction)] if 0 <= j < count else None
            if step is None:
                break
            warp = (step if direction > 0 else np.linalg.inv(step).astype(np.float32)) @ warp
            found.append((j, warp))
    return found


def _moving(lab: NDArray[np.float32], others: Sequence[NDArray[np.float32]]) -> Mask:
    """What of ``lab`` is unlike the median of itself and ``others``, which lie over it."""
    if len(others) + 1 < LEAST:
        return np.zeros(lab.shape[:2], np.bool_)
    apart = np.linalg.norm(lab - _median(np.stack([lab, *others])), axis=2)
    mask = (cv2.GaussianBlur(apart, (0, 0), 1.0) > DIFFERENT).astype(np.uint8)
    mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
    mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 7)))
    return mask.astype(np.bool_)


def _median(layers: NDArray[np.float32]) -> NDArray[np.float32]:
    """Median over the first axis of what is a number; the first layer is numbers throughout.

    The few layers are sorted by exchanging neighbours, whole layers at a time: NumPy's own sorts each place for itself and takes
    several times as long.
    """
    missing = np.isnan(layers[..., 0])
    counts = len(layers) - missing.sum(axis=0)[None, ..., None]
    ordered = np.where(missing[..., None], np.float32(np.inf), layers)  # what is not a number comes last
    lower = np.empty_like(ordered[0])
    for turn in range(len(ordered)):
        for i in range(turn % 2, len(ordered) - 1, 2):
            np.minimum(ordered[i], ordered[i + 1], out=lower)
            np.maximum(ordered[i], ordered[i + 1], out=ordered[i + 1])
            ordered[i] = lower
    low, high = (np.take_along_axis(ordered, middle, axis=0)[0] for middle in ((counts - 1) // 2, counts // 2))
    return np.asarray((low + high) / 2, np.float32)


def _laid_over(lab: NDArray[np.float32], warp: Warp) -> NDArray[np.float32]:
    """``lab`` as seen through ``warp``; not a number where it has nothing to say."""
    size, outside = (lab.shape[1], lab.shape[0]), (np.nan, np.nan, np.nan)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(lab, warp[:2], size, flags=flags, borderMode=cv2.BORDER_CONSTANT, borderValue=outside))


def _step(a: NDArray[np.float32], b: NDArray[np.float32]) -> Warp | None:
    """The camera's 3x3 map from places in ``a`` to places in ``b``; None when they are not one shot.

    Of a camera that stands, one that pans and an affine one, the simplest wins whose overlay agrees at most places: a solver
    left alone with a flat background follows whoever walks before it.
    """
    best, most = None, SAME_SHOT
    for warp in _cameras(a, b):
        laid = cv2.warpAffine(
            b, warp[:2], (b.shape[1], b.shape[0]), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE
        )
        agrees = float(np.mean(np.abs(np.asarray(laid, np.float32) - a) < AGREES))
        if agrees > most + (WORTH if best is not None else 0.0):
            best, most = warp, agrees
    return best


def _cameras(a: NDArray[np.float32], b: NDArray[np.float32]) -> Iterator[Warp]:
    """Maps to try, the simplest first."""
    yield np.eye(3, dtype=np.float32)
    (dx, dy), _ = cv2.phaseCorrelate(a, b)
    pan = np.array([[1, 0, dx], [0, 1, dy], [0, 0, 1]], np.float32)
    yield pan
    stop = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, ECC_STEPS, ECC_GAIN)
    try:
        _, found = cv2.findTransformECC(a, b, pan[:2].copy(), cv2.MOTION_AFFINE, stop)
    except cv2.error:  # it did not converge
        return
    yield np.vstack([found, [0, 0, 1]]).astype(np.float32)
