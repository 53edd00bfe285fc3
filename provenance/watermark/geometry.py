"""Where the tiles lie in a picture that may have been cropped, scaled, squeezed or turned.

A repeated tile shows itself in the autocorrelation as a lattice of peaks, with no need of the key; these functions propose
lattices, the sync of the tile layout decides among them.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
import scipy.fft
from numpy.typing import NDArray

from provenance.watermark.polar import Floats
from provenance.watermark.tile import SIDE

#: Periods searched, in samples of the analysed picture (its short side is at most 400, so a quarter to three times as large).
SHORTEST, LONGEST = 28.0, 300.0
#: Largest folded picture, samples a side.
_LARGEST = 3000


class Lattice(NamedTuple):
    """Width and height of a tile in samples of the analysed picture, and its rotation in radians."""

    px: float
    py: float
    angle: float = 0.0


def fold(residual: Floats, lattice: Lattice) -> Floats | None:
    """Sum all tiles of ``residual`` onto one (112, 112); None where the lattice cannot be."""
    h, w = residual.shape
    c, s = np.cos(lattice.angle), np.sin(lattice.angle)
    basis = np.array([[c, -s], [s, c]]) @ np.diag([lattice.px / SIDE, lattice.py / SIDE])
    corners = np.linalg.solve(basis, np.array([[0, w, 0, w], [0, 0, h, h]], float))
    low = corners.min(1)
    wide, high = np.ceil(corners.max(1) - low).astype(int)
    if max(wide, high) > _LARGEST or min(wide, high) < SIDE // 2:
        return None
    warp = np.zeros((2, 3), np.float32)
    warp[:, :2], warp[:, 2] = basis, basis @ (low + 0.5) - 0.5
    shrink = max(lattice.px, lattice.py) / SIDE
    source = residual if shrink <= 1.3 else cv2.GaussianBlur(residual, (0, 0), 0.35 * shrink)
    down, across = -(-high // SIDE), -(-wide // SIDE)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    flat = cv2.warpAffine(source, warp, (int(across) * SIDE, int(down) * SIDE), flags=flags, borderMode=cv2.BORDER_CONSTANT)
    return np.asarray(flat.reshape(down, SIDE, across, SIDE).sum((0, 2)), np.float32)


def autocorrelation(residual: Floats) -> Floats:
    """Whitened autocorrelation with the origin in the middle, in units of its own noise."""
    h, w = residual.shape
    shape = (cv2.getOptimalDFTSize(2 * h), cv2.getOptimalDFTSize(2 * w))
    power = np.abs(scipy.fft.rfft2(residual, s=shape)) ** 2
    local = np.exp(cv2.blur(np.log(power + 1e-6).astype(np.float32), (15, 15)))
    white = np.minimum(power / local, 30)
    radius = np.hypot(np.fft.fftfreq(shape[0])[:, None], np.fft.rfftfreq(shape[1])[None])
    white = (white - white.mean()) * ((radius > 0.02) & (radius < 0.36))
    lags = scipy.fft.irfft2(white, s=shape).astype(np.float32)
    lags[0, 0] = 0
    centred = cv2.GaussianBlur(np.fft.fftshift(lags), (3, 3), 0.7)
    return np.asarray(centred / (np.median(np.abs(centred)) * 1.4826 + 1e-12), np.float32)


def upright(lags: Floats, size: tuple[int, int], count: int = 4) -> list[Lattice]:
    """Likely unrotated lattices of a picture of ``size`` (h, w): the best periods of each axis, paired and alone."""
    h, w = size
    cy, cx = lags.shape[0] // 2, lags.shape[1] // 2
    across = _periods(lags[cy - 1 : cy + 2, cx:].max(0), w, count)
    down = _periods(lags[cy:, cx - 1 : cx + 2].max(1), h, count)
    pairs = [Lattice(p, q) for p in across for q in down]
    return pairs + [Lattice(p, p) for p in across] + [Lattice(q, q) for q in down]


def rotated(lags: Floats, size: tuple[int, int], count: int = 6) -> list[Lattice]:
    """Likely square lattices at any angle within 45 degrees either way."""
    h, w = size
    cy, cx = lags.shape[0] // 2, lags.shape[1] // 2
    field = np.minimum(cv2.GaussianBlur(lags, (5, 5), 1.0), 12).astype(np.float32)
    periods = np.exp(np.arange(np.log(SHORTEST), np.log(max(min(h, w) * 0.8, SHORTEST + 1)), 0.004))
    angles = np.deg2rad(np.arange(-45, 45, 0.2))
    total = np.zeros((len(angles), len(periods)), np.float32)
    norm = np.zeros_like(total)
    for k, l in ((1, 0), (0, 1), (2, 0), (0, 2), (1, 1), (1, -1), (3, 0), (2, 1), (2, -1), (1, 2), (1, -2)):
        x = periods[None] * (k * np.cos(angles) - l * np.sin(angles))[:, None]
        y = periods[None] * (k * np.sin(angles) + l * np.cos(angles))[:, None]
        weight = np.sqrt(np.maximum(0, (1 - np.abs(x) / w) * (1 - np.abs(y) / h)))
        weight *= (np.abs(x) < w * 0.85) & (np.abs(y) < h * 0.85)
        total += cv2.remap(field, (x + cx).astype(np.float32), (y + cy).astype(np.float32), cv2.INTER_LINEAR) * weight
        norm += weight * weight
    score = total / np.sqrt(np.maximum(norm, 1))
    found = []
    for _ in range(count):
        i, j = np.unravel_index(int(score.argmax()), score.shape)
        found.append(Lattice(float(periods[j]), float(periods[j]), float(angles[i])))
        score[max(0, i - 6) : i + 7, max(0, j - 6) : j + 7] = -np.inf
    return found


def _periods(lags: Floats, size: int, count: int) -> list[float]:
    """The ``count`` periods along one axis whose first six multiples stand out most."""
    longest = min(LONGEST, size * 0.75)
    if longest <= SHORTEST:
        return []
    periods = np.exp(np.arange(np.log(SHORTEST), np.log(longest), 0.0015))
    score: NDArray[np.float64] = np.zeros(len(periods))
    for k in range(1, 7):
        at = periods * k
        value = np.interp(at, np.arange(len(lags)), lags) * np.sqrt(1 - np.minimum(at / size, 0.9))
        score += np.where(at < size * 0.9, value, 0)
    score /= np.sqrt(np.clip(np.floor(size * 0.9 / periods), 1, 6))
    found = []
    for _ in range(count):
        best = int(score.argmax())
        if not np.isfinite(score[best]):
            break
        found.append(float(periods[best]))
        score[np.abs(np.log(periods / periods[best])) < 0.02] = -np.inf
    return found
