"""Mimsy Quillfeather, an owl who reads maps by starlight."""

from __future__ import annotations

import math

import torch

from generator.world.canvas import Paint, Pen, flat
from generator.world.colours import INK, dark, light, rgb
from generator.world.pose import Pose, cheeks, eye
from generator.world.shapes import bend, box, circle, ellipse, limb, polygon, ring, stroke

PLUM, LAVENDER, TEAL, YELLOW, MAGENTA, BEAK = (rgb(c) for c in ("#6D46A8", "#CDB6EC", "#17A79C", "#F7C52F", "#D63A86", "#F2912E"))


def draw(pen: Pen, pose: Pose) -> None:
    for side in (-1, 1):
        swing, lift = pose.foot(side)
        fx, fy = side * 0.12 + 0.06 * swing, -0.05 * lift
        for toe in (-0.045, 0.0, 0.045):
            pen.fill(limb((fx, fy - 0.05), (fx + toe, fy - 0.016), 0.018), Paint(BEAK, edge=0.3, rim=0.01))
    pen.fill(polygon([(-0.1, -0.1), (0.1, -0.1), (0.06, -0.01), (-0.06, -0.01)], 0.02), Paint(dark(PLUM, 0.3)))
    _wings(pen, pose)
    body = ellipse(0, -0.33, 0.29, 0.29).melt(ellipse(0, -0.56, 0.28, 0.22), 0.1)
    pen.fill(body, Paint(PLUM, lift=0.18, edge=0.34, rim=0.06))
    for side in (-1, 1):
        tuft = polygon([(side * 0.1, -0.74), (side * 0.255, -0.64), (side * 0.3, -0.86)], 0.012)
        pen.fill(tuft, Paint(dark(PLUM, 0.12), edge=0.25, rim=0.03))
    pen.fill(
        ellipse(0, -0.27, 0.2, 0.21),
        Paint(LAVENDER, lift=0.08, edge=0.12, second=light(PLUM, 0.28), pattern=_scallops),
    )
    cheeks(pen, 0.2, -0.46, 0.04, MAGENTA, 0.4)
    for side in (-1, 1):
        x = side * 0.132
        pen.fill(circle(x, -0.575, 0.135), Paint(light(TEAL, 0.75), lift=0.05, edge=0.12))
        eye(pen, x, -0.575, 0.088, pose, rgb("#F2B632"))
        pen.fill(ring(x, -0.575, 0.128, 0.022), Paint(TEAL, lift=0.28, edge=0.3, rim=0.012))
        pen.fill(limb((x - 0.07, -0.64), (x - 0.03, -0.67), 0.008), flat((1.0, 1.0, 1.0)), alpha=0.75)
    pen.fill(stroke(bend((-0.02, -0.59), (0, -0.61), (0.02, -0.59)), 0.014), flat(TEAL))
    pen.fill(polygon([(-0.035, -0.515), (0.035, -0.515), (0.0, -0.43)], 0.014), Paint(BEAK, lift=0.25, edge=0.3, rim=0.02))
    _hat(pen.at(0.05, -0.765, 0.14 + 0.02 * math.sin(pose.t * 2)))


def _scallops(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Feather tips: rows of arcs, every second row shifted."""
    v = y / 0.07
    row = v.floor()
    u = x / 0.09 + 0.5 * (row % 2)
    du, dv = (u % 1 - 0.5) * 0.09, (v % 1) * 0.07
    return (torch.hypot(du, dv) - 0.046).abs() - 0.007


def _wings(pen: Pen, pose: Pose) -> None:
    for side, angle in ((-1, pose.left), (1, pose.right)):
        wing = pen.at(side * 0.24, -0.46, -side * (angle - 0.1))
        for i, shade in enumerate((0.3, 0.2, 0.1)):
            feather = ellipse(side * (0.035 - 0.025 * i), 0.16 - 0.025 * i, 0.075, 0.2 - 0.025 * i)
            wing.fill(feather, Paint(dark(PLUM, shade), lift=0.1, edge=0.3, rim=0.03))


def _hat(pen: Pen) -> None:
    felt = Paint(YELLOW, lift=0.2, edge=0.3, rim=0.025)
    pen.fill(ellipse(0, 0.0, 0.165, 0.036), felt)
    pen.fill(polygon([(-0.095, -0.01), (0.095, -0.01), (0.112, -0.19), (-0.112, -0.19)], 0.006), felt)
    pen.fill(ellipse(0, -0.192, 0.116, 0.024), Paint(light(YELLOW, 0.3), edge=0.2, rim=0.02))
    pen.fill(box(0, -0.045, 0.1, 0.026, 0.006), Paint(MAGENTA, lift=0.15, edge=0.2, rim=0.02))
    pen.fill(circle(0.06, -0.05, 0.022), Paint(light(TEAL, 0.2), gloss=0.6))
    pen.fill(circle(0.06, -0.05, 0.008), flat(INK))
