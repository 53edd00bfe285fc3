"""Grumbold Fenn, a bog troll who lights the way home."""

from __future__ import annotations

import math

import torch

from generator.world.canvas import Paint, Pen, flat
from generator.world.colours import CREAM, INK, dark, light, rgb
from generator.world.pose import Pose, arm, eye, leg
from generator.world.shapes import bend, box, circle, ellipse, polygon, ring, stroke

MOSS, LEAF, BARK, RED, GLOW, IRON = (rgb(c) for c in ("#5E8C3A", "#88B04B", "#6B4A32", "#D63B34", "#FFD66B", "#4A4550"))


def draw(pen: Pen, pose: Pose) -> None:
    skin = Paint(MOSS, lift=0.15, edge=0.3, rim=0.04)
    for side in (-1, 1):
        leg(pen, side * 0.16, -0.16, side, pose, 0.065, skin, Paint(BARK, lift=0.1, edge=0.3, rim=0.03))
    arm(pen, -0.3, -0.46, 0.33, pose.left, -1, 0.052, skin, skin)
    body = ellipse(0, -0.3, 0.33, 0.25).melt(ellipse(0, -0.56, 0.26, 0.22), 0.12)
    pen.fill(body, Paint(MOSS, lift=0.18, edge=0.34, rim=0.06, second=LEAF, pattern=_moss))
    pen.fill(ellipse(0, -0.25, 0.21, 0.17), Paint(light(LEAF, 0.35), lift=0.1, edge=0.1), alpha=0.85)
    for y in (-0.31, -0.25, -0.19):
        pen.fill(stroke(bend((-0.1, y), (0, y + 0.04), (0.1, y)), 0.006), flat(MOSS), alpha=0.6)
    for side in (-1, 1):
        pen.fill(polygon([(side * 0.22, -0.63), (side * 0.23, -0.53), (side * 0.39, -0.62)], 0.02), skin)
        eye(pen, side * 0.105, -0.64, 0.06, pose, rgb("#C98A1B"))
        pen.fill(
            stroke(bend((side * 0.04, -0.705), (side * 0.1, -0.75), (side * 0.185, -0.705)), 0.02, 0.012), flat(dark(MOSS, 0.45))
        )
    pen.fill(ellipse(0, -0.545, 0.075, 0.062), Paint(light(MOSS, 0.18), lift=0.2, edge=0.3, rim=0.03, gloss=0.3))
    pen.fill(stroke(bend((-0.14, -0.455), (0, -0.41), (0.14, -0.455)), 0.014), flat(dark(MOSS, 0.65)))
    for side in (-1, 1):
        tooth = polygon([(side * 0.065, -0.435), (side * 0.105, -0.445), (side * 0.085, -0.505)], 0.008)
        pen.fill(tooth, Paint(CREAM, edge=0.2, rim=0.01))
    _mushroom(pen.at(0.01, -0.76, 0.03), 0.2)
    _mushroom(pen.at(-0.15, -0.725, -0.4), 0.13)
    _mushroom(pen.at(0.16, -0.725, 0.42), 0.11)
    hand = arm(pen, 0.3, -0.46, 0.3, pose.right + 0.55, 1, 0.052, skin, skin)
    _lantern(pen.at(hand[0], hand[1], 0.12 * math.sin(pose.t * 2.4)), pose.t)


def _moss(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Patches of lighter moss."""
    return 0.02 - 0.03 * (torch.sin(x * 23 + 1.3) * torch.sin(y * 19 + 0.4) + 0.5 * torch.sin(x * 41 - y * 37))


def _mushroom(pen: Pen, size: float) -> None:
    pen = pen.at(0, 0, 0, size)
    pen.fill(polygon([(-0.16, 0.05), (0.16, 0.05), (0.12, -0.5), (-0.12, -0.5)], 0.05), Paint(CREAM, lift=0.1, edge=0.2))
    cap = ellipse(0, -0.45, 0.56, 0.52) & box(0, -0.78, 0.7, 0.36, 0.08)
    pen.fill(cap, Paint(RED, lift=0.2, edge=0.3, rim=0.1, gloss=0.3))
    for x, y, r in ((-0.26, -0.62, 0.1), (0.08, -0.8, 0.12), (0.33, -0.56, 0.08), (-0.02, -0.54, 0.06)):
        pen.fill(ellipse(x, y, r, r * 0.8), flat(CREAM))


def _lantern(pen: Pen, t: float) -> None:
    pulse = 0.5 + 0.08 * math.sin(t * 6.0) + 0.04 * math.sin(t * 17.0)
    pen.fill(circle(0, 0.16, 0.24), flat(GLOW), alpha=pulse * 0.7, soft=0.24)
    pen.fill(ring(0, 0.035, 0.03, 0.008), flat(IRON))
    pen.fill(box(0, 0.16, 0.064, 0.08, 0.02), Paint(GLOW, lift=-0.1, edge=0.25, gloss=0.9))
    pen.fill(ellipse(0, 0.17, 0.02, 0.038), flat((1.0, 0.98, 0.85)))
    for x in (-0.062, 0.0, 0.062):
        pen.fill(box(x, 0.16, 0.007, 0.08), flat(IRON))
    pen.fill(polygon([(-0.08, 0.085), (0.08, 0.085), (0.035, 0.05), (-0.035, 0.05)], 0.008), Paint(IRON, lift=0.2))
    pen.fill(box(0, 0.245, 0.08, 0.016, 0.01), Paint(IRON, lift=0.2))
    pen.fill(circle(-0.03, 0.13, 0.007), flat(INK), alpha=0.0)
