"""Plants, weather and buildings: tree, pine, palm, flower, mushroom, cactus, house, castle, tower, sun, moon, cloud, snowman."""

from __future__ import annotations

import math

from generator.world.canvas import Paint, Pen, flat
from generator.world.colours import CREAM, INK, dark, light, mix, rgb
from generator.world.pose import Look, Pose, cheeks
from generator.world.shapes import Shape, bend, box, circle, ellipse, limb, polygon, star, stroke

TRUNK, LEAF, PINE, SNOW, ROOF, WINDOW = (rgb(c) for c in ("#7F5538", "#5E9F4C", "#2F7254", "#F4F8FC", "#B5483A", "#FFE08A"))


def tree(pen: Pen, look: Look, pose: Pose) -> None:
    sway = 0.012 * math.sin(pose.t * 1.3 + look.seed)
    pen.fill(
        polygon([(-0.07, 0.0), (0.07, 0.0), (0.04, -0.5), (-0.04, -0.5)], 0.015), Paint(TRUNK, lift=0.05, edge=0.3, rim=0.03)
    )
    pen.fill(stroke(bend((0, -0.3), (0.09, -0.36), (0.15, -0.47)), 0.025, 0.012), Paint(dark(TRUNK, 0.1)))
    puffs = (
        (-0.2, -0.56, 0.19),
        (0.2, -0.57, 0.18),
        (0.0, -0.5, 0.2),
        (-0.12, -0.75, 0.19),
        (0.13, -0.76, 0.17),
        (0.0, -0.85, 0.14),
    )
    for layer, (shade, dy, k) in enumerate(
        ((dark(look.colour, 0.22), 0.03, 1.0), (look.colour, 0.0, 0.92), (light(look.colour, 0.16), -0.03, 0.62))
    ):
        crown: Shape | None = None
        for x, y, r in puffs:
            puff = circle(x * k + sway * (1 + layer), (y + 0.66) * k - 0.66 + dy, r * k)
            crown = puff if crown is None else crown.melt(puff, 0.05)
        if crown is not None:
            pen.fill(crown, Paint(shade, lift=0.14, edge=0.14, rim=0.04), alpha=1.0 if layer < 2 else 0.7)
    for i in range(9):
        a = i * 2.4 + look.seed
        pen.fill(
            ellipse(0.21 * math.cos(a) + sway * 2, -0.66 + 0.19 * math.sin(a * 1.3), 0.02, 0.013),
            flat(light(look.colour, 0.35)),
            alpha=0.7,
        )


def pine(pen: Pen, look: Look, pose: Pose) -> None:
    sway = 0.008 * math.sin(pose.t * 1.1 + look.seed)
    pen.fill(box(0, -0.08, 0.04, 0.08, 0.01), Paint(TRUNK, edge=0.3))
    for i, (y, w) in enumerate(((-0.14, 0.3), (-0.38, 0.24), (-0.6, 0.17))):
        tier = polygon([(-w, y), (sway * i, y - 0.38), (w, y)], 0.02)
        pen.fill(tier, Paint(mix(look.colour, light(look.colour, 0.2), i / 2), lift=0.18, edge=0.2, rim=0.04))


def palm(pen: Pen, look: Look, pose: Pose) -> None:
    trunk = bend((-0.1, 0.0), (0.02, -0.4), (0.1, -0.72), 10)
    pen.fill(stroke(trunk, 0.05, 0.032), Paint(TRUNK, lift=0.1, edge=0.3, rim=0.02))
    for x, y in trunk[1:-1]:
        pen.fill(limb((x - 0.035, y), (x + 0.035, y - 0.012), 0.006), flat(dark(TRUNK, 0.3)), alpha=0.6)
    for k, rest in enumerate((-2.8, -2.2, -1.5, -0.8, -0.2, 0.35, 2.8)):
        a = rest + 0.05 * math.sin(pose.t * 1.6 + k)
        tip = (0.1 + 0.38 * math.cos(a), -0.72 + 0.3 * math.sin(a) + 0.1)
        mid = (0.1 + 0.24 * math.cos(a), -0.78 + 0.3 * math.sin(a) - 0.03)
        pen.fill(
            stroke(bend((0.1, -0.73), mid, tip), 0.05, 0.008),
            Paint(dark(look.colour, 0.06 * (k % 3)), lift=0.12, edge=0.2, rim=0.02),
        )
    for x in (0.06, 0.12, 0.15):
        pen.fill(circle(x, -0.68 - 0.02 * (x > 0.1), 0.035), Paint(rgb("#6B4226"), gloss=0.3))


