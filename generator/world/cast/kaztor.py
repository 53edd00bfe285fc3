"""Kaztor Espinel, a cactus who sings to the moon."""

from __future__ import annotations

import math

import torch

from generator.world.canvas import Paint, Pen, flat
from generator.world.colours import CREAM, dark, light, rgb
from generator.world.pose import Pose, cheeks, eye, leg
from generator.world.shapes import bend, box, circle, ellipse, limb, polygon, stroke

GREEN, STRAW, GOLD, TURQUOISE, ROSE, LEATHER = (
    rgb(c) for c in ("#3F9A62", "#EAC877", "#E9A92C", "#22A6B3", "#E6468A", "#7A4A2C")
)


def draw(pen: Pen, pose: Pose) -> None:
    boot = Paint(LEATHER, lift=0.15, edge=0.3, rim=0.02)
    for side in (-1, 1):
        leg(pen, side * 0.1, -0.16, side, pose, 0.05, Paint(GREEN, edge=0.3, rim=0.02), boot)
    flesh = Paint(GREEN, lift=0.12, edge=0.32, rim=0.035, second=light(GREEN, 0.28), pattern=_ribs)
    for side, angle in ((-1, pose.left), (1, pose.right)):
        _arm(pen.at(side * 0.17, -0.4, 0, side, 1), angle, flesh)
    pen.fill(limb((0, -0.24), (0, -0.66), 0.19, 0.175), flesh)
    for i in range(16):
        y = -0.12 - 0.042 * i
        for x in (-0.115, 0.0, 0.115):
            if not -0.5 < y < -0.28:
                pen.fill(limb((x - 0.008, y), (x + 0.008, y - 0.006), 0.003), flat(CREAM), alpha=0.85)
    _poncho(pen, pose)
    for side in (-1, 1):
        eye(pen, side * 0.08, -0.645, 0.048, pose, rgb("#6B3F1E"))
    cheeks(pen, 0.125, -0.575, 0.026, ROSE)
    for side in (-1, 1):
        pen.fill(
            stroke(bend((0.0, -0.565), (side * 0.1, -0.53), (side * 0.185, -0.61), 10), 0.034, 0.008),
            Paint(GOLD, lift=0.2, edge=0.3, rim=0.02),
        )
    _sombrero(pen.at(0, -0.765, 0.02 * math.sin(pose.t * 2.1)))


def _ribs(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return (((x + 0.0575) / 0.115) % 1 - 0.5).abs() * 0.115 - 0.012 + 0 * y


def _arm(pen: Pen, angle: float, flesh: Paint) -> None:
    """Cactus arms bend up at the elbow; the pose moves the forearm."""
    rise = 0.17 + 0.05 * math.sin(angle)
    out = 0.17
    lean = 0.35 * (angle - 0.25)
    tip = (out + rise * math.sin(lean) * 0.6, -rise * math.cos(lean * 0.6))
    pen.fill(stroke(bend((0, 0), (out * 1.05, 0.02), tip, 8), 0.062, 0.056), Paint(flesh.colour, lift=0.15, edge=0.3, rim=0.03))
    x, y = tip
    for k in range(5):
        a = math.tau * k / 5
        pen.fill(ellipse(x + 0.02 * math.cos(a), y - 0.05 + 0.016 * math.sin(a), 0.017, 0.015), Paint(ROSE, edge=0.2, rim=0.01))
    pen.fill(circle(x, y - 0.05, 0.011), flat(GOLD))


def _poncho(pen: Pen, pose: Pose) -> None:
    sway = 0.012 * math.sin(pose.t * 2.6) + 0.02 * pose.stride * math.sin(pose.phase)
    cloth = polygon(
        [(-0.155, -0.505), (0.155, -0.505), (0.285 + sway, -0.25), (0.0 + sway, -0.165), (-0.285 + sway, -0.25)], 0.015
    )

    def zigzag(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        wave = ((x / 0.07) % 1 - 0.5).abs() * 0.07
        return torch.minimum((y + 0.335 + wave).abs() - 0.014, (y + 0.415 + wave * 0.8).abs() - 0.008)

    pen.fill(cloth, Paint(TURQUOISE, lift=0.2, edge=0.25, rim=0.03, second=CREAM, pattern=zigzag))
    edge = [(-0.285 + sway, -0.25), (sway, -0.165), (0.285 + sway, -0.25)]
    pen.fill(stroke(edge, 0.014), Paint(ROSE, lift=0.0, edge=0.2, rim=0.01))
    for i in range(9):
        t = i / 8
        x = -0.285 + 0.57 * t + sway
        y = -0.25 + 0.085 * (1 - abs(2 * t - 1))
        pen.fill(limb((x, y + 0.01), (x + sway, y + 0.045), 0.007), flat(GOLD))


def _sombrero(pen: Pen) -> None:
    straw = Paint(STRAW, lift=0.15, edge=0.3, rim=0.03)
    pen.fill(ellipse(0, 0.015, 0.37, 0.062), Paint(dark(STRAW, 0.3)))
    pen.fill(ellipse(0, -0.004, 0.37, 0.06), straw)
    crown = ellipse(0, -0.085, 0.135, 0.14) & box(0, -0.115, 0.2, 0.115)
    pen.fill(crown.melt(ellipse(0, -0.015, 0.17, 0.03), 0.03), straw)
    pen.fill(
        (ellipse(0, -0.045, 0.15, 0.03) | box(0, -0.05, 0.138, 0.02)) & box(0, -0.045, 0.142, 0.032),
        Paint(ROSE, lift=0.15, edge=0.2),
    )
    for i in range(-3, 4):
        pen.fill(circle(i * 0.04, -0.045, 0.011), flat(CREAM))
    for i in range(-4, 5):
        x = i * 0.085
        y = 0.052 * math.sqrt(max(0.0, 1 - (x / 0.37) ** 2)) + 0.004
        pen.fill(circle(x, y, 0.015), Paint(TURQUOISE if i % 2 else ROSE, gloss=0.4))
