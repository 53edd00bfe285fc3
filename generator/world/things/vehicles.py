"""Things that carry people: car, bus, bicycle, boat, rocket, plane, train."""

from __future__ import annotations

import math

import torch

from generator.world.canvas import Paint, Pen, flat
from generator.world.colours import CREAM, INK, dark, light, rgb
from generator.world.pose import Look, Pose
from generator.world.shapes import bend, box, circle, ellipse, limb, polygon, ring, stroke

GLASS, TYRE, STEEL, WOOD, FLAME = (rgb(c) for c in ("#BFE3F0", "#34323E", "#C9CFD8", "#9A6A42", "#FF9A2E"))


def _wheel(pen: Pen, x: float, r: float, turn: float) -> None:
    pen.fill(circle(x, -r, r), Paint(TYRE, lift=0.15, edge=0.2))
    pen.fill(circle(x, -r, r * 0.6), Paint(STEEL, lift=0.2, edge=0.25, rim=0.01))
    for k in range(5):
        a = turn + math.tau * k / 5
        pen.fill(limb((x, -r), (x + r * 0.5 * math.cos(a), -r + r * 0.5 * math.sin(a)), r * 0.06), flat(dark(STEEL, 0.35)))
    pen.fill(circle(x, -r, r * 0.16), flat(dark(STEEL, 0.4)))


def _window(pen: Pen, x: float, y: float, hw: float, hh: float, r: float = 0.04) -> None:
    pen.fill(box(x, y, hw, hh, r), Paint(GLASS, lift=0.15, edge=0.2, rim=0.02))
    glare = box(x, y, hw, hh, r) & polygon(
        [(x - hw * 0.5, y - hh), (x - hw * 0.05, y - hh), (x - hw * 0.5, y + hh), (x - hw * 0.95, y + hh)]
    )
    pen.fill(glare, flat((1.0, 1.0, 1.0)), alpha=0.45)


def car(pen: Pen, look: Look, pose: Pose) -> None:
    c = look.colour
    rock = pen.at(0, 0.012 * math.sin(pose.t * 17) * min(1.0, pose.power * 2), 0.006 * math.sin(pose.t * 9))
    cabin = polygon([(-0.5, -0.5), (0.42, -0.5), (0.22, -0.88), (-0.34, -0.88)], 0.08)
    rock.fill(cabin, Paint(c, lift=0.2, edge=0.25, rim=0.05))
    rock.fill(
        polygon([(-0.42, -0.54), (-0.06, -0.54), (-0.06, -0.84), (-0.3, -0.84)], 0.03), Paint(GLASS, lift=0.2, edge=0.2, rim=0.03)
    )
    rock.fill(
        polygon([(0.03, -0.54), (0.36, -0.54), (0.2, -0.84), (0.03, -0.84)], 0.03), Paint(GLASS, lift=0.2, edge=0.2, rim=0.03)
    )
    rock.fill(polygon([(-0.34, -0.56), (-0.26, -0.56), (-0.16, -0.82), (-0.24, -0.82)]), flat((1.0, 1.0, 1.0)), alpha=0.5)
    rock.fill(box(0, -0.36, 0.9, 0.2, 0.14), Paint(c, lift=0.22, edge=0.3, rim=0.06, gloss=0.35))
    rock.fill(box(0, -0.33, 0.88, 0.022, 0.02), Paint(light(look.second, 0.3), lift=0), alpha=0.9)
    rock.fill(box(0.06, -0.46, 0.06, 0.016, 0.014), flat(dark(c, 0.4)))
    rock.fill(ellipse(0.85, -0.4, 0.05, 0.065), Paint(rgb("#FFF0B0"), edge=0.25, gloss=0.8))
    rock.fill(box(-0.88, -0.4, 0.03, 0.06, 0.02), Paint(rgb("#D8342F"), gloss=0.4))
    for x in (-0.52, 0.54):
        rock.fill(circle(x, -0.19, 0.235) & box(0, -0.32, 1, 0.17), Paint(dark(c, 0.45), lift=0))
        _wheel(pen, x, 0.19, pose.phase)


