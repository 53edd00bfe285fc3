"""A city street: houses behind houses, lit windows, a pavement and a road."""

from __future__ import annotations

from generator.world.backdrops.common import Backdrop, Mood, clouds, land, mottle, sky
from generator.world.canvas import Canvas, Paint, flat
from generator.world.colours import Colour, dark, light, mix, rgb
from generator.world.pose import Look, Pose
from generator.world.shapes import box, ellipse, polygon
from generator.world.things import nature

_WALLS = [rgb(c) for c in ("#E9A178", "#D9796B", "#F0C987", "#8FB7B3", "#C6A0BD", "#9DB4D6", "#E8D8B8")]
_LIT, _GLASS, _ROAD, _KERB = rgb("#FFDC82"), rgb("#A9CFE0"), rgb("#676B78"), rgb("#C9C3BA")


def _block(canvas: Canvas, mood: Mood, x: float, w: float, top: float, base: float, wall: Colour, haze: float, salt: int) -> None:
    rng = mood.rng(salt)
    pen = canvas.pen()
    tint = mix(mood.tone(wall), mood.tone(rgb("#BCD3E0")), haze)
    pen.fill(box(x + w / 2, (top + base) / 2, w / 2, (base - top) / 2), Paint(tint, lift=0.1, edge=0.1, rim=0.02))
    pen.fill(box(x + w / 2, top, w / 2 + 0.008, 0.009, 0.004), flat(light(tint, 0.25)))
    if salt % 3 == 0:
        pen.fill(polygon([(x, top), (x + w, top), (x + w / 2, top - 0.07)]), Paint(mix(mood.tone(rgb("#A8553F")), tint, haze)))
    columns = max(2, round(w / 0.055))
    pitch = w / columns
    rows = int((base - top - 0.05) / 0.075)
    for r in range(rows):
        for c in range(columns):
            lit = rng.uniform() < (0.62 if mood.time == "night" else 0.3 if mood.time == "sunset" else 0.06)
            glass = _LIT if lit else mood.tone(_GLASS)
            cx, cy = x + pitch * (c + 0.5), top + 0.05 + r * 0.075
            if haze < 0.3:
                pen.fill(box(cx, cy, pitch * 0.32, 0.024), flat(light(tint, 0.35)))
            pen.fill(box(cx, cy, pitch * 0.25, 0.02), Paint(mix(glass, tint, haze * 0.6), lift=0.15, edge=0.1))


def _shop(canvas: Canvas, mood: Mood, x: float, w: float, base: float, colour: Colour) -> None:
    pen = canvas.pen()
    pen.fill(
        box(x + w / 2, base - 0.06, w * 0.42, 0.06), Paint(mood.tone(_GLASS) if mood.time == "day" else _LIT, lift=0.15, edge=0.2)
    )
    n = 8
    for i in range(n):
        left = x + w * i / n
        stripe = polygon([(left, base - 0.145), (left + w / n, base - 0.145), (left + w / n, base - 0.1), (left, base - 0.1)])
        tint = mood.tone(colour) if i % 2 else mood.tone(rgb("#FBF3E2"))
        pen.fill(stripe, flat(tint))
        pen.fill(ellipse(left + w / n / 2, base - 0.1, w / n / 2, 0.012), flat(tint))


def _paint(canvas: Canvas, mood: Mood) -> None:
    sky(canvas, mood, 0.7)
    rng = mood.rng(1)
    for layer, (haze, low, high) in enumerate(((0.72, 0.2, 0.42), (0.42, 0.28, 0.5), (0.0, 0.14, 0.44))):
        x, i = canvas.left - 0.1, 0
        while x < canvas.right:
            w = float(rng.uniform(0.16, 0.3))
            wall = _WALLS[int(rng.integers(0, len(_WALLS)))]
            gap = layer == 2 and 0.25 < (x + w / 2) / mood.aspect < 0.75
            if not gap or layer < 2:
                top = float(rng.uniform(low, high))
                _block(canvas, mood, x, w, top, 0.76, wall, haze, layer * 100 + i)
                if layer == 2:
                    _shop(canvas, mood, x, w, 0.76, _WALLS[(i * 3 + 1) % len(_WALLS)])
            x, i = x + w + 0.004, i + 1
    land(canvas, lambda x: x * 0 + 0.755, mood.tone(_KERB, 0.7), mood.tone(dark(_KERB, 0.08), 0.7), 0.05)
    land(canvas, lambda x: x * 0 + 0.8, mood.tone(light(_KERB, 0.3), 0.7), mood.tone(_KERB, 0.7), 0.01)
    land(canvas, lambda x: x * 0 + 0.815, mood.tone(_ROAD, 0.5), mood.tone(dark(_ROAD, 0.25), 0.4), 0.25)
    pen = canvas.pen()
    for k in range(-2, 12):
        pen.fill(
            polygon([(k * 0.3, 0.905), (k * 0.3 + 0.15, 0.905), (k * 0.3 + 0.14, 0.918), (k * 0.3 - 0.012, 0.918)]),
            flat(mood.tone(rgb("#F4EBCB"))),
        )
    for x in (0.13, 0.87):
        nature.lamp(canvas.pen(mood.aspect * x, 0.79, 0.38), Look(_LIT, _LIT), Pose())
    for x in (0.3, 0.7):
        nature.tree(canvas.pen(mood.aspect * x, 0.785, 0.22), Look(mood.tone(rgb("#5E9F4C"), 0.5), _LIT, round(x * 10)), Pose())
    mottle(canvas, mood.seed, 0.1, 0.03, 0.75)


city = Backdrop("city", _paint, lambda c, m, t: clouds(c, m, t, 4, 0.2), 0.9, ("traffic",))
