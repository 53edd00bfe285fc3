"""Small things: ball, balloon, flower pot things, kite, cake, apple, umbrella, lamp, book, cup, gift, star."""

from __future__ import annotations

import math

import torch

from generator.world.canvas import Paint, Pen, flat
from generator.world.colours import CREAM, INK, dark, light, rgb
from generator.world.pose import Look, Pose
from generator.world.shapes import bend, box, circle, ellipse, limb, polygon, ring, star, stroke

WOOD = rgb("#9A6A42")


def ball(pen: Pen, look: Look, pose: Pose) -> None:
    """A beach ball: six panels that turn with it; the light stays where it is."""
    turn = pose.phase

    def panels(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        angle = torch.atan2(y + 0.5, x) - turn
        radius = torch.hypot(x, y + 0.5)
        return -torch.sin(angle * 3) * radius * 0.33

    pen.fill(
        circle(0, -0.5, 0.5), Paint(look.colour, lift=0.2, edge=0.34, rim=0.12, second=look.second, pattern=panels, gloss=0.5)
    )
    cx, cy = 0.0, -0.5
    pen.fill(circle(cx, cy, 0.075), Paint(light(look.second, 0.3), edge=0.3, rim=0.03))


def balloon(pen: Pen, look: Look, pose: Pose) -> None:
    sway = 0.04 * math.sin(pose.t * 1.7 + look.seed)
    pen.fill(stroke(bend((0, -0.44), (0.06 + sway, -0.25), (-0.02 - sway, 0.0), 10), 0.007), flat(light(INK, 0.3)))
    pen.fill(polygon([(-0.035, -0.425), (0.035, -0.425), (0, -0.48)], 0.012), Paint(dark(look.colour, 0.2)))
    body = ellipse(0, -0.73, 0.24, 0.265).melt(ellipse(0, -0.5, 0.05, 0.05), 0.14)
    pen.fill(body, Paint(look.colour, lift=0.18, edge=0.32, rim=0.08, gloss=0.75))
    pen.fill(stroke(bend((0.13, -0.55), (0.2, -0.65), (0.19, -0.78)), 0.012, 0.006), flat(light(look.colour, 0.6)), alpha=0.6)


def hot_air_balloon(pen: Pen, look: Look, pose: Pose) -> None:
    def gores(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        squeeze = torch.sqrt((1 - ((y + 0.63) / 0.4) ** 2).clamp(min=0.05))
        return torch.sin(torch.asin((x / (0.36 * squeeze)).clamp(-1, 1)) * 5.5) * 0.05

    pen.fill(
        polygon([(-0.1, -0.13), (0.1, -0.13), (0.085, -0.01), (-0.085, -0.01)], 0.015), Paint(WOOD, lift=0.2, edge=0.3, rim=0.02)
    )
    for x in (-0.09, 0.09):
        pen.fill(limb((x, -0.14), (x * 1.8, -0.3), 0.005), flat(INK))
    flame = 0.5 + 0.5 * math.sin(pose.t * 9)
    pen.fill(ellipse(0, -0.19, 0.02, 0.035 + 0.015 * flame), flat(rgb("#FFC24A")), soft=0.02)
    body = ellipse(0, -0.63, 0.36, 0.36).melt(box(0, -0.3, 0.13, 0.04), 0.16)
    pen.fill(body, Paint(look.colour, lift=0.15, edge=0.3, rim=0.09, second=look.second, pattern=gores, gloss=0.3))
    pen.fill(ellipse(0, -0.265, 0.14, 0.018), Paint(dark(look.colour, 0.4)))


def kite(pen: Pen, look: Look, pose: Pose) -> None:
    tail = [(0.02 + 0.06 * math.sin(i * 0.9 + pose.t * 4) * i / 8, -0.42 + 0.05 * i) for i in range(9)]
    pen.fill(stroke(tail, 0.006), flat(INK))
    for i in (3, 5, 7):
        pen.fill(star(tail[i][0], tail[i][1], 0.045, 3, 0.4, pose.t), Paint(look.second))
    points = [(0.0, -1.0), (0.28, -0.72), (0.02, -0.42), (-0.28, -0.72)]
    pen.fill(
        polygon(points, 0.012), Paint(look.colour, lift=0.15, edge=0.15, second=look.second, pattern=lambda x, y: x * (y + 0.72))
    )
    pen.fill(limb((0, -1), (0.02, -0.42), 0.008), flat(WOOD))
    pen.fill(limb((-0.28, -0.72), (0.28, -0.72), 0.008), flat(WOOD))


def cake(pen: Pen, look: Look, pose: Pose) -> None:
    pen.fill(ellipse(0, -0.05, 0.48, 0.05), Paint(CREAM, edge=0.3))
    pen.fill(box(0, -0.22, 0.4, 0.17, 0.05), Paint(rgb("#C98A53"), lift=0.1, edge=0.25))
    pen.fill(box(0, -0.51, 0.28, 0.15, 0.05), Paint(rgb("#D79A62"), lift=0.1, edge=0.25))
    for y, w in ((-0.36, 0.4), (-0.63, 0.28)):
        icing = box(0, y, w, 0.05, 0.04)
        for i in range(5):
            x = -w * 0.8 + i * w * 0.4
            icing = icing.melt(limb((x, y), (x, y + 0.08 + 0.03 * (i % 2)), 0.032), 0.03)
        pen.fill(icing, Paint(look.colour, lift=0.1, edge=0.2, gloss=0.2))
    for i in range(3):
        x = -0.15 + 0.15 * i
        pen.fill(box(x, -0.75, 0.018, 0.08, 0.01), Paint(look.second, edge=0.2))
        flick = 0.01 * math.sin(pose.t * 11 + i * 2)
        pen.fill(ellipse(x + flick, -0.9, 0.05, 0.07), flat(rgb("#FFD97A")), alpha=0.5, soft=0.05)
        pen.fill(ellipse(x + flick, -0.88, 0.02, 0.045), flat(rgb("#FFB03A")))


def apple(pen: Pen, look: Look, pose: Pose) -> None:
    body = ellipse(-0.17, -0.42, 0.28, 0.4).melt(ellipse(0.17, -0.42, 0.28, 0.4), 0.1)
    pen.fill(body, Paint(look.colour, lift=0.18, edge=0.3, rim=0.12, gloss=0.7))
    pen.fill(stroke(bend((0, -0.75), (0.0, -0.85), (0.06, -0.97)), 0.025), Paint(WOOD))
    pen.fill(ellipse(0, 0, 0.17, 0.07), Paint(rgb("#6DAF4B"), edge=0.2), 0.0)
    leaf = pen.at(0.17, -0.88, -0.4)
    leaf.fill(ellipse(0, 0, 0.15, 0.065), Paint(rgb("#6DAF4B"), lift=0.2, edge=0.25))


def umbrella(pen: Pen, look: Look, pose: Pose) -> None:
    pen.fill(limb((0, -0.05), (0, -0.75), 0.016), Paint(WOOD))
    dome = ellipse(0, -0.55, 0.5, 0.42) & box(0, -0.8, 0.6, 0.25)
    pen.fill(
        dome,
        Paint(
            look.colour,
            lift=0.2,
            edge=0.28,
            second=look.second,
            pattern=lambda x, y: torch.sin(torch.atan2(x, -y - 0.45) * 7) * 0.05,
        ),
    )


def gift(pen: Pen, look: Look, pose: Pose) -> None:
    pen.fill(box(0, -0.36, 0.42, 0.36, 0.03), Paint(look.colour, lift=0.15, edge=0.25))
    pen.fill(box(0, -0.68, 0.47, 0.1, 0.03), Paint(light(look.colour, 0.12), lift=0.15, edge=0.25))
    pen.fill(box(0, -0.39, 0.08, 0.39), Paint(look.second, lift=0.1))
    for side in (-1, 1):
        pen.at(side * 0.16, -0.87, side * -0.5).fill(ring(0, 0, 0.11, 0.04), Paint(look.second, edge=0.3))


def book(pen: Pen, look: Look, pose: Pose) -> None:
    for side in (-1, 1):
        cover = polygon([(0, -0.12), (side * 0.7, -0.22), (side * 0.7, -0.95), (0, -0.82)], 0.02)
        pen.fill(cover, Paint(look.colour, lift=0.1, edge=0.25))
        page = polygon([(0, -0.17), (side * 0.64, -0.28), (side * 0.64, -0.98), (0, -0.84)], 0.01)
        pen.fill(page, Paint(CREAM, lift=0.05, edge=0.2))
        for i in range(5):
            y = -0.74 + i * 0.11
            pen.fill(limb((side * 0.1, y), (side * 0.55, y - 0.09), 0.008), flat(light(INK, 0.45)))


def gem(pen: Pen, look: Look, pose: Pose) -> None:
    """A star or shape that stands for small bright things."""
    pen.fill(circle(0, -0.5, 0.75), flat(light(look.colour, 0.4)), alpha=0.25 + 0.08 * math.sin(pose.t * 3), soft=0.5)
    pen.fill(star(0, -0.47, 0.5, 5, 0.5, 0.0, 0.05), Paint(look.colour, lift=0.2, edge=0.25, rim=0.1, gloss=0.5))


def guitar(pen: Pen, look: Look, pose: Pose) -> None:
    pen = pen.at(0, 0, 0.25)
    pen.fill(box(0, -0.72, 0.035, 0.26, 0.01), Paint(dark(WOOD, 0.2), edge=0.3))
    pen.fill(box(0, -0.96, 0.055, 0.06, 0.02), Paint(dark(WOOD, 0.3)))
    pen.fill(
        ellipse(0, -0.19, 0.24, 0.19).melt(ellipse(0, -0.4, 0.17, 0.13), 0.08), Paint(look.colour, lift=0.2, edge=0.35, gloss=0.3)
    )
    pen.fill(circle(0, -0.33, 0.07), flat(INK))
    for x in (-0.015, 0.0, 0.015):
        pen.fill(limb((x, -0.16), (x, -0.92), 0.003), flat(CREAM))
    pen.fill(box(0, -0.16, 0.07, 0.015), Paint(dark(WOOD, 0.4)))