def bus(pen: Pen, look: Look, pose: Pose) -> None:
    c = look.colour
    pen.fill(box(0, -0.53, 0.98, 0.4, 0.08), Paint(c, lift=0.15, edge=0.25, rim=0.06, gloss=0.15))
    pen.fill(box(0, -0.4, 0.97, 0.05), Paint(light(look.second, 0.2), lift=0))
    for i in range(5):
        _window(pen, -0.74 + i * 0.33, -0.68, 0.13, 0.14)
    pen.fill(box(0.86, -0.45, 0.09, 0.28, 0.03), Paint(GLASS, lift=0.1, edge=0.2))
    pen.fill(ellipse(0.95, -0.24, 0.035, 0.05), Paint(rgb("#FFF0B0"), gloss=0.8))
    for x in (-0.58, 0.56):
        _wheel(pen, x, 0.16, pose.phase)


def train(pen: Pen, look: Look, pose: Pose) -> None:
    c = look.colour
    for i in range(4):
        age = (pose.t * 0.7 + i / 4) % 1
        pen.fill(
            circle(0.5 - age * 0.7, -1.0 - age * 0.35, 0.07 + 0.13 * age),
            flat((0.95, 0.95, 0.97)),
            alpha=0.75 * (1 - age),
            soft=0.08,
        )
    pen.fill(box(-0.45, -0.52, 0.4, 0.36, 0.05), Paint(c, lift=0.15, edge=0.25))
    pen.fill(box(-0.45, -0.89, 0.46, 0.04, 0.03), Paint(dark(c, 0.4)))
    _window(pen, -0.45, -0.62, 0.22, 0.14)
    pen.fill(box(0.35, -0.42, 0.5, 0.24, 0.2), Paint(look.second, lift=0.25, edge=0.3, rim=0.06, gloss=0.3))
    pen.fill(polygon([(0.44, -0.62), (0.56, -0.62), (0.6, -0.94), (0.4, -0.94)], 0.02), Paint(dark(c, 0.3), lift=0.2))
    pen.fill(ellipse(0.14, -0.68, 0.09, 0.08), Paint(rgb("#E0AC3B"), gloss=0.6))
    pen.fill(box(0.1, -0.17, 0.95, 0.05, 0.02), Paint(INK, lift=0.2))
    for x, r in ((-0.6, 0.17), (-0.24, 0.17), (0.25, 0.13), (0.55, 0.13), (0.8, 0.13)):
        _wheel(pen, x, r, pose.phase * 0.19 / r)


def bicycle(pen: Pen, look: Look, pose: Pose) -> None:
    frame = Paint(look.colour, lift=0.2, edge=0.2)
    for x in (-0.42, 0.42):
        pen.fill(ring(x, -0.3, 0.27, 0.026), Paint(TYRE))
        for k in range(8):
            a = pose.phase + math.tau * k / 8
            pen.fill(limb((x, -0.3), (x + 0.26 * math.cos(a), -0.3 + 0.26 * math.sin(a)), 0.004), flat(STEEL))
    joints = [
        ((-0.42, -0.3), (-0.02, -0.3)),
        ((-0.02, -0.3), (-0.16, -0.68)),
        ((-0.42, -0.3), (-0.14, -0.62)),
        ((-0.14, -0.62), (0.27, -0.62)),
        ((-0.02, -0.3), (0.27, -0.62)),
        ((0.42, -0.3), (0.24, -0.76)),
    ]
    for start, end in joints:
        pen.fill(limb(start, end, 0.024), frame)
    pen.fill(stroke(bend((0.24, -0.76), (0.2, -0.86), (0.1, -0.8)), 0.02), Paint(INK))
    pen.fill(ellipse(-0.18, -0.71, 0.11, 0.035), Paint(dark(WOOD, 0.3)))
    pen.fill(circle(-0.02, -0.3, 0.06), Paint(STEEL, edge=0.3))


def boat(pen: Pen, look: Look, pose: Pose) -> None:
    pen.fill(limb((0.02, -0.2), (0.02, -0.98), 0.018), Paint(WOOD, lift=0.1))
    billow = 0.04 * math.sin(pose.t * 1.8)
    main = polygon([(0.06, -0.94), *bend((0.06, -0.94), (0.42 + billow, -0.6), (0.52, -0.28)), (0.06, -0.28)], 0.012)
    pen.fill(main, Paint(CREAM, lift=0.1, edge=0.15, second=look.second, pattern=lambda x, y: (y + 0.45).abs() - 0.05 + 0 * x))
    jib = polygon([(-0.03, -0.9), (-0.03, -0.28), *bend((-0.42, -0.28), (-0.26 + billow, -0.55), (-0.03, -0.9))], 0.01)
    pen.fill(jib, Paint(light(look.colour, 0.25), lift=0.15, edge=0.15))
    pen.fill(polygon([(0.03, -1.02), (0.2, -0.985 + billow * 0.4), (0.03, -0.95)]), Paint(rgb("#E4483F")))
    hull = polygon([(-0.66, -0.2), (0.7, -0.2), (0.48, 0.0), (-0.48, 0.0)], 0.04)
    pen.fill(hull, Paint(look.colour, lift=0.25, edge=0.3, rim=0.04))
    pen.fill(polygon([(-0.68, -0.22), (0.72, -0.22), (0.69, -0.165), (-0.65, -0.165)], 0.01), Paint(CREAM, edge=0.2))
    for i in range(4):
        pen.fill(circle(-0.36 + 0.24 * i, -0.09, 0.026), Paint(rgb("#F2D06B"), edge=0.4))


