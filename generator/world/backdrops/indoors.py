"""Room, kitchen and stage."""

from __future__ import annotations

import math

import torch

from generator.world.backdrops.common import Backdrop, Mood, gradient, land, mottle, sky
from generator.world.canvas import Canvas, Paint, Pen, flat
from generator.world.colours import NAMED, Colour, dark, light, mix, rgb
from generator.world.pose import Look, Pose
from generator.world.shapes import bend, box, circle, ellipse, limb, polygon, stroke
from generator.world.things import nature, toys

WOOD, CREAM, BOARD, TILE = (rgb(c) for c in ("#B07A4A", "#FBF1DC", "#C98F5C", "#E8F0EE"))


def _lamplit(mood: Mood, c: Colour) -> Colour:
    """Indoors the night is warm, not blue."""
    return mix(c, rgb("#5A3A3F"), 0.32) if mood.time == "night" else c


def _floor(canvas: Canvas, mood: Mood, top: float, colour: Colour) -> None:
    land(canvas, lambda x: torch.full_like(x, top), _lamplit(mood, dark(colour, 0.12)), _lamplit(mood, light(colour, 0.1)), 0.25)
    pen = canvas.pen()
    middle = mood.aspect / 2
    for k in range(-14, 15):
        x0, x1 = middle + k * 0.12, middle + k * 0.3
        pen.fill(limb((x0, top), (x1, 1.1), 0.0012, 0.0028), flat(dark(colour, 0.35)), alpha=0.45)
    for i, y in enumerate((top + 0.04, top + 0.11, top + 0.22)):
        for k in range(-7, 8):
            x = middle + (k + 0.5 * (i % 2)) * (0.26 + 0.5 * (y - top))
            pen.fill(limb((x, y), (x + 0.14, y), 0.0012), flat(dark(colour, 0.35)), alpha=0.3)


def _window(canvas: Canvas, mood: Mood, x: float, y: float, w: float, h: float) -> None:
    view = Canvas.blank(max(2, round(w * canvas.scale * 2)), max(2, round(h * canvas.scale * 2)), canvas.scale, 0, 0.1)
    sky(view, Mood(mood.time, mood.weather, mood.seed, 2 * w), 0.1 + 2 * h)
    land(
        view,
        lambda t: 0.1 + 1.55 * h + 0.03 * torch.sin(t * 9),
        mood.tone(rgb("#7DBB52"), 0.8),
        mood.tone(rgb("#5C9F4A"), 0.8),
        0.3,
    )
    pen = canvas.pen()
    pen.fill(box(x, y, w + 0.025, h + 0.025, 0.01), Paint(_lamplit(mood, CREAM), edge=0.2, rim=0.01))
    pen.stamp(view.pixels, torch.ones(view.height, view.width), (x - w, y - h, x + w, y + h))
    pen.fill(box(x, y, 0.006, h), flat(_lamplit(mood, CREAM)))
    pen.fill(box(x, y, w, 0.006), flat(_lamplit(mood, CREAM)))
    pen.fill(box(x, y + h + 0.03, w + 0.05, 0.014, 0.006), Paint(_lamplit(mood, light(WOOD, 0.3))))


def _curtain(pen: Pen, x: float, w: float, top: float, low: float, colour: Colour) -> None:
    """Cloth with folds; the light runs across it."""
    cloth = polygon([(x - w, top), (x + w, top), (x + w * 0.8, low), (x - w * 0.9, low)], 0.01)
    pen.fill(
        cloth,
        Paint(
            colour, lift=0.1, edge=0.1, second=dark(colour, 0.3), pattern=lambda u, v: torch.sin(u * 75 + v * 2) * 0.01 + 0 * v
        ),
    )


def _picture(canvas: Canvas, x: float, y: float, w: float, h: float, seed: int) -> None:
    pen = canvas.pen()
    pen.fill(box(x, y, w + 0.014, h + 0.014, 0.004), Paint(dark(WOOD, 0.15), lift=0.2, edge=0.3, rim=0.008))
    pen.fill(box(x, y, w, h), flat(rgb("#BFE0E6")))
    pen.fill(circle(x - w * 0.3, y - h * 0.2, h * 0.3), flat(NAMED[("orange", "yellow", "pink")[seed % 3]]))
    pen.fill(box(x, y, w, h) & ellipse(x + w * 0.3, y + h, w, h * 0.7), flat(rgb("#6FA96B")))


