"""Beach and lake: water that glitters and comes and goes."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from generator.world.backdrops.common import Backdrop, Mood, clouds, dots, hills, land, mottle, sky
from generator.world.canvas import Canvas, flat
from generator.world.colours import dark, light, mix, rgb
from generator.world.pose import Look, Pose
from generator.world.shapes import ellipse, limb, star
from generator.world.things import nature

SAND, SEA, SHALLOW, FOAM = (rgb(c) for c in ("#F3D9A4", "#2A86B8", "#6FC9CF", "#FFFFFF"))
HORIZON, SHORE = 0.5, 0.715


def _paint_beach(canvas: Canvas, mood: Mood) -> None:
    sky(canvas, mood, HORIZON)
    land(canvas, lambda x: torch.full_like(x, HORIZON), mood.tone(SEA), mood.tone(SHALLOW), SHORE - HORIZON)
    isle = hills(mood.seed, HORIZON + 0.028, 0.05, 1.9)
    under = canvas.pixels.clone()
    land(canvas, isle, mood.tone(mix(rgb("#6AA48A"), rgb("#BFDCE6"), 0.45)), mood.tone(rgb("#6AA48A")), 0.08)
    _, y = canvas.grid()
    canvas.pixels.lerp_(under, ((y - HORIZON) * canvas.scale + 0.5).clamp(0, 1))
    land(canvas, lambda x: SHORE + 0.02 * torch.sin(x * 2.1 + mood.seed), mood.tone(dark(SAND, 0.16)), mood.tone(SAND), 0.07)
    land(
        canvas,
        lambda x: SHORE + 0.1 + 0.012 * torch.sin(x * 1.7),
        mood.tone(light(SAND, 0.15)),
        mood.tone(dark(SAND, 0.1)),
        0.3,
        0.05,
    )
    mottle(canvas, mood.seed, 0.08, 0.02, SHORE)
    rng = mood.rng(2)
    n = 260
    xs, ys = rng.uniform(canvas.left, canvas.right, n), rng.uniform(SHORE + 0.05, 1.05, n)
    dots(canvas, xs, ys, rng.uniform(0.0007, 0.0018, n), rng.uniform(0.2, 0.5, n), mood.tone(dark(SAND, 0.3)))
    for i in range(4):
        colour = mood.tone((rgb("#F2785C"), rgb("#F6B0A0"), rgb("#FBF1DC"))[i % 3])
        x, yy = float(rng.uniform(0, mood.aspect)), float(rng.uniform(0.82, 0.98))
        canvas.pen(x, yy, 0.022, float(rng.uniform(0, 2))).at(0, 0, 0, 1, 0.7).fill(star(0, 0, 1, 5, 0.5, 0, 0.15), flat(colour))
    edge = mood.aspect * (0.07 if mood.seed % 2 else 0.93)
    nature.palm(canvas.pen(edge, 0.83, 0.62), Look(mood.tone(rgb("#4F9A50")), SAND), Pose())


def _live_beach(canvas: Canvas, mood: Mood, t: float) -> None:
    clouds(canvas, mood, t, 4, 0.26)
    _glitter(canvas, mood, t, HORIZON + 0.01, SHORE - 0.03)
    for k in range(2):
        _swash(canvas, mood, t + k * 2.6, k)


def _swash(canvas: Canvas, mood: Mood, t: float, k: int) -> None:
    """A thin sheet of water with a foamy edge that runs up the sand and back."""
    reach = 0.5 - 0.5 * math.cos(t * math.tau / 5.2)
    rows = slice(max(0, int((SHORE - 0.06 - canvas.top) * canvas.scale)), int((SHORE + 0.09 - canvas.top) * canvas.scale))
    strip = Canvas(canvas.pixels[:, rows], canvas.scale, canvas.left, canvas.top + rows.start / canvas.scale)
    x, y = strip.grid()
    line: Tensor = SHORE - 0.02 + 0.055 * reach + 0.012 * torch.sin(x * 5.3 + k * 2 + t * 0.5) + 0.005 * torch.sin(x * 17 - t)
    inside = ((line - y) * strip.scale + 0.5).clamp(0, 1)
    strip.wash(mood.tone(SHALLOW), inside * ((y - SHORE + 0.06) / 0.05).clamp(0, 1) * 0.45)
    foam = (1 - ((line - y) - 0.004).abs() / (0.005 + 0.004 * torch.sin(x * 41 + k))).clamp(0, 1)
    strip.wash(mood.tone(FOAM), foam * (0.5 + 0.4 * (1 - reach)))


def _glitter(canvas: Canvas, mood: Mood, t: float, top: float, low: float) -> None:
    rng = mood.rng(3)
    n = 70
    depth = rng.uniform(0, 1, n) ** 1.4
    xs = (rng.uniform(0, 1, n) + t * 0.006) % 1 * (mood.aspect + 0.2) - 0.1
    twinkle = 0.5 + 0.5 * np.sin(t * rng.uniform(1.0, 3.0, n) + rng.uniform(0, 6.3, n))
    bright = rgb("#FFE9BE") if mood.time == "sunset" else rgb("#F4FCFF")
    for near in (False, True):
        pick = (depth > 0.45) == near
        ys = top + (low - top) * depth[pick]
        dots(
            canvas,
            xs[pick],
            ys,
            np.full(pick.sum(), 0.0012 + 0.0008 * near),
            twinkle[pick] * 0.6,
            bright,
            (0.02 + 0.025 * near, 0.0),
        )


def _paint_lake(canvas: Canvas, mood: Mood) -> None:
    sky(canvas, mood, 0.5)
    far = hills(mood.seed, 0.44, 0.05, 2.6)
    land(canvas, far, mood.tone(mix(rgb("#7FB08F"), rgb("#CBE1EA"), 0.4), 0.6), mood.tone(rgb("#6C9F80"), 0.6), 0.12)
    land(canvas, lambda x: torch.full_like(x, HORIZON), mood.tone(rgb("#5FAFCB")), mood.tone(dark(SEA, 0.18)), 0.5)
    top = int((HORIZON - canvas.top) * canvas.scale)
    depth = min(canvas.height - top, top)
    mirrored = canvas.pixels[:, top - depth : top].flip(1).clone()
    fade = torch.linspace(0.5, 0.0, depth)[:, None]
    canvas.pixels[:, top : top + depth].lerp_(mirrored, fade)
    grass = rgb("#74B357")
    land(
        canvas,
        hills(mood.seed + 3, 0.83, 0.014, 2.1),
        mood.tone(light(grass, 0.15), 0.85),
        mood.tone(dark(grass, 0.25), 0.75),
        0.22,
    )
    mottle(canvas, mood.seed, 0.1, 0.05, HORIZON)
    rng = mood.rng(8)
    for i in range(24):
        place, near = float(rng.uniform(canvas.left, canvas.right)), float(rng.uniform(0, 1))
        pen = canvas.pen(place, 0.84 + 0.2 * near, 0.06 + 0.05 * near)
        for lean in (-0.25, 0.05, 0.3):
            pen.fill(limb((lean * 0.3, 0), (lean, -1.0), 0.045, 0.012), flat(mood.tone(rgb("#4F8F4A"), 0.6)))
        if i % 3 == 0:
            pen.fill(limb((0.05, -0.85), (0.05, -1.15), 0.07), flat(mood.tone(rgb("#7A5230"))))


def _live_lake(canvas: Canvas, mood: Mood, t: float) -> None:
    clouds(canvas, mood, t, 4, 0.26)
    _glitter(canvas, mood, t, HORIZON + 0.015, 0.8)
    for i in range(3):
        spot = canvas.pen(mood.aspect * ((0.13 + 0.23 * i + t * 0.004) % 1), 0.62 + 0.075 * i, 0.12 + 0.03 * i)
        spot.fill(ellipse(0, 0.02 * math.sin(t * 1.4 + i), 1.0, 0.035), flat(light(mood.tone(SEA), 0.4)), alpha=0.3, soft=0.04)


beach = Backdrop("beach", _paint_beach, _live_beach, 0.89, ("waves",))
lake = Backdrop("lake", _paint_lake, _live_lake, 0.9, ("lapping", "breeze"))
