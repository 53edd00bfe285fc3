"""Sir Crumpetine, a knight of toasted bread who defends the breakfast table."""

from __future__ import annotations

import math

import torch

from generator.world.canvas import Paint, Pen, flat
from generator.world.colours import CREAM, INK, dark, light, rgb
from generator.world.pose import Pose, arm, cheeks, eye, leg, smile
from generator.world.shapes import Shape, bend, box, circle, ellipse, limb, polygon, ring, stroke

TOAST, CRUST, CAPE, SILVER, BUTTER, COBALT = (rgb(c) for c in ("#EBBE7A", "#A8642F", "#B92B3E", "#B9C3CE", "#FFE27A", "#2C5BB0"))


def draw(pen: Pen, pose: Pose) -> None:
    flap = 0.04 * math.sin(pose.t * 2.7) + 0.05 * pose.stride
    cape = polygon(
        [(-0.23, -0.62), (0.23, -0.62), (0.34 + flap, -0.13), (0.1 + flap, -0.09), (-0.14, -0.11), (-0.33 + flap, -0.12)], 0.02
    )
    pen.fill(cape, Paint(CAPE, lift=0.2, edge=0.25, rim=0.05))
    steel = Paint(SILVER, lift=0.25, edge=0.3, rim=0.025, gloss=0.4)
    for side in (-1, 1):
        leg(pen, side * 0.13, -0.2, side, pose, 0.05, steel, steel)
    pen.fill(_slice(0.0), Paint(CRUST, lift=0.15, edge=0.35, rim=0.03))
    pen.fill(_slice(0.042), Paint(TOAST, lift=0.12, edge=0.14, rim=0.06, second=dark(TOAST, 0.13), pattern=_crumbs))
    pen.fill(box(0.1, -0.265, 0.062, 0.052, 0.012), Paint(BUTTER, lift=0.15, edge=0.2, rim=0.02, gloss=0.7))
    pen.fill(ellipse(0.1, -0.208, 0.08, 0.012).melt(limb((0.13, -0.21), (0.135, -0.17), 0.014), 0.02), flat(BUTTER), alpha=0.9)
    for side in (-1, 1):
        eye(pen, side * 0.095, -0.5, 0.058, pose, COBALT)
        pen.fill(limb((side * 0.05, -0.588), (side * 0.15, -0.595), 0.014), flat(dark(CRUST, 0.3)))
    cheeks(pen, 0.17, -0.42, 0.035)
    smile(pen, 0, -0.41, 0.065, 0.025, 0.012, dark(CRUST, 0.4))
    _teacup(pen.at(0, -0.73, 0.06 + 0.02 * math.sin(pose.t * 2)))
    arm(pen, -0.27, -0.42, 0.2, pose.left, -1, 0.04, steel, steel)
    hand = arm(pen, 0.27, -0.42, 0.2, pose.right + 0.35, 1, 0.04, steel)
    _spoon(pen.at(hand[0], hand[1], 0.14 + 0.05 * math.sin(pose.t * 2.3)))
    pen.fill(circle(hand[0], hand[1], 0.058), steel)


def _slice(inset: float) -> Shape:
    """A slice of tin loaf: a body with two round shoulders on top."""
    body = box(0, -0.37, 0.245 - inset, 0.22 - inset, 0.05)
    tops = ellipse(-0.115, -0.6, 0.165 - inset, 0.125 - inset) | ellipse(0.115, -0.6, 0.165 - inset, 0.125 - inset)
    return body.melt(tops, 0.06)


def _crumbs(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return 0.026 - 0.03 * (torch.sin(x * 61 + 2 * torch.sin(y * 23)) * torch.sin(y * 57 + 1.7))


def _teacup(pen: Pen) -> None:
    china = Paint(rgb("#F4F6F8"), lift=0.12, edge=0.28, rim=0.035, gloss=0.3)
    pen.fill(ring(0.225, -0.09, 0.055, 0.017), china)
    pen.fill((ellipse(0, -0.19, 0.22, 0.24) & box(0, -0.08, 0.3, 0.11)), china)
    pen.fill(ellipse(0, -0.1, 0.216, 0.2) & box(0, -0.115, 0.3, 0.021), Paint(COBALT, lift=0.15, edge=0.2))
    for i in range(-2, 3):
        pen.fill(circle(i * 0.075, -0.058, 0.017), flat(COBALT))
        pen.fill(circle(i * 0.075, -0.058, 0.007), flat(BUTTER))
    pen.fill(box(0, 0.03, 0.1, 0.015, 0.012), china)
    pen.fill(ellipse(0, -0.19, 0.222, 0.03), Paint(light(COBALT, 0.7), edge=0.35, rim=0.02))


def _spoon(pen: Pen) -> None:
    silver = Paint(SILVER, lift=0.3, edge=0.35, rim=0.02, gloss=0.6)
    pen.fill(stroke(bend((0, 0.2), (0.01, 0), (0, -0.34)), 0.019, 0.013), silver)
    pen.fill(ellipse(0, -0.42, 0.066, 0.1), silver)
    pen.fill(ellipse(0.004, -0.415, 0.044, 0.074), Paint(dark(SILVER, 0.16), lift=-0.3, edge=0.1))
    pen.fill(circle(0, 0.2, 0.022), Paint(CREAM, edge=0.3))
    pen.fill(circle(0, 0.2, 0.008), flat(INK))