def rocket(pen: Pen, look: Look, pose: Pose) -> None:
    c = look.colour
    if pose.power > 0.02:
        flick = 1 + 0.12 * math.sin(pose.t * 41) + 0.08 * math.sin(pose.t * 67)
        reach = pose.power * flick
        pen.fill(ellipse(0, 0.05, 0.3, 0.38 * reach), flat(FLAME), alpha=0.4, soft=0.3)
        for w, h, col in ((0.12, 0.36, "#FF7A2A"), (0.085, 0.27, "#FFC03D"), (0.045, 0.16, "#FFF3C2")):
            pen.fill(ellipse(0, -0.06 + h * reach * 0.6, w, h * reach), flat(rgb(col)), soft=0.03)
    for side in (-1, 1):
        fin = polygon([(side * 0.13, -0.38), (side * 0.33, -0.08), (side * 0.31, 0.0), (side * 0.12, -0.1)], 0.02)
        pen.fill(fin, Paint(look.second, lift=0.15, edge=0.3, rim=0.03))
    pen.fill(polygon([(-0.1, -0.1), (0.1, -0.1), (0.13, -0.03), (-0.13, -0.03)], 0.012), Paint(dark(STEEL, 0.4)))
    body = ellipse(0, -0.5, 0.2, 0.5) & box(0, -0.56, 0.4, 0.47)
    pen.fill(
        body,
        Paint(
            CREAM,
            lift=0.06,
            edge=0.34,
            rim=0.06,
            second=c,
            pattern=lambda x, y: torch.minimum((y + 0.26).abs() - 0.035, y + 0.78) + 0 * x,
        ),
    )
    pen.fill(circle(0, -0.58, 0.1), Paint(c, lift=0.2, edge=0.3, rim=0.02))
    pen.fill(circle(0, -0.58, 0.073), Paint(rgb("#8FD3EA"), lift=0.25, edge=0.35, rim=0.02, gloss=0.6))
    pen.fill(box(0, -0.2, 0.028, 0.18, 0.025), Paint(look.second, edge=0.3))


def plane(pen: Pen, look: Look, pose: Pose) -> None:
    c = look.colour
    pen.fill(polygon([(-0.7, -0.52), (-0.92, -0.94), (-0.72, -0.94), (-0.46, -0.56)], 0.03), Paint(look.second, edge=0.25))
    pen.fill(polygon([(0.0, -0.52), (-0.28, -0.78), (-0.16, -0.78), (0.22, -0.52)], 0.02), Paint(dark(c, 0.3)))
    body = ellipse(0.05, -0.46, 0.86, 0.2).melt(limb((-0.5, -0.5), (-0.82, -0.58), 0.13, 0.05), 0.05)
    pen.fill(body, Paint(CREAM, lift=0.15, edge=0.25, rim=0.06, second=c, pattern=lambda x, y: -(y + 0.4) + 0 * x))
    for i in range(6):
        pen.fill(circle(-0.38 + i * 0.16, -0.5, 0.045), Paint(GLASS, edge=0.35))
    pen.fill(ellipse(0.7, -0.54, 0.1, 0.06), Paint(GLASS, edge=0.3))
    pen.fill(polygon([(0.16, -0.4), (-0.36, -0.06), (-0.18, -0.04), (0.4, -0.4)], 0.02), Paint(look.second, lift=0.2, edge=0.25))
    whirl = abs(math.sin(pose.t * 47))
    pen.fill(ellipse(0.92, -0.46, 0.016, 0.2 * (0.3 + 0.7 * whirl)), flat(INK), alpha=0.55)
    pen.fill(circle(0.91, -0.46, 0.04), Paint(look.second, gloss=0.4))
