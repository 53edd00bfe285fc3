"""Tavi Starsocks, an axolotl who mends satellites."""

from __future__ import annotations

import math

from generator.world.canvas import Paint, Pen, flat
from generator.world.colours import dark, light, rgb
from generator.world.pose import Pose, arm, cheeks, eye, leg, smile
from generator.world.shapes import bend, box, circle, ellipse, ring, star, stroke

PINK, CORAL, SUIT, NAVY, YELLOW, GLASS = (rgb(c) for c in ("#F6A3BE", "#E2557A", "#F2F1EE", "#2C4A86", "#FAC735", "#BFE6F2"))


def draw(pen: Pen, pose: Pose) -> None:
    wag = 0.06 * math.sin(pose.t * 3.0)
    tail = bend((0.1, -0.16), (0.3, -0.03), (0.4, -0.2 + wag))
    pen.fill(stroke(tail, 0.085, 0.02), Paint(PINK, lift=0.12, edge=0.25, rim=0.03))
    suit = Paint(SUIT, lift=0.1, edge=0.28, rim=0.045)
    boot = Paint(YELLOW, lift=0.15, edge=0.3, rim=0.03, gloss=0.3)
    for side in (-1, 1):
        leg(pen, side * 0.1, -0.18, side, pose, 0.062, suit, boot)
    pen.fill(box(0, -0.32, 0.2, 0.12, 0.05), Paint(rgb("#AEB6C2"), edge=0.3))
    arm(pen, -0.16, -0.37, 0.22, pose.left, -1, 0.05, suit, Paint(YELLOW, edge=0.3, rim=0.02))
    arm(pen, 0.16, -0.37, 0.22, pose.right, 1, 0.05, suit, Paint(YELLOW, edge=0.3, rim=0.02))
    pen.fill(ellipse(0, -0.28, 0.19, 0.2), suit)
    pen.fill(ellipse(0, -0.2, 0.187, 0.1) & box(0, -0.185, 0.3, 0.022), Paint(NAVY, lift=0.1, edge=0.2))
    pen.fill(box(0, -0.185, 0.032, 0.03, 0.008), Paint(YELLOW, edge=0.3, rim=0.01))
    pen.fill(circle(-0.085, -0.315, 0.046), Paint(NAVY, lift=0.1, edge=0.2))
    pen.fill(star(-0.085, -0.315, 0.037), flat(YELLOW))
    for i, lamp in enumerate((CORAL, YELLOW, rgb("#5FCF80"))):
        pen.fill(circle(0.055 + 0.042 * i, -0.31, 0.014), Paint(lamp, gloss=0.7))
    _head(pen.at(0, -0.655), pose)


def _head(pen: Pen, pose: Pose) -> None:
    pen.fill(circle(0, 0, 0.335), flat(GLASS), alpha=0.35)
    for side in (-1, 1):
        for i in range(3):
            a = -0.62 + 0.48 * i + 0.06 * math.sin(pose.t * 2.6 + i)
            tip = (side * (0.2 + 0.115 * math.cos(a)), -0.02 + 0.16 * math.sin(a))
            root = (side * 0.17, -0.02 + 0.09 * math.sin(a))
            pen.fill(stroke([root, tip], 0.026, 0.014), Paint(CORAL, lift=0.1, edge=0.25, rim=0.012))
            for k in (0.45, 0.75, 1.0):
                x, y = root[0] + (tip[0] - root[0]) * k, root[1] + (tip[1] - root[1]) * k
                pen.fill(circle(x, y + 0.017, 0.014), flat(light(CORAL, 0.25)))
    pen.fill(
        ellipse(0, 0.02, 0.225, 0.175).melt(ellipse(0, -0.06, 0.165, 0.12), 0.06), Paint(PINK, lift=0.15, edge=0.25, rim=0.05)
    )
    for x, y, r in ((-0.03, -0.13, 0.012), (0.045, -0.11, 0.009), (0.0, -0.09, 0.008)):
        pen.fill(circle(x, y, r), flat(dark(PINK, 0.22)), alpha=0.6)
    for side in (-1, 1):
        eye(pen, side * 0.118, -0.01, 0.052, pose, white=None)
    cheeks(pen, 0.155, 0.075, 0.03, CORAL)
    smile(pen, 0, 0.07, 0.075, 0.03, 0.011, dark(CORAL, 0.45))
    pen.fill(ring(0, 0, 0.335, 0.011), Paint(light(GLASS, 0.45), lift=0.3, edge=0))
    pen.fill(stroke(bend((-0.27, -0.09), (-0.24, -0.22), (-0.12, -0.275)), 0.02, 0.012), flat((1.0, 1.0, 1.0)), alpha=0.8)
    pen.fill(circle(-0.275, -0.02, 0.016), flat((1.0, 1.0, 1.0)), alpha=0.7)
    pen.fill(ellipse(0, 0.315, 0.17, 0.045), Paint(rgb("#AEB6C2"), lift=0.3, edge=0.3, rim=0.02))
