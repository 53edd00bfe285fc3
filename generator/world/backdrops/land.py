"""Field, forest, mountains and desert."""

from __future__ import annotations

import math

from generator.world.backdrops.common import Backdrop, Mood, clouds, gradient, hills, land, mottle, sky
from generator.world.canvas import Canvas, Paint, flat
from generator.world.colours import NAMED, dark, light, mix, rgb
from generator.world.pose import Look, Pose
from generator.world.shapes import ellipse, limb, polygon
from generator.world.things import nature

GRASS, MEADOW, FAR, SAND, ROCK = (rgb(c) for c in ("#7DBB52", "#5C9F4A", "#9CCBA8", "#EFC98A", "#7F86A3"))
_BLOOMS = [NAMED[n] for n in ("red", "yellow", "pink", "purple", "white", "orange")]


def _air(canvas: Canvas, mood: Mood, t: float) -> None:
    clouds(canvas, mood, t)


def _tufts(canvas: Canvas, mood: Mood, top: float, count: int, salt: int) -> None:
    """Blades of grass, smaller the further away."""
    rng = mood.rng(salt)
    for _ in range(count):
        x, depth = rng.uniform(canvas.left, canvas.right), rng.uniform(0, 1)
        y, size = top + (1.06 - top) * depth, 0.012 + 0.028 * depth
        colour = mood.tone(mix(MEADOW, light(GRASS, 0.2), float(rng.uniform(0, 1))), 0.8)
        for lean in (-0.5, 0.0, 0.45):
            canvas.pen(x, y, size).fill(
                limb((lean * 0.3, 0), (lean, -1.0 + abs(lean) * 0.4), 0.12, 0.02), flat(colour), alpha=0.75
            )


def _blooms(canvas: Canvas, mood: Mood, top: float, count: int) -> None:
    rng = mood.rng(31)
    places = sorted(
        (rng.uniform(top, 1.02), rng.uniform(canvas.left, canvas.right), int(rng.integers(0, 60))) for _ in range(count)
    )
    for y, x, kind in places:
        pen = canvas.pen(float(x), float(y), 0.028 + 0.11 * (float(y) - top))
        nature.flower(pen, Look(mood.tone(_BLOOMS[kind % 6]), _BLOOMS[0], kind), Pose())


def _paint_field(canvas: Canvas, mood: Mood) -> None:
    sky(canvas, mood, 0.64)
    land(canvas, hills(mood.seed, 0.55, 0.05, 2.2), mood.tone(mix(FAR, rgb("#BFDDE0"), 0.35), 0.7), mood.tone(FAR, 0.7), 0.2)
    _grove(canvas, mood, 0.585, 9, 0.07, 0.25)
    land(canvas, hills(mood.seed + 1, 0.62, 0.04, 2.9), mood.tone(mix(FAR, GRASS, 0.55), 0.75), mood.tone(MEADOW, 0.75), 0.25)
    _grove(canvas, mood, 0.665, 5, 0.13, 0.1)
    land(
        canvas,
        hills(mood.seed + 2, 0.735, 0.022, 1.9),
        mood.tone(light(GRASS, 0.12), 0.85),
        mood.tone(dark(MEADOW, 0.12), 0.7),
        0.4,
    )
    mottle(canvas, mood.seed, 0.16, 0.07, 0.72)
    _tufts(canvas, mood, 0.77, 120, 3)
    if mood.weather != "snow":
        _blooms(canvas, mood, 0.78, 26)


def _grove(canvas: Canvas, mood: Mood, y: float, count: int, size: float, haze: float) -> None:
    rng = mood.rng(round(y * 999))
    for i in range(count):
        x = canvas.left + (canvas.right - canvas.left) * (i + rng.uniform(0.05, 0.95)) / count
        colour = mood.tone(mix(mix(MEADOW, rgb("#3F8457"), float(rng.uniform(0, 1))), rgb("#C9E2E6"), haze), 0.55)
        draw = nature.pine if rng.uniform() < 0.4 else nature.tree
        draw(canvas.pen(x, y + float(rng.uniform(0, 0.03)), size * float(rng.uniform(0.7, 1.2))), Look(colour, colour, i), Pose())


