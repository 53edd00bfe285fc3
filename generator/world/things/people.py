"""Plain cartoon people and the generic robot. Dot eyes and round heads: never a likeness of anyone."""

from __future__ import annotations

import math

from generator.world.canvas import Paint, Pen, flat
from generator.world.colours import CREAM, INK, Colour, dark, light, rgb
from generator.world.pose import Look, Pose, arm, cheeks, eye, leg, smile
from generator.world.shapes import bend, box, circle, ellipse, limb, ring, stroke

SKINS = [rgb(c) for c in ("#F3C9A5", "#D9A06F", "#A86B42", "#7A4A2E", "#F7D9C0", "#C58A5C")]
HAIRS = [rgb(c) for c in ("#3A2A2A", "#6B4226", "#C98A3C", "#8E3B2E", "#2B2638", "#A8A0A0")]
TROUSERS = [rgb(c) for c in ("#3B4A75", "#5A4A3F", "#2F5D62", "#4B3B63")]


def body(pen: Pen, shirt: Colour, skin: Colour, seed: int, pose: Pose) -> None:
    """Legs, shirt and arms up to the neck at (0, -0.56), in units of the whole figure's height."""
    trousers = TROUSERS[seed % len(TROUSERS)]
    cloth = Paint(shirt, lift=0.15, edge=0.28, rim=0.03)
    for side in (-1, 1):
        leg(
            pen, side * 0.07, -0.26, side, pose, 0.045, Paint(trousers, lift=0.1, edge=0.25, rim=0.02), Paint(INK, lift=0.3), 0.11
        )
    for side, angle in ((-1, pose.left), (1, pose.right)):
        arm(pen, side * 0.115, -0.5, 0.22, angle, side, 0.035, cloth, Paint(skin, edge=0.2, rim=0.02))
    pen.fill(limb((0, -0.54), (0, -0.6), 0.04), Paint(dark(skin, 0.1)))
    pen.fill(box(0, -0.42, 0.12, 0.15, 0.06), cloth)
    pen.fill(box(0, -0.265, 0.115, 0.035, 0.03), Paint(trousers, lift=0))
    pen.fill(stroke(bend((-0.05, -0.565), (0, -0.52), (0.05, -0.565)), 0.012), flat(light(shirt, 0.5)))


def person(pen: Pen, look: Look, pose: Pose) -> None:
    skin, hair = SKINS[look.seed % len(SKINS)], HAIRS[(look.seed // 3) % len(HAIRS)]
    long_hair = look.seed % 2 == 0
    if long_hair:
        pen.fill(ellipse(0, -0.72, 0.17, 0.2), Paint(dark(hair, 0.15), edge=0.2))
    body(pen, look.colour, skin, look.seed, pose)
    head = pen.at(0, -0.755, 0.03 * math.sin(pose.t * 2))
    for side in (-1, 1):
        head.fill(circle(side * 0.142, 0.01, 0.03), Paint(dark(skin, 0.08)))
    head.fill(ellipse(0, 0, 0.145, 0.155), Paint(skin, lift=0.1, edge=0.16, rim=0.04))
    cap = ellipse(0, -0.02, 0.155, 0.165) - ellipse(0.02, 0.06, 0.15, 0.145)
    head.fill(cap, Paint(hair, lift=0.15, edge=0.2, rim=0.03))
    for side in (-1, 1):
        spot = head.at(side * 0.052 + 0.012 * pose.look, 0.02, 0, 1, 1 - 0.9 * pose.blink)
        spot.fill(ellipse(0, 0, 0.015, 0.02), flat(INK))
    cheeks(head, 0.085, 0.062, 0.02)
    smile(head, 0, 0.065, 0.036, 0.016, 0.007)


def robot(pen: Pen, look: Look, pose: Pose) -> None:
    c = look.colour
    steel = Paint(rgb("#AEB7C4"), lift=0.2, edge=0.25, rim=0.02)
    for side in (-1, 1):
        leg(pen, side * 0.12, -0.2, side, pose, 0.045, steel, Paint(dark(c, 0.3), edge=0.3))
    arm(pen, -0.21, -0.46, 0.2, pose.left, -1, 0.032, steel, steel)
    arm(pen, 0.21, -0.46, 0.2, pose.right, 1, 0.032, steel, steel)
    pen.fill(box(0, -0.36, 0.2, 0.19, 0.04), Paint(c, lift=0.18, edge=0.28, rim=0.04, gloss=0.2))
    pen.fill(box(0, -0.36, 0.12, 0.09, 0.02), Paint(dark(c, 0.45)))
    for i in range(3):
        h = 0.02 + 0.025 * (1 + math.sin(pose.t * 5 + i * 1.7))
        pen.fill(box(-0.06 + 0.06 * i, -0.3 - h, 0.016, h, 0.005), flat(light(look.second, 0.2)))
    pen.fill(box(0, -0.58, 0.05, 0.04), steel)
    pen.fill(box(0, -0.75, 0.19, 0.14, 0.05), Paint(light(c, 0.15), lift=0.18, edge=0.28, rim=0.04, gloss=0.3))
    for side in (-1, 1):
        eye(pen, side * 0.085, -0.77, 0.05, pose, look.second, CREAM)
        pen.fill(circle(side * 0.2, -0.75, 0.035), steel)
    pen.fill(box(0, -0.67, 0.08, 0.022, 0.01), Paint(dark(c, 0.5)))
    for i in range(4):
        pen.fill(box(-0.06 + 0.04 * i, -0.67, 0.003, 0.02), flat(rgb("#AEB7C4")))
    pen.fill(limb((0, -0.88), (0, -0.94), 0.01), steel)
    pen.fill(ring(0, -0.965, 0.02, 0.01), Paint(look.second))


def ghost(pen: Pen, look: Look, pose: Pose) -> None:
    c = look.colour
    sheet = ellipse(0, -0.62, 0.3, 0.34) | box(0, -0.38, 0.3, 0.28)
    for i in range(4):
        x = -0.225 + 0.15 * i
        sheet = sheet | circle(x, -0.1 + 0.02 * math.sin(pose.t * 4 + i * 2), 0.075)
    pen.fill(sheet, Paint(c, lift=0.12, edge=0.2, rim=0.08), alpha=0.93)
    for side in (-1, 1):
        eye(pen, side * 0.1, -0.64, 0.055, pose, white=None)
    cheeks(pen, 0.17, -0.55, 0.035)
    pen.fill(ellipse(0, -0.53, 0.035, 0.045), flat(INK))
