"""What stands out by its colours: windows whose inside looks unlike the ring around it, and the outline inside them.

The measure is the overlap of colour histograms inside and around a window (Alexe, Deselaers and Ferrari, "Measuring the
objectness of image windows", PAMI 2012, their "colour contrast"), read off one table of sums so that thousands of
windows cost milliseconds. The outline is GrabCut's (Rother, Kolmogorov and Blake, SIGGRAPH 2004). It knows nothing of what
things are.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from safety.media import Picture

Mask = NDArray[np.bool_]
#: Heights of windows as parts of the frame's shorter side, their widths as parts of their height, and their step.
HEIGHTS = (0.3, 0.4, 0.52, 0.68, 0.85)
ASPECTS = (0.65, 1.0)
STEP = 0.2
#: The ring around a window, as a part of its size.
RING = 0.18
#: Lab is cut into this many levels of lightness and of each of two colour axes.
LEVELS = (4, 6, 6)
#: Two windows that share more than this part of their union are one.
OVERLAP = 0.4
#: Side of the picture GrabCut works on, its iterations, and the sensible parts of it that may be object.
CUT_SIDE, CUT_STEPS = 72, 3
LEAST_OBJECT, MOST_OBJECT = 0.12, 0.85


@dataclass(frozen=True)
class Window:
    """Pixels of the small frame: left, top, right, bottom (exclusive), and how much it stands out, 0 to 1."""

    left: int
    top: int
    right: int
    bottom: int
    contrast: float

    @property
    def area(self) -> int:
        return (self.right - self.left) * (self.bottom - self.top)

    def shared(self, other: Window) -> float:
        """Intersection over union."""
        w = min(self.right, other.right) - max(self.left, other.left)
        h = min(self.bottom, other.bottom) - max(self.top, other.top)
        both = max(0, w) * max(0, h)
        return both / (self.area + other.area - both)


def windows(frame: Picture, most: int) -> list[Window]:
    """The at most ``most`` windows that stand out most, none over another."""
    height, width = frame.shape[:2]
    plan = _plan(width, height)
    sums, grid = _sums(frame, plan), plan.grid
    inside = _histograms(sums, plan.inner)
    ring = _histograms(sums, plan.outer) - inside
    rest = np.maximum(sums[-1, -1] - inside, 0)
    inside /= inside.sum(1, keepdims=True)
    ring /= np.maximum(ring.sum(1, keepdims=True), 1)
    rest /= np.maximum(rest.sum(1, keepdims=True), 1)
    # Unlike its ring, and unlike the rest of the frame: a piece of sky is unlike the ground below it, but there is more sky.
    contrast = (1 - np.minimum(inside, ring).sum(1)) * (1 - np.minimum(inside, rest).sum(1))
    kept: list[Window] = []
    for i in np.argsort(-contrast, kind="stable"):
        left, top, right, bottom = grid[i].tolist()
        window = Window(left, top, right, bottom, float(contrast[i]))
        if all(window.shared(k) <= OVERLAP for k in kept):
            kept.append(window)
            if len(kept) == most:
                break
    return kept


def outline(frame: Picture, window: Window, hint: Mask | None = None) -> Mask | None:
    """Mask (of the frame's size) of the object in ``window``, or None when there is no outline to be had.

    ``hint``, of the frame's size, is where the object is thought to be; without it, anywhere in the window.
    """
    height, width = frame.shape[:2]
    mx, my = int((window.right - window.left) * RING) + 2, int((window.bottom - window.top) * RING) + 2
    left, top = max(0, window.left - mx), max(0, window.top - my)
    right, bottom = min(width, window.right + mx), min(height, window.bottom + my)
    scale = CUT_SIDE / max(right - left, bottom - top)
    size = (max(2, round((right - left) * scale)), max(2, round((bottom - top) * scale)))
    part = cv2.resize(frame[top:bottom, left:right], size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    inside = np.zeros((height, width), np.uint8)
    inside[window.top : window.bottom, window.left : window.right] = cv2.GC_PR_FGD if hint is None else cv2.GC_PR_BGD
    if hint is not None:
        inside[hint] = cv2.GC_PR_FGD
    found = cv2.resize(inside[top:bottom, left:right], size, interpolation=cv2.INTER_NEAREST)
    if not (found == cv2.GC_BGD).any() or not (found == cv2.GC_PR_FGD).any():
        return None
    try:
        cv2.setRNGSeed(0)  # GrabCut seeds its clusters from OpenCV's generator; the same frame must give the same outline
        cv2.grabCut(part, found, (0, 0, 0, 0), np.zeros((1, 65)), np.zeros((1, 65)), CUT_STEPS, cv2.GC_INIT_WITH_MASK)
    except cv2.error:
        return None
    inner = largest(found == cv2.GC_PR_FGD)
    if inner is None or not LEAST_OBJECT <= inner.mean() <= MOST_OBJECT:
        return None
    mask = np.zeros((height, width), np.bool_)
    back = cv2.resize(inner.astype(np.uint8) * 255, (right - left, bottom - top), interpolation=cv2.INTER_LINEAR)
    mask[top:bottom, left:right] = back > 127
    return mask


def largest(mask: Mask) -> Mask | None:
    """The largest connected piece of ``mask`` with its holes filled; None when the mask is empty."""
    pieces, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not pieces:
        return None
    canvas = np.zeros(mask.shape, np.uint8)
    cv2.drawContours(canvas, [max(pieces, key=cv2.contourArea)], -1, 1, cv2.FILLED)
    return canvas.astype(np.bool_)


@dataclass(frozen=True)
class _Plan:
    """What is the same for every frame of one size: the windows, and the lines where any window or its ring begins or ends.

    ``inner`` and ``outer`` are the windows and the windows with their rings, as numbers of lines instead of pixels.
    """

    grid: NDArray[np.int_]
    xs: NDArray[np.int_]
    ys: NDArray[np.int_]
    inner: NDArray[np.int_]
    outer: NDArray[np.int_]


@lru_cache(maxsize=8)
def _plan(width: int, height: int) -> _Plan:
    grid = _grid(width, height)
    grow = np.stack([grid[:, 2] - grid[:, 0], grid[:, 3] - grid[:, 1]] * 2, 1) * RING * [-1, -1, 1, 1]
    outer = np.clip(np.round(grid + grow).astype(int), 0, [width, height, width, height])
    both = np.concatenate([grid, outer])
    xs = np.unique(np.append(both[:, 0::2], [0, width]))
    ys = np.unique(np.append(both[:, 1::2], [0, height]))
    inner, outer = (
        np.stack([np.searchsorted(xs if i % 2 == 0 else ys, boxes[:, i]) for i in range(4)], 1) for boxes in (grid, outer)
    )
    return _Plan(grid, xs, ys, inner, outer)


def _sums(frame: Picture, plan: _Plan) -> NDArray[np.float32]:
    """float32 (lines down, lines across, bins): counts of each colour above and left of where two lines cross."""
    lab = cv2.cvtColor(frame, cv2.COLOR_RGB2LAB).astype(np.int32)
    light = np.minimum(lab[..., 0] * LEVELS[0] // 256, LEVELS[0] - 1)
    # Colours of pictures crowd around neutral 128; 20 units a level tells them apart and the outer levels take the rest.
    red = np.clip((lab[..., 1] - 128) // 20 + LEVELS[1] // 2, 0, LEVELS[1] - 1)
    yellow = np.clip((lab[..., 2] - 128) // 20 + LEVELS[2] // 2, 0, LEVELS[2] - 1)
    bins, across, down = int(np.prod(LEVELS)), len(plan.xs) - 1, len(plan.ys) - 1
    column = np.repeat(np.arange(across), np.diff(plan.xs))
    row = np.repeat(np.arange(down), np.diff(plan.ys))
    cell = (row[:, None] * across + column) * bins + (light * LEVELS[1] + red) * LEVELS[2] + yellow
    sums = np.zeros((down + 1, across + 1, bins), np.float32)
    sums[1:, 1:] = np.bincount(cell.ravel(), minlength=down * across * bins).reshape(down, across, bins)
    for y in range(1, down):  # line by line: NumPy's cumsum goes number by number and takes eight times as long
        sums[y + 1] += sums[y]
    for x in range(1, across):
        sums[:, x + 1] += sums[:, x]
    return sums


def _histograms(sums: NDArray[np.float32], boxes: NDArray[np.int_]) -> NDArray[np.float32]:
    left, top, right, bottom = boxes.T
    return np.asarray(sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left])


def _grid(width: int, height: int) -> NDArray[np.int_]:
    """int (n, 4): left, top, right, bottom of every window."""
    short = min(width, height)
    boxes = []
    for part in HEIGHTS:
        for aspect in ASPECTS:
            h = max(2, round(part * short))
            w = max(2, round(h * aspect))
            if w > width or h > height:
                continue
            for y in np.unique(np.linspace(0, height - h, max(2, round((height - h) / (STEP * h)) + 1)).astype(int)):
                for x in np.unique(np.linspace(0, width - w, max(2, round((width - w) / (STEP * w)) + 1)).astype(int)):
                    boxes.append((x, y, x + w, y + h))
    return np.array(boxes or [(0, 0, width, height)], int)