def _paint_forest(canvas: Canvas, mood: Mood) -> None:
    stops = [mood.tone(rgb(c)) for c in ("#8FC7A0", "#BFE0B4", "#E6F1C9", "#C5DE9F")]
    gradient(canvas, stops, 0.0, 0.8)
    rng = mood.rng(41)
    for layer, (haze, width, count) in enumerate(((0.62, 0.018, 15), (0.36, 0.032, 10), (0.1, 0.055, 6))):
        bark = mood.tone(mix(rgb("#6B4C3B"), rgb("#CFE6BF"), haze))
        leaf = mood.tone(mix(rgb("#3E7F46"), rgb("#D5EBBE"), haze), 0.4)
        base = 0.7 + 0.05 * layer
        for i in range(count):
            x = canvas.left + (canvas.right - canvas.left) * (i + float(rng.uniform(0.1, 0.9))) / count
            if layer == 2 and abs(x - mood.aspect / 2) < mood.aspect * 0.26:
                continue
            pen = canvas.pen(x, base)
            tilt = float(rng.uniform(-0.02, 0.02))
            pen.fill(limb((0, 0.03), (tilt, -1.0), width * 1.25, width * 0.8), Paint(bark, lift=0, edge=0.22, rim=width * 0.5))
            for _ in range(4 if layer else 3):
                bx, by = float(rng.uniform(-0.14, 0.14)), -base + float(rng.uniform(-0.08, 0.24 - 0.05 * layer))
                shade = mix(leaf, light(leaf, 0.3), float(rng.uniform(0, 1)))
                rx = float(rng.uniform(0.09, 0.17))
                pen.fill(ellipse(bx, by, rx, rx * 0.7), Paint(shade, lift=0.16, edge=0.12, rim=0.03))
        land(canvas, hills(mood.seed + layer, base, 0.012, 5), mood.tone(mix(rgb("#6FA94E"), rgb("#DCEFC4"), haze), 0.8),
             mood.tone(mix(rgb("#4A7F3F"), rgb("#BFDCA4"), haze), 0.6), 0.25)  # fmt: skip
    if mood.time != "night" and mood.weather == "clear":
        for i in range(5):
            x = mood.aspect * (0.12 + 0.2 * i)
            shaft = polygon([(x, -0.1), (x + 0.07, -0.1), (x - 0.16, 0.86), (x - 0.3, 0.86)])
            canvas.pen().fill(shaft, flat(rgb("#FFF6CF")), alpha=0.13, soft=0.08)
    mottle(canvas, mood.seed, 0.22, 0.05, 0.78)
    _tufts(canvas, mood, 0.82, 110, 4)
    for i in range(6):
        nature.mushroom(canvas.pen(float(rng.uniform(0, mood.aspect)), float(rng.uniform(0.86, 0.97)), 0.035),
                        Look(mood.tone(_BLOOMS[i % 2 * 5]), _BLOOMS[0], i), Pose())  # fmt: skip


def _live_forest(canvas: Canvas, mood: Mood, t: float) -> None:
    """Motes of light, fireflies at night."""
    for i in range(16):
        x = mood.aspect * ((i * 0.37 + 0.02 * math.sin(t * 0.6 + i)) % 1)
        y = 0.35 + 0.45 * ((i * 0.61 + t * 0.012 * (1 + i % 3)) % 1)
        glow = 0.35 + 0.3 * math.sin(t * 2.2 + i * 1.7)
        size = 0.012 if mood.time == "night" else 0.006
        canvas.pen(x, y, size).fill(ellipse(0, 0, 1, 1), flat(rgb("#FFF3B0")), alpha=max(0.0, glow), soft=0.9)


