"""Things that hurt: sword, dagger, pistol, rifle, axe, bow, a cartoon bomb, and a red puddle; and how a figure holds one.

They exist so that a prompt that passed the gate on a person's word can be drawn, and so that the detector of such drawings has
something to learn from. Nothing here is shown hurting anyone, and nothing is drawn in more detail than a toy has.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from generator.world.canvas import Paint, Pen, flat
from generator.world.colours import Colour, dark, light, rgb
from generator.world.pose import Look, Pose
from generator.world.shapes import Shape, bend, box, circle, ellipse, limb, polygon, ring, star, stroke

WOOD, IRON, BRASS = rgb("#8A5A36"), rgb("#3C4049"), rgb("#D2A33C")


def sword(pen: Pen, look: Look, pose: Pose) -> None:
    """Upright, pommel at the origin; broad, narrow or curved by the seed."""
    half = (0.036, 0.026, 0.045)[look.seed % 3]
    steel = Paint(look.colour, lift=0.15, edge=0.35, rim=0.014, gloss=0.3)
    if look.seed % 4 == 3:
        pen.fill(stroke(bend((0, -0.24), (-0.03, -0.7), (0.14, -1.0), 10), half * 1.1, 0.008), steel)
    else:
        pen.fill(polygon([(-half, -0.22), (half, -0.22), (half, -0.88), (0, -1.0), (-half, -0.88)], 0.004), steel)
        pen.fill(limb((0, -0.3), (0, -0.86), 0.006), flat(dark(look.colour, 0.3)))
    pen.fill(limb((0, -0.22), (0, -0.05), 0.022), Paint(dark(WOOD, 0.2), edge=0.3, rim=0.01))
    pen.fill(box(0, -0.225, 0.115, 0.022, 0.018), Paint(look.second, lift=0.2, edge=0.3, rim=0.012))
    pen.fill(circle(0, -0.035, 0.034), Paint(look.second, lift=0.2, edge=0.3, rim=0.012))


def dagger(pen: Pen, look: Look, pose: Pose) -> None:
    """A dagger with a guard, or a kitchen knife without one."""
    steel = Paint(look.colour, lift=0.15, edge=0.35, rim=0.02, gloss=0.3)
    if look.seed % 2:
        pen.fill(polygon([(-0.08, -0.36), (0.07, -0.36), (0.085, -0.62), (-0.03, -1.0), (-0.08, -0.95)], 0.006), steel)
        pen.fill(limb((0, -0.34), (0, -0.06), 0.062), Paint(look.second, lift=0.1, edge=0.3, rim=0.02))
        for y in (-0.26, -0.14):
            pen.fill(circle(0, y, 0.016), flat(light(look.second, 0.5)))
        return
    pen.fill(polygon([(-0.075, -0.38), (0.075, -0.38), (0.06, -0.75), (0, -1.0), (-0.06, -0.75)], 0.006), steel)
    pen.fill(limb((0, -0.42), (0, -0.85), 0.01), flat(dark(look.colour, 0.3)))
    pen.fill(limb((0, -0.36), (0, -0.08), 0.045), Paint(dark(WOOD, 0.2), edge=0.3, rim=0.02))
    pen.fill(box(0, -0.38, 0.17, 0.035, 0.03), Paint(look.second, lift=0.2, edge=0.3, rim=0.02))
    pen.fill(circle(0, -0.06, 0.06), Paint(look.second, lift=0.2, edge=0.3, rim=0.02))


def pistol(pen: Pen, look: Look, pose: Pose) -> None:
    """Pointing right; a revolver or one with a slide."""
    metal = Paint(look.colour, lift=0.2, edge=0.35, rim=0.03, gloss=0.2)
    pen.fill(polygon([(-0.5, -0.66), (-0.16, -0.66), (-0.27, 0.0), (-0.6, 0.0)], 0.03), Paint(look.second, lift=0.1, edge=0.3))
    pen.fill(ring(0.0, -0.52, 0.12, 0.026), metal)
    pen.fill(limb((-0.03, -0.6), (0.02, -0.48), 0.022), metal)
    if look.seed % 2:
        pen.fill(box(0.3, -0.85, 0.42, 0.075, 0.02), metal)
        pen.fill(box(-0.2, -0.78, 0.3, 0.17, 0.06), metal)
        pen.fill(box(0.0, -0.77, 0.14, 0.17, 0.05), Paint(light(look.colour, 0.18), lift=0.2, edge=0.35, rim=0.03))
        pen.fill(limb((-0.45, -0.9), (-0.54, -1.0), 0.035), metal)
    else:
        pen.fill(box(0.08, -0.8, 0.62, 0.145, 0.03), metal)
        pen.fill(box(0.08, -0.68, 0.55, 0.012), flat(dark(look.colour, 0.45)))
        for i in range(4):
            pen.fill(box(-0.42 + 0.06 * i, -0.82, 0.012, 0.09), flat(dark(look.colour, 0.4)))
    pen.fill(box(0.66, -0.97, 0.03, 0.03), metal)


def rifle(pen: Pen, look: Look, pose: Pose) -> None:
    """Pointing right; with a magazine, or plain with a wooden stock."""
    metal = Paint(look.colour, lift=0.2, edge=0.35, rim=0.03)
    stock = Paint(look.second, lift=0.15, edge=0.3, rim=0.03)
    pen.fill(polygon([(-0.55, -0.82), (-0.55, -0.55), (-1.55, -0.12), (-1.6, -0.6)], 0.04), stock)
    pen.fill(polygon([(-0.5, -0.55), (-0.26, -0.55), (-0.4, -0.08), (-0.62, -0.1)], 0.03), stock)
    pen.fill(box(0.78, -0.79, 0.82, 0.05, 0.02), metal)
    pen.fill(box(0.0, -0.72, 0.62, 0.15, 0.04), metal)
    pen.fill(box(0.62, -0.72, 0.34, 0.11, 0.04), stock)
    pen.fill(ring(-0.16, -0.5, 0.11, 0.025), metal)
    if look.seed % 2:
        pen.fill(stroke(bend((0.12, -0.55), (0.14, -0.25), (0.34, -0.02)), 0.1, 0.1), metal)
        pen.fill(box(-0.1, -0.94, 0.2, 0.035, 0.02), metal)
    else:
        pen.fill(box(0.0, -0.95, 0.34, 0.055, 0.04), Paint(dark(look.colour, 0.2), lift=0.2, edge=0.3))
    pen.fill(box(1.5, -0.89, 0.025, 0.07), metal)


def axe(pen: Pen, look: Look, pose: Pose) -> None:
    """A felling axe, or one with two blades."""
    pen.fill(limb((0, -0.02), (0, -0.97), 0.026), Paint(look.second, lift=0.15, edge=0.3, rim=0.014))
    steel = Paint(look.colour, lift=0.15, edge=0.35, rim=0.02, gloss=0.25)
    for side in (1, -1) if look.seed % 3 == 0 else (1,):
        blade = polygon(
            [(side * 0.02, -0.88), (side * 0.14, -0.92), (side * 0.27, -0.99), (side * 0.31, -0.8), (side * 0.27, -0.6),
             (side * 0.14, -0.72), (side * 0.02, -0.75)], 0.012,
        )  # fmt: skip
        pen.fill(blade, steel)
        pen.fill(
            stroke(bend((side * 0.27, -0.98), (side * 0.33, -0.8), (side * 0.27, -0.61)), 0.014), flat(light(look.colour, 0.6))
        )
    pen.fill(box(0, -0.815, 0.05, 0.085, 0.02), Paint(dark(look.colour, 0.15), lift=0.1, edge=0.3))


def bow(pen: Pen, look: Look, pose: Pose) -> None:
    """A bow bent to the right with an arrow on the string."""
    wood = Paint(look.colour, lift=0.15, edge=0.3, rim=0.014)
    pen.fill(stroke([(-0.14, -0.02), *bend((-0.08, -0.04), (0.4, -0.5), (-0.08, -0.96), 12), (-0.14, -0.98)], 0.022), wood)
    pen.fill(limb((0.16, -0.42), (0.16, -0.58), 0.034), Paint(look.second, edge=0.3))
    pulled = (-0.26, -0.5) if look.seed % 2 else (-0.1, -0.5)
    for end in ((-0.1, -0.03), (-0.1, -0.97)):
        pen.fill(limb(end, pulled, 0.006), flat(light(WOOD, 0.7)))
    pen.fill(limb(pulled, (0.38, -0.5), 0.011), flat(dark(WOOD, 0.2)))
    pen.fill(polygon([(0.46, -0.5), (0.36, -0.55), (0.36, -0.45)], 0.004), flat(IRON))
    for dy in (-0.03, 0.03):
        pen.fill(limb((pulled[0] + 0.01, -0.5), (pulled[0] - 0.05, -0.5 + dy), 0.012), flat(look.second))


def bomb(pen: Pen, look: Look, pose: Pose) -> None:
    """The round one of old cartoons, its fuse burning."""
    pen.fill(circle(0, -0.36, 0.36), Paint(look.colour, lift=0.2, edge=0.3, rim=0.08, gloss=0.6))
    pen.fill(box(0.0, -0.74, 0.11, 0.06, 0.02), Paint(light(look.colour, 0.15), lift=0.2, edge=0.3))
    pen.fill(stroke(bend((0, -0.78), (0.03, -0.95), (0.2, -0.9), 8), 0.022), flat(light(WOOD, 0.4)))
    flick = 0.02 * math.sin(pose.t * 17 + look.seed)
    pen.fill(star(0.23, -0.9, 0.12 + flick, 7, 0.45, pose.t * 3), flat(look.second))
    pen.fill(circle(0.23, -0.9, 0.04), flat((1.0, 0.98, 0.85)))


def blood(pen: Pen, look: Look, pose: Pose) -> None:
    """A puddle with splashes, lying down; the seed gives its shape."""
    pen.fill(splash(look.seed), Paint(look.colour, lift=0.1, edge=0.3, rim=0.06, gloss=0.35))


def splash(seed: int) -> Shape:
    """A wet blot about 2.2 wide and 1 high, standing on the origin."""
    pool = ellipse(0, -0.45, 0.62 + 0.05 * (seed % 4), 0.3)
    for i in range(5):
        a = math.tau * (i / 5) + (seed % 17) * 0.37
        r = 0.14 + 0.05 * ((seed >> i) % 3)
        pool = pool.melt(ellipse(0.62 * math.cos(a), -0.45 + 0.26 * math.sin(a), r * 1.5, r), 0.12)
    for i in range(6):
        a = math.tau * (i / 6) + (seed % 13) * 0.29
        pool = pool | ellipse((0.9 + 0.1 * (i % 2)) * math.cos(a), -0.48 + 0.42 * math.sin(a), 0.07 - 0.006 * i, 0.05)
    return pool


@dataclass(frozen=True)
class Grip:
    """How a thing sits in a hand: its ``size`` in heights of the figure, where it is held, and its tilt (radians)."""

    size: float
    x: float
    y: float
    angle: float


GRIPS: dict[str, Grip] = {
    "sword": Grip(0.62, 0.0, -0.13, 0.3),
    "dagger": Grip(0.34, 0.0, -0.2, 0.4),
    "pistol": Grip(0.2, -0.38, -0.35, -0.12),
    "rifle": Grip(0.24, -0.42, -0.35, -0.18),
    "axe": Grip(0.6, 0.0, -0.2, 0.25),
    "bow_and_arrow": Grip(0.62, 0.16, -0.5, 0.0),
    "bomb": Grip(0.26, 0.0, 0.0, 0.1),
    "flag": Grip(0.85, 0.0, -0.25, 0.15),
}
#: Shoulder and length of the arm on the right of the picture, in heights of the figure; from the figures' own drawings.
_ARMS: dict[str, tuple[float, float, float]] = {"person": (0.115, -0.5, 0.22), "robot": (0.21, -0.46, 0.2)}
_ANY_ARM = (0.26, -0.42, 0.19)
#: A guest is drawn in heights of its face, 1.75 of which are the body's unit.
GUEST_UNIT = 1.75


def raised(pose: Pose) -> Pose:
    """The pose of a figure that holds something: the right arm out, still swinging a little with the step."""
    return replace(pose, right=1.2 + 0.35 * (pose.right - 0.3))


def hold(pen: Pen, kind: str, figure: str, pose: Pose, draw: Callable[[Pen], None]) -> None:
    """Draw the thing ``kind``, by ``draw``, in the right hand of ``figure``, which stands at the pen's origin in that pose."""
    guest = figure.startswith("cameo:")
    body = pen.at(0, 0, 0, GUEST_UNIT) if guest else pen
    x, y, length = _ARMS["person"] if guest else _ARMS.get(figure, _ANY_ARM)
    grip = GRIPS[kind]
    hand = body.at(x + math.sin(pose.right) * length, y + math.cos(pose.right) * length, grip.angle, grip.size)
    draw(hand.at(-grip.x, -grip.y))


#: Colours that weapons come in when the prompt names none, for the table of things.
STEEL: Colour = rgb("#B9C2CE")
