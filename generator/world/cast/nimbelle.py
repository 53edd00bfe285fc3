"""Nimbelle Drizzlemere, a little cloud who is afraid of getting wet."""

from __future__ import annotations

import math

from generator.world.canvas import Paint, Pen, flat
from generator.world.colours import CREAM, dark, light, rgb
from generator.world.pose import Pose, arm, cheeks, eye, smile
from generator.world.shapes import bend, box, circle, ellipse, limb, ring, stroke

CLOUD, SHADE, RED, BOOT = (rgb(c) for c in ("#F4F7FC", "#B9CBE6", "#D9343B", "#3E3A6B"))
RAINBOW = [rgb(c) for c in ("#E4483F", "#F28B30", "#F8C93B", "#5BAA56", "#3D7DD1", "#8659B8")]


def draw(pen: Pen, pose: Pose) -> None:
    for side in (-1, 1):
        _leg(pen, side, pose)
    hand = (0.27, -0.5)
    _umbrella(pen.at(hand[0] - 0.09, hand[1] + 0.05, 0.1 + 0.04 * math.sin(pose.t * 1.9)))
    puffs = circle(0, -0.44, 0.2)
    for x, y, r in (
        (-0.2, -0.37, 0.14),
        (0.2, -0.37, 0.14),
        (-0.11, -0.3, 0.13),
        (0.11, -0.3, 0.13),
        (-0.12, -0.52, 0.13),
        (0.11, -0.54, 0.12),
    ):
        puffs = puffs.melt(circle(x, y + 0.006 * math.sin(pose.t * 2 + x * 20), r), 0.045)
    pen.fill(puffs, Paint(CLOUD, lift=0.1, edge=0.26, rim=0.06))
    pen.fill(puffs & ellipse(0, -0.2, 0.3, 0.1), flat(SHADE), alpha=0.45, soft=0.05)
    pen.fill(ellipse(-0.13, -0.56, 0.07, 0.035), flat((1.0, 1.0, 1.0)), alpha=0.9, soft=0.03)
    for side in (-1, 1):
        eye(pen, side * 0.1, -0.41, 0.05, pose, rgb("#4A6FB5"))
    cheeks(pen, 0.17, -0.345, 0.035)
    smile(pen, 0, -0.34, 0.05, 0.024, 0.011)
    wool = Paint(CLOUD, lift=0.1, edge=0.25, rim=0.03)
    arm(pen, -0.3, -0.36, 0.16, pose.left, -1, 0.034, wool, wool)
    pen.fill(limb((0.3, -0.36), hand, 0.034), wool)
    pen.fill(circle(hand[0], hand[1], 0.05), wool)


def _leg(pen: Pen, side: int, pose: Pose) -> None:
    swing, lift = pose.foot(side)
    x, fx, fy = side * 0.11, side * 0.11 + swing * 0.08, -lift * 0.06
    n = len(RAINBOW)
    for i, colour in enumerate(RAINBOW):
        a, b = i / n, (i + 1) / n
        top, low = -0.24, fy - 0.05
        p = (x + (fx - x) * a, top + (low - top) * a)
        q = (x + (fx - x) * b, top + (low - top) * b)
        pen.fill(limb(p, q, 0.034), Paint(colour, lift=0.05, edge=0.18, rim=0.015))
    pen.fill(ellipse(fx + side * 0.02, fy - 0.035, 0.075, 0.042), Paint(BOOT, lift=0.2, edge=0.3, rim=0.02, gloss=0.5))


def _umbrella(pen: Pen) -> None:
    wood = Paint(rgb("#8A5A36"), lift=0.1, edge=0.3, rim=0.01)
    pen.fill(stroke([(0.07, 0.03), (0, -0.3)], 0.011), wood)
    pen.fill(ring(0.098, 0.03, 0.03, 0.011) & box(0.098, 0.06, 0.06, 0.032), wood)
    dome = ellipse(0, -0.22, 0.4, 0.235) & box(0, -0.36, 0.5, 0.15)
    for i in range(5):
        dome = dome - ellipse(-0.32 + 0.16 * i, -0.205, 0.08, 0.032)
    pen.fill(dome, Paint(RED, lift=0.2, edge=0.28, rim=0.04, gloss=0.25))
    for x, y, r in (
        (-0.25, -0.31, 0.027),
        (-0.1, -0.27, 0.033),
        (0.08, -0.29, 0.03),
        (0.25, -0.28, 0.028),
        (-0.06, -0.39, 0.027),
        (0.13, -0.385, 0.024),
    ):
        pen.fill(ellipse(x, y, r, r * 0.9), flat(CREAM))
    for x in (-0.16, 0.0, 0.16):
        pen.fill(stroke(bend((0, -0.45), (x * 0.9, -0.38), (x, -0.235)), 0.004), flat(dark(RED, 0.4)), alpha=0.5)
    pen.fill(limb((0, -0.45), (0, -0.475), 0.012), Paint(light(RED, 0.2)))
