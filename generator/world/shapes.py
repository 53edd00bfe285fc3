"""Shapes as signed distance fields: negative inside, positive outside, in the units of the pen that draws them.

Each ``Shape`` is a function of two coordinate tensors and the box outside of which it is empty. Distances need only be true
near the edge, where they become antialiasing. Formulas after Inigo Quilez, "2D distance functions"
(https://iquilezles.org/articles/distfunctions2d/).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

Field = Callable[[Tensor, Tensor], Tensor]
Bounds = tuple[float, float, float, float]
Point = tuple[float, float]


@dataclass(frozen=True)
class Shape:
    """``field(x, y)`` gives distances; ``box`` is (left, top, right, bottom)."""

    field: Field
    box: Bounds

    def __or__(self, other: Shape) -> Shape:
        return Shape(lambda x, y: torch.minimum(self.field(x, y), other.field(x, y)), _around(self.box, other.box))

    def __and__(self, other: Shape) -> Shape:
        return Shape(lambda x, y: torch.maximum(self.field(x, y), other.field(x, y)), _within(self.box, other.box))

    def __sub__(self, other: Shape) -> Shape:
        return Shape(lambda x, y: torch.maximum(self.field(x, y), -other.field(x, y)), self.box)

    def melt(self, other: Shape, k: float) -> Shape:
        """Union with a soft joint ``k`` wide (polynomial smooth minimum)."""

        def field(x: Tensor, y: Tensor) -> Tensor:
            a, b = self.field(x, y), other.field(x, y)
            h = (k - (a - b).abs()).clamp_(min=0) / k
            return torch.minimum(a, b) - h * h * (k / 4)

        return Shape(field, _grown(_around(self.box, other.box), k / 4))

    def grow(self, by: float) -> Shape:
        return Shape(lambda x, y: self.field(x, y) - by, _grown(self.box, by))


def circle(cx: float, cy: float, r: float) -> Shape:
    return Shape(lambda x, y: torch.hypot(x - cx, y - cy) - r, (cx - r, cy - r, cx + r, cy + r))


def ellipse(cx: float, cy: float, rx: float, ry: float) -> Shape:
    """First-order distance: exact on the edge, which is all that antialiasing needs."""

    def field(x: Tensor, y: Tensor) -> Tensor:
        u, v = (x - cx) / rx, (y - cy) / ry
        k0 = torch.hypot(u, v)
        k1 = torch.hypot(u / rx, v / ry).clamp_(min=1e-6)
        return k0 * (k0 - 1) / k1

    return Shape(field, (cx - rx, cy - ry, cx + rx, cy + ry))


def box(cx: float, cy: float, hw: float, hh: float, r: float = 0.0) -> Shape:
    """A rectangle of half sizes ``hw``, ``hh`` with corners of radius ``r``."""

    def field(x: Tensor, y: Tensor) -> Tensor:
        qx, qy = (x - cx).abs() - (hw - r), (y - cy).abs() - (hh - r)
        return torch.hypot(qx.clamp(min=0), qy.clamp(min=0)) + torch.maximum(qx, qy).clamp(max=0) - r

    return Shape(field, (cx - hw, cy - hh, cx + hw, cy + hh))


def limb(a: Point, b: Point, ra: float, rb: float | None = None) -> Shape:
    """A capsule from ``a`` to ``b`` whose radius goes from ``ra`` to ``rb``."""
    rb = ra if rb is None else rb
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = max(dx * dx + dy * dy, 1e-9)

    def field(x: Tensor, y: Tensor) -> Tensor:
        px, py = x - a[0], y - a[1]
        t = ((px * dx + py * dy) / length).clamp_(0, 1)
        return torch.hypot(px - t * dx, py - t * dy) - (ra + (rb - ra) * t)

    r = max(ra, rb)
    return Shape(field, (min(a[0], b[0]) - r, min(a[1], b[1]) - r, max(a[0], b[0]) + r, max(a[1], b[1]) + r))


def stroke(points: Sequence[Point], width: float, tip: float | None = None) -> Shape:
    """A soft line through ``points``, ``width`` half-wide at the start and ``tip`` at the end."""
    tip = width if tip is None else tip
    n = len(points) - 1
    parts = [limb(points[i], points[i + 1], width + (tip - width) * i / n, width + (tip - width) * (i + 1) / n) for i in range(n)]
    shape = parts[0]
    for part in parts[1:]:
        shape = shape | part
    return shape


def bend(a: Point, c: Point, b: Point, steps: int = 8) -> list[Point]:
    """Points on the quadratic curve from ``a`` to ``b`` pulled towards ``c``."""
    out = []
    for i in range(steps + 1):
        t = i / steps
        s = 1 - t
        out.append((s * s * a[0] + 2 * s * t * c[0] + t * t * b[0], s * s * a[1] + 2 * s * t * c[1] + t * t * b[1]))
    return out


def polygon(points: Sequence[Point], r: float = 0.0) -> Shape:
    """A filled polygon, corners rounded outwards by ``r``."""

    def field(x: Tensor, y: Tensor) -> Tensor:
        best = x * 0 + y * 0 + 1e9
        inside = torch.ones_like(best)
        for i, (ax, ay) in enumerate(points):
            bx, by = points[i - 1]
            ex, ey = bx - ax, by - ay
            wx, wy = x - ax, y - ay
            t = ((wx * ex + wy * ey) / max(ex * ex + ey * ey, 1e-9)).clamp_(0, 1)
            best = torch.minimum(best, (wx - ex * t) ** 2 + (wy - ey * t) ** 2)
            above, below, left = y >= ay, y < by, ex * wy > ey * wx
            flip = (above & below & left) | (~above & ~below & ~left)
            inside = torch.where(flip, -inside, inside)
        return inside * best.sqrt() - r

    xs, ys = [p[0] for p in points], [p[1] for p in points]
    return Shape(field, (min(xs) - r, min(ys) - r, max(xs) + r, max(ys) + r))


def ring(cx: float, cy: float, r: float, half: float) -> Shape:
    """A circle line of radius ``r``, ``2 * half`` thick."""
    o = r + half
    return Shape(lambda x, y: (torch.hypot(x - cx, y - cy) - r).abs() - half, (cx - o, cy - o, cx + o, cy + o))


def star(cx: float, cy: float, r: float, points: int = 5, inner: float = 0.45, angle: float = 0.0, soft: float = 0.0) -> Shape:
    corners = []
    for i in range(points * 2):
        a = angle - math.pi / 2 + math.pi * i / points
        rr = r if i % 2 == 0 else r * inner
        corners.append((cx + rr * math.cos(a), cy + rr * math.sin(a)))
    return polygon(corners, soft)


def above(height: Callable[[Tensor], Tensor], top: float, slope: float = 0.0) -> Shape:
    """Everything below the curve ``y = height(x)`` (y grows downwards); ``top`` bounds the curve, ``slope`` its steepness."""
    steep = 1 / math.hypot(1, slope)
    far = 1e3
    return Shape(lambda x, y: (height(x) - y) * steep, (-far, top, far, far))


def _around(a: Bounds, b: Bounds) -> Bounds:
    return min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])


def _within(a: Bounds, b: Bounds) -> Bounds:
    return max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3])


def _grown(a: Bounds, by: float) -> Bounds:
    return a[0] - by, a[1] - by, a[2] + by, a[3] + by
