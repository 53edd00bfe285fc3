"""Space and under water."""

from __future__ import annotations

import math

import numpy as np
import torch

from generator.world.backdrops.common import Backdrop, Mood, dots, gradient, hills, land, mottle, stars
from generator.world.canvas import Canvas, Paint, flat
from generator.world.colours import dark, light, mix, rgb
from generator.world.shapes import bend, circle, ellipse, polygon, ring, star, stroke


def _paint_space(canvas: Canvas, mood: Mood) -> None:
    gradient(canvas, [rgb("#0B0B26"), rgb("#1A1444"), rgb("#33205E")], 0.0, 0.9)
    _nebula(canvas, mood)
    stars(canvas, mood, 330, 0.95)
    pen = canvas.pen()
    side = 0.22 if mood.seed % 2 else 0.78
    x, y = mood.aspect * side, 0.25
    sphere = circle(0, 0, 0.135)
    planet = pen.at(x, y, -0.3)
    halo = ellipse(0, 0, 0.25, 0.06) - ellipse(0, 0, 0.185, 0.04)
    planet.fill(circle(0, 0, 0.22), flat(rgb("#F2A46B")), alpha=0.25, soft=0.2)
    planet.fill(halo, Paint(rgb("#E9CFA0"), lift=0.1))
    planet.fill(sphere, Paint(rgb("#E88A5A"), lift=0.2, edge=0.4, rim=0.05, second=rgb("#F6C489"), pattern=_bands, gloss=0.2))
    planet.fill(halo & polygon([(-0.3, 0.0), (0.3, 0.0), (0.3, 0.2), (-0.3, 0.2)]), Paint(rgb("#F1DDB5"), lift=0.1))
    pen.fill(circle(mood.aspect * (1 - side) * 0.9, 0.14, 0.045), Paint(rgb("#8FC4D8"), lift=0.25, edge=0.4, rim=0.02))
    ground = hills(mood.seed, 0.79, 0.015, 2.2)
    land(canvas, ground, rgb("#B9B4CE"), rgb("#6E688F"), 0.28)
    rng = mood.rng(9)
    for _ in range(11):
        cx, cy = float(rng.uniform(0, mood.aspect)), float(rng.uniform(0.84, 1.0))
        r = 0.014 + 0.07 * (cy - 0.8) * float(rng.uniform(0.6, 1.6))
        pen.fill(ellipse(cx, cy, r * 1.7, r * 0.5), Paint(rgb("#8A84AA"), lift=-0.4, edge=0.1))
        pen.fill(
            stroke(bend((cx - r * 1.6, cy + r * 0.1), (cx, cy + r * 0.9), (cx + r * 1.6, cy + r * 0.1)), 0.003),
            flat(rgb("#D9D5E8")),
            alpha=0.7,
        )
    mottle(canvas, mood.seed, 0.14, 0.04, 0.8)