def _paint_mountains(canvas: Canvas, mood: Mood) -> None:
    sky(canvas, mood, 0.66)
    for i, (base, amp, wave, haze) in enumerate(((0.44, 0.13, 2.6, 0.55), (0.53, 0.1, 3.4, 0.28))):
        ridge = hills(mood.seed + i, base, amp, wave, sharp=True)
        rock = mood.tone(mix(ROCK, rgb("#C4D9EA"), haze))
        land(canvas, ridge, light(rock, 0.12), dark(rock, 0.12), 0.3)
        snow = hills(mood.seed + 9 + i, 0.0, 0.02, 21, sharp=True)
        cap = canvas.pixels.clone()
        land(canvas, ridge, mood.tone(rgb("#FBFDFF")), mood.tone(rgb("#E2ECF6")), 0.1)
        gx, gy = canvas.grid()
        under = ((gy - ridge(gx) - (0.055 + 0.02 * i) + snow(gx)) * canvas.scale + 0.5).clamp(0, 1)
        canvas.pixels.lerp_(cap, under)
    land(canvas, hills(mood.seed + 3, 0.66, 0.03, 3), mood.tone(rgb("#5E9A77"), 0.6), mood.tone(rgb("#3F7A5B"), 0.5), 0.15)
    rng = mood.rng(17)
    for i in range(30):
        x = canvas.left + (canvas.right - canvas.left) * (i + float(rng.uniform(0, 1))) / 30
        colour = mood.tone(mix(rgb("#2F6E55"), rgb("#4F8F66"), float(rng.uniform(0, 1))), 0.55)
        nature.pine(
            canvas.pen(x, 0.72 + float(rng.uniform(0, 0.03)), float(rng.uniform(0.07, 0.14))), Look(colour, colour, i), Pose()
        )
    land(
        canvas,
        hills(mood.seed + 4, 0.735, 0.014, 2.4),
        mood.tone(light(GRASS, 0.05), 0.9),
        mood.tone(dark(MEADOW, 0.15), 0.75),
        0.35,
    )
    mottle(canvas, mood.seed, 0.16, 0.06, 0.4)
    _tufts(canvas, mood, 0.78, 90, 5)


def _paint_desert(canvas: Canvas, mood: Mood) -> None:
    sky(canvas, mood, 0.6)
    land(canvas, hills(mood.seed, 0.52, 0.045, 2.4, sharp=True), mood.tone(rgb("#D9A27E")), mood.tone(rgb("#E9BE93")), 0.12)
    for i, base in enumerate((0.57, 0.645, 0.74)):
        top, low = mood.tone(light(SAND, 0.25 - 0.08 * i)), mood.tone(dark(mix(SAND, rgb("#D98F53"), 0.2 + 0.12 * i), 0.06))
        land(canvas, hills(mood.seed + 2 + i, base, 0.035 - 0.006 * i, 1.7 + 0.5 * i), top, low, 0.16 + 0.08 * i)
    rng = mood.rng(23)
    for i in range(5):
        y = float(rng.uniform(0.66, 0.8))
        pen = canvas.pen(float(rng.uniform(0, mood.aspect)), y, 0.05 + (y - 0.62) * 0.7)
        pen.fill(ellipse(0.2, 0.01, 0.4, 0.05), flat(dark(SAND, 0.6)), alpha=0.25, soft=0.1)
        nature.cactus(pen, Look(mood.tone(rgb("#4E9A63")), SAND, i), Pose())
    mottle(canvas, mood.seed, 0.1, 0.05, 0.56)
    for _ in range(44):
        x, y = float(rng.uniform(canvas.left, canvas.right)), float(rng.uniform(0.76, 1.04))
        canvas.pen(x, y).fill(limb((-0.05, 0), (0.05, 0.004), 0.0012), flat(mood.tone(dark(SAND, 0.18))), alpha=0.4)


field = Backdrop("field", _paint_field, _air, 0.885, ("birds", "breeze"))
forest = Backdrop("forest", _paint_forest, _live_forest, 0.885, ("birds", "leaves"))
mountains = Backdrop("mountains", _paint_mountains, _air, 0.885, ("wind",))
desert = Backdrop("desert", _paint_desert, lambda c, m, t: clouds(c, m, t, 2, 0.2), 0.885, ("wind",))
