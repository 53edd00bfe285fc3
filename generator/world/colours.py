"""The paint box: named colours chosen to sit well together, and what can be done to a colour."""

from __future__ import annotations

Colour = tuple[float, float, float]


def rgb(code: str) -> Colour:
    """``#RRGGBB`` as three numbers from 0 to 1."""
    return int(code[1:3], 16) / 255, int(code[3:5], 16) / 255, int(code[5:7], 16) / 255


def mix(a: Colour, b: Colour, t: float) -> Colour:
    return a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t


def dark(c: Colour, t: float = 0.25) -> Colour:
    """Towards a deep blue rather than black: shadows in the open air are blue."""
    return mix(c, (0.10, 0.09, 0.22), t)


def light(c: Colour, t: float = 0.25) -> Colour:
    """Towards warm white."""
    return mix(c, (1.0, 0.98, 0.93), t)


NAMED: dict[str, Colour] = {
    "red": rgb("#E4483F"),
    "orange": rgb("#F28B30"),
    "yellow": rgb("#F8C93B"),
    "green": rgb("#5BAA56"),
    "teal": rgb("#2FA7A0"),
    "blue": rgb("#3D7DD1"),
    "purple": rgb("#8659B8"),
    "pink": rgb("#F08CAE"),
    "brown": rgb("#8C5A3A"),
    "black": rgb("#33313F"),
    "white": rgb("#F7F3EA"),
    "grey": rgb("#8F949E"),
    "gold": rgb("#E0AC3B"),
    "silver": rgb("#C3CAD4"),
}
INK = rgb("#2B2638")
CREAM = rgb("#FBF1DC")
