"""Animals with a picture-book face: cat, dog, rabbit, bear, fox, bird, fish, butterfly, penguin, whale, turtle, dinosaur."""

from __future__ import annotations

import math

import torch

from generator.world.canvas import Paint, Pen, flat
from generator.world.colours import CREAM, INK, Colour, dark, light, rgb
from generator.world.pose import Look, Pose, cheeks, eye
from generator.world.shapes import Shape, bend, box, circle, ellipse, limb, polygon, stroke

BEAK = rgb("#F2A12E")


def _legs(pen: Pen, pose: Pose, colour: Colour, xs: tuple[float, ...], hip: float, width: float, step: float = 0.13) -> None:
    for i, x in enumerate(xs):
        a = pose.phase + math.pi * (i % 2) + (0.5 if i >= len(xs) // 2 else 0.0)
        fx, fy = x + pose.stride * step * math.sin(a), -pose.stride * 0.07 * max(0.0, math.cos(a))
        far = i % 2 == 1
        paint = Paint(dark(colour, 0.18) if far else colour, lift=0.1, edge=0.2)
        pen.fill(limb((x, hip), (fx, fy - width), width, width * 0.95), paint)


def _face(pen: Pen, pose: Pose, muzzle: Colour, iris: Colour, nose: Colour = INK) -> None:
    """Eyes, muzzle and nose around the origin of a head about 0.5 wide."""
    for side in (-1, 1):
        eye(pen, side * 0.1, -0.03, 0.056, pose, iris)
    pen.fill(ellipse(0, 0.095, 0.1, 0.068), Paint(muzzle, edge=0.1))
    pen.fill(ellipse(0, 0.06, 0.032, 0.022), flat(nose))
    for side in (-1, 1):
        pen.fill(stroke(bend((0, 0.08), (side * 0.02, 0.13), (side * 0.06, 0.11)), 0.008), flat(INK))
    cheeks(pen, 0.16, 0.07, 0.032)


def _four_legged(pen: Pen, look: Look, pose: Pose, tail: Shape, belly: Colour) -> None:
    c = look.colour
    pen.fill(tail, Paint(c, lift=0.1, edge=0.25, rim=0.03))
    _legs(pen, pose, c, (-0.26, -0.17, 0.12, 0.22), -0.24, 0.062)
    pen.fill(ellipse(-0.02, -0.33, 0.34, 0.19), Paint(c, lift=0.2, edge=0.28, rim=0.06))
    pen.fill(ellipse(0.02, -0.24, 0.22, 0.07), flat(belly), alpha=0.8, soft=0.05)


def cat(pen: Pen, look: Look, pose: Pose) -> None:
    wag = 0.07 * math.sin(pose.t * 2.6)
    tail = stroke(bend((-0.3, -0.34), (-0.56, -0.4), (-0.47 + wag, -0.76), 10), 0.05, 0.04)
    _four_legged(pen, look, pose, tail, light(look.colour, 0.5))
    for i in range(3):
        x = -0.2 + i * 0.13
        pen.fill(
            stroke(bend((x, -0.51), (x + 0.02, -0.44), (x - 0.01, -0.39)), 0.018, 0.006), flat(dark(look.colour, 0.3)), alpha=0.7
        )
    head = pen.at(0.26, -0.62, 0.04 * math.sin(pose.t * 1.9))
    for side in (-1, 1):
        head.fill(polygon([(side * 0.06, -0.14), (side * 0.22, -0.06), (side * 0.2, -0.3)], 0.02), Paint(look.colour, edge=0.2))
        head.fill(polygon([(side * 0.11, -0.15), (side * 0.19, -0.1), (side * 0.18, -0.23)], 0.01), flat(rgb("#F4A6B4")))
    head.fill(ellipse(0, 0, 0.25, 0.205), Paint(look.colour, lift=0.18, edge=0.25, rim=0.05))
    for x in (-0.05, 0.0, 0.05):
        head.fill(limb((x, -0.185), (x * 0.8, -0.12), 0.013, 0.005), flat(dark(look.colour, 0.3)), alpha=0.7)
    _face(head, pose, light(look.colour, 0.6), rgb("#7FB23C"), rgb("#E86F86"))
    for side in (-1, 1):
        for dy in (-0.02, 0.02):
            head.fill(limb((side * 0.1, 0.09 + dy / 2), (side * 0.27, 0.08 + dy * 2), 0.004), flat(light(INK, 0.2)), alpha=0.7)


def dog(pen: Pen, look: Look, pose: Pose) -> None:
    wag = 0.16 * math.sin(pose.t * 9)
    tail = stroke(bend((-0.3, -0.36), (-0.46, -0.42), (-0.46 + wag, -0.62)), 0.045, 0.025)
    _four_legged(pen, look, pose, tail, light(look.colour, 0.55))
    pen.fill(stroke(bend((0.1, -0.46), (0.25, -0.38), (0.38, -0.46)), 0.035), Paint(look.second, edge=0.25))
    pen.fill(circle(0.25, -0.375, 0.035), Paint(rgb("#F6C83C"), gloss=0.5))
    head = pen.at(0.26, -0.64, 0.05 * math.sin(pose.t * 2.3))
    head.fill(
        ellipse(0, 0, 0.23, 0.21).melt(ellipse(0, 0.09, 0.15, 0.11), 0.05), Paint(look.colour, lift=0.18, edge=0.25, rim=0.05)
    )
    head.fill(ellipse(0.1, -0.03, 0.085, 0.1), flat(light(look.colour, 0.6)), alpha=0.9)
    for side in (-1, 1):
        flop = head.at(side * 0.2, -0.12, side * (-0.25 + 0.06 * math.sin(pose.t * 4)))
        flop.fill(ellipse(0, 0.11, 0.07, 0.15), Paint(dark(look.colour, 0.35), lift=0.15, edge=0.25))
    _face(head, pose, light(look.colour, 0.7), rgb("#6B4A2A"))
    if pose.stride > 0.2:
        head.fill(ellipse(0.0, 0.165, 0.03, 0.04), Paint(rgb("#F2748C"), edge=0.2))


def fox(pen: Pen, look: Look, pose: Pose) -> None:
    wag = 0.05 * math.sin(pose.t * 2.2)
    tail = ellipse(-0.5, -0.42 + wag, 0.2, 0.1)
    _four_legged(pen, look, pose, tail, CREAM)
    pen.fill(ellipse(-0.62, -0.43 + wag, 0.075, 0.065), Paint(CREAM, edge=0.15))
    head = pen.at(0.27, -0.6)
    for side in (-1, 1):
        head.fill(
            polygon([(side * 0.05, -0.12), (side * 0.22, -0.05), (side * 0.2, -0.33)], 0.02),
            Paint(dark(look.colour, 0.25), edge=0.2),
        )
    head.fill(
        polygon([(-0.25, -0.06), (-0.12, -0.16), (0.12, -0.16), (0.25, -0.06), (0.0, 0.2)], 0.04),
        Paint(look.colour, lift=0.15, edge=0.2),
    )
    for side in (-1, 1):
        head.fill(polygon([(side * 0.25, 0.0), (side * 0.06, 0.03), (0, 0.2)], 0.03), flat(CREAM))
        eye(head, side * 0.1, -0.03, 0.046, pose, rgb("#8A5A1E"))
    head.fill(circle(0, 0.19, 0.034), flat(INK))


def rabbit(pen: Pen, look: Look, pose: Pose) -> None:
    c = look.colour
    for side in (-1, 1):
        fx, lift = pose.foot(side)
        pen.fill(ellipse(side * 0.13 + fx * 0.05, -0.05 - lift * 0.05, 0.1, 0.05), Paint(c, edge=0.25))
    pen.fill(circle(-0.24, -0.16, 0.075), Paint(CREAM, edge=0.2))
    pen.fill(ellipse(0, -0.24, 0.21, 0.22), Paint(c, lift=0.15, edge=0.28, rim=0.06))
    pen.fill(ellipse(0, -0.21, 0.12, 0.14), flat(light(c, 0.6)), soft=0.03)
    head = pen.at(0, -0.53)
    for side in (-1, 1):
        ear = head.at(side * 0.08, -0.12, side * (0.16 + 0.05 * math.sin(pose.t * 3 + side)))
        ear.fill(ellipse(0, -0.17, 0.06, 0.2), Paint(c, edge=0.25))
        ear.fill(ellipse(0, -0.16, 0.03, 0.14), flat(rgb("#F5B5C0")))
    head.fill(ellipse(0, 0, 0.2, 0.17), Paint(c, lift=0.15, edge=0.22, rim=0.05))
    _face(head.at(0, 0, 0, 0.92), pose, light(c, 0.7), rgb("#7A4A7E"), rgb("#E8849A"))


def bear(pen: Pen, look: Look, pose: Pose) -> None:
    fur = Paint(look.colour, lift=0.15, edge=0.28, rim=0.05)
    for side in (-1, 1):
        fx, lift = pose.foot(side)
        pen.fill(ellipse(side * 0.14 + fx * 0.06, -0.06 - lift * 0.06, 0.1, 0.07), fur)
        angle = pose.left if side < 0 else pose.right
        shoulder = (side * 0.2, -0.42)
        pen.fill(limb(shoulder, (shoulder[0] + side * 0.2 * math.sin(angle), shoulder[1] + 0.2 * math.cos(angle)), 0.065), fur)
    pen.fill(ellipse(0, -0.28, 0.25, 0.25), fur)
    pen.fill(ellipse(0, -0.25, 0.15, 0.16), Paint(light(look.colour, 0.45), edge=0.1))
    head = pen.at(0, -0.67)
    for side in (-1, 1):
        head.fill(circle(side * 0.18, -0.16, 0.085), fur)
        head.fill(circle(side * 0.18, -0.155, 0.045), flat(light(look.colour, 0.35)))
    head.fill(ellipse(0, 0, 0.25, 0.22), fur)
    _face(head, pose, light(look.colour, 0.6), rgb("#4A3020"))


def bird(pen: Pen, look: Look, pose: Pose) -> None:
    c, flap = look.colour, math.sin(pose.phase)
    far = pen.at(-0.02, -0.52, 0.3 - 1.0 * flap * pose.stride)
    far.fill(ellipse(-0.05, -0.2, 0.1, 0.26), Paint(dark(c, 0.3), edge=0.2))
    pen.fill(polygon([(-0.3, -0.48), (-0.66, -0.58), (-0.62, -0.4)], 0.03), Paint(dark(c, 0.2), edge=0.2))
    pen.fill(ellipse(0, -0.42, 0.4, 0.25).melt(circle(0.28, -0.6, 0.19), 0.12), Paint(c, lift=0.2, edge=0.25, rim=0.07))
    pen.fill(ellipse(0.06, -0.34, 0.25, 0.13), flat(light(c, 0.6)), alpha=0.85, soft=0.06)
    pen.fill(polygon([(0.44, -0.66), (0.44, -0.54), (0.62, -0.59)], 0.015), Paint(BEAK, lift=0.2, edge=0.25))
    eye(pen, 0.33, -0.65, 0.06, pose, rgb("#3A2A22"))
    cheeks(pen.at(0.33, 0), 0.0, -0.53, 0.035)
    near = pen.at(-0.04, -0.5, -0.25 + 1.25 * flap * pose.stride)
    for i, d in enumerate((0.28, 0.18, 0.08)):
        near.fill(ellipse(-0.1 + 0.035 * i, -0.19 + 0.045 * i, 0.105, 0.25 - 0.04 * i), Paint(dark(c, d), lift=0.1, edge=0.22))
    if pose.stride < 0.3:
        for x in (-0.05, 0.1):
            pen.fill(limb((x, -0.2), (x, -0.02), 0.018), Paint(BEAK))
            pen.fill(limb((x, -0.02), (x + 0.09, -0.015), 0.016), Paint(BEAK))


def fish(pen: Pen, look: Look, pose: Pose) -> None:
    c, wag = look.colour, 0.16 * math.sin(pose.phase)
    tail = pen.at(-0.36, -0.5, wag * 2)
    fin = Paint(look.second, lift=0.15, edge=0.22)
    tail.fill(polygon([(0.06, 0), (-0.3, -0.27), (-0.21, 0), (-0.3, 0.27)], 0.03), fin)
    pen.fill(polygon([(-0.2, -0.72), (0.16, -0.76), (-0.16 - wag * 0.3, -0.98)], 0.04), fin)
    pen.fill(polygon([(-0.08, -0.26), (0.14, -0.24), (-0.06 - wag * 0.2, -0.06)], 0.03), fin)
    body = ellipse(0.03, -0.5, 0.48, 0.3)

    def scales(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return torch.minimum((x - 0.16 + 0.25 * (y + 0.5) ** 2).abs() - 0.045, (x + 0.16 + 0.25 * (y + 0.5) ** 2).abs() - 0.045)

    pen.fill(body, Paint(c, lift=0.2, edge=0.28, rim=0.08, second=light(look.second, 0.35), pattern=scales, gloss=0.35))
    side_fin = pen.at(0.02, -0.42, 0.5 + wag)
    side_fin.fill(ellipse(-0.1, 0.02, 0.13, 0.07), fin)
    eye(pen, 0.31, -0.56, 0.083, pose, rgb("#2C3E66"))
    pen.fill(stroke(bend((0.4, -0.4), (0.43, -0.36), (0.48, -0.42)), 0.012), flat(dark(c, 0.6)))


def butterfly(pen: Pen, look: Look, pose: Pose) -> None:
    fold = 0.45 + 0.55 * abs(math.cos(pose.phase))
    for side in (-1, 1):
        wing = pen.at(0, -0.5, 0, side * fold, 1)
        wing.fill(ellipse(0.25, -0.2, 0.27, 0.22), Paint(look.colour, lift=0.2, edge=0.3, rim=0.06))
        wing.fill(ellipse(0.2, 0.17, 0.19, 0.18), Paint(look.second, lift=0.2, edge=0.3, rim=0.06))
        wing.fill(circle(0.31, -0.22, 0.08), Paint(light(look.second, 0.3), edge=0.2))
        wing.fill(circle(0.22, 0.18, 0.06), Paint(light(look.colour, 0.4), edge=0.2))
        pen.fill(stroke(bend((0, -0.68), (side * 0.04, -0.85), (side * 0.12, -0.9)), 0.008), flat(INK))
    pen.fill(limb((0, -0.68), (0, -0.28), 0.04, 0.022), Paint(INK, lift=0.3))


def penguin(pen: Pen, look: Look, pose: Pose) -> None:
    coat = Paint(look.colour, lift=0.15, edge=0.25, rim=0.05)
    for side in (-1, 1):
        fx, lift = pose.foot(side)
        pen.fill(ellipse(side * 0.11 + fx * 0.05, -0.04 - lift * 0.05, 0.09, 0.04), Paint(BEAK, edge=0.25))
        angle = pose.left if side < 0 else pose.right
        pen.at(side * 0.25, -0.55, -side * angle).fill(ellipse(0, 0.14, 0.055, 0.18), coat)
    pen.fill(ellipse(0, -0.38, 0.28, 0.36).melt(ellipse(0, -0.74, 0.21, 0.21), 0.08), coat)
    pen.fill(ellipse(0, -0.33, 0.2, 0.28), Paint(CREAM, lift=0.05, edge=0.1))
    for side in (-1, 1):
        pen.fill(ellipse(side * 0.08, -0.75, 0.1, 0.11), flat(CREAM))
        eye(pen, side * 0.085, -0.77, 0.045, pose, white=None)
    pen.fill(polygon([(-0.05, -0.72), (0.05, -0.72), (0, -0.64)], 0.015), Paint(BEAK, edge=0.25))
    pen.fill(stroke(bend((-0.2, -0.56), (0, -0.48), (0.2, -0.56)), 0.035), Paint(look.second, edge=0.25))


def whale(pen: Pen, look: Look, pose: Pose) -> None:
    c, wag = look.colour, 0.1 * math.sin(pose.phase)
    fluke = pen.at(-0.64, -0.68, wag)
    for turn in (-0.9, 0.5):
        fluke.at(0, 0, turn).fill(ellipse(-0.12, 0, 0.17, 0.07), Paint(dark(c, 0.1), edge=0.25))
    body = ellipse(0.06, -0.45, 0.56, 0.4).melt(limb((-0.4, -0.5), (-0.64, -0.68 + wag * 0.3), 0.16, 0.06), 0.1)
    pen.fill(body, Paint(c, lift=0.2, edge=0.28, rim=0.1, gloss=0.2))
    pen.fill(ellipse(0.16, -0.2, 0.44, 0.19) & ellipse(0.06, -0.45, 0.555, 0.395), Paint(light(c, 0.7), edge=0.1))
    for i in range(5):
        pen.fill(stroke(bend((0.05 + 0.1 * i, -0.3), (0.07 + 0.1 * i, -0.2), (0.03 + 0.1 * i, -0.1)), 0.006), flat(c), alpha=0.5)
    eye(pen, 0.37, -0.48, 0.055, pose, rgb("#22334F"))
    pen.fill(stroke(bend((0.36, -0.36), (0.48, -0.3), (0.6, -0.4)), 0.012), flat(dark(c, 0.5)))
    pen.at(0.1, -0.22, 0.4 + wag).fill(ellipse(-0.06, 0.06, 0.16, 0.07), Paint(dark(c, 0.15), edge=0.2))


def dinosaur(pen: Pen, look: Look, pose: Pose) -> None:
    c = look.colour
    skin = Paint(c, lift=0.18, edge=0.26, rim=0.06)
    spikes = [(-0.5, -0.27), (-0.33, -0.47), (-0.15, -0.6), (0.0, -0.72), (0.1, -0.87)]
    for x, y in spikes:
        pen.fill(polygon([(x - 0.07, y + 0.06), (x + 0.07, y), (x - 0.06, y - 0.1)], 0.015), Paint(look.second, edge=0.2))
    _legs(pen, pose, c, (-0.12, 0.08), -0.24, 0.085)
    pen.fill(stroke(bend((-0.1, -0.25), (-0.42, -0.12), (-0.66, -0.24 + 0.04 * math.sin(pose.t * 3)), 10), 0.16, 0.02), skin)
    body = ellipse(-0.02, -0.36, 0.25, 0.26).melt(limb((0.05, -0.5), (0.16, -0.74), 0.13, 0.11), 0.1)
    pen.fill(body, skin)
    pen.fill(ellipse(0.08, -0.32, 0.13, 0.2), flat(light(c, 0.55)), soft=0.05)
    head = pen.at(0.24, -0.8)
    head.fill(ellipse(0, 0, 0.19, 0.14).melt(ellipse(0.14, 0.03, 0.14, 0.1), 0.05), skin)
    eye(head, 0.03, -0.04, 0.05, pose, rgb("#7A3E1D"))
    head.fill(stroke(bend((0.05, 0.08), (0.16, 0.13), (0.26, 0.05)), 0.01), flat(INK))
    head.fill(circle(0.23, -0.02, 0.011), flat(INK))
    pen.fill(limb((0.15, -0.45), (0.29, -0.42 + 0.03 * math.sin(pose.t * 4)), 0.038), skin)


def turtle(pen: Pen, look: Look, pose: Pose) -> None:
    c = look.colour
    skin = Paint(light(c, 0.35), lift=0.12, edge=0.22)
    _legs(pen, pose, light(c, 0.35), (-0.35, -0.26, 0.22, 0.32), -0.18, 0.09)
    pen.fill(limb((0.35, -0.3), (0.58, -0.52), 0.09), skin)
    pen.fill(circle(0.62, -0.58, 0.16), skin)
    eye(pen, 0.66, -0.61, 0.05, pose, rgb("#3E2A18"))
    pen.fill(stroke(bend((0.64, -0.5), (0.7, -0.47), (0.75, -0.51)), 0.01), flat(INK))

    def plates(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        a = ((x / 0.26 + (y / 0.22).floor() * 0.5) % 1 - 0.5).abs() * 0.26
        b = ((y / 0.22) % 1 - 0.5).abs() * 0.22
        return 0.115 - torch.maximum(a, b)

    pen.fill(
        ellipse(0, -0.25, 0.5, 0.5) & box(0, -0.48, 0.6, 0.3, 0.04),
        Paint(c, lift=0.2, edge=0.3, second=dark(c, 0.3), pattern=plates, gloss=0.25),
    )
    pen.fill(box(0, -0.2, 0.5, 0.045, 0.04), Paint(dark(c, 0.2), edge=0.2))
