"""Orbo Tanglewick, a round robot who collects lost weather."""

from __future__ import annotations

import math

from generator.world.canvas import Paint, Pen, flat
from generator.world.colours import CREAM, INK, dark, light, rgb
from generator.world.pose import Pose, arm, leg, smile
from generator.world.shapes import bend, box, circle, ellipse, limb, stroke

BLUE, ORANGE, RED, SUN, STEEL, BULB = (rgb(c) for c in ("#2F74CE", "#F6892A", "#D8433C", "#F9C846", "#9AA7B8", "#6FD66B"))


def draw(pen: Pen, pose: Pose) -> None:
    steel = Paint(STEEL, lift=0.2, edge=0.25, rim=0.02)
    boot = Paint(SUN, lift=0.2, edge=0.25, rim=0.03, gloss=0.4)
    for side in (-1, 1):
        leg(pen, side * 0.15, -0.2, side, pose, 0.045, steel, boot)
    arm(pen, -0.33, -0.42, 0.27, pose.left, -1, 0.034, steel, boot)
    arm(pen, 0.33, -0.42, 0.27, pose.right, 1, 0.034, steel, boot)
    sway = 0.03 * math.sin(pose.t * 2.2)
    pen.fill(stroke(bend((0, -0.8), (0.01, -0.86), (0.02 + sway, -0.92)), 0.013), steel)
    pen.fill(circle(0.02 + sway, -0.945, 0.09), flat(BULB), alpha=0.35 + 0.12 * math.sin(pose.t * 5), soft=0.08)
    pen.fill(circle(0.02 + sway, -0.945, 0.043), Paint(BULB, gloss=0.8, edge=0.25, rim=0.02))
    for side in (-1, 1):
        pen.fill(box(side * 0.36, -0.52, 0.04, 0.075, 0.025), Paint(STEEL, edge=0.3, rim=0.02))
    pen.fill(circle(0, -0.5, 0.355), Paint(BLUE, lift=0.22, edge=0.34, rim=0.07, gloss=0.42))
    for i in range(7):
        a = math.pi * (0.12 + 0.127 * i)
        pen.fill(circle(-0.315 * math.cos(a), -0.5 - 0.315 * math.sin(a), 0.011), Paint(light(BLUE, 0.45), edge=0.4, rim=0.01))
    pen.fill(box(0, -0.2, 0.11, 0.04, 0.02), Paint(dark(BLUE, 0.35)))
    for i, lamp in enumerate((RED, SUN, BULB)):
        pen.fill(circle(-0.06 + 0.06 * i, -0.2, 0.016), Paint(lamp, gloss=0.7))
    _eye(pen, pose)
    smile(pen, 0, -0.375, 0.06, 0.022, 0.012)
    _scarf(pen, pose)


def _eye(pen: Pen, pose: Pose) -> None:
    x, y = 0.0, -0.585
    pen.fill(circle(x, y, 0.19), Paint(STEEL, lift=0.3, edge=0.3, rim=0.02))
    pen.fill(circle(x, y, 0.165), Paint(CREAM, lift=-0.1, edge=0.3, rim=0.03))
    dx = 0.025 * pose.look
    pen.fill(circle(x + dx, y, 0.128), Paint(ORANGE, lift=-0.25, edge=0.45, rim=0.03))
    for i in range(12):
        a = math.tau * i / 12
        c, s = math.cos(a), math.sin(a)
        pen.fill(
            limb((x + dx + 0.075 * c, y + 0.075 * s), (x + dx + 0.112 * c, y + 0.112 * s), 0.005), flat(dark(ORANGE, 0.3)), 0.6
        )
    pen.fill(circle(x + dx * 1.3, y, 0.066), flat(INK))
    pen.fill(circle(x + dx - 0.045, y - 0.05, 0.033), flat((1.0, 1.0, 1.0)))
    pen.fill(circle(x + dx + 0.045, y + 0.055, 0.016), flat((1.0, 1.0, 1.0)), alpha=0.85)
    if pose.blink > 0.02:
        lid = circle(x, y, 0.167) & box(x, y - 0.167 - 0.167 + 0.334 * pose.blink, 0.2, 0.167)
        pen.fill(lid, Paint(dark(BLUE, 0.15), lift=0.1))


def _scarf(pen: Pen, pose: Pose) -> None:
    flap = 0.05 * math.sin(pose.t * 3.1) + 0.05 * pose.stride
    stripes = Paint(
        RED, lift=0.12, edge=0.28, rim=0.02, second=CREAM, pattern=lambda x, y: ((x * 11 + y * 2) % 1 - 0.5).abs() / 11 - 0.022
    )
    tail = Paint(RED, lift=0.05, edge=0.25, rim=0.02, second=CREAM, pattern=lambda x, y: ((y * 11) % 1 - 0.5).abs() / 11 - 0.022)
    hang = bend((0.2, -0.29), (0.25 + flap, -0.18), (0.24 + flap * 2, -0.05))
    pen.fill(stroke(hang, 0.05, 0.058), tail)
    pen.fill(stroke(bend((-0.325, -0.37), (0, -0.175), (0.325, -0.37), 10), 0.05), stripes)
    pen.fill(ellipse(0.2, -0.29, 0.06, 0.066), Paint(RED, edge=0.3, rim=0.02))
