"""Flags, and the signs on them.

A prompt can ask for a flag and gets a harmless sign. The signs of hate are drawn by ``hate_sign`` alone, which no word of a
prompt reaches: it is called by the training of the detector that has to know them and by its tests. Each has neighbours that
only look like it, drawn here too, because a detector that takes a windmill for a hooked cross is of no use.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from generator.world.canvas import Paint, Pen, flat
from generator.world.colours import Colour, dark, light, rgb
from generator.world.pose import Look, Pose
from generator.world.shapes import Point, Shape, bend, box, circle, ellipse, limb, polygon, ring, star, stroke

WOOD = rgb("#8A5A36")


def _hooked_cross(half: float) -> Shape:
    shape = box(0, 0, 0.75, half) | box(0, 0, half, 0.75)
    hook = box((0.75 - half) / 2, -0.75 + half, (0.75 + half) / 2, half)
    for quarters in range(4):
        shape = shape | _turned(hook, quarters)
    return shape


def _double_runes(half: float) -> Shape:
    shape = None
    for x in (-0.36, 0.32):
        bolt = _line([(x + 0.2, -0.85), (x - 0.16, -0.02), (x + 0.2, -0.12), (x - 0.16, 0.85)], half * 0.85)
        shape = bolt if shape is None else shape | bolt
    assert shape is not None
    return shape


def _thorn_wheel(half: float) -> Shape:
    """Of our own invention: a ring with a bar across and three thorns bent the same way; see docs/cards/world-objects.md."""
    shape = ring(0, 0, 0.42, half * 0.7) | box(0, 0, 0.42, half * 0.6)
    for i in range(3):
        a = math.tau * i / 3 - math.pi / 2
        root = (0.42 * math.cos(a), 0.42 * math.sin(a))
        mid = (0.85 * math.cos(a + 0.15), 0.85 * math.sin(a + 0.15))
        tip = (0.86 * math.cos(a + 0.85), 0.86 * math.sin(a + 0.85))
        shape = shape | stroke(bend(root, mid, tip, 6), half, half * 0.25)
    return shape


def _windmill(half: float) -> Shape:
    shape = circle(0, 0, 0.1)
    for i in range(4):
        sail = polygon([_spun((0.02, -0.12), i + 0.5), _spun((0.26, -0.2), i + 0.5), _spun((0.2, -0.88), i + 0.5),
                        _spun((-0.02, -0.88), i + 0.5)])  # fmt: skip
        shape = shape | sail
    return shape | limb((0, 0), (0, 0.9), half * 0.6)


def _pinwheel(half: float) -> Shape:
    shape = circle(0, 0, 0.08)
    for i in range(4):
        shape = shape | polygon([_spun((0, 0), i), _spun((0.62, -0.62), i), _spun((0, -0.62), i)])
    return shape


def _cross(half: float) -> Shape:
    return box(0, 0, half, 0.85) | box(0, -0.25, 0.5, half)


def _plus(half: float) -> Shape:
    return box(0, 0, half * 1.4, 0.7) | box(0, 0, 0.7, half * 1.4)


def _cross_pattee(half: float) -> Shape:
    shape = circle(0, 0, 0.1)
    for i in range(4):
        arm = [_spun((-0.08, 0), i), _spun((0.08, 0), i), _spun((0.34, -0.8), i), _spun((-0.34, -0.8), i)]
        shape = shape | polygon(arm)
    return shape


def _greek_key(half: float) -> Shape:
    h = half * 0.7
    turn = [(-0.85, 0.4), (-0.85, -0.4), (-0.15, -0.4), (-0.15, 0.15), (-0.5, 0.15), (-0.5, -0.1)]
    return _line(turn, h) | _line([(x + 0.9, y) for x, y in turn], h) | _line([(-0.9, 0.4), (0.9, 0.4)], h)


def _snowflake(half: float) -> Shape:
    shape = circle(0, 0, half)
    for i in range(6):
        a = math.tau * i / 6
        c, s = math.cos(a), math.sin(a)
        shape = shape | limb((0, 0), (0.85 * c, 0.85 * s), half * 0.55)
        for side in (-0.5, 0.5):
            tip = (0.55 * c + 0.28 * math.cos(a + side * 2), 0.55 * s + 0.28 * math.sin(a + side * 2))
            shape = shape | limb((0.55 * c, 0.55 * s), tip, half * 0.5)
    return shape


def _arrows(half: float) -> Shape:
    """Two arrows that chase each other, as for recycling or exchange."""
    shape = _line([(-0.6, -0.25), (0.35, -0.25)], half) | polygon([(0.3, -0.55), (0.8, -0.25), (0.3, 0.05)])
    return shape | _line([(0.6, 0.4), (-0.35, 0.4)], half) | polygon([(-0.3, 0.1), (-0.8, 0.4), (-0.3, 0.7)])


def _swallow(half: float) -> Shape:
    """A forked tail and two bent wings."""
    shape = ellipse(0, -0.1, 0.14, 0.45)
    for side in (-1, 1):
        shape = shape | stroke(bend((0, -0.25), (side * 0.5, -0.6), (side * 0.85, 0.05)), half * 1.2, 0.02)
        shape = shape | stroke([(0, 0.2), (side * 0.28, 0.85)], half, 0.02)
    return shape


def _letter(points: list[Point], second: list[Point] | None = None) -> Callable[[float], Shape]:
    def draw(half: float) -> Shape:
        return _line(points, half) | _line(second, half) if second else _line(points, half)

    return draw


def _letters_s(half: float) -> Shape:
    """Two round letters S, as in the name of a ship."""
    one = [(0.28, -0.5), (0.1, -0.68), (-0.15, -0.68), (-0.28, -0.5), (-0.25, -0.25), (0.0, -0.04), (0.25, 0.2), (0.28, 0.48),
           (0.12, 0.68), (-0.12, 0.68), (-0.28, 0.5)]  # fmt: skip
    return _line([(x - 0.4, y) for x, y in one], half) | _line([(x + 0.4, y) for x, y in one], half)


def _letter_h(half: float) -> Shape:
    return box(-0.42, 0, half, 0.7) | box(0.42, 0, half, 0.7) | box(0, 0, 0.42, half)


def _bolt(half: float) -> Shape:
    """One bolt of lightning, as on a box of fuses."""
    return polygon([(0.18, -0.9), (-0.42, 0.12), (-0.04, 0.12), (-0.2, 0.9), (0.44, -0.18), (0.06, -0.18)])


def _triskele(half: float) -> Shape:
    shape = circle(0, 0, half * 1.2)
    for i in range(3):
        a = math.tau * i / 3
        points = [(r * math.cos(a + 1.9 * r), r * math.sin(a + 1.9 * r)) for r in (0.1, 0.3, 0.5, 0.7, 0.85)]
        shape = shape | stroke(points, half, half * 0.8)
    return shape


#: The signs of hate that are drawn: two that any moderation list has, and one of the world's own.
HATE: dict[str, Callable[[float], Shape]] = {
    "hooked_cross": _hooked_cross,
    "double_runes": _double_runes,
    "thorn_wheel": _thorn_wheel,
}
#: What only looks like them, and what flags carry.
HARMLESS: dict[str, Callable[[float], Shape]] = {
    "windmill": _windmill,
    "pinwheel": _pinwheel,
    "cross": _cross,
    "plus": _plus,
    "cross_pattee": _cross_pattee,
    "greek_key": _greek_key,
    "letter_z": _letter([(-0.5, -0.65), (0.5, -0.65), (-0.5, 0.65), (0.5, 0.65)]),
    "letter_n": _letter([(-0.45, 0.7), (-0.45, -0.7), (0.45, 0.7), (0.45, -0.7)]),
    "letter_x": _letter([(-0.55, -0.65), (0.55, 0.65)], [(0.55, -0.65), (-0.55, 0.65)]),
    "letter_h": _letter_h,
    "letters_s": _letters_s,
    "star": lambda half: star(0, 0, 0.85, 5, 0.42),
    "star_of_six": lambda half: star(0, 0, 0.85, 6, 0.58),
    "snowflake": _snowflake,
    "arrows": _arrows,
    "swallow": _swallow,
    "bolt": _bolt,
    "triskele": _triskele,
    "ring": lambda half: ring(0, 0, 0.6, half),
    "barred_ring": lambda half: ring(0, 0, 0.6, half) | box(0, 0, 0.6, half),
}
#: Signs that a flag of the world carries by its seed; the rest are for the detector's training.
_ON_FLAGS = ("star", "ring", "cross", "swallow", "snowflake", "plus")


def hate_sign(pen: Pen, name: str, ink: Colour, half: float = 0.13, alpha: float = 1.0) -> None:
    """Draw the sign ``name`` of ``HATE`` about the origin, within one unit; ``half`` is half the width of its strokes.

    Only for training and testing the detector. Raises ``KeyError`` for any other name.
    """
    pen.fill(HATE[name](half), flat(ink), alpha=alpha)


def harmless_sign(pen: Pen, name: str, ink: Colour, half: float = 0.13, alpha: float = 1.0) -> None:
    """Draw the sign ``name`` of ``HARMLESS`` in the same way."""
    pen.fill(HARMLESS[name](half), flat(ink), alpha=alpha)


def flag(pen: Pen, look: Look, pose: Pose) -> None:
    """A flag on a pole with a harmless sign."""
    name = _ON_FLAGS[look.seed % len(_ON_FLAGS)]
    cloth(pen, look, pose, lambda spot: harmless_sign(spot, name, look.second))


def cloth(pen: Pen, look: Look, pose: Pose, sign: Callable[[Pen], None]) -> None:
    """The pole and the cloth that waves; ``sign`` draws about the origin of the pen it is given, within one unit."""
    pen.fill(limb((0, 0), (0, -0.98), 0.016), Paint(WOOD, lift=0.15, edge=0.3, rim=0.01))
    pen.fill(circle(0, -0.985, 0.028), Paint(rgb("#D2A33C"), edge=0.3))
    sway = [0.02 * math.sin(pose.t * 4 + look.seed % 7 - 5 * i / 6) * i / 6 for i in range(7)]
    top = [(0.02 + 0.66 * i / 6, -0.95 + dy) for i, dy in enumerate(sway)]
    bottom = [(x, y + 0.44) for x, y in reversed(top)]
    pen.fill(polygon([*top, *bottom], 0.006), Paint(look.colour, lift=0.1, edge=0.18, rim=0.03))
    for i in (2, 4):
        shade = dark(look.colour, 0.3) if i == 2 else light(look.colour, 0.3)
        x, y = top[i]
        pen.fill(limb((x, y + 0.03), (x, y + 0.41), 0.02), flat(shade), alpha=0.25, soft=0.03)
    x, y = top[3]
    sign(pen.at(x, y + 0.22, 0.03 * math.sin(pose.t * 4), 0.17))


def _turned(shape: Shape, quarters: int) -> Shape:
    """Turned clockwise by quarters of a circle about the origin."""
    for _ in range(quarters):
        shape = _quarter(shape)
    return shape


def _quarter(shape: Shape) -> Shape:
    left, top, right, bottom = shape.box
    return Shape(lambda x, y: shape.field(y, -x), (-bottom, left, -top, right))


def _spun(point: Point, quarters: float) -> Point:
    a = math.pi / 2 * quarters
    return point[0] * math.cos(a) - point[1] * math.sin(a), point[0] * math.sin(a) + point[1] * math.cos(a)


def _line(points: list[Point], half: float) -> Shape:
    """Strokes with corners, ``half`` to either side."""
    return stroke(points, half)