def _paint_room(canvas: Canvas, mood: Mood) -> None:
    wall = (rgb("#F2D6B8"), rgb("#CFE3DC"), rgb("#E6D3E8"), rgb("#F6E3A9"))[mood.seed % 4]
    gradient(canvas, [_lamplit(mood, light(wall, 0.12)), _lamplit(mood, wall)], 0.0, 0.7)
    pen, middle = canvas.pen(), mood.aspect / 2
    for k in range(-12, 13):
        pen.fill(box(middle + k * 0.14, 0.3, 0.022, 0.42), flat(_lamplit(mood, light(wall, 0.3))), alpha=0.55)
    pen.fill(box(middle, 0.7, 3, 0.02), Paint(_lamplit(mood, CREAM), lift=0, edge=0.1))
    _floor(canvas, mood, 0.715, BOARD)
    x = middle + 0.42 * mood.aspect / 1.78
    _window(canvas, mood, x, 0.3, 0.15, 0.17)
    for side in (-1, 1):
        _curtain(pen, x + side * 0.2, 0.05, 0.08, 0.56, _lamplit(mood, NAMED["red"]))
    pen.fill(limb((x - 0.28, 0.085), (x + 0.28, 0.085), 0.008), Paint(dark(WOOD, 0.2)))
    _picture(canvas, middle - 0.42 * mood.aspect / 1.78, 0.27, 0.11, 0.075, mood.seed)
    pen.fill(ellipse(middle, 0.9, 0.62, 0.085), Paint(_lamplit(mood, NAMED["teal"]), lift=0, edge=0.1))
    pen.fill(ellipse(middle, 0.9, 0.55, 0.07), Paint(_lamplit(mood, rgb("#F2E3BF")), lift=0, edge=0.1))
    pen.fill(ellipse(middle, 0.9, 0.47, 0.056), Paint(_lamplit(mood, NAMED["teal"]), lift=0, edge=0.05))
    pot = canvas.pen(middle - 0.7 * mood.aspect / 1.78, 0.78, 0.3)
    pot.fill(
        polygon([(-0.16, -0.25), (0.16, -0.25), (0.11, 0.0), (-0.11, 0.0)], 0.02), Paint(rgb("#C96F4A"), lift=0.15, edge=0.25)
    )
    for a in (-0.7, -0.35, 0.0, 0.35, 0.7):
        pot.at(0, -0.26, a).fill(ellipse(0, -0.25, 0.07, 0.27), Paint(_lamplit(mood, rgb("#4E9A55")), lift=0.2, edge=0.2))
    mottle(canvas, mood.seed, 0.05, 0.08)


def _paint_kitchen(canvas: Canvas, mood: Mood) -> None:
    wall = rgb("#F6E7C8")
    gradient(canvas, [_lamplit(mood, wall), _lamplit(mood, dark(wall, 0.05))], 0.0, 0.7)
    pen, middle = canvas.pen(), mood.aspect / 2
    for r in range(5):
        for k in range(-15, 16):
            tint = TILE if (r + k) % 2 else rgb("#CDE3E4")
            pen.fill(
                box(middle + k * 0.075, 0.33 + r * 0.075, 0.035, 0.035, 0.005), Paint(_lamplit(mood, tint), lift=0.08, edge=0.05)
            )
    wide = mood.aspect / 1.78
    _window(canvas, mood, middle + 0.1 * wide, 0.27, 0.17, 0.14)
    pen.fill(box(middle - 0.5 * wide, 0.2, 0.24 * wide, 0.012, 0.004), Paint(WOOD))
    for i, name in enumerate(("red", "yellow", "teal", "orange")):
        jar = canvas.pen(middle + (-0.67 + 0.11 * i) * wide, 0.19, 0.09)
        jar.fill(box(0, -0.4, 0.3, 0.4, 0.12), Paint(_lamplit(mood, NAMED[name]), lift=0.15, edge=0.25, gloss=0.5))
        jar.fill(box(0, -0.85, 0.24, 0.08, 0.04), Paint(WOOD))
    pen.fill(limb((middle + 0.45 * wide, 0.14), (middle + 0.8 * wide, 0.14), 0.006), Paint(rgb("#8F949E")))
    for i in range(3):
        x = middle + (0.5 + 0.12 * i) * wide
        pen.fill(limb((x, 0.14), (x, 0.24), 0.006), Paint(rgb("#5E626C")))
        pen.fill(circle(x, 0.28, 0.05 - 0.006 * i), Paint(rgb("#C9794A"), lift=0.2, edge=0.3, rim=0.01, gloss=0.4))
    pen.fill(box(middle, 0.635, 3, 0.1), Paint(_lamplit(mood, rgb("#7FB0A6")), lift=0.1, edge=0.05))
    for k in range(-6, 7):
        pen.fill(
            box(middle + k * 0.24, 0.645, 0.105, 0.075, 0.006),
            Paint(_lamplit(mood, rgb("#93C0B5")), lift=0.1, edge=0.12, rim=0.01),
        )
        pen.fill(circle(middle + k * 0.24 + 0.08, 0.62, 0.008), Paint(NAMED["gold"], gloss=0.5))
    pen.fill(box(middle, 0.535, 3, 0.016, 0.004), Paint(_lamplit(mood, light(WOOD, 0.2)), lift=0.1))
    toys.apple(canvas.pen(middle - 0.28 * wide, 0.522, 0.075), Look(NAMED["red"], WOOD), Pose())
    toys.apple(canvas.pen(middle - 0.35 * wide, 0.522, 0.075), Look(NAMED["green"], WOOD), Pose())
    nature.flower(canvas.pen(middle + 0.37 * wide, 0.522, 0.2), Look(NAMED["pink"], WOOD, 2), Pose())
    _floor(canvas, mood, 0.735, rgb("#D9A878"))
    mottle(canvas, mood.seed, 0.05, 0.08)