def flower(pen: Pen, look: Look, pose: Pose) -> None:
    lean = 0.06 * math.sin(pose.t * 1.7 + look.seed * 0.7)
    pen.fill(stroke(bend((0, 0), (-0.02, -0.4), (lean, -0.74), 8), 0.028, 0.022), Paint(LEAF, edge=0.2))
    for side in (-1, 1):
        pen.at(0, -0.26, side * 0.9).fill(ellipse(0, -0.13, 0.055, 0.14), Paint(LEAF, lift=0.2, edge=0.2))
    head = pen.at(lean, -0.76, lean * 2)
    n = 5 + look.seed % 4
    for k in range(n):
        a = math.tau * k / n
        head.at(0, 0, a).fill(ellipse(0, -0.145, 0.075, 0.115), Paint(look.colour, lift=0.12, edge=0.2, rim=0.03))
    head.fill(circle(0, 0, 0.085), Paint(rgb("#F7C63C"), edge=0.3, rim=0.03, gloss=0.3))


def mushroom(pen: Pen, look: Look, pose: Pose) -> None:
    pen.fill(polygon([(-0.14, 0), (0.14, 0), (0.1, -0.5), (-0.1, -0.5)], 0.05), Paint(CREAM, lift=0.1, edge=0.25))
    pen.fill(
        ellipse(0, -0.45, 0.5, 0.5) & box(0, -0.72, 0.6, 0.3, 0.08), Paint(look.colour, lift=0.2, edge=0.3, rim=0.1, gloss=0.3)
    )
    for x, y, r in ((-0.24, -0.6, 0.085), (0.06, -0.78, 0.1), (0.3, -0.55, 0.07), (-0.02, -0.53, 0.05)):
        pen.fill(ellipse(x, y, r, r * 0.8), flat(CREAM))


def cactus(pen: Pen, look: Look, pose: Pose) -> None:
    flesh = Paint(look.colour, lift=0.12, edge=0.3, rim=0.04)
    pen.fill(stroke(bend((0.0, -0.35), (0.26, -0.34), (0.25, -0.62)), 0.07, 0.065), flesh)
    pen.fill(stroke(bend((0.0, -0.25), (-0.26, -0.24), (-0.24, -0.48)), 0.07, 0.06), flesh)
    pen.fill(limb((0, 0.0), (0, -0.86), 0.12) - box(0, 0.15, 0.3, 0.15), flesh)
    for i in range(8):
        for x in (-0.05, 0.05):
            pen.fill(limb((x, -0.1 - i * 0.1), (x + 0.02, -0.12 - i * 0.1), 0.004), flat(CREAM))
    pen.fill(circle(0, -0.97, 0.04), Paint(rgb("#EC5F92"), gloss=0.3))


def house(pen: Pen, look: Look, pose: Pose) -> None:
    c = look.colour
    pen.fill(box(0.24, -0.82, 0.05, 0.13, 0.01), Paint(dark(ROOF, 0.2), edge=0.2))
    for i in range(3):
        age = (pose.t * 0.35 + i / 3) % 1
        pen.fill(
            circle(0.24 + 0.08 * age, -0.98 - 0.25 * age, 0.03 + 0.05 * age),
            flat((0.96, 0.96, 0.98)),
            alpha=0.6 * (1 - age),
            soft=0.04,
        )
    pen.fill(box(0, -0.3, 0.4, 0.3, 0.01), Paint(c, lift=0.12, edge=0.14, rim=0.05))
    pen.fill(polygon([(-0.48, -0.57), (0.48, -0.57), (0.0, -0.97)], 0.02), Paint(look.second, lift=0.12, edge=0.25, rim=0.04))
    pen.fill(circle(0, -0.72, 0.062), Paint(CREAM, edge=0.2))
    pen.fill(circle(0, -0.72, 0.044), Paint(WINDOW, edge=0.25))
    pen.fill(box(0, -0.17, 0.09, 0.17, 0.02), Paint(dark(look.second, 0.35), lift=0.1, edge=0.3, rim=0.02))
    pen.fill(circle(0.05, -0.17, 0.014), flat(rgb("#E9B84A")))
    for x in (-0.24, 0.24):
        pen.fill(box(x, -0.33, 0.095, 0.105, 0.01), Paint(CREAM, edge=0.2))
        pen.fill(box(x, -0.33, 0.077, 0.087, 0.008), Paint(WINDOW, lift=-0.15, edge=0.2))
        pen.fill(box(x, -0.33, 0.007, 0.09), flat(CREAM))
        pen.fill(box(x, -0.33, 0.08, 0.007), flat(CREAM))
        pen.fill(box(x, -0.215, 0.11, 0.022, 0.01), Paint(TRUNK))
        for k in range(4):
            pen.fill(circle(x - 0.075 + k * 0.05, -0.24, 0.021), Paint((rgb("#EC5F92"), rgb("#F7C63C"))[k % 2], edge=0.2))


