"""A picture that shapes are painted on, and the pen that places them.

A canvas is float32 (3, height, width), 0 to 1, seen through a window on the scene: one scene unit is one frame height, x to the
right, y down. A pen is a place, a size and a turn; whatever it draws costs only the pixels of its own box.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Self

import torch
from torch import Tensor

from generator.world.colours import Colour
from generator.world.shapes import Bounds, Field, Shape

Matrix = tuple[float, float, float, float, float, float]


@dataclass(frozen=True)
class Paint:
    """A colour with light on it.

    ``lift`` lightens the top and darkens the bottom; ``edge`` darkens the rim, ``rim`` wide in the pen's units, for volume;
    ``second`` shows where ``pattern`` is negative; ``gloss`` adds a soft highlight at the upper left.
    """

    colour: Colour
    lift: float = 0.12
    edge: float = 0.16
    rim: float = 0.05
    second: Colour | None = None
    pattern: Field | None = None
    gloss: float = 0.0


FLAT = {"lift": 0.0, "edge": 0.0}


def flat(colour: Colour) -> Paint:
    """The colour alone, for eyes, lines and small things."""
    return Paint(colour, lift=0.0, edge=0.0)


class Canvas:
    """``scale`` pixels a unit; ``left``, ``top`` the scene coordinates of the top left corner."""

    def __init__(self, pixels: Tensor, scale: float, left: float = 0.0, top: float = 0.0) -> None:
        self.pixels, self.scale, self.left, self.top = pixels, scale, left, top
        self.height, self.width = int(pixels.shape[1]), int(pixels.shape[2])

    @classmethod
    def blank(cls, width: int, height: int, scale: float, left: float = 0.0, top: float = 0.0) -> Self:
        return cls(torch.zeros(3, height, width), scale, left, top)

    @property
    def right(self) -> float:
        return self.left + self.width / self.scale

    @property
    def bottom(self) -> float:
        return self.top + self.height / self.scale

    def grid(self) -> tuple[Tensor, Tensor]:
        """Scene coordinates of the pixel centres: x as (1, width), y as (height, 1)."""
        x = (torch.arange(self.width, dtype=torch.float32) + 0.5) / self.scale + self.left
        y = (torch.arange(self.height, dtype=torch.float32) + 0.5) / self.scale + self.top
        return x[None, :], y[:, None]

    def pen(self, x: float = 0.0, y: float = 0.0, size: float = 1.0, angle: float = 0.0) -> Pen:
        return Pen(self, _moved((1.0, 0.0, 0.0, 0.0, 1.0, 0.0), x, y, angle, size, size))

    def wash(self, colour: Colour, alpha: Tensor | float) -> None:
        """Lay ``colour`` over everything, ``alpha`` a number or (height, width)."""
        paint = torch.tensor(colour)[:, None, None]
        if isinstance(alpha, float):
            self.pixels.lerp_(paint.expand_as(self.pixels), alpha)
        else:
            self.pixels.lerp_(paint, alpha)


@dataclass(frozen=True)
class Pen:
    """Draws in its own coordinates; ``matrix`` (a, b, c, d, e, f) maps them to the scene: x' = ax + by + c, y' = dx + ey + f."""

    canvas: Canvas
    matrix: Matrix
    fade: float = 1.0

    def at(self, x: float, y: float, angle: float = 0.0, sx: float = 1.0, sy: float | None = None) -> Pen:
        """A pen whose origin is (x, y) of this one, turned by ``angle`` (radians, clockwise on screen) and scaled."""
        return replace(self, matrix=_moved(self.matrix, x, y, angle, sx, sx if sy is None else sy))

    def faded(self, by: float) -> Pen:
        return replace(self, fade=self.fade * by)

    def fill(self, shape: Shape, paint: Paint | Colour, alpha: float = 1.0, soft: float = 0.0) -> None:
        """Paint ``shape``. ``soft`` blurs its edge by that many pen units (shadows, glows)."""
        paint = paint if isinstance(paint, Paint) else flat(paint)
        alpha *= self.fade
        spot = self._spot(shape.box, soft)
        if spot is None or alpha <= 0:
            return
        rows, columns, x, y, per_unit = spot
        distance = shape.field(x, y) * per_unit
        cover = (0.5 - distance / max(1.0, soft * per_unit)).clamp_(0, 1)
        if soft:
            cover = cover * cover * (3 - 2 * cover)
        if alpha != 1.0:
            cover = cover * alpha
        target = self.canvas.pixels[:, rows, columns]
        target.lerp_(_lit(paint, shape.box, x, y, distance, per_unit), cover)

    def stamp(self, picture: Tensor, alpha: Tensor, at: Bounds) -> None:
        """Lay a picture (3, h, w) with its ``alpha`` (h, w) over the box ``at``, smoothly resampled."""
        spot = self._spot(at, 0.0)
        if spot is None:
            return
        rows, columns, x, y, _ = spot
        u = (x - at[0]) * (2 / (at[2] - at[0])) - 1
        v = (y - at[1]) * (2 / (at[3] - at[1])) - 1
        layers = torch.cat([picture * alpha, alpha[None]])[None]
        got = torch.nn.functional.grid_sample(
            layers, torch.stack([u, v], -1)[None], mode="bilinear", padding_mode="zeros", align_corners=False
        )[0]
        target = self.canvas.pixels[:, rows, columns]
        target.mul_(1 - got[3] * self.fade).add_(got[:3] * self.fade)

    def scene(self, x: float, y: float) -> tuple[float, float]:
        """Where a point of this pen lies in the scene."""
        a, b, c, d, e, f = self.matrix
        return a * x + b * y + c, d * x + e * y + f

    def _spot(self, bounds: Bounds, soft: float) -> tuple[slice, slice, Tensor, Tensor, float] | None:
        """Pixels that ``bounds`` can touch, this pen's coordinates there, and pixels a unit; None when off the canvas."""
        a, b, c, d, e, f = self.matrix
        canvas = self.canvas
        det = a * e - b * d
        if abs(det) < 1e-12:
            return None
        per_unit = math.sqrt(abs(det)) * canvas.scale
        left, top, right, bottom = bounds
        corners = [self.scene(px, py) for px in (left - soft, right + soft) for py in (top - soft, bottom + soft)]
        x0 = max(0, math.floor((min(p[0] for p in corners) - canvas.left) * canvas.scale - 1.5))
        x1 = min(canvas.width, math.ceil((max(p[0] for p in corners) - canvas.left) * canvas.scale + 1.5))
        y0 = max(0, math.floor((min(p[1] for p in corners) - canvas.top) * canvas.scale - 1.5))
        y1 = min(canvas.height, math.ceil((max(p[1] for p in corners) - canvas.top) * canvas.scale + 1.5))
        if x0 >= x1 or y0 >= y1:
            return None
        sx = (torch.arange(x0, x1, dtype=torch.float32) + 0.5)[None, :] / canvas.scale + (canvas.left - c)
        sy = (torch.arange(y0, y1, dtype=torch.float32) + 0.5)[:, None] / canvas.scale + (canvas.top - f)
        x = sx * (e / det) - sy * (b / det)
        y = sy * (a / det) - sx * (d / det)
        return slice(y0, y1), slice(x0, x1), x, y, per_unit