def _bands(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return (torch.sin(y * 52 + 1.2 * torch.sin(x * 14)) - 0.2) * 0.014


def _nebula(canvas: Canvas, mood: Mood) -> None:
    source = torch.Generator().manual_seed(mood.seed)
    for colour, strength in (("#C2509A", 0.42), ("#3E7BD0", 0.38), ("#F0A35E", 0.16)):
        cloud = torch.zeros(canvas.height, canvas.width)
        for k in (2, 4, 8, 16):
            coarse = torch.rand(1, 1, k + 1, 2 * k + 1, generator=source)
            cloud += torch.nn.functional.interpolate(coarse, cloud.shape, mode="bicubic", align_corners=True)[0, 0] / k * 2
        canvas.wash(rgb(colour), ((cloud / 1.875 - 0.5).clamp(0, 0.4) / 0.4) ** 1.5 * strength)


def _live_space(canvas: Canvas, mood: Mood, t: float) -> None:
    rng = mood.rng(13)
    for i in range(14):
        x, y = float(rng.uniform(0, mood.aspect)), float(rng.uniform(0.03, 0.7))
        glow = max(0.0, math.sin(t * float(rng.uniform(1, 2.5)) + i * 2)) ** 2
        canvas.pen(x, y, 0.012 + 0.01 * glow).fill(star(0, 0, 1, 4, 0.16), flat(rgb("#FFF6DA")), alpha=0.9 * glow)
    fall = (t * 0.35 + mood.seed % 7 / 7) % 1
    if fall < 0.3:
        x, y = mood.aspect * (0.9 - fall * 2.2), 0.05 + fall * 0.8
        canvas.pen().fill(stroke([(x, y), (x + 0.14, y - 0.06)], 0.004, 0.0005), flat((1.0, 1.0, 1.0)), alpha=1 - fall * 3)


_CORALS = [rgb(c) for c in ("#F2785C", "#F08CAE", "#F6B84B", "#9A6BC2")]


def _paint_underwater(canvas: Canvas, mood: Mood) -> None:
    stops = [rgb(c) for c in ("#8FE3E6", "#3FB3CC", "#1F7FB0", "#17568C")]
    if mood.time == "night":
        stops = [mix(c, rgb("#0B1640"), 0.6) for c in stops]
    gradient(canvas, stops, 0.0, 0.85)
    for i, haze in enumerate((0.7, 0.45)):
        rock = mix(rgb("#2C5E7E"), stops[2], haze)
        land(canvas, hills(mood.seed + i, 0.7 + 0.05 * i, 0.05, 3.1), rock, dark(rock, 0.1), 0.2)
    land(
        canvas,
        hills(mood.seed + 5, 0.815, 0.016, 2.3),
        mix(rgb("#EAD9A8"), stops[1], 0.25),
        mix(rgb("#C9B583"), stops[3], 0.35),
        0.22,
    )
    rng = mood.rng(4)
    pen = canvas.pen()
    for i in range(7):
        x = mood.aspect * (0.03 + 0.94 * (i + float(rng.uniform(0.1, 0.9))) / 7)
        if 0.3 < x / mood.aspect < 0.7:
            continue
        colour = mix(_CORALS[i % 4], stops[2], 0.18)
        root = (x, 0.86 + float(rng.uniform(0, 0.06)))
        for a in (-0.9, -0.45, 0.0, 0.4, 0.85):
            tip = (x + 0.09 * math.sin(a), root[1] - 0.15 * math.cos(a * 0.7))
            pen.fill(stroke(bend(root, (x, root[1] - 0.07), tip), 0.014, 0.02), Paint(colour, lift=0.15, edge=0.25, rim=0.01))
    for _ in range(9):
        x, y, r = float(rng.uniform(0, mood.aspect)), float(rng.uniform(0.87, 1.0)), float(rng.uniform(0.012, 0.035))
        pen.fill(ellipse(x, y, r * 1.4, r), Paint(mix(rgb("#8FA3A8"), stops[2], 0.25), lift=0.25, edge=0.25, rim=0.01))
    mottle(canvas, mood.seed, 0.12, 0.04, 0.8)


def _live_underwater(canvas: Canvas, mood: Mood, t: float) -> None:
    for i in range(5):
        x = mood.aspect * (0.05 + 0.22 * i) + 0.05 * math.sin(t * 0.5 + i)
        w = 0.05 + 0.02 * math.sin(t * 0.7 + i * 2)
        shaft = polygon([(x - w, -0.05), (x + w, -0.05), (x + w * 2.4 - 0.16, 0.88), (x - w * 2.4 - 0.16, 0.88)])
        canvas.pen().fill(shaft, flat(rgb("#DFFBF4")), alpha=0.1, soft=0.08)
    for i in range(8):
        x = mood.aspect * ((0.03 + 0.139 * i) if i < 3 or i > 5 else 0.72 + 0.04 * i)
        base, tall = 0.92 + 0.02 * (i % 3), 0.17 + 0.05 * (i % 4)
        sway = 0.04 * math.sin(t * 1.1 + i * 1.3)
        weed = bend((x, base), (x - sway, base - tall * 0.5), (x + sway * 1.6, base - tall), 6)
        canvas.pen().fill(stroke(weed, 0.012, 0.004), Paint(mix(rgb("#2F8F5F"), rgb("#57B36A"), i / 8), lift=0.1, edge=0.2))
    rng = mood.rng(6)
    n = 34
    ys = 1.05 - (rng.uniform(0, 1, n) + t * rng.uniform(0.05, 0.14, n)) % 1 * 1.1
    xs = mood.aspect * rng.uniform(0, 1, n) + 0.012 * np.sin(t * 2.3 + rng.uniform(0, 6, n))
    sizes = rng.uniform(0.002, 0.006, n)
    dots(canvas, xs, ys, sizes, np.full(n, 0.45), light(rgb("#8FE3E6"), 0.6))
    for i in range(6):
        spot = canvas.pen(float(xs[i]), float(ys[i]), 0.014)
        spot.fill(ring(0, 0, 0.85, 0.09), flat((1.0, 1.0, 1.0)), alpha=0.7)
        spot.fill(circle(-0.3, -0.3, 0.16), flat((1.0, 1.0, 1.0)), alpha=0.8)


space = Backdrop("space", _paint_space, _live_space, 0.9, ("drone",), medium="space")
underwater = Backdrop("underwater", _paint_underwater, _live_underwater, 0.9, ("deep",), medium="water")