def _paint_stage(canvas: Canvas, mood: Mood) -> None:
    gradient(canvas, [rgb("#2A1838"), rgb("#4A2450"), rgb("#6E3358")], 0.0, 0.75)
    pen = canvas.pen()
    x, _ = canvas.grid()
    back = torch.sin(x * 46 + 0.6 * torch.sin(x * 9))
    canvas.pixels.mul_(1 + 0.12 * back)
    land(canvas, lambda u: torch.full_like(u, 0.74), rgb("#8A5634"), rgb("#C98A4E"), 0.22)
    for k in range(-12, 13):
        pen.fill(
            limb((mood.aspect / 2 + k * 0.13, 0.74), (mood.aspect / 2 + k * 0.26, 1.08), 0.0014, 0.003),
            flat(rgb("#5E3824")),
            alpha=0.6,
        )
    red = rgb("#B3273B")
    for side, edge in ((-1, 0.0), (1, mood.aspect)):
        for i in range(5):
            fold = edge - side * (0.3 - 0.065 * i) - side * 0.0
            shade = mix(red, rgb("#5C1024"), 0.12 * (i % 2) + 0.08 * i)
            drape = stroke(bend((fold, -0.1), (fold + side * 0.02, 0.4), (fold + side * 0.09, 0.84)), 0.05, 0.045)
            pen.fill(drape, Paint(shade, lift=0, edge=0.35, rim=0.03))
        pen.fill(box(edge + side * 0.22, 0.4, 0.2, 0.6), flat(dark(red, 0.35)))
    for i in range(9):
        c = mood.aspect * (i + 0.5) / 9
        pen.fill(
            ellipse(c, -0.01, mood.aspect / 16, 0.13),
            Paint(mix(red, rgb("#7A1830"), 0.15 * (i % 2)), lift=0.1, edge=0.3, rim=0.03),
        )
        pen.fill(
            stroke(bend((c - mood.aspect / 17, 0.04), (c, 0.2), (c + mood.aspect / 17, 0.04)), 0.006),
            Paint(NAMED["gold"], edge=0.2),
        )
    pen.fill(box(mood.aspect / 2, 1.0, 3, 0.035), Paint(rgb("#4A2A1E"), lift=0.2))
    for i in range(11):
        pen.fill(circle(mood.aspect * (i + 0.5) / 11, 0.985, 0.016), Paint(rgb("#FFE6A0"), gloss=0.9))
    mottle(canvas, mood.seed, 0.06, 0.05, 0.7)


def _live_stage(canvas: Canvas, mood: Mood, t: float) -> None:
    for i, colour in enumerate((rgb("#FFE9B0"), rgb("#9FD8FF"), rgb("#FFB6D0"))):
        foot = mood.aspect * (0.5 + 0.2 * (i - 1) + 0.12 * math.sin(t * 0.8 + i * 2.1))
        top = mood.aspect * (0.2 + 0.3 * i)
        cone = polygon([(top - 0.015, -0.05), (top + 0.015, -0.05), (foot + 0.2, 0.88), (foot - 0.2, 0.88)])
        canvas.pen().fill(cone, flat(colour), alpha=0.16, soft=0.06)
        canvas.pen(foot, 0.88).fill(ellipse(0, 0, 0.24, 0.05), flat(colour), alpha=0.3, soft=0.05)


def _still(canvas: Canvas, mood: Mood, t: float) -> None:
    """Dust in the light of the window."""
    for i in range(8):
        x, y = mood.aspect * ((i * 0.31 + t * 0.006) % 1), (0.2 + i * 0.17 + 0.01 * math.sin(t + i)) % 0.7
        canvas.pen(x, y, 0.0035).fill(circle(0, 0, 1), flat(rgb("#FFF8DC")), alpha=0.35 + 0.2 * math.sin(t * 1.5 + i), soft=0.8)


room = Backdrop("room", _paint_room, _still, 0.89, ("room",), outdoors=False)
kitchen = Backdrop("kitchen", _paint_kitchen, _still, 0.9, ("room", "bubbling"), outdoors=False)
stage = Backdrop("stage", _paint_stage, _live_stage, 0.89, ("hall",), outdoors=False)