def castle(pen: Pen, look: Look, pose: Pose) -> None:
    wall = Paint(look.colour, lift=0.12, edge=0.2)
    for x, h, w in ((-0.42, 0.6, 0.13), (0.42, 0.6, 0.13), (0.0, 0.78, 0.17)):
        pen.fill(box(x, -h / 2, w, h / 2), wall)
        pen.fill(
            polygon([(x - w - 0.04, -h), (x + w + 0.04, -h), (x, -h - 0.24)], 0.01), Paint(look.second, lift=0.15, edge=0.25)
        )
        pen.fill(box(x, -h * 0.72, 0.03, 0.06, 0.03), Paint(INK, lift=0))
        pen.fill(
            polygon([(x, -h - 0.32), (x + 0.12, -h - 0.29 + 0.01 * math.sin(pose.t * 6)), (x, -h - 0.25)]), flat(rgb("#F7C63C"))
        )
    pen.fill(box(0, -0.18, 0.42, 0.18), Paint(light(look.colour, 0.1), lift=0.1, edge=0.15))
    for i in range(7):
        pen.fill(box(-0.39 + i * 0.13, -0.385, 0.04, 0.035), wall)
    pen.fill(ellipse(0, -0.12, 0.1, 0.16) & box(0, -0.15, 0.2, 0.15), Paint(TRUNK, edge=0.4))


def sun(pen: Pen, look: Look, pose: Pose) -> None:
    pen.fill(circle(0, -0.5, 0.9), flat(light(look.colour, 0.4)), alpha=0.35, soft=0.6)
    for k in range(12):
        a = math.tau * k / 12 + pose.t * 0.15
        r = 0.49 + 0.02 * math.sin(pose.t * 2 + k)
        pen.at(0, -0.5, a).fill(limb((0, -0.4), (0, -r), 0.035, 0.012), Paint(look.colour))
    pen.fill(circle(0, -0.5, 0.34), Paint(look.colour, lift=0.1, edge=0.18, gloss=0.4))


def moon(pen: Pen, look: Look, pose: Pose) -> None:
    pen.fill(circle(0, -0.5, 0.9), flat(look.colour), alpha=0.2, soft=0.6)
    pen.fill(circle(0, -0.5, 0.48) - circle(0.24, -0.6, 0.42), Paint(look.colour, lift=0.1, edge=0.2, rim=0.05))


def cloud(pen: Pen, look: Look, pose: Pose) -> None:
    puffs = circle(0, -0.42, 0.34)
    for x, y, r in ((-0.42, -0.3, 0.25), (0.42, -0.3, 0.26), (-0.2, -0.52, 0.26), (0.22, -0.5, 0.24)):
        puffs = puffs.melt(circle(x, y, r), 0.08)
    pen.fill(puffs & box(0, -0.5, 1.0, 0.42, 0.15), Paint(look.colour, lift=0.1, edge=0.1, rim=0.1))


def snowman(pen: Pen, look: Look, pose: Pose) -> None:
    ice = Paint(SNOW, lift=0.12, edge=0.2, rim=0.06)
    for angle, side in ((pose.left + 1.2, -1), (pose.right + 1.2, 1)):
        hand = (side * (0.18 + 0.26 * math.sin(angle)), -0.48 + 0.26 * math.cos(angle))
        pen.fill(stroke([(side * 0.18, -0.48), hand], 0.016, 0.01), Paint(TRUNK))
        pen.fill(limb(hand, (hand[0] + side * 0.06, hand[1] - 0.04), 0.009), Paint(TRUNK))
    for y, r in ((-0.2, 0.23), (-0.5, 0.18), (-0.74, 0.135)):
        pen.fill(circle(0, y, r), ice)
    for y in (-0.44, -0.53):
        pen.fill(circle(0, y, 0.018), flat(INK))
    for side in (-1, 1):
        pen.fill(circle(side * 0.05, -0.77, 0.017), flat(INK))
    cheeks(pen, 0.08, -0.7, 0.022)
    pen.fill(limb((0, -0.73), (0.12, -0.715), 0.022, 0.005), Paint(rgb("#F2862E")))
    pen.fill(stroke(bend((-0.12, -0.63), (0, -0.58), (0.12, -0.63)), 0.03), Paint(look.second, edge=0.25))
    pen.fill(limb((0.09, -0.61), (0.12, -0.45), 0.032), Paint(look.second, edge=0.25))
    pen.fill(box(0, -0.87, 0.15, 0.016, 0.01), Paint(INK, lift=0.2))
    pen.fill(box(0, -0.95, 0.09, 0.08, 0.012), Paint(INK, lift=0.3))
    pen.fill(box(0, -0.895, 0.091, 0.016), Paint(look.second))


def lamp(pen: Pen, look: Look, pose: Pose) -> None:
    """A street lamp."""
    pen.fill(limb((0, 0), (0, -0.8), 0.025, 0.018), Paint(INK, lift=0.2))
    pen.fill(circle(0, -0.88, 0.3), flat(WINDOW), alpha=0.35, soft=0.3)
    pen.fill(box(0, -0.88, 0.06, 0.08, 0.02), Paint(WINDOW, gloss=0.8, edge=0.2))
    pen.fill(polygon([(-0.09, -0.96), (0.09, -0.96), (0, -1.0)], 0.01), Paint(INK))


def sparkle(pen: Pen, look: Look, pose: Pose) -> None:
    pen.fill(star(0, -0.5, 0.5, 4, 0.2, pose.t * 0.5), flat(look.colour))