def _lit(paint: Paint, bounds: Bounds, x: Tensor, y: Tensor, distance: Tensor, per_unit: float) -> Tensor:
    """The paint's colour at each pixel, (3, h, w) or (3, 1, 1)."""
    colour = torch.tensor(paint.colour)[:, None, None]
    if paint.pattern is not None and paint.second is not None:
        there = (0.5 - paint.pattern(x, y) * per_unit).clamp_(0, 1)
        colour = colour + (torch.tensor(paint.second)[:, None, None] - colour) * there
    left, top, right, bottom = bounds
    if paint.lift or paint.edge:
        shade = 1.0 - paint.lift * (
            (y - (top + bottom) / 2) * (1.6 / max(bottom - top, 1e-6))
            + (x - (left + right) / 2) * (0.7 / max(right - left, 1e-6))
        )
        if paint.edge:
            shade = shade - paint.edge * torch.exp(distance.clamp(max=0) * (1 / max(paint.rim * per_unit, 0.7)))
        colour = colour * shade
    if paint.gloss:
        gx, gy = left + 0.32 * (right - left), top + 0.28 * (bottom - top)
        reach = 0.28 * min(right - left, bottom - top)
        glow = torch.exp(-((x - gx) ** 2 + (y - gy) ** 2) / (reach * reach)) * paint.gloss
        colour = colour + (1.0 - colour) * glow
    return colour


def _moved(m: Matrix, x: float, y: float, angle: float, sx: float, sy: float) -> Matrix:
    a, b, c, d, e, f = m
    cos, sin = math.cos(angle), math.sin(angle)
    p, q, r, s = cos * sx, -sin * sy, sin * sx, cos * sy
    return a * p + b * r, a * q + b * s, a * x + b * y + c, d * p + e * r, d * q + e * s, d * x + e * y + f
