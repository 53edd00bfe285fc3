"""How a thing stands at one moment, and how it looks: the two values every drawing function takes."""

from __future__ import annotations

import math
from dataclasses import dataclass

from generator.world.canvas import Paint, Pen, flat
from generator.world.colours import INK, Colour, dark
from generator.world.shapes import bend, circle, ellipse, stroke


@dataclass(frozen=True)
class Look:
    """``colour`` and ``second`` as the prompt wants them; ``seed`` varies what it leaves open."""

    colour: Colour
    second: Colour
    seed: int = 0


@dataclass(frozen=True)
class Pose:
    """``phase`` radians of the step or wing beat, ``stride`` how far limbs swing (0 to 1); arms in radians, 0 hangs, pi is up.

    ``left`` is the arm on the left of the picture. ``t`` is seconds since the start, for what always moves a little.
    """

    t: float = 0.0
    phase: float = 0.0
    stride: float = 0.0
    left: float = 0.25
    right: float = 0.25
    blink: float = 0.0
    look: float = 0.0
    power: float = 0.0

    def foot(self, side: int) -> tuple[float, float]:
        """Forward swing and lift of a foot, as fractions of a step; ``side`` is -1 or 1."""
        a = self.phase + (0.0 if side < 0 else math.pi)
        return self.stride * math.sin(a), self.stride * max(0.0, math.cos(a))


def eye(pen: Pen, x: float, y: float, r: float, pose: Pose, iris: Colour = INK, white: Colour | None = (1.0, 1.0, 1.0)) -> None:
    """A picture-book eye: white, iris, pupil and two lights; closed by ``pose.blink``."""
    if pose.blink > 0.6:
        pen.fill(stroke(bend((x - r * 0.8, y), (x, y + r * 0.55), (x + r * 0.8, y)), r * 0.13), flat(INK))
        return
    spot = pen.at(x, y, 0.0, r, r * (1 - 0.75 * pose.blink))
    dx = 0.22 * pose.look
    if white is not None:
        spot.fill(circle(0, 0, 1), Paint(white, lift=0.05, edge=0.18, rim=0.18))
        spot.fill(circle(dx, 0.05, 0.66), Paint(iris, lift=-0.18, edge=0.35, rim=0.15))
        spot.fill(circle(dx * 1.2, 0.05, 0.36), flat(INK))
    else:
        spot.fill(circle(dx, 0, 0.9), flat(INK))
    spot.fill(circle(dx - 0.24, -0.25, 0.2), flat((1.0, 1.0, 1.0)))
    spot.fill(circle(dx + 0.22, 0.32, 0.1), flat((1.0, 1.0, 1.0)), alpha=0.8)


def smile(pen: Pen, x: float, y: float, w: float, depth: float, width: float = 0.011, colour: Colour = INK) -> None:
    pen.fill(stroke(bend((x - w, y), (x, y + depth * 2), (x + w, y)), width), flat(colour))


def cheeks(pen: Pen, x: float, y: float, r: float, colour: Colour = (0.98, 0.45, 0.47), alpha: float = 0.55) -> None:
    for side in (-1, 1):
        pen.fill(ellipse(side * x, y, r * 1.25, r), flat(colour), alpha=alpha, soft=r * 0.8)


def arm(
    pen: Pen, x: float, y: float, length: float, angle: float, side: int, width: float, paint: Paint, hand: Paint | None = None
) -> tuple[float, float]:
    """A bent arm from the shoulder; returns where the hand is. ``side`` -1 is the left of the picture."""
    ax, ay = math.sin(angle) * side, math.cos(angle)
    hx, hy = x + ax * length, y + ay * length
    bow = 0.22 * length
    elbow = (x + ax * length / 2 + side * bow * abs(ay), y + ay * length / 2 + bow * abs(ax))
    pen.fill(stroke(bend((x, y), elbow, (hx, hy), 6), width, width * 0.85), paint)
    if hand is not None:
        pen.fill(circle(hx, hy, width * 1.55), hand)
    return hx, hy


def leg(
    pen: Pen, x: float, hip: float, side: int, pose: Pose, width: float, paint: Paint, boot: Paint, step: float = 0.09
) -> None:
    """A leg from ``hip`` to the ground with a boot, swinging with the pose."""
    swing, lift = pose.foot(side)
    fx, fy = x + swing * step, -lift * step * 0.7
    pen.fill(stroke(bend((x, hip), (x + side * 0.01, (hip + fy) / 2), (fx, fy - width)), width * 0.8), paint)
    pen.fill(ellipse(fx + 0.015 * side, fy - width * 0.75, width * 1.7, width * 0.95), boot)


def shade_under(pen: Pen, width: float, lift: float) -> None:
    """The soft shadow on the ground of a thing ``lift`` units above it."""
    grow = 1 + 0.8 * min(1.0, lift)
    strength = 0.34 / (1 + 3.0 * max(0.0, lift))
    pen.fill(ellipse(0, 0, width * grow, width * 0.2 * grow), flat(dark((0.2, 0.2, 0.3), 0.6)), alpha=strength, soft=width * 0.35)
